using Engagement.Messaging.Outbox;
using Engagement.Storage;

namespace Engagement.Messaging.Runs;

/// <summary>Suppresses what still waits of cancelled runs: some at a time, so that nobody waits for a cancel of a million messages.</summary>
public sealed class CancelledRuns(Database database, Clocks clocks)
{
    private const int BatchSize = 500;

    private const string Closing = "SELECT id FROM run WHERE state = 4 AND closing = 1 ORDER BY id";

    private const string Waiting = """
        SELECT id FROM message
        WHERE  run_id = @run AND shard = @shard AND ready_at IS NOT NULL AND state = 1
        LIMIT  @limit
        """;

    private const string Suppress = "UPDATE message SET state = 6, reason = 'cancelled', ready_at = NULL, outcome_at = @now WHERE id IN @ids AND state = 1";

    // From here on its sent messages are waited for (Settling ends that).
    private const string Close = "UPDATE run SET closing = 2 WHERE id = @run AND state = 4 AND closing = 1";

    /// <summary>Suppresses all of it; returns how many messages that were.</summary>
    public async Task<int> ClearAsync(CancellationToken ct)
    {
        var cleared = 0;
        foreach (var run in await database.ReadAsync(session => session.QueryAsync<long>(Closing), ct).ConfigureAwait(false))
        {
            for (var shard = 0; shard < Shards.Count;)
            {
                var batch = await ClearAsync(run, shard, ct).ConfigureAwait(false);
                cleared += batch;
                if (batch < BatchSize) shard++;
            }

            await database.WriteAsync(tx => tx.ExecuteAsync(Close, new { run }), ct).ConfigureAwait(false);
        }

        return cleared;
    }

    private async Task<int> ClearAsync(long run, int shard, CancellationToken ct)
    {
        var ids = await database.ReadAsync(session => session.QueryAsync<long>(Waiting, new { run, shard, limit = BatchSize }), ct).ConfigureAwait(false);
        if (ids.Count > 0) await database.WriteAsync(tx => tx.ExecuteAsync(Suppress, new { ids, now = clocks.Business.NowMs() }), ct).ConfigureAwait(false);
        return ids.Count;
    }
}
