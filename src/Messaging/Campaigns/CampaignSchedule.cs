using Engagement.Messaging.Runs;
using Engagement.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Campaigns;

/// <summary>Starts approved campaigns at their time, once, on any number of nodes; one that is too late waits for a person's yes.</summary>
public sealed class CampaignSchedule(Database database, Clocks clocks, CampaignRuns campaigns, IOptions<ScheduleOptions> options, ILogger<CampaignSchedule> logger)
{
    // state 2: approved.
    private const string Due = """
        SELECT c.id FROM campaign c
        WHERE  c.state = 2 AND c.scheduled_at <= @now AND NOT EXISTS (SELECT 1 FROM run r WHERE r.campaign_id = c.id)
        ORDER BY c.scheduled_at, c.id
        """;

    /// <summary>Starts what is due; what became of it.</summary>
    public async Task<IReadOnlyList<RunResult>> RunDueAsync(CancellationToken ct)
    {
        var now = clocks.Business.NowMs();
        var results = new List<RunResult>();
        foreach (var id in await database.ReadAsync(session => session.QueryAsync<long>(Due, new { now }), ct).ConfigureAwait(false))
        {
            var campaign = (await database.ReadAsync(session => CampaignStore.FindAsync(session, new CampaignId(id)), ct).ConfigureAwait(false))!;
            var late = clocks.Business.GetUtcNow() - campaign.ScheduledAt!.Value;
            if (late > options.Value.Grace) await HoldAsync(campaign, late, ct).ConfigureAwait(false);
            else if (await campaigns.RunAsync(campaign, campaign.Code, CampaignRuns.Key(campaign.Id), ct).ConfigureAwait(false) is { } run) results.Add(run);
        }

        return results;
    }

    private async Task HoldAsync(Campaign campaign, TimeSpan late, CancellationToken ct)
    {
        if (await database.WriteAsync(tx => CampaignStore.MoveAsync(tx, campaign.Id, CampaignState.Approved, CampaignState.Paused, PauseReason.PastDue), ct).ConfigureAwait(false))
        {
            Log.PastDue(logger, campaign.Code, late);
        }
    }
}
