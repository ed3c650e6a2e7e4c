using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Runs;

/// <summary>When a worker starts after everything stood still for hours, what is Promotional and half sent waits for a person's yes.</summary>
/// <remarks>Nobody wants Friday's offer on Monday morning. It starts before the dispatcher, whose first act is to renew the leases that are read here.</remarks>
public sealed class OutageGuard(Database database, Clocks clocks, RunDesk desk, IOptions<ScheduleOptions> options, ILogger<OutageGuard> logger) : IHostedService
{
    // 0 is a shard that was given back.
    private const string LastAlive = "SELECT MAX(lease_until) FROM shard WHERE lease_until > 0";

    private const string HalfSent = """
        SELECT r.id FROM run r
        WHERE  r.class = 3 AND r.state IN (1, 2) AND r.paused IS NULL
        AND    (r.state = 1 OR EXISTS (SELECT 1 FROM message m WHERE m.run_id = r.id AND m.state = 1 AND m.ready_at <= @now))
        """;

    /// <summary>Looks once; returns how many runs were held.</summary>
    public async Task<int> CheckAsync(CancellationToken ct)
    {
        if (await database.ReadAsync(session => session.ScalarAsync<long?>(LastAlive), ct).ConfigureAwait(false) is not { } alive) return 0;
        var stood = TimeSpan.FromMilliseconds(clocks.System.NowMs() - alive);
        if (stood <= options.Value.OutageAfter) return 0;
        var held = await database.WriteAsync(async tx =>
        {
            var runs = await tx.QueryAsync<long>(HalfSent, new { now = clocks.Business.NowMs() }).ConfigureAwait(false);
            await desk.HoldAsync(tx, runs, PauseReason.Outage).ConfigureAwait(false);
            return runs.Count;
        }, ct).ConfigureAwait(false);
        Log.Outage(logger, stood, held);
        return held;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => CheckAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
