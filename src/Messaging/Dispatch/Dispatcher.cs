using System.Threading.Channels;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Settling;
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
internal sealed class Dispatcher : BackgroundService, IHeldWork
{
    // A commit costs the same for one outcome as for fifty: so a few answers are waited for, as long as nobody notices.
    private const int OutcomesPerCommit = 256;
    private static readonly TimeSpan s_gathering = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(1);

    private readonly Database _database;
    private readonly Clocks _clocks;
    private readonly ShardLeases _leases;
    private readonly WavePlanner _planner;
    private readonly WaveBudget _budget;
    private readonly Sender _sender;
    private readonly OutboxSignals _signals;
    private readonly DispatchProfile _profile;
    private readonly DispatchOptions _options;
    private readonly ILogger _logger;
    private readonly Lane[] _lanes;
    private volatile IReadOnlyList<OwnedShard> _owned = [];

    public Dispatcher(
        Database database, Clocks clocks, ShardLeases leases, WavePlanner planner, WaveBudget budget, Sender sender, OutboxSignals signals, DispatchProfile profile,
        IOptions<DispatchOptions> options, ILogger<Dispatcher> logger)
    {
        (_database, _clocks, _leases, _planner, _budget, _sender, _signals, _profile, _options, _logger) =
            (database, clocks, leases, planner, budget, sender, signals, profile, options.Value, logger);
        _lanes = [.. Enumerable.Range(0, _options.Lanes).Select(number => new Lane(number, _options.Lanes))];
        leases.OldestWave = () => _lanes.Min(lane => lane.Since);
    }

    IReadOnlyList<int> IHeldWork.Shards => [.. _owned.Select(shard => shard.Id)];

