using Engagement.Members.Imports;
using Engagement.Members.Purchases;
using Engagement.Storage;

namespace Engagement.Members.Tills;

/// <summary>What was sold in a store on a day: sales and refunds together, so that refunds take off.</summary>
/// <param name="Tickets">How many tickets.</param>
/// <param name="Lines">How many lines.</param>
/// <param name="NetFen">Their sum.</param>
public readonly record struct DayTotal(int Tickets, int Lines, long NetFen);

/// <summary>How what was told and what has arrived stand to each other.</summary>
public enum DayState
{
    /// <summary>Nobody told anything, and nobody was expected to.</summary>
    Untold = 0,

    /// <summary>Not all that was told has arrived; it may be under way.</summary>
    Open = 1,

    /// <summary>All has arrived.</summary>
    Settled = 2,

    /// <summary>What was told and what has arrived differ, and somebody was alarmed.</summary>
    Differs = 3,

    /// <summary>A store that tells its totals told none, and somebody was alarmed.</summary>
    Silent = 4,
}

/// <summary>A day of a store as both sides count it.</summary>
/// <param name="Day">The business day.</param>
/// <param name="Arrived">What has arrived here; refunds that wait for their sale are counted.</param>
/// <param name="Told">What the till system counted; <c>null</c> when it said nothing.</param>
/// <param name="State">How the two stand to each other.</param>
public sealed record StoreDay(int Day, DayTotal Arrived, DayTotal? Told, DayState State);

/// <summary>Totals per store and day: what tills say that they sold, held against what has arrived.</summary>
public sealed class TillDays(Database database, FieldCipher cipher, Clocks clocks)
{
    /// <summary>The most days that are added up at once.</summary>
    public const int MostDays = 62;

    internal const string SelectArrived = """
        SELECT p.business_day AS Day, COUNT(DISTINCT p.id) AS Tickets, COUNT(*) AS LineCount, SUM(l.net_fen) AS Fen
        FROM   purchase p
        JOIN   purchase_line l ON l.purchase_id = p.id
        WHERE  p.store_id = @store AND p.source = @source AND p.business_day BETWEEN @first AND @last
        GROUP BY p.business_day
        """;

    private const string SelectTold = """
        SELECT day AS Day, tickets AS Tickets, line_count AS LineCount, net_fen AS Fen, state AS State
        FROM   till_day
        WHERE  store_id = @store AND source = @source AND day BETWEEN @first AND @last
        """;

    private const string InsertTold = """
        INSERT INTO till_day (store_id, day, source, tickets, line_count, net_fen, state, told_at)
        VALUES (@store, @day, @source, @tickets, @lines, @fen, @state, @now)
        """;

    /// <summary>Takes the totals of a day; told again, the new figures count. The answer says at once how they compare.</summary>
    public async Task<StoreDay> TellAsync(StoreId store, string source, int day, DayTotal told, CancellationToken ct)
    {
        var arrived = (await ListAsync(store, source, day, day, ct).ConfigureAwait(false)).SingleOrDefault()?.Arrived ?? default;
        var state = arrived == told ? DayState.Settled : DayState.Open;
        await database.WriteAsync(tx => tx.ExecuteAsync($"""
            {InsertTold} {tx.Dialect.OnConflictUpdate("store_id, day, source")} tickets = {tx.Dialect.New("tickets")}, line_count = {tx.Dialect.New("line_count")},
                net_fen = {tx.Dialect.New("net_fen")}, state = {tx.Dialect.New("state")}, told_at = {tx.Dialect.New("told_at")}
            """, new { store = store.Value, day, source, tickets = told.Tickets, lines = told.Lines, fen = told.NetFen, state = (int)state, now = clocks.Business.NowMs() }), ct).ConfigureAwait(false);
        return new StoreDay(day, arrived, told, state);
    }

    /// <summary>The days on which anything was told or has arrived, the latest first.</summary>
    /// <param name="store">The store.</param>
    /// <param name="source">The source of the tickets.</param>
    /// <param name="first">The first day.</param>
    /// <param name="last">The last day, included.</param>
    /// <param name="ct">Stops the look.</param>
    public Task<IReadOnlyList<StoreDay>> ListAsync(StoreId store, string source, int first, int last, CancellationToken ct) =>
        database.ReadAsync(session => ListAsync(session, store.Value, source, first, last), ct);

    internal async Task<IReadOnlyList<StoreDay>> ListAsync(Session session, long store, string source, int first, int last)
    {
        var span = new { store, source, first, last };
        var arrived = (await session.QueryAsync<Row>(SelectArrived, span).ConfigureAwait(false)).ToDictionary(row => (int)row.Day, row => row.Total!.Value);
        foreach (var (day, waiting) in await WaitingAsync(session, store, source, first, last).ConfigureAwait(false))
        {
            var sum = arrived.GetValueOrDefault(day);
            arrived[day] = new DayTotal(sum.Tickets + waiting.Tickets, sum.Lines + waiting.Lines, sum.NetFen + waiting.NetFen);
        }

        var told = (await session.QueryAsync<Row>(SelectTold, span).ConfigureAwait(false)).ToDictionary(row => (int)row.Day);
        return [.. arrived.Keys.Union(told.Keys).OrderDescending().Select(day => told.TryGetValue(day, out var row)
            ? new StoreDay(day, arrived.GetValueOrDefault(day), row.Total, (DayState)row.State)
            : new StoreDay(day, arrived[day], null, DayState.Untold))];
    }

    // Lines that wait belong to a ticket of their own unless other lines of it are in.
    private async Task<Dictionary<int, DayTotal>> WaitingAsync(Session session, long store, string source, int first, int last)
    {
        var rows = new List<PurchaseLineRow>();
        await session.ReadParkedOfStoreAsync(store, source, cipher, rows.Add).ConfigureAwait(false);
        var waiting = rows.FindAll(row => row.BusinessDay >= first && row.BusinessDay <= last);
        var heads = new HashSet<TicketKey>();
        await session.ReadTicketsAsync([.. waiting.Select(KeyOf).Distinct()], (key, _) => heads.Add(key)).ConfigureAwait(false);
        return waiting.GroupBy(row => row.BusinessDay).ToDictionary(day => day.Key, day => new DayTotal(
            day.Select(KeyOf).Distinct().Count(key => !heads.Contains(key)), day.Count(), day.Sum(row => row.NetFen)));

        TicketKey KeyOf(PurchaseLineRow row) => new(store, row.TicketNo, row.TillNo, source);
    }

    private sealed class Row
    {
        public long Day { get; init; }
        public long? Tickets { get; init; }
        public long? LineCount { get; init; }
        public long? Fen { get; init; }
        public long State { get; init; }

        public DayTotal? Total => Tickets is { } tickets ? new DayTotal((int)tickets, (int)LineCount!.Value, Fen!.Value) : null;
    }
}
