using System.Collections.Concurrent;
using System.Threading.Channels;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Dispatch;

/// <summary>The worker: owns shards, and for each wave plans, makes the intents durable, sends, and records the outcomes.</summary>
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var renewed = DateTimeOffset.MinValue;
        IReadOnlyList<OwnedShard> shards = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            var worked = 0;
            try
            {
                if (clocks.System.GetUtcNow() - renewed > options.Value.Lease / 3)
                {
                    shards = await leases.HoldAsync(stoppingToken).ConfigureAwait(false);
                    renewed = clocks.System.GetUtcNow();
                }

                worked = await RoundAsync(shards, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                Log.RoundFailed(logger, failure);
                await Task.Delay(s_afterFailure, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (worked == 0) await signals.Due.WaitAsync(options.Value.IdleDelay, stoppingToken).ConfigureAwait(false);
        }

        await leases.ReleaseAsync().ConfigureAwait(false);
    }

    /// <summary>One pass over the shards, several at a time; how many messages were decided on.</summary>
    /// <exception cref="AggregateException">Waves failed; those of the other shards were worked off all the same.</exception>
    internal async Task<int> RoundAsync(IReadOnlyList<OwnedShard> shards, CancellationToken ct)
    {
        var worked = 0;
        var failures = new ConcurrentQueue<Exception>();
        await Parallel.ForEachAsync(shards, new ParallelOptions { MaxDegreeOfParallelism = options.Value.Lanes, CancellationToken = ct }, async (shard, token) =>
        {
            try
            {
                Interlocked.Add(ref worked, await WaveAsync(shard, token).ConfigureAwait(false));
            }
            catch (Exception failure) when (!token.IsCancellationRequested)
            {
                failures.Enqueue(failure);
            }
        }).ConfigureAwait(false);
        return failures.IsEmpty ? worked : throw new AggregateException($"The waves of {failures.Count} shards failed.", failures);
    }

    /// <summary>One wave of one shard; how many messages were decided on. Tests call this, the loop repeats it.</summary>
    internal async Task<int> WaveAsync(OwnedShard shard, CancellationToken ct)
    {
        var decisions = SmsBatches.Arrange(await planner.PlanAsync(shard.Id, ct).ConfigureAwait(false));
        if (decisions.Count == 0) return 0;

        var now = clocks.Business.NowMs();
        var sends = await database.WriteAsync(tx => IntentStore.WriteAsync(tx, shard, decisions, now), ct).ConfigureAwait(false);
        if (sends is null)
        {
            Log.ShardLost(logger, shard.Id);
            return 0;
        }

        // From here to the outcomes on disk nothing listens to the stop signal.
        if (sends.Count > 0) await SendAndRecordAsync(sends).ConfigureAwait(false);
        return decisions.Count;
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
