using System.Threading.Channels;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Dispatch;

/// <summary>The worker: owns shards, and in each of its lanes plans a wave, makes the intents durable, sends, and records the outcomes.</summary>
/// <remarks>
/// Stopping: no new wave begins; a wave whose intents are durable is sent and recorded to its end, for a message that reached
/// the provider but not our table would be in doubt.
/// </remarks>
internal sealed class Dispatcher(
    Database database, Clocks clocks, ShardLeases leases, WavePlanner planner, Sender sender, OutboxSignals signals,
    IOptions<DispatchOptions> options, ILogger<Dispatcher> logger) : BackgroundService
{
    private const int OutcomesPerCommit = 128;
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(1);

    private readonly Lane[] _lanes = [.. Enumerable.Range(0, options.Value.Lanes).Select(number => new Lane(number, options.Value.Lanes))];
    private volatile IReadOnlyList<OwnedShard> _owned = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Each on a thread of the pool from its first step: reading SQLite gives no thread back.
        await Task.WhenAll([KeepShardsAsync(stoppingToken), .. _lanes.Select(lane => Task.Run(() => RunAsync(lane, stoppingToken), CancellationToken.None))]).ConfigureAwait(false);
        await leases.ReleaseAsync().ConfigureAwait(false);
    }

    // A lane that waits for a slow provider must not cost us the leases, so they are kept beside the lanes.
    private async Task KeepShardsAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var pause = options.Value.Lease / 3;
            try
            {
                _owned = await leases.HoldAsync(ct).ConfigureAwait(false);
                signals.Due.Set();
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.LeasesFailed(logger, failure);
                pause = s_afterFailure;
            }

            await Task.Delay(pause, clocks.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(Lane lane, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var due = signals.Due.Next;
            var worked = 0;
            try
            {
                worked = await WorkAsync(lane, _owned, ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.LaneFailed(logger, failure);
                await Task.Delay(s_afterFailure, clocks.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (worked == 0) await signals.Due.WaitAsync(due, options.Value.IdleDelay, ct).ConfigureAwait(false);
        }
    }

    /// <summary>One wave of each lane; how many messages were decided on. Tests call this, the loops go on by themselves.</summary>
    /// <exception cref="AggregateException">Shards failed; the others were worked off all the same.</exception>
    internal async Task<int> RoundAsync(IReadOnlyList<OwnedShard> owned, CancellationToken ct) =>
        (await Task.WhenAll(_lanes.Select(lane => WorkAsync(lane, owned, ct))).ConfigureAwait(false)).Sum();

    // When a wave fails, it goes shard by shard: what is broken in one must not hold up the others.
    private async Task<int> WorkAsync(Lane lane, IReadOnlyList<OwnedShard> owned, CancellationToken ct)
    {
        var shards = lane.ShareOf(owned);
        if (shards.Count == 0) return 0;
        try
        {
            return await WaveAsync(lane, shards, ct).ConfigureAwait(false);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Log.WaveFailed(logger, failure);
        }

        var (worked, failures) = (0, new List<Exception>());
        foreach (var shard in shards)
        {
            try
            {
                worked += await WaveAsync(lane, [shard], ct).ConfigureAwait(false);
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                failures.Add(failure);
            }
        }

        return failures.Count == 0 ? worked : throw new AggregateException($"{failures.Count} of the {shards.Count} shards of a lane failed.", failures);
    }

    private async Task<int> WaveAsync(Lane lane, IReadOnlyList<OwnedShard> shards, CancellationToken ct)
    {
        var quota = lane.Quota(options.Value.WaveSize, shards.Count);
        var decisions = SmsBatches.Arrange(await planner.PlanAsync([.. shards.Select(shard => shard.Id)], quota, ct).ConfigureAwait(false));
        lane.Learn(decisions, quota);
        if (decisions.Count == 0) return 0;

        var now = clocks.Business.NowMs();
        var intents = await database.WriteAsync(tx => IntentStore.WriteAsync(tx, shards, decisions, now), ct).ConfigureAwait(false);
        foreach (var lost in intents.LostShards) Log.ShardLost(logger, lost);

        // From here to the outcomes on disk nothing listens to the stop signal.
        if (intents.Sends.Count > 0) await SendAndRecordAsync(intents.Sends).ConfigureAwait(false);
        return intents.Held;
    }

    private async Task SendAndRecordAsync(IReadOnlyList<SendDecision> sends)
    {
        var outcomes = System.Threading.Channels.Channel.CreateUnbounded<Outcome>(new UnboundedChannelOptions { SingleReader = true });
        var sending = sender.SendAllAsync(sends, outcomes.Writer);
        while (await outcomes.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            var batch = new List<Outcome>(OutcomesPerCommit);
            while (batch.Count < OutcomesPerCommit && outcomes.Reader.TryRead(out var outcome)) batch.Add(outcome);
            await RecordAsync(batch).ConfigureAwait(false);
        }

        await sending.ConfigureAwait(false);
    }

    // The provider has answered and only we know: this is written for as long as the process lives.
    private async Task RecordAsync(List<Outcome> batch)
    {
        while (true)
        {
            try
            {
                await database.WriteAsync(
                    tx => OutcomeStore.RecordAsync(tx, batch, clocks.Business.NowMs(), options.Value.MaxAttempts), CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (Exception failure)
            {
                Log.OutcomesWait(logger, batch.Count, failure);
                await Task.Delay(s_afterFailure, clocks.System, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
