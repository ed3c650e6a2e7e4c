using System.Globalization;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.CarePlans;
using Engagement.Members.Profiles;
using Engagement.Members.Timelines;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Members as staff see them: found, looked at from all sides, and one timeline. Every look is in the audit log; health data needs its right and a purpose.</summary>
internal static class MemberEndpoints
{
    private const int MostFound = 20;
    private const int LongestText = 100;

    private static readonly Problem s_kindsInvalid = new("kinds_invalid", 400, new("kinds 为以逗号分隔的 purchase、message、points、coupon、consent、case、answer、reply。", "kinds are purchase, message, points, coupon, consent, case, answer and reply, separated by commas."));

    public static RouteGroupBuilder MapMembers(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/members").WithTags("Members");

        group.MapPost("/search", SearchAsync).Require(Right.MemberLookup).WithSummary("Find members in sight by member number, phone, its last four digits or name; names and phones come masked")
            .WithExample("""{"text":"1110"}""");
        group.MapGet("/{memberId}", GetAsync).Require(Right.MemberRead).WithSummary("One member from all sides, without health data");
        group.MapGet("/{memberId}/timeline", TimelineAsync).Require(Right.MemberRead)
            .WithSummary("What happened, the newest first: purchases, messages with reasons, points, coupons, consents, cases, answers. With a purpose, and the right to it, health data too")
            .WithExampleQuery(("kinds", "purchase,message"), ("limit", "20")).Refuses(Problems.Forbidden, StaffProblems.PurposeNeeded);
        group.MapGet("/{memberId}/phone", PhoneAsync).Require(Right.MemberPhone).WithSummary("The whole phone number");
        group.MapGet("/{memberId}/health", HealthAsync).Require(Right.MemberHealth).WithSummary("What the member takes for long, and until when it lasts; needs a purpose, and is empty without the member's health consent")
            .WithExampleQuery(("purpose", "核对用药")).Refuses(StaffProblems.PurposeNeeded);
        return group;
    }

    private static async Task<Results<Ok<Page<FoundView>>, ProblemAnswer>> SearchAsync(SearchBody body, StaffCaller caller, MemberStore members, Database database, AuditLog audit, CancellationToken ct)
    {
        if (body.Text.Trim().Length is < 2 or > LongestText) return Problems.Fields(("text", new("2 到 100 个字", "2 to 100 characters"))).Answer();
        var profiles = await database.ReadAsync(async session =>
        {
            var found = await members.FindAsync(session, body.Text, caller.Scope, MostFound);
            var known = await members.ProfilesAsync(session, found);
            return found.Where(known.ContainsKey).Select(id => known[id]).ToList();
        }, ct);
        // A name that was only shown was looked at too.
        IReadOnlyList<AuditEntry> entries = profiles.Count == 0
            ? [new AuditEntry(caller.Actor, "member.search") { Detail = """{"found":0}""" }]
            : [.. profiles.Select(profile => new AuditEntry(caller.Actor, "member.search") { MemberId = profile.Id.Value, Detail = $$"""{"found":{{profiles.Count}}}""" })];
        await database.WriteAsync(tx => audit.AppendAsync(tx, entries), ct);
        return TypedResults.Ok(new Page<FoundView>([.. profiles.Select(FoundView.Of)], null));
    }

    private static async Task<Results<Ok<MemberView>, ProblemAnswer>> GetAsync(long memberId, StaffCaller caller, MemberDoor door, MemberPortrait portrait, Database database, CancellationToken ct)
    {
        if (await door.OpenAsync(caller, memberId, "member.read", purpose: null, ct) is { } hidden) return hidden.Answer();
        return await database.ReadAsync(session => portrait.ReadAsync(session, new MemberId(memberId)), ct) is { } view ? TypedResults.Ok(view) : Problems.NotFound.Answer();
    }

    private static async Task<Results<Ok<Page<TimelineItemView>>, ProblemAnswer>> TimelineAsync(
        long memberId, string? kinds, string? purpose, string? cursor, int? limit, StaffCaller caller, MemberDoor door, MemberHistory history, Database database, HttpRequest request, CancellationToken ct)
    {
        if (!TryKinds(kinds, out var wanted)) return s_kindsInvalid.Answer();
        if (!TimelineCursor.TryRead(cursor, out var place)) return Problems.CursorInvalid.Answer();
        var health = purpose is not null;
        if (health && !caller.May(Right.MemberHealth)) return Problems.Forbidden.Answer();
        var looking = health ? caller with { Right = Right.MemberHealth } : caller;
        if (await door.OpenAsync(looking, memberId, health ? "member.read_health" : "member.read_timeline", purpose, ct) is { } hidden) return hidden.Answer();
        var rows = Cursor.Rows(limit);
        var items = await database.ReadAsync(session => history.ReadAsync(session, new MemberId(memberId), wanted, place, rows, new TimelineView(looking.Scope, health)), ct);
        var page = items.Take(rows - 1).ToList();
        var language = Languages.Of(request);
        return TypedResults.Ok(new Page<TimelineItemView>([.. page.Select(item => TimelineItemView.Of(item, language))], items.Count == rows ? TimelineCursor.Of(page[^1]) : null));
    }

