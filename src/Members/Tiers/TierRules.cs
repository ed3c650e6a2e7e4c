using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Members.Tiers;

/// <summary>A tier.</summary>
/// <param name="Zh">Its name in Chinese.</param>
/// <param name="En">Its name in English.</param>
/// <param name="ThresholdFen">The spending in the window from which it is held; 0 for the first.</param>
/// <param name="Code">By what coupons name it: small letters, digits and _; without one it is <c>tier</c> and its place.</param>
public sealed record TierLevel(string Zh, string En, long ThresholdFen, string? Code = null);

/// <summary>What a review does with a tier that is no longer earned.</summary>
public enum DowngradePolicy
{
    /// <summary>The tier that the window earns.</summary>
    Recompute = 1,

    /// <summary>One tier lower, however far the window fell.</summary>
    OneDown = 2,
}

/// <summary>When a refund costs the tier that the goods had earned.</summary>
public enum RefundLoss
{
    /// <summary>With the refund.</summary>
    AtOnce = 1,

    /// <summary>At the next review.</summary>
    AtReview = 2,
}

/// <summary>What tiers there are, and how they are kept. A version is never changed; see <see cref="TierRulesStore"/>.</summary>
/// <remarks>The measure is what a member has spent on products that earn points, net of refunds, in the twelve months up to a day: the purchase of that day a year ago has just left.</remarks>
public sealed record TierRules
{
    /// <summary>The tiers, the lowest first; its threshold is 0.</summary>
    public IReadOnlyList<TierLevel> Levels { get; init; } = [];

    /// <summary>Months from reaching or renewing a tier to its review; 0 works it out anew each day.</summary>
    public int ReviewMonths { get; init; } = 12;

    /// <summary>Days after the review day for which the tier is still kept; what is bought in them counts.</summary>
    public int GraceDays { get; init; } = 30;

    /// <summary>Days before a likely loss on which the member is told.</summary>
    public int NoticeDays { get; init; } = 30;

    /// <summary>What a review does.</summary>
    public DowngradePolicy Downgrade { get; init; } = DowngradePolicy.Recompute;

    /// <summary>What a refund does.</summary>
    public RefundLoss RefundLoss { get; init; } = RefundLoss.AtReview;

    /// <summary>The tier that so much spending earns, as its place in <see cref="Levels"/>.</summary>
    internal int Of(long fen)
    {
        var tier = 0;
        for (var i = 1; i < Levels.Count; i++)
        {
            if (fen >= Levels[i].ThresholdFen) tier = i;
        }

        return tier;
    }

    /// <summary>The code of the tier at a place.</summary>
    public string CodeOf(int tier) => Levels[tier].Code ?? $"tier{tier}";

    /// <summary>What is wrong with these rules, or <c>null</c>.</summary>
    internal string? Fault() =>
        Levels.Count is < 1 or > 20 || Levels[0].ThresholdFen != 0 || Levels.Zip(Levels.Skip(1)).Any(pair => pair.First.ThresholdFen >= pair.Second.ThresholdFen) ? nameof(Levels)
        : Levels.Any(level => level.Code is { } code && (code.Length is 0 or > 32 || !code.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')))
          || Levels.Select((_, tier) => CodeOf(tier)).Distinct().Count() < Levels.Count ? nameof(TierLevel.Code)
        : ReviewMonths is < 0 or > 60 ? nameof(ReviewMonths)
        : GraceDays is < 0 or > 365 ? nameof(GraceDays)
        : NoticeDays is < 0 or > 365 ? nameof(NoticeDays)
        : !Enum.IsDefined(Downgrade) ? nameof(Downgrade)
        : !Enum.IsDefined(RefundLoss) ? nameof(RefundLoss)
        : null;

    internal string ToJson() => JsonSerializer.Serialize(this, TierJson.Default.TierRules);

    internal static TierRules Parse(string json) => JsonSerializer.Deserialize(json, TierJson.Default.TierRules)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TierRules))]
internal sealed partial class TierJson : JsonSerializerContext;
