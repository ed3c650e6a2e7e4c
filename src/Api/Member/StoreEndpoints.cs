using Engagement.Api.Hosting;
using Engagement.Members.Stores;
using Engagement.Storage;

namespace Engagement.Api.Member;

/// <summary>The stores: where, when, and whether a pharmacist is there.</summary>
internal static class StoreEndpoints
{
    private const int DaysAhead = 30;

    private static readonly Phrase s_nobody = new("药师暂不在岗：处方药和甲类非处方药暂停销售与咨询", "No pharmacist is on duty: prescription and class-A OTC medicines are not sold or advised on");

    public static RouteGroupBuilder MapMemberStores(this RouteGroupBuilder member)
    {
        member.MapGet("/stores", ListAsync).RequireVisitor().WithTags("Stores").WithSummary("All stores with their hours, and the pharmacist on duty now");
        return member;
    }

    private static async Task<FastJson<Page<StoreItem>>> ListAsync(MemberCaller caller, Database database, Clocks clocks, CancellationToken ct)
    {
        var now = clocks.Business.GetUtcNow();
        var stores = await database.ReadAsync(StoreBook.ListAsync, ct);
        return new(new Page<StoreItem>([.. stores.Select(store => Show(store, now, caller.Language))], null), MemberJson.Default.PageStoreItem);
    }

    private static StoreItem Show(StorePlace store, DateTimeOffset now, Language language)
    {
        var (today, open, duty) = (ChinaTime.DayOf(now), store.IsOpen(now), store.OnDuty(now));
        // Where nobody has entered a roster, nothing is said about it.
        var notice = open == true && duty is null && store.Duties.Count > 0 ? s_nobody.In(language) : null;
        return new StoreItem(
            store.Id.ToString(), store.Name, store.City, store.Address, store.Phone, [.. store.Hours.OrderBy(one => (one.Weekday, one.Opens)).Select(one => new StoreDay(one.Weekday, Time(one.Opens), Time(one.Closes)))],
            [.. store.SpecialDays.Where(one => one.Day >= today && one.Day < today + DaysAhead).OrderBy(one => (one.Day, one.Opens)).Select(one => one.Closes == 0
                ? new StoreSpecialDay(ChinaTime.Date(one.Day), null, null) : new StoreSpecialDay(ChinaTime.Date(one.Day), Time(one.Opens), Time(one.Closes)))],
            open, duty is null ? null : new StorePharmacist(duty.Pharmacist, duty.LicenceNo), notice);
    }

    private static string Time(int minute) => $"{minute / 60:00}:{minute % 60:00}";
}

/// <summary>A store. <c>open</c> is <c>null</c> where nobody has entered hours.</summary>
internal sealed record StoreItem(
    string Id, string Name, string Region, string Address, string Phone, IReadOnlyList<StoreDay> Hours, IReadOnlyList<StoreSpecialDay> SpecialDays, bool? Open, StorePharmacist? Pharmacist, string? Notice);

/// <summary>Hours of a weekday; 1 is Monday.</summary>
internal sealed record StoreDay(int Day, string From, string To);

/// <summary>A day that differs; without times it is closed.</summary>
internal sealed record StoreSpecialDay(DateOnly Date, string? From, string? To);

internal sealed record StorePharmacist(string Name, string Licence);