    private static async Task<Results<Ok<PhoneView>, ProblemAnswer>> PhoneAsync(long memberId, StaffCaller caller, MemberDoor door, MemberStore members, CancellationToken ct)
    {
        if (await door.OpenAsync(caller, memberId, "member.read_phone", purpose: null, ct) is { } hidden) return hidden.Answer();
        var profile = (await members.ProfilesAsync([new MemberId(memberId)], ct)).Values.SingleOrDefault();
        return profile is null ? Problems.NotFound.Answer() : TypedResults.Ok(new PhoneView(profile.Phone?.Digits));
    }

    private static async Task<Results<Ok<HealthView>, ProblemAnswer>> HealthAsync(long memberId, string? purpose, StaffCaller caller, MemberDoor door, Database database, CancellationToken ct)
    {
        if (await door.OpenAsync(caller, memberId, "member.read_health", purpose, ct) is { } hidden) return hidden.Answer();
        var lines = await database.ReadAsync(session => TherapyStore.LinesOfAsync(session, new MemberId(memberId)), ct);
        return TypedResults.Ok(new HealthView([.. lines.Select(TherapyView.Of)]));
    }

    private static bool TryKinds(string? text, out List<TimelineKind> kinds)
    {
        kinds = [];
        foreach (var word in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!char.IsAsciiLetter(word[0]) || !Enum.TryParse<TimelineKind>(word, ignoreCase: true, out var kind)) return false;
            kinds.Add(kind);
        }

        return true;
    }
}

/// <summary>A place in a timeline as clients carry it.</summary>
internal static class TimelineCursor
{
    public static string Of(TimelineItem item) => string.Create(CultureInfo.InvariantCulture, $"{item.At}.{(int)item.Kind}.{item.Id}");

    public static bool TryRead(string? cursor, out TimelinePlace place)
    {
        place = TimelinePlace.Newest;
        if (string.IsNullOrEmpty(cursor)) return true;
        var parts = cursor.Length <= 50 ? cursor.Split('.') : [];
        if (parts.Length != 3 || !Number(parts[0], out var at) || !Number(parts[1], out var kind) || !Number(parts[2], out var id)) return false;
        // Instants that no clock of ours shows are no places of ours.
        if (at is < 0 or > 253_402_300_799_999 || !Enum.IsDefined((TimelineKind)kind)) return false;
        place = new TimelinePlace(at, (TimelineKind)kind, id);
        return true;
    }

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

internal sealed record SearchBody(string Text);

internal sealed record FoundView(string Id, string Name, string Phone, string MemberNo, string? StoreId, DateOnly JoinedOn)
{
    public static FoundView Of(MemberProfile profile) => new(
        profile.Id.ToString(), profile.Name?.ToString() ?? "", profile.Phone?.ToString() ?? "", profile.MemberNo, profile.StoreId?.ToString(), ChinaTime.Date(profile.JoinedDay));
}

internal sealed record PhoneView(string? Phone);

internal sealed record TimelineItemView(string Id, TimelineKind Kind, DateTimeOffset At, string Title, IReadOnlyList<string> Details, string? Text)
{
    public static TimelineItemView Of(TimelineItem item, Language language) => new(
        item.Id.ToString(), item.Kind, Instants.Of(item.At), item.Title.In(language), [.. item.Details.Select(detail => detail.In(language))], item.Text);
}

internal sealed record HealthView(IReadOnlyList<TherapyView> Therapies);

internal sealed record TherapyView(string Id, string Medicine, DateOnly FirstFill, DateOnly LastFill, DateOnly CoveredUntil, TherapyStanding State, bool DoseEstimated)
{
    public static TherapyView Of(TherapyCard card) => new(
        card.Id.ToString(), card.Medicine, ChinaTime.Date(card.FirstFillDay), ChinaTime.Date(card.LastFillDay), ChinaTime.Date(card.CoverageEnd), card.State, card.DoseEstimated);
}
