using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.Stores;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>The branches: address, hours, and which pharmacist is on duty when. A branch is saved whole; its code stays.</summary>
internal static class StoreEndpoints
{
    private const int MostMinutes = StorePlace.DayMinutes;

    public static RouteGroupBuilder MapStores(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/stores").WithTags("Stores");

        group.MapGet("/", ListAsync).Require(Right.StoreRead).WithSummary("All branches by code, with whether each is open now and who is on duty");
        group.MapGet("/{storeId}", GetAsync).Require(Right.StoreRead).WithSummary("One branch; its ETag goes into If-Match");
        group.MapPut("/{storeId}", SaveAsync).Require(Right.StoreEdit).Versioned().WithSummary("Save a branch whole: name, address, hours, days that differ (from and to both null is closed), roster of pharmacists")
            .WithExample("""
                {"name":"人民路店","city":"杭州","address":"人民路 88 号","phone":"0571-88880000","hours":[{"weekday":1,"from":"08:30","to":"21:00"},{"weekday":7,"from":"09:00","to":"24:00"}],
                "specialDays":[{"date":"2027-02-06","from":null,"to":null}],"duties":[{"weekday":1,"from":"08:30","to":"17:00","pharmacist":"李华","licenceNo":"ZY0000001"}]}
                """);
        return group;
    }

    private static async Task<Ok<Page<StoreView>>> ListAsync(Database database, Clocks clocks, CancellationToken ct)
    {
        var now = clocks.Business.GetUtcNow();
        return TypedResults.Ok(new Page<StoreView>([.. (await database.ReadAsync(StoreBook.ListAsync, ct)).Select(store => StoreView.Of(store, now))], null));
    }

    private static async Task<Results<Ok<StoreView>, ProblemAnswer>> GetAsync(long storeId, Database database, Clocks clocks, HttpResponse response, CancellationToken ct)
    {
        if (await database.ReadAsync(session => StoreBook.FindAsync(session, new StoreId(storeId)), ct) is not { } found) return Problems.NotFound.Answer();
        VersionTag.Set(response, found.Version);
        return TypedResults.Ok(StoreView.Of(found, clocks.Business.GetUtcNow()));
    }

    private static async Task<Results<Ok<StoreView>, ProblemAnswer>> SaveAsync(
        long storeId, StoreBody body, StaffCaller caller, Clocks clocks, StaffWrite write, HttpRequest request, HttpResponse response, CancellationToken ct)
    {
        var (seen, untagged) = VersionTag.Read(request);
        if (untagged is not null) return untagged.Answer();
        if (!body.TryRead(out var wanted, out var field)) return Wrong(field).Answer();
        var id = new StoreId(storeId);
        var entry = new AuditEntry(caller.Actor, "store.saved") { Subject = $"store:{storeId}" };
        var (saved, refused) = await write.RunAsync(null, async tx =>
        {
            // Out of sight is as good as not there.
            if (!caller.Scope.Covers(storeId) || await StoreBook.FindAsync(tx, id) is not { } known) return Changed<StorePlace>.Not(Problems.NotFound, entry);
            var (outcome, field) = await StoreBook.SaveAsync(tx, wanted with { Id = id, Code = known.Code, Version = seen });
            return outcome switch
            {
                StoreEdit.Saved => Changed<StorePlace>.To((await StoreBook.FindAsync(tx, id))!, entry),
                StoreEdit.Stale => Changed<StorePlace>.Not(Differences(body, known, clocks.Business.GetUtcNow()), entry),
                StoreEdit.NotFound => Changed<StorePlace>.Not(Problems.NotFound, entry),
                StoreEdit.Invalid => Changed<StorePlace>.Not(Wrong(field!), entry),
            };
        }, ct);
        if (refused is not null) return refused.Answer();
        VersionTag.Set(response, saved!.Version);
        return TypedResults.Ok(StoreView.Of(saved, clocks.Business.GetUtcNow()));
    }

    private static Problem Wrong(string field) => Problems.Fields((field, new("填写有误、超出范围或互相重叠", "wrong, out of range or overlapping")));

    private static Problem Differences(StoreBody wanted, StorePlace now, DateTimeOffset at)
    {
        var (yours, theirs) = (Fields(wanted), Fields(StoreView.Of(now, at).ToBody()));
        return Problems.Stale(now.Version, yours.Select(field => (field.Key, field.Value?.DeepClone(), theirs[field.Key]?.DeepClone())));

        static JsonObject Fields(StoreBody body) => JsonSerializer.SerializeToNode(body, JsonSerializerOptions.Web)!.AsObject();
    }

