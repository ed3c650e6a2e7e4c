using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Outbox;
using Engagement.Storage;

namespace Engagement.Messaging.Runs;

/// <summary>What is to be paused, resumed or cancelled: a run, or a campaign with all its runs.</summary>
/// <param name="Run">The run, or <c>null</c>.</param>
/// <param name="Campaign">The campaign, or <c>null</c>.</param>
public readonly record struct RunTarget(RunId? Run, CampaignId? Campaign)
{
    /// <summary>A run.</summary>
    public static RunTarget Of(RunId run) => new(run, null);

    /// <summary>A campaign.</summary>
    public static RunTarget Of(CampaignId campaign) => new(null, campaign);
}

/// <summary>The desk's answer.</summary>
public enum RunAnswer
{
    /// <summary>It is so now.</summary>
    Done = 1,

    /// <summary>It was so already.</summary>
    Already = 2,

    /// <summary>There is no such run or campaign.</summary>
    Unknown = 3,

    /// <summary>It is over, or was never begun.</summary>
    WrongState = 4,
}

/// <summary>Pauses, resumes and cancels. Each is one small write; when it returns, no send of it begins later than a dispatcher's next look.</summary>
/// <remarks>A run of a campaign has no fate of its own: whatever is done to it is done to the campaign and all its runs, and their states move together.</remarks>
public sealed class RunDesk(Database database, Clocks clocks, OutboxSignals signals)
{
    /// <summary>The business day on which the database was found to have gone back in time: automations of that day wait for a person.</summary>
    internal const string RestoredDay = "runs.restored_day";

    private const string CampaignIdByCode = "SELECT id FROM campaign WHERE code = @code";

    private const string PauseRun = "UPDATE run SET paused = @reason WHERE id = @id AND state IN (1, 2) AND paused IS NULL";

    private const string PauseRunsOf = "UPDATE run SET paused = @reason WHERE campaign_id = @id AND state IN (1, 2) AND paused IS NULL";

    private const string ResumeRun = "UPDATE run SET paused = NULL WHERE id = @id AND state IN (1, 2) AND paused IS NOT NULL";

    private const string ResumeRunsOf = "UPDATE run SET paused = NULL WHERE campaign_id = @id AND state IN (1, 2) AND paused IS NOT NULL";

    // closing: 1 while its waiting messages are suppressed, some at a time; 2 until those that had left have an end; then 0.
    private const string CancelRun = "UPDATE run SET state = 4, closing = 1, paused = NULL WHERE id = @id AND state IN (1, 2)";

    private const string CancelRunsOf = "UPDATE run SET state = 4, closing = 1, paused = NULL WHERE campaign_id = @id AND state IN (1, 2)";

    // A yes that came late means now.
    private const string StartNow = "UPDATE campaign SET scheduled_at = @now WHERE id = @id AND scheduled_at < @now";

    private const string ToHold = "SELECT id FROM run WHERE class IN (2, 3) AND state IN (1, 2) AND paused IS NULL";

    private const string DueCampaigns = "SELECT id FROM campaign WHERE state = 2 AND scheduled_at <= @now";

    private const string CampaignsOf = "SELECT DISTINCT campaign_id FROM run WHERE id IN @ids AND campaign_id IS NOT NULL";

    /// <summary>The run with this number or the campaign with this code; <c>null</c> when there is neither.</summary>
    public Task<RunTarget?> FindAsync(string text, CancellationToken ct) => database.ReadAsync<RunTarget?>(async session =>
    {
        if (long.TryParse(text, out var id) && await RunStore.FindAsync(session, new RunId(id)).ConfigureAwait(false) is { } run) return RunTarget.Of(run.Id);
        return await session.ScalarAsync<long?>(CampaignIdByCode, new { code = text }).ConfigureAwait(false) is { } campaign ? RunTarget.Of(new CampaignId(campaign)) : null;
    }, ct);

    /// <summary>Stops sending until somebody resumes; the audience of a run is still written down to its end.</summary>
    /// <param name="target">What.</param>
    /// <param name="reason">A code of <see cref="PauseReason"/>.</param>
    /// <param name="ct">Stops before the write.</param>
    public Task<RunAnswer> PauseAsync(RunTarget target, string reason, CancellationToken ct) => DecideAsync(
        target,
        async (tx, run) => await tx.ExecuteAsync(PauseRun, new { id = run.Id.Value, reason }).ConfigureAwait(false) == 1 ? RunAnswer.Done : Otherwise(run, RunAnswer.Already),
        async (tx, campaign) => campaign.State switch
        {
            CampaignState.Approved => await HoldAsync(tx, campaign.Id, reason).ConfigureAwait(false),
            CampaignState.Paused => RunAnswer.Already,
            _ => RunAnswer.WrongState,
        }, ct);

