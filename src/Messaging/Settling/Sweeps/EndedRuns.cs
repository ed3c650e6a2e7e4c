using Engagement.Storage;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Settling.Sweeps;

/// <summary>Runs whose every message has its last state: marked Done, after a look whether a row of theirs is missing; cancelled ones are left alone from then on.</summary>
internal sealed class EndedRuns(Database database, ILogger<EndedRuns> logger) : ISweep
{
    private const string Cancelled = "SELECT id FROM run WHERE state = 4 AND closing = 2 ORDER BY id";

    private const string Expanded = "SELECT id FROM run WHERE state = 2 ORDER BY id";

    // One seek a shard instead of a walk over the run.
    private static readonly string s_nothingLeft = $"""
        NOT EXISTS (SELECT 1 FROM message WHERE run_id = @run AND shard IN ({string.Join(',', Enumerable.Range(0, Outbox.Shards.Count))}) AND ready_at >= 0)
        """;

    private static readonly string s_ended = $"SELECT COUNT(*) FROM run WHERE id = @run AND {s_nothingLeft}";

    private static readonly string s_done = $"UPDATE run SET state = 5 WHERE id = @run AND state = 2 AND {s_nothingLeft}";

    private static readonly string s_closed = $"UPDATE run SET closing = 0 WHERE id = @run AND state = 4 AND closing = 2 AND {s_nothingLeft}";

    private const string WithoutMessage = """
        SELECT COUNT(*)
        FROM   run_member a LEFT JOIN message m ON m.id = a.message_id
        WHERE  a.run_id = @run AND a.arm = 1 AND m.id IS NULL
        """;

    private const string WithoutMember = """
        SELECT COUNT(*)
        FROM   message m LEFT JOIN run_member a ON a.run_id = m.run_id AND a.member_id = m.member_id
        WHERE  m.run_id = @run AND a.run_id IS NULL
        """;

    public string Name => "sweep_runs";

    public async Task<long> MendAsync(CancellationToken ct)
    {
        foreach (var run in await database.ReadAsync(session => session.QueryAsync<long>(Cancelled), ct).ConfigureAwait(false))
        {
            if (await CountAsync(s_ended, run, ct).ConfigureAwait(false) == 0) continue;
            await database.WriteAsync(tx => tx.ExecuteAsync(s_closed, new { run }), ct).ConfigureAwait(false);
        }

        var missing = 0L;
        foreach (var run in await database.ReadAsync(session => session.QueryAsync<long>(Expanded), ct).ConfigureAwait(false))
        {
            if (await CountAsync(s_ended, run, ct).ConfigureAwait(false) == 0) continue;
            var (messages, members) = (await CountAsync(WithoutMessage, run, ct).ConfigureAwait(false), await CountAsync(WithoutMember, run, ct).ConfigureAwait(false));
            // Whoever ends it says what is missing, once.
            if (await database.WriteAsync(tx => tx.ExecuteAsync(s_done, new { run }), ct).ConfigureAwait(false) == 0 || messages + members == 0) continue;
            Log.RowsMissing(logger, run, messages, members);
            missing += messages + members;
        }

        return missing;
    }

    private Task<long> CountAsync(string sql, long run, CancellationToken ct) => database.ReadAsync(session => session.ScalarAsync<long>(sql, new { run }), ct);
}