    /// <summary>Minutes of the day as people write them; 24:00 is midnight at its end.</summary>
    internal static string Clock(int minute) => string.Create(CultureInfo.InvariantCulture, $"{minute / 60:00}:{minute % 60:00}");

    /// <summary>Reads what <see cref="Clock"/> writes; -1 is no time of day.</summary>
    internal static int Minute(string? clock) =>
        clock is [>= '0' and <= '2', >= '0' and <= '9', ':', >= '0' and <= '5', >= '0' and <= '9'] && (clock[0] - '0') * 600 + (clock[1] - '0') * 60 + (clock[3] - '0') * 10 + clock[4] - '0' is <= MostMinutes and var minute
            ? minute : -1;
}

internal sealed record HoursBody(int Weekday, string From, string To);

internal sealed record SpecialDayBody(DateOnly Date, string? From, string? To);

internal sealed record DutyBody(int Weekday, string From, string To, string Pharmacist, string LicenceNo);

internal sealed record StoreBody(
    string Name, string City, string Address, string Phone, IReadOnlyList<HoursBody> Hours, IReadOnlyList<SpecialDayBody> SpecialDays, IReadOnlyList<DutyBody> Duties)
{
    /// <summary>Reads the clock times; the field that has a wrong one, when there is one.</summary>
    public bool TryRead(out StorePlace store, out string field)
    {
        store = new StorePlace
        {
            Id = default, Code = "", Name = Name, City = City, Address = Address, Phone = Phone,
            Hours = [.. Hours.Select(one => new OpeningHours(one.Weekday, StoreEndpoints.Minute(one.From), StoreEndpoints.Minute(one.To)))],
            SpecialDays = [.. SpecialDays.Select(one => one is { From: null, To: null }
                ? new SpecialDay(ChinaTime.DayOf(one.Date), 0, 0) : new SpecialDay(ChinaTime.DayOf(one.Date), StoreEndpoints.Minute(one.From), StoreEndpoints.Minute(one.To)))],
            Duties = [.. Duties.Select(one => new PharmacistDuty(one.Weekday, StoreEndpoints.Minute(one.From), StoreEndpoints.Minute(one.To), one.Pharmacist, one.LicenceNo))],
        };
        field = store.Hours.Any(one => one.Opens < 0 || one.Closes < 0) ? "hours"
            : store.SpecialDays.Any(one => one.Opens < 0 || one.Closes < 0) ? "specialDays"
            : store.Duties.Any(one => one.From < 0 || one.Until < 0) ? "duties" : "";
        return field.Length == 0;
    }
}

internal sealed record PharmacistView(string Name, string LicenceNo);

internal sealed record StoreView(
    string Id, string Code, string Name, string City, string Address, string Phone, IReadOnlyList<HoursBody> Hours, IReadOnlyList<SpecialDayBody> SpecialDays, IReadOnlyList<DutyBody> Duties,
    bool? Open, PharmacistView? OnDuty, long Version)
{
    public static StoreView Of(StorePlace store, DateTimeOffset now) => new(
        store.Id.ToString(), store.Code, store.Name, store.City, store.Address, store.Phone,
        [.. store.Hours.Select(one => new HoursBody(one.Weekday, StoreEndpoints.Clock(one.Opens), StoreEndpoints.Clock(one.Closes)))],
        [.. store.SpecialDays.Select(one => (one.Opens, one.Closes) == (0, 0)
            ? new SpecialDayBody(ChinaTime.Date(one.Day), null, null) : new SpecialDayBody(ChinaTime.Date(one.Day), StoreEndpoints.Clock(one.Opens), StoreEndpoints.Clock(one.Closes)))],
        [.. store.Duties.Select(one => new DutyBody(one.Weekday, StoreEndpoints.Clock(one.From), StoreEndpoints.Clock(one.Until), one.Pharmacist, one.LicenceNo))],
        store.IsOpen(now), store.OnDuty(now) is { } duty ? new PharmacistView(duty.Pharmacist, duty.LicenceNo) : null, store.Version);

    public StoreBody ToBody() => new(Name, City, Address, Phone, Hours, SpecialDays, Duties);
}