    bool IHeldWork.Contains(MessageId message) => _lanes.Any(lane => lane.OnTheWire.Any(send => send.Message.Id == message));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Each on a thread of the pool from its first step: reading SQLite gives no thread back.
        await Task.WhenAll([KeepShardsAsync(stoppingToken), .. _lanes.Select(lane => Task.Run(() => RunAsync(lane, stoppingToken), CancellationToken.None))]).ConfigureAwait(false);
        await _leases.ReleaseAsync().ConfigureAwait(false);
    }

    // A lane that waits for a slow provider must not cost us the leases, so they are kept beside the lanes.
    private async Task KeepShardsAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var pause = _options.Lease / 3;
            try
            {
                var owned = await _leases.HoldAsync(ct).ConfigureAwait(false);
                _owned = owned.Count <= _leases.Share ? owned : await GiveBackAsync(owned, ct).ConfigureAwait(false);
                _signals.Due.Wake();
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.LeasesFailed(_logger, failure);
                pause = s_afterFailure;
            }

            await Task.Delay(pause, _clocks.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Another worker has come. What goes is finished first: its new owner would take it for lost.
    private async Task<IReadOnlyList<OwnedShard>> GiveBackAsync(IReadOnlyList<OwnedShard> owned, CancellationToken ct)
    {
        IReadOnlyList<OwnedShard> kept = [.. owned.Take(_leases.Share)];
        _owned = kept;
        foreach (var lane in _lanes)
        {
            await lane.Wave.WaitAsync(ct).ConfigureAwait(false);
            lane.Wave.Release();
        }

        await _leases.GiveUpAsync(owned.Skip(kept.Count)).ConfigureAwait(false);
        Log.ShardsGivenBack(_logger, owned.Count - kept.Count);
        return kept;
    }

    private async Task RunAsync(Lane lane, CancellationToken ct)
    {
        var woken = _clocks.System.GetTimestamp();
        while (!ct.IsCancellationRequested)
        {
            var due = _signals.Due.Next;
            var worked = 0;
            try
            {
                worked = await WorkAsync(lane, null, ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.LaneFailed(_logger, failure);
                await Task.Delay(s_afterFailure, _clocks.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (lane.Pause is { } pause) await Task.Delay(pause < _options.IdleDelay ? pause : _options.IdleDelay, _clocks.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            else if (worked == 0) await _signals.Due.WaitAsync(due, _options.IdleDelay, ct).ConfigureAwait(false);
            else if (!due.IsCompleted && _clocks.System.GetElapsedTime(woken) < _options.IdleDelay) continue;
            lane.Wake();
            woken = _clocks.System.GetTimestamp();
        }
    }

    /// <summary>One wave of each lane; how many messages were decided on. Tests call this, the loops go on by themselves.</summary>
    /// <exception cref="AggregateException">Shards failed; the others were worked off all the same.</exception>
    internal async Task<int> RoundAsync(IReadOnlyList<OwnedShard> owned, CancellationToken ct)
    {
        foreach (var lane in _lanes) lane.Wake();
        return (await Task.WhenAll(_lanes.Select(lane => WorkAsync(lane, owned, ct))).ConfigureAwait(false)).Sum();
    }

    // When a wave fails, it goes shard by shard: what is broken in one must not hold up the others.
    private async Task<int> WorkAsync(Lane lane, IReadOnlyList<OwnedShard>? owned, CancellationToken ct)
    {
        await lane.Wave.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            // Read only now: what was given back while this lane waited is not ours any more.
            var shards = lane.ShareOf(owned ?? _owned);
            if (shards.Count == 0) return 0;
            try
            {
                return await WaveAsync(lane, shards, ct).ConfigureAwait(false);
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                Log.WaveFailed(_logger, failure);
            }

            return await OneByOneAsync(lane, shards, ct).ConfigureAwait(false);
        }
        finally
        {
            (lane.Since, lane.OnTheWire) = (null, []);
            lane.Wave.Release();
        }
    }

    private async Task<int> OneByOneAsync(Lane lane, IReadOnlyList<OwnedShard> shards, CancellationToken ct)
    {
        var (worked, failures) = (0, new List<Exception>());
        foreach (var shard in shards)
        {
            try
            {
                lane.Wake();
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
        var planned = await _planner.PlanAsync(lane, [.. shards.Select(shard => shard.Id)], ct).ConfigureAwait(false);
        (var affordable, lane.Pause) = await _budget.CutAsync(planned, ct).ConfigureAwait(false);
        if (affordable.Count == 0) return 0;
        var decisions = SmsBatches.Arrange(affordable);
        CrashPoint.Reach("planned");

        var now = _clocks.Business.NowMs();
        lane.Since = now;
        var started = DispatchProfile.Start();
        var intents = await IntendAsync(shards, decisions, now, ct).ConfigureAwait(false);
        _profile.Add(Stage.Intent, started, intents.Held);
        CrashPoint.Reach("intended");
        foreach (var lost in intents.LostShards) Log.ShardLost(_logger, lost);

        // From here to the outcomes on disk nothing listens to the stop signal.
        if (intents.Sends.Count > 0) await SendAndRecordAsync(lane, intents.Sends).ConfigureAwait(false);
        return intents.Held;
    }

    private async Task<Intents> IntendAsync(IReadOnlyList<OwnedShard> shards, IReadOnlyList<Decision> decisions, long now, CancellationToken ct)
    {
        try
        {
            return await _database.WriteAsync(tx => IntentStore.WriteAsync(tx, shards, decisions, now), ct).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // It may have been durable before the connection broke.
            await TakeBackAsync(shards, [.. decisions.OfType<SendDecision>()]).ConfigureAwait(false);
            throw;
        }
    }

    // Only we know that none of it has left: this is tried for as long as the process lives, and the flight record knows it afterwards.
    private async Task TakeBackAsync(IReadOnlyList<OwnedShard> shards, IReadOnlyList<SendDecision> sends)
    {
        while (sends.Count > 0)
        {
            try
            {
                var back = await _database.WriteAsync(tx => IntentStore.TakeBackAsync(tx, shards, sends, _clocks.Business.NowMs()), CancellationToken.None).ConfigureAwait(false);
                if (back > 0) Log.IntentsTakenBack(_logger, back);
                return;
            }
            catch (Exception failure)
            {
                Log.IntentsUncertain(_logger, sends.Count, failure);
                await Task.Delay(s_afterFailure, _clocks.System, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task SendAndRecordAsync(Lane lane, IReadOnlyList<SendDecision> sends)
    {
        lane.OnTheWire = sends;
        var intendedAt = _clocks.System.GetUtcNow();
        for (var i = 0; i < sends.Count; i++) (sends[i].Slot, sends[i].IntendedAt) = (lane.Number * _options.WaveSize + i, intendedAt);
        var started = DispatchProfile.Start();
        var outcomes = System.Threading.Channels.Channel.CreateUnbounded<Outcome>(new UnboundedChannelOptions { SingleReader = true });
        var sending = _sender.SendAllAsync(sends, outcomes.Writer);
        while (await outcomes.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (!sending.IsCompleted) await Task.WhenAny(sending, Task.Delay(s_gathering, _clocks.System, CancellationToken.None)).ConfigureAwait(false);
            var batch = new List<Outcome>(OutcomesPerCommit);
            while (batch.Count < OutcomesPerCommit && outcomes.Reader.TryRead(out var outcome)) batch.Add(outcome);
            var recording = DispatchProfile.Start();
            await RecordAsync(batch).ConfigureAwait(false);
            _profile.Add(Stage.Outcome, recording, batch.Count);
        }

        await sending.ConfigureAwait(false);
        _profile.Add(Stage.Send, started, sends.Count);
    }

    // The provider has answered and only we know: this is written for as long as the process lives.
    private async Task RecordAsync(List<Outcome> batch)
    {
        CrashPoint.Reach("answered");
        while (true)
        {
            try
            {
                await _database.WriteAsync(
                    tx => OutcomeStore.RecordAsync(tx, batch, _clocks.Business.NowMs(), _options.MaxAttempts), CancellationToken.None).ConfigureAwait(false);
                CrashPoint.Reach("recorded");
                return;
            }
            catch (Exception failure)
            {
                Log.OutcomesWait(_logger, batch.Count, failure);
                await Task.Delay(s_afterFailure, _clocks.System, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
