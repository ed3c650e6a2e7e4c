using System.Data.Common;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Receipts;
using Engagement.Storage;
using Engagement.Storage.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Outbox;

/// <summary>What has happened to members wakes their waiting messages, when the gate would refuse them by now: so that they end today and not at their hour.</summary>
/// <remarks>Wakes only what will be refused: anything else would go out before its time. The gate decides, here as ever.</remarks>
internal sealed class EventApplier(Database database, Clocks clocks, GateTable gates, OptOutConfirmations optOuts, CaseNotices cases, OutboxSignals signals, ILogger<EventApplier> logger) : BackgroundService
{
    private const int BatchSize = 50;
    private const int MaxAttempts = 10;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1);

    private const string Waiting = "SELECT id, kind, member_id, params FROM message WHERE ready_at > @p0 AND state = 1 AND member_id IN";

    private const string Wake = "UPDATE message SET ready_at = @p1 WHERE id = @p0 AND state = 1 AND ready_at > @p1";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var applied = 0;
            try
            {
                applied = await ApplyAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.EventsFailed(logger, failure);
            }

            if (applied < BatchSize) await Task.Delay(s_idle, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Consumes what is due; how many events were looked at. Tests call this, the loop repeats it.</summary>
    internal async Task<int> ApplyAsync(CancellationToken ct)
    {
        var due = await database.ReadAsync(session => EventStore.DueAsync(session, EventKind.ForMessaging, clocks.System.NowMs(), BatchSize), ct).ConfigureAwait(false);
        foreach (var one in due) await ApplyAsync(one, ct).ConfigureAwait(false);
        return due.Count;
    }

    private async Task ApplyAsync(StoredEvent one, CancellationToken ct)
    {
        try
        {
            // Makes a run of its own, which is the same when it is made again.
            if (one.Kind == EventKind.SmsOptedOut) await optOuts.MakeAsync(one.Id, one.Ids(), ct).ConfigureAwait(false);
            if (one.Kind == EventKind.CaseAnswered) await cases.MakeAsync(one.Id, one.Ids(), ct).ConfigureAwait(false);
            await database.WriteAsync(async tx =>
            {
                if (!await EventStore.TakeAsync(tx, one).ConfigureAwait(false)) return;
                var refused = await RefusedAsync(tx, one).ConfigureAwait(false);
                var now = clocks.Business.NowMs();
                await tx.ExecuteManyAsync(Wake, 2, refused, (id, v) => (v[0], v[1]) = (id, now)).ConfigureAwait(false);
                if (refused.Count > 0) tx.AfterCommit(signals.Due.Set);
            }, ct).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or DbException))
        {
            var again = one.Attempts + 1 < MaxAttempts;
            if (again) Log.EventFailed(logger, one.Id, one.Kind, failure);
            else Log.EventGivenUp(logger, one.Id, one.Kind, failure);
            long? nextAt = again ? clocks.System.NowMs() + (1000L << one.Attempts) : null;
            await database.WriteAsync(tx => EventStore.PostponeAsync(tx, one, nextAt), ct).ConfigureAwait(false);
        }
    }

    private Task<IReadOnlyList<long>> RefusedAsync(Tx tx, StoredEvent one) => one.Kind switch
    {
        EventKind.TherapyChanged => RefilledAsync(tx, one.Ids()),
        EventKind.ConsentWithdrawn => UnwantedAsync(tx, one.Ids()),
        EventKind.SmsOptedOut or EventKind.CaseAnswered => Task.FromResult<IReadOnlyList<long>>([]),
        _ => throw new InvalidOperationException($"Nobody knows events of the kind {one.Kind}."),
    };

    private async Task<IReadOnlyList<long>> RefilledAsync(Tx tx, IReadOnlyList<long> members)
    {
        var planned = new List<(long Message, IReadOnlyList<RefillLine> Lines)>();
        await ReadAsync(tx, members, row =>
        {
            if (row.Kind == MessageKind.Refill && RefillParams.TryParse(row.Params) is { } refill) planned.Add((row.Id, refill.Lines));
        }).ConfigureAwait(false);
        var therapies = await DueStore.TherapiesAsync(tx, [.. planned.SelectMany(p => p.Lines).Select(line => line.Id).Distinct()]).ConfigureAwait(false);
        var today = clocks.Business.Today();
        return [.. planned.Where(p => !p.Lines.Any(line => therapies.TryGetValue(line.Id, out var now) && now.IsDue(line.End, today))).Select(p => p.Message)];
    }

    private async Task<IReadOnlyList<long>> UnwantedAsync(Tx tx, IReadOnlyList<long> members)
    {
        var waiting = new List<WaitingRow>();
        await ReadAsync(tx, members, waiting.Add).ConfigureAwait(false);
        var year = ChinaTime.Date(clocks.Business.Today()).Year;
        var eligible = (await RecipientStore.EligibilityAsync(tx, [.. waiting.Select(row => row.Member).Distinct()]).ConfigureAwait(false)).ToDictionary(m => m.Id.Value);
        return [.. waiting.Where(row => Enum.IsDefined(row.Kind) && (!eligible.TryGetValue(row.Member, out var member)
            || MessageGate.RefusesMember(gates[row.Kind], member.Erased, member.BirthYear, member.Consents, year, member.MutedKinds) is not null)).Select(row => row.Id)];
    }

    private Task ReadAsync(Tx tx, IReadOnlyList<long> members, Action<WaitingRow> row) => tx.ReadInAsync(Waiting, members,
        reader => row(new WaitingRow(reader.GetInt64(0), (MessageKind)reader.GetInt32(1), reader.GetInt64(2), reader.GetString(3))), clocks.Business.NowMs());

    private readonly record struct WaitingRow(long Id, MessageKind Kind, long Member, string Params);
}
