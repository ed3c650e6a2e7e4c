using Engagement.Storage.Cluster;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Rates;

/// <summary>Messages of a wave that go the same way.</summary>
/// <param name="Provider">Who carries them: <c>wechat</c>, <c>aliyun</c>, <c>tencent</c>.</param>
/// <param name="Template">The provider's template.</param>
/// <param name="Campaign">The campaign, if one made them.</param>
/// <param name="Count">How many would like to go now.</param>
public readonly record struct RateRequest(string Provider, string Template, CampaignId? Campaign, int Count);

/// <summary>Says how many messages may go now: by provider, provider template and campaign, over all nodes together. Thread-safe.</summary>
/// <remarks>
/// Asked once a wave, in the order of priority: what comes first in the list is served first. What is granted is spent, sent or not.
/// It never throws and waits at most half a second for what the nodes share; see <see cref="ClusterState"/>.
/// </remarks>
public sealed class RateBudgets(IOptions<RateOptions> options, ClusterState cluster)
{
    private readonly RateOptions _rates = options.Value;

    /// <summary>Whether there is any limit. Without one there is no need to ask.</summary>
    public bool Limited { get; } = options.Value is { WeChat: > 0 } or { Aliyun: > 0 } or { Tencent: > 0 } or { Template: > 0 } or { Campaign: > 0 } || options.Value.Templates.Values.Any(rate => rate > 0);

    /// <summary>What may go of each of <paramref name="wanted"/>, in the same order; and when to ask again for the rest.</summary>
    public async ValueTask<IReadOnlyList<BudgetGrant>> TakeAsync(IReadOnlyList<RateRequest> wanted, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var grants = new BudgetGrant[wanted.Count];
        for (var i = 0; i < grants.Length; i++) grants[i] = new BudgetGrant(wanted[i].Count, TimeSpan.Zero);
        if (!Limited) return grants;

        var limited = new List<int>(wanted.Count);
        var requests = new List<BudgetRequest>(wanted.Count);
        for (var i = 0; i < grants.Length; i++)
        {
            if (wanted[i].Count == 0 || Of(wanted[i]) is not { Count: > 0 } budgets) continue;
            limited.Add(i);
            requests.Add(new BudgetRequest(budgets, wanted[i].Count));
        }

        if (requests.Count == 0) return grants;
        var answers = await cluster.TakeAsync(requests).ConfigureAwait(false);
        for (var i = 0; i < answers.Count; i++) grants[limited[i]] = answers[i];
        return grants;
    }

    private List<Budget> Of(in RateRequest request)
    {
        var budgets = new List<Budget>(3);
        var provider = request.Provider switch { "wechat" or "wechat_mp" => _rates.WeChat, "aliyun" => _rates.Aliyun, "tencent" => _rates.Tencent, _ => 0 };
        if (provider > 0) budgets.Add(Budget(request.Provider, provider));
        var template = _rates.Templates.TryGetValue(request.Template, out var own) ? own : _rates.Template;
        if (template > 0) budgets.Add(Budget($"{request.Provider}:template:{request.Template}", template));
        if (request.Campaign is { } campaign && _rates.Campaign > 0) budgets.Add(Budget($"campaign:{campaign.Value}", _rates.Campaign));
        return budgets;
    }

    private Budget Budget(string name, int perSecond) => new(name, perSecond, Math.Max(1, (int)(perSecond * _rates.Burst.TotalSeconds)));
}
