using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Runs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Automations;

/// <summary>The loop around whatever has its time: cancelled runs are cleared, cut ones gone on with, automations and campaigns started.</summary>
internal sealed class ScheduleWorker(
    CancelledRuns cancelled, RunResumer resumer, DailySchedule daily, CampaignSchedule campaigns, OutboxSignals signals, ILogger<ScheduleWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(10);

    /// <summary>One turn. Each part is tried whatever becomes of the others.</summary>
    public async Task TickAsync(CancellationToken ct)
    {
        await TryAsync(async () => await cancelled.ClearAsync(ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        await TryAsync(() => resumer.ResumeAsync(ct), ct).ConfigureAwait(false);
        await TryAsync(async () => Say(await daily.RunDueAsync(ct).ConfigureAwait(false)), ct).ConfigureAwait(false);
        await TryAsync(async () => Say(await campaigns.RunDueAsync(ct).ConfigureAwait(false)), ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = signals.Runs.Next;
            await TickAsync(stoppingToken).ConfigureAwait(false);
            await signals.Runs.WaitAsync(next, s_tick, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task TryAsync(Func<Task> part, CancellationToken ct)
    {
        try
        {
            await part().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            Log.ScheduleFailed(logger, failure);
        }
    }

    private void Say(IReadOnlyList<RunResult> runs)
    {
        foreach (var run in runs) Log.Ran(logger, run.Producer, run.Audience, run.Enqueued);
    }
}
