using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Storage;

namespace Engagement.Messaging.Settling.Sweeps;

/// <summary>Waiting messages of a run that there is not: nobody would ever read them. They fail, where people see them.</summary>
internal sealed class Orphans(Database database, Clocks clocks) : ISweep
{
    private const int PageSize = 500;

    // A seek a run: the table is never walked through.
    private const string NextRun = "SELECT MIN(run_id) FROM message WHERE run_id > @after";

    private const string Known = "SELECT COUNT(*) FROM run WHERE id = @run";

    private const string Waiting = "SELECT id FROM message WHERE run_id = @run AND state = 1 AND ready_at >= 0 LIMIT @limit";

    private const string Fail = "UPDATE message SET state = 7, reason = @p1, ready_at = NULL WHERE id = @p0 AND state = 1";

    public string Name => "sweep_orphans";

    public async Task<long> MendAsync(CancellationToken ct)
    {
        var mended = 0L;
        var after = long.MinValue;
        while (await database.ReadAsync(session => session.ScalarAsync<long?>(NextRun, new { after }), ct).ConfigureAwait(false) is { } run)
        {
            after = run;
            if (await database.ReadAsync(session => session.ScalarAsync<long>(Known, new { run }), ct).ConfigureAwait(false) == 0)
                mended += await FailAsync(run, ct).ConfigureAwait(false);
        }

        return mended;
    }

    private async Task<long> FailAsync(long run, CancellationToken ct)
    {
        var failed = 0L;
        while (true)
        {
            var page = await database.WriteAsync(async tx =>
            {
                var ids = await tx.QueryAsync<long>(Waiting, new { run, limit = PageSize }).ConfigureAwait(false);
                await tx.ExecuteManyAsync(Fail, 2, ids, static (id, v) => (v[0], v[1]) = (id, Reason.DataError)).ConfigureAwait(false);
                await DeadLetterStore.KeepAsync(tx, ids, clocks.Business.NowMs()).ConfigureAwait(false);
                return ids.Count;
            }, ct).ConfigureAwait(false);
            failed += page;
            if (page < PageSize) return failed;
        }
    }
}
