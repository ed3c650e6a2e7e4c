using Engagement.Messaging.Audiences;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Campaigns;

/// <summary>Whom a campaign means: its rule, asked window by window.</summary>
public sealed class CampaignAudience(Clocks clocks, MessageGate gate) : ICandidateSource
{
    private static readonly TimeOnly s_closing = new(20, 0);

    private const int DaysToSend = 3;

    /// <inheritdoc/>
    public bool Makes(RunPlan plan) => plan.Campaign is not null;

    /// <inheritdoc/>
    public async Task<CandidatePage> ReadAsync(Session session, RunPlan plan, long after, int limit)
    {
        var campaign = await CampaignStore.FindAsync(session, plan.Campaign!.Value).ConfigureAwait(false)
            ?? throw new KeyNotFoundException($"There is no campaign {plan.Campaign}.");
        var (members, last) = await AudienceSql.WindowAsync(session, campaign.Audience, plan.BusinessDay, after, limit).ConfigureAwait(false);
        var rule = gate.Table[campaign.Kind];
        var year = ChinaTime.Date(plan.BusinessDay).Year;
        var readyAt = clocks.Business.NowMs();
        var lastMoment = ChinaTime.At(Math.Min(campaign.Content.ValidUntil, plan.BusinessDay + DaysToSend - 1), s_closing).ToUnixTimeMilliseconds() - 1;
        return new CandidatePage(await CandidatePages.PlanAsync(session, members, member => new Candidate(
            member.Id, MessageGate.RefusesMember(rule, member.Erased, member.BirthYear, member.Consents, year, member.MutedKinds),
            [$"campaign:{campaign.Id}:{member.Id}"], "{}", readyAt, lastMoment)).ConfigureAwait(false), last);
    }
}
