using Engagement.Messaging.Rates;

namespace Engagement.Messaging.Dispatch;

/// <summary>The last question of the gate: how many of a wave may go now. The others are left as they are, due and unwritten.</summary>
internal sealed class WaveBudget(RateBudgets rates)
{
    /// <summary>What of <paramref name="decisions"/> may go, first those of the higher class; and when to ask again, when not all may.</summary>
    public async ValueTask<(IReadOnlyList<Decision> Decisions, TimeSpan? Pause)> CutAsync(IReadOnlyList<Decision> decisions, CancellationToken ct)
    {
        if (!rates.Limited || decisions.Count == 0) return (decisions, null);
        var groups = decisions.OfType<SendDecision>().GroupBy(send => (send.Provider, send.TemplateId, send.Campaign)).ToList();
        var grants = await rates.TakeAsync(
            [.. groups.Select(group => new RateRequest(group.Key.Provider, group.Key.TemplateId, group.Key.Campaign, group.Count()))], ct).ConfigureAwait(false);
        var wait = new HashSet<Decision>(ReferenceEqualityComparer.Instance);
        TimeSpan? pause = null;
        for (var i = 0; i < groups.Count; i++)
        {
            if (grants[i].Count == groups[i].Count()) continue;
            wait.UnionWith(groups[i].Skip(grants[i].Count));
            if (pause is null || grants[i].Pause < pause) pause = grants[i].Pause;
        }

        return (wait.Count == 0 ? decisions : [.. decisions.Where(decision => !wait.Contains(decision))], pause);
    }
}
