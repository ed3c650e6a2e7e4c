using Engagement.Api.Hosting;
using Engagement.Api.Pos.Keys;
using Engagement.Members.Tills;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Pos;

/// <summary>Totals per store and day: what the till system counted against what has arrived here. A gap that stays is an alarm.</summary>
internal static class TotalEndpoints
{
    public static RouteGroupBuilder MapTotals(this RouteGroupBuilder pos)
    {
        var group = pos.MapGroup("/totals").WithTags("Tills: totals");

        group.MapPut("/", TellAsync).RequireKey(PosRight.Totals).WithSummary("Tell the totals of a store's day, refunds taken off; the answer compares at once. Told again, the new figures count")
            .WithExample("""{"store":"S001","businessDate":"2026-03-01","tickets":2,"lines":3,"netFen":35700}""").Refuses(Problems.NotFound);
        group.MapGet("/", ListAsync).RequireKey(PosRight.Totals).WithSummary("The days of a store as both sides count them, the latest first; at most 62 days")
            .WithExampleQuery(("store", "S001"), ("from", "2026-03-01"), ("until", "2026-03-07")).Refuses(Problems.NotFound, Problems.FieldsInvalid);
        return group;
    }

    private static async Task<Results<Ok<DayView>, ProblemAnswer>> TellAsync(TotalsBody body, PosCaller caller, TillDays days, Database database, Clocks clocks, CancellationToken ct)
    {
        if (body.Fault(clocks.Business.Today()) is { } fault) return fault.Answer();
        if (await database.ReadAsync(session => caller.StoreAsync(session, body.Store), ct) is not { } store) return Problems.NotFound.Answer();
        var day = await days.TellAsync(store, caller.Key.Source, ChinaTime.DayOf(body.BusinessDate), new DayTotal(body.Tickets, body.Lines, body.NetFen), ct);
        return TypedResults.Ok(DayView.Of(day));
    }

    private static async Task<Results<Ok<DaysView>, ProblemAnswer>> ListAsync(string store, DateOnly? from, DateOnly? until, PosCaller caller, TillDays days, Database database, Clocks clocks, CancellationToken ct)
    {
        var last = until is { } to ? ChinaTime.DayOf(to) : clocks.Business.Today();
        var first = from is { } since ? ChinaTime.DayOf(since) : last - 6;
        if (first > last || last - first >= TillDays.MostDays) return Problems.Fields(("from", new("最多 62 天，且不晚于 until", "at most 62 days, and not after until"))).Answer();
        if (await database.ReadAsync(session => caller.StoreAsync(session, store), ct) is not { } id) return Problems.NotFound.Answer();
        return TypedResults.Ok(new DaysView([.. (await days.ListAsync(id, caller.Key.Source, first, last, ct)).Select(DayView.Of)]));
    }
}

/// <summary>What a till system counted.</summary>
internal sealed record TotalsBody(string Store, DateOnly BusinessDate, int Tickets, int Lines, long NetFen)
{
    private const int MostCount = 10_000_000;
    private const long MostFen = 1_000_000_000_000;

    public Problem? Fault(int today) =>
        Tickets is < 0 or > MostCount ? Problems.Fields(("tickets", new("0 到一千万", "0 to ten million")))
        : Lines < Tickets || Lines > MostCount ? Problems.Fields(("lines", new("不少于小票数，最多一千万", "as many as there are tickets, at most ten million")))
        : NetFen is < -MostFen or > MostFen ? Problems.Fields(("netFen", new("金额过大", "the amount is too large")))
        : ChinaTime.DayOf(BusinessDate) > today || BusinessDate.Year < 1990 ? Problems.Fields(("businessDate", new("不能晚于今天", "not after today")))
        : null;
}

internal sealed record TotalView(int Tickets, int Lines, long NetFen)
{
    public static TotalView Of(DayTotal total) => new(total.Tickets, total.Lines, total.NetFen);
}

internal sealed record DaysView(IReadOnlyList<DayView> Items);

/// <summary>A day as both sides count it. <paramref name="Missing"/> is what was told and has not arrived; negative is what arrived and was not told.</summary>
internal sealed record DayView(DateOnly BusinessDate, TotalView Arrived, TotalView? Told, TotalView? Missing, DayState State)
{
    public static DayView Of(StoreDay day) => new(
        ChinaTime.Date(day.Day), TotalView.Of(day.Arrived), day.Told is { } told ? TotalView.Of(told) : null,
        day.Told is { } sum ? new(sum.Tickets - day.Arrived.Tickets, sum.Lines - day.Arrived.Lines, sum.NetFen - day.Arrived.NetFen) : null, day.State);
}
