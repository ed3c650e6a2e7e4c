using System.Data.Common;
using Engagement.Members.Referrals;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Engagement.Storage.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Points;

/// <summary>Books what purchases have earned, many at a time, and what time does: points become active or expire, tiers are reviewed, referrals rewarded.</summary>
/// <remarks>Any number of processes may run it: an event is taken in the write that books it, and accounts are locked. A day that nobody ran changes nothing (L12).</remarks>
public sealed class PointsWorker(
    Database database, IdGenerator ids, Clocks clocks, EventStore events, TierReview tiers, ReferralDesk referrals, IOptions<PointsOptions> options, ILogger<PointsWorker> logger)
    : BackgroundService
{
    private const int EventsAtOnce = 200;
    private const int AccountsAtOnce = 500;
    private const int MaxAttempts = 10;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var done = 0;
            try
            {
                done = await RunOnceAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.RoundFailed(logger, failure);
            }

            if (done == 0) await Task.Delay(options.Value.Idle, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One round; how many things were done, 0 when nothing is due. Tests and the demo call this, the loop repeats it.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct) =>
        await BookEventsAsync(ct).ConfigureAwait(false) + await CatchUpAsync(ct).ConfigureAwait(false)
        + await tiers.RunOnceAsync(ct).ConfigureAwait(false) + await referrals.RunOnceAsync(ct).ConfigureAwait(false);

    /// <summary>Books events that are due; how many were looked at.</summary>
    internal async Task<int> BookEventsAsync(CancellationToken ct)
    {
        var due = await database.ReadAsync(session => EventStore.DueAsync(session, EventKind.ForPoints, clocks.System.NowMs(), EventsAtOnce), ct).ConfigureAwait(false);
        var batch = new List<StoredEvent>();
        var tickets = 0;
        foreach (var one in due)
        {
            batch.Add(one);
            // An id takes some twenty-two characters; how many there are exactly matters little.
            if ((tickets += one.Body.Length / 22 + 1) < options.Value.BatchTickets) continue;
            await BookAsync(batch, ct).ConfigureAwait(false);
            (batch, tickets) = ([], 0);
        }

        if (batch.Count > 0) await BookAsync(batch, ct).ConfigureAwait(false);
        return due.Count;
    }

    private async Task BookAsync(List<StoredEvent> batch, CancellationToken ct)
    {
        await ids.RenewAsync(ct).ConfigureAwait(false);
        try
        {
            await database.WriteAsync(async tx =>
            {
                var purchases = new List<long>();
                foreach (var one in batch)
                {
                    if (await EventStore.TakeAsync(tx, one).ConfigureAwait(false)) purchases.AddRange(one.Ids());
                }

                await new PurchaseEarning(tx, ids, clocks, events).ApplyAsync(purchases).ConfigureAwait(false);
            }, ct).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or DbException))
        {
            if (batch.Count == 1) await PutOffAsync(batch[0], failure, ct).ConfigureAwait(false);
            // One of them is bad: the others must not wait for it.
            else foreach (var one in batch) await BookAsync([one], ct).ConfigureAwait(false);
        }
    }

    private async Task PutOffAsync(StoredEvent one, Exception failure, CancellationToken ct)
    {
        var again = one.Attempts + 1 < MaxAttempts;
        if (again) Log.EventFailed(logger, one.Id, one.Kind, failure);
        else Log.EventGivenUp(logger, one.Id, one.Kind, failure);
        long? nextAt = again ? clocks.System.NowMs() + (1000L << one.Attempts) : null;
        await database.WriteAsync(tx => EventStore.PostponeAsync(tx, one, nextAt), ct).ConfigureAwait(false);
    }

    // What became active or expired: a batch of members in one write.
    private async Task<int> CatchUpAsync(CancellationToken ct)
    {
        var today = clocks.Business.Today();
        var due = await database.ReadAsync(session => LedgerStore.DueAsync(session, today, AccountsAtOnce), ct).ConfigureAwait(false);
        if (due.Count == 0) return 0;
        await database.WriteAsync(async tx =>
        {
            var ledger = new OpenLedger(tx, ids, clocks.Business);
            await ledger.OpenAsync(due).ConfigureAwait(false);
            await ledger.LoadLotsAsync(due).ConfigureAwait(false);
            await ledger.SaveAsync().ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
        return due.Count;
    }
}