    /// <summary>Lets it go on; a campaign whose time has passed meanwhile starts now.</summary>
    public Task<RunAnswer> ResumeAsync(RunTarget target, CancellationToken ct) => DecideAsync(
        target,
        async (tx, run) => await tx.ExecuteAsync(ResumeRun, new { id = run.Id.Value }).ConfigureAwait(false) == 1 ? RunAnswer.Done : Otherwise(run, RunAnswer.Already),
        async (tx, campaign) =>
        {
            if (campaign.State is not (CampaignState.Approved or CampaignState.Paused)) return RunAnswer.WrongState;
            var moved = await CampaignStore.MoveAsync(tx, campaign.Id, CampaignState.Paused, CampaignState.Approved, null).ConfigureAwait(false);
            if (moved) await tx.ExecuteAsync(StartNow, new { id = campaign.Id.Value, now = clocks.Business.NowMs() }).ConfigureAwait(false);
            var runs = await tx.ExecuteAsync(ResumeRunsOf, new { id = campaign.Id.Value }).ConfigureAwait(false);
            return moved || runs > 0 ? RunAnswer.Done : RunAnswer.Already;
        }, ct);

    /// <summary>Ends it for good. What is on the wire is seen to its end; what waits is suppressed as <c>cancelled</c> (<see cref="CancelledRuns"/>).</summary>
    public Task<RunAnswer> CancelAsync(RunTarget target, CancellationToken ct) => DecideAsync(
        target,
        async (tx, run) => await tx.ExecuteAsync(CancelRun, new { id = run.Id.Value }).ConfigureAwait(false) == 1
            ? RunAnswer.Done
            : run.State == RunState.Cancelled ? RunAnswer.Already : RunAnswer.WrongState,
        async (tx, campaign) =>
        {
            if (campaign.State == CampaignState.Cancelled) return RunAnswer.Already;
            if (campaign.State == CampaignState.Refused) return RunAnswer.WrongState;
            await CampaignStore.MoveAsync(tx, campaign.Id, campaign.State, CampaignState.Cancelled, PauseReason.Staff).ConfigureAwait(false);
            await tx.ExecuteAsync(CancelRunsOf, new { id = campaign.Id.Value }).ConfigureAwait(false);
            return RunAnswer.Done;
        }, ct);

    /// <summary>Holds back whatever a database that went back in time might say again: active runs, due campaigns, and the automations of today.</summary>
    /// <returns>How many runs were held.</returns>
    public async Task<int> HoldRestoredAsync(Tx tx, string reason)
    {
        var now = clocks.Business.NowMs();
        await tx.SetSettingAsync(RestoredDay, clocks.Business.Today().ToString()).ConfigureAwait(false);
        foreach (var campaign in await tx.QueryAsync<long>(DueCampaigns, new { now }).ConfigureAwait(false)) await HoldAsync(tx, new CampaignId(campaign), reason).ConfigureAwait(false);
        var runs = await tx.QueryAsync<long>(ToHold).ConfigureAwait(false);
        await HoldAsync(tx, runs, reason).ConfigureAwait(false);
        return runs.Count;
    }

    /// <summary>Pauses these runs, and the campaigns that they belong to.</summary>
    internal async Task HoldAsync(Tx tx, IReadOnlyList<long> runs, string reason)
    {
        if (runs.Count == 0) return;
        tx.AfterCommit(signals.Runs.Set);
        foreach (var campaign in await tx.QueryAsync<long>(CampaignsOf, new { ids = runs }).ConfigureAwait(false)) await HoldAsync(tx, new CampaignId(campaign), reason).ConfigureAwait(false);
        foreach (var id in runs) await tx.ExecuteAsync(PauseRun, new { id, reason }).ConfigureAwait(false);
    }

    private static async Task<RunAnswer> HoldAsync(Tx tx, CampaignId campaign, string reason)
    {
        await CampaignStore.MoveAsync(tx, campaign, CampaignState.Approved, CampaignState.Paused, reason).ConfigureAwait(false);
        await tx.ExecuteAsync(PauseRunsOf, new { id = campaign.Value, reason }).ConfigureAwait(false);
        return RunAnswer.Done;
    }

    private static RunAnswer Otherwise(Run run, RunAnswer active) => run.State is RunState.Expanding or RunState.Expanded ? active : RunAnswer.WrongState;

    private Task<RunAnswer> DecideAsync(
        RunTarget target, Func<Tx, Run, Task<RunAnswer>> onRun, Func<Tx, Campaign, Task<RunAnswer>> onCampaign, CancellationToken ct) => database.WriteAsync(async tx =>
        {
            tx.AfterCommit(signals.Runs.Set);
            var run = target.Run is { } id ? await RunStore.FindAsync(tx, id).ConfigureAwait(false) : null;
            if (run is { Plan.Campaign: null }) return await onRun(tx, run).ConfigureAwait(false);
            var campaign = (run?.Plan.Campaign ?? target.Campaign) is { } of ? await CampaignStore.LockAsync(tx, of).ConfigureAwait(false) : null;
            return campaign is null ? RunAnswer.Unknown : await onCampaign(tx, campaign).ConfigureAwait(false);
        }, ct);
}
