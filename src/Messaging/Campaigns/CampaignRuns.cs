using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Campaigns;

/// <summary>Says what an approved campaign has to say to its audience, once to each member.</summary>
public sealed class CampaignRuns(Database database, Clocks clocks, MessageGate gate, TemplateStore templates, RunExpander runs, CampaignAudience audience)
{
    private const string TemplateCode = "SELECT code FROM template WHERE id = @id";

    /// <summary>Runs the campaign; <c>null</c> when it is not approved.</summary>
    /// <param name="campaign">The campaign.</param>
    /// <param name="producer">The name under which the run is counted.</param>
    /// <param name="ct">Stops between chunks.</param>
    public Task<RunResult?> RunAsync(Campaign campaign, string producer, CancellationToken ct) => RunAsync(campaign, producer, null, ct);

    /// <summary>The key of the one run that a campaign's schedule makes.</summary>
    internal static string Key(CampaignId campaign) => $"campaign:{campaign}";

    internal async Task<RunResult?> RunAsync(Campaign campaign, string producer, string? key, CancellationToken ct)
    {
        if (campaign.State != CampaignState.Approved) return null;
        var code = await database.ReadAsync(session => session.ScalarAsync<string>(TemplateCode, new { id = campaign.TemplateId }), ct).ConfigureAwait(false);
        var version = await templates.CurrentAsync(code, ct).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"There is no approved template {code}.");
        var holdout = gate.Table[campaign.Kind].Class == DeliveryClass.Promotional ? campaign.HoldoutBasisPoints : 0;
        var plan = new RunPlan(producer, campaign.Kind, version, clocks.Business.Today(), campaign.Id, campaign.Salt, holdout);
        // A cancel falls before the run, which is then not made, or after it and finds it.
        var run = await database.WriteAsync(async tx =>
            await CampaignStore.LockAsync(tx, campaign.Id).ConfigureAwait(false) is { State: CampaignState.Approved }
                ? await runs.BeginAsync(tx, plan, key).ConfigureAwait(false)
                : (RunId?)null, ct).ConfigureAwait(false);
        return run is { } id ? await runs.ContinueAsync(id, audience, ct).ConfigureAwait(false) : null;
    }
}
