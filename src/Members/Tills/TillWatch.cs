using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Tills;

/// <summary>Looks for gaps between what tills told and what has arrived, and for stores that fell silent; gives points back whose reservation ran out.</summary>
/// <remarks>Any number of processes may run it: a state is changed once, and whoever changed it alarms.</remarks>
internal sealed class TillWatch(Database database, Clocks clocks, TillDays days, CheckoutDesk checkout, IOptions<TillOptions> options, ILogger<TillWatch> logger) : BackgroundService
{
    private const int Batch = 500;
    private const int Habit = 7;
    private const string LastLooked = "tills.silence_looked_for";

    internal const string SelectUnsettled = """
        SELECT t.store_id AS StoreId, s.code AS Code, t.day AS Day, t.source AS Source, t.state AS State, t.told_at AS ToldAt
        FROM   till_day t
        JOIN   store s ON s.id = t.store_id
        WHERE  t.state = @state AND t.told_at > @after
        ORDER BY t.told_at DESC
        LIMIT  @limit
        """;

    private const string Change = "UPDATE till_day SET state = @to WHERE store_id = @store AND day = @day AND source = @source AND state = @from AND told_at = @told";

    internal const string SelectSilent = """
        SELECT DISTINCT t.store_id AS StoreId, s.code AS Code, t.source AS Source
        FROM   till_day t
        JOIN   store s ON s.id = t.store_id
        WHERE  t.day BETWEEN @first AND @last AND t.net_fen IS NOT NULL
        AND    NOT EXISTS (SELECT 1 FROM till_day n WHERE n.store_id = t.store_id AND n.day = @day AND n.source = t.source)
        """;

    private const string InsertSilent = "INSERT INTO till_day (store_id, day, source, tickets, line_count, net_fen, state, told_at) VALUES (@store, @day, @source, NULL, NULL, NULL, 4, @now)";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.WatchInterval, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            try
            {
                await RunOnceAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.WatchFailed(logger, failure);
            }
        }
    }

    /// <summary>One look at everything; how many alarms it raised. Tests call this, the loop repeats it.</summary>
    internal async Task<int> RunOnceAsync(CancellationToken ct)
    {
        await checkout.SweepAsync(ct).ConfigureAwait(false);
        var alarms = 0;
        foreach (var state in (DayState[])[DayState.Open, DayState.Differs, DayState.Silent]) alarms += await CompareAsync(state, ct).ConfigureAwait(false);
        return alarms + await SilentAsync(ct).ConfigureAwait(false);
    }

    // Alarms of the last two months are looked at again: what was missing may have come meanwhile.
    private async Task<int> CompareAsync(DayState state, CancellationToken ct)
    {
        var alarms = 0;
        var now = clocks.Business.NowMs();
        var after = now - (long)TimeSpan.FromDays(TillDays.MostDays).TotalMilliseconds;
        foreach (var row in await database.ReadAsync(session => session.QueryAsync<Row>(SelectUnsettled, new { state = (int)state, after, limit = Batch }), ct).ConfigureAwait(false))
        {
            var day = (await days.ListAsync(new StoreId(row.StoreId), row.Source, (int)row.Day, (int)row.Day, ct).ConfigureAwait(false)).Single();
            var settled = day.Told is { } told ? day.Arrived == told : day.Arrived.Tickets > 0;
            var overdue = state == DayState.Open && now - row.ToldAt >= options.Value.Grace.TotalMilliseconds;
            if (!settled && !overdue) continue;
            if (!await ChangeAsync(row, settled ? DayState.Settled : DayState.Differs, ct).ConfigureAwait(false) || settled) continue;
            alarms++;
            Log.DayDiffers(logger, row.Code, ChinaTime.Date((int)row.Day), row.Source, day.Told!.Value.Tickets - day.Arrived.Tickets, day.Told.Value.Lines - day.Arrived.Lines, day.Told.Value.NetFen - day.Arrived.NetFen);
        }

        return alarms;
    }

    private async Task<bool> ChangeAsync(Row row, DayState to, CancellationToken ct) => await database.WriteAsync(tx => tx.ExecuteAsync(Change, new
    {
        store = row.StoreId, day = row.Day, source = row.Source, from = row.State, told = row.ToldAt, to = (int)to,
    }), ct).ConfigureAwait(false) == 1;

    // Once a day, when those who told their totals within a week should have told yesterday's.
    private async Task<int> SilentAsync(CancellationToken ct)
    {
        var now = ChinaTime.In(clocks.Business.GetUtcNow());
        var day = ChinaTime.DayOf(now) - 1;
        if (now.TimeOfDay < options.Value.SilentAfter || await database.ReadAsync(session => session.SettingAsync(LastLooked), ct).ConfigureAwait(false) == $"{day}") return 0;
        var silent = await database.WriteAsync(async tx =>
        {
            var stores = await tx.QueryAsync<Row>(SelectSilent, new { first = day - Habit, last = day - 1, day }).ConfigureAwait(false);
            foreach (var store in stores)
            {
                await tx.ExecuteAsync($"{InsertSilent} {tx.Dialect.OnConflictKeep("store_id, day, source")}", new { store = store.StoreId, day, source = store.Source, now = now.ToUnixTimeMilliseconds() }).ConfigureAwait(false);
            }

            await tx.SetSettingAsync(LastLooked, $"{day}").ConfigureAwait(false);
            return stores;
        }, ct).ConfigureAwait(false);
        if (silent.Count > 0) Log.StoresSilent(logger, silent.Count, ChinaTime.Date(day), string.Join(", ", silent.Take(20).Select(store => store.Code)));
        return silent.Count;
    }

    private sealed class Row
    {
        public long StoreId { get; init; }
        public string Code { get; init; } = "";
        public long Day { get; init; }
        public string Source { get; init; } = "";
        public long State { get; init; }
        public long ToldAt { get; init; }
    }
}
