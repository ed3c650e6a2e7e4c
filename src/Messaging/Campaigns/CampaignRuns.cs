using Engagement.Messaging.Audiences;
using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Campaigns;

/// <summary>Says what an approved campaign has to say to its audience, once to each member.</summary>
public sealed class CampaignRuns(Database database, Clocks clocks, MessageGate gate, TemplateStore templates, RunExpander runs)
{
    private static readonly TimeOnly s_closing = new(20, 0);

    private const int DaysToSend = 3;

    private const string TemplateCode = "SELECT code FROM template WHERE id = @id";

    /// <summary>Runs the campaign; <c>null</c> when it is not approved.</summary>
    /// <param name="campaign">The campaign.</param>
    /// <param name="producer">The name under which the run is counted.</param>
    /// <param name="ct">Stops between chunks.</param>
    public async Task<RunResult?> RunAsync(Campaign campaign, string producer, CancellationToken ct)
    {
        if (campaign.State != CampaignState.Approved) return null;
        var today = clocks.Business.Today();
        var code = await database.ReadAsync(session => session.ScalarAsync<string>(TemplateCode, new { id = campaign.TemplateId }), ct).ConfigureAwait(false);
        var version = await templates.CurrentAsync(code, ct).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"There is no approved template {code}.");
        var candidates = await database.ReadAsync(session => CandidatesAsync(session, campaign, today), ct).ConfigureAwait(false);
        var holdout = gate.Table[campaign.Kind].Class == DeliveryClass.Promotional ? campaign.HoldoutBasisPoints : 0;
        var plan = new RunPlan(producer, campaign.Kind, version, today, campaign.Id, campaign.Salt, holdout);
        return await runs.ExpandAsync(plan, candidates, ct).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Candidate>> CandidatesAsync(Session session, Campaign campaign, int today)
    {
        var rule = gate.Table[campaign.Kind];
        var year = ChinaTime.Date(today).Year;
        var members = await RecipientStore.EligibilityAsync(session, await AudienceSql.MembersAsync(session, campaign.Audience, today).ConfigureAwait(false)).ConfigureAwait(false);
        var lastDay = Math.Min(campaign.Content.ValidUntil, today + DaysToSend - 1);
        var lastMoment = ChinaTime.At(lastDay, s_closing).ToUnixTimeMilliseconds() - 1;
        return [.. members.Select(member => new Candidate(
            member.Id, MessageGate.RefusesMember(rule, member.Erased, member.BirthYear, member.Consents, year),
            [$"campaign:{campaign.Id}:{member.Id}"], "{}", clocks.Business.NowMs(), lastMoment))];
    }
}
