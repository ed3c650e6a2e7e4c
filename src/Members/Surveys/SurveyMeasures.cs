namespace Engagement.Members.Surveys;

/// <summary>The five groups of the indicator system (domain I3).</summary>
public enum IndicatorGroup
{
    /// <summary>产品质量.</summary>
    ProductQuality = 1,

    /// <summary>服务.</summary>
    Service = 2,

    /// <summary>价格.</summary>
    Price = 3,

    /// <summary>企业形象.</summary>
    Image = 4,

    /// <summary>总体满意.</summary>
    Satisfaction = 5,
}

/// <summary>Net promoters.</summary>
/// <param name="Score">Promoters less detractors, −100 to 100.</param>
/// <param name="Margin">Half of the interval that holds the truth with 95 %.</param>
/// <param name="Count">Answers.</param>
public readonly record struct NetPromoters(double Score, double Margin, int Count);

/// <summary>The index over the groups.</summary>
/// <param name="Value">0 to 100.</param>
/// <param name="Missing">Groups without answers, whose weight the others carry.</param>
public sealed record SatisfactionIndex(double Value, IReadOnlyList<IndicatorGroup> Missing);

/// <summary>What surveys measure (domain 3.8).</summary>
public static class SurveyMeasures
{
    /// <summary>Fewer answers than these are not published: they would tell of people.</summary>
    public const int FewestPublished = 30;

    /// <summary>The thirteen indicators by group.</summary>
    public static IReadOnlyDictionary<string, IndicatorGroup> Indicators { get; } = new Dictionary<string, IndicatorGroup>
    {
        ["drug"] = IndicatorGroup.ProductQuality, ["packaging"] = IndicatorGroup.ProductQuality, ["leaflet"] = IndicatorGroup.ProductQuality,
        ["consultation"] = IndicatorGroup.Service, ["delivery"] = IndicatorGroup.Service, ["after_sale"] = IndicatorGroup.Service,
        ["price"] = IndicatorGroup.Price, ["promotion"] = IndicatorGroup.Price,
        ["brand"] = IndicatorGroup.Image, ["social_responsibility"] = IndicatorGroup.Image,
        ["overall"] = IndicatorGroup.Satisfaction, ["loyalty"] = IndicatorGroup.Satisfaction, ["recommend"] = IndicatorGroup.Satisfaction,
    };

    /// <summary>The weights of the groups when a survey has none of its own.</summary>
    public static IReadOnlyDictionary<IndicatorGroup, double> DefaultWeights { get; } = new Dictionary<IndicatorGroup, double>
    {
        [IndicatorGroup.ProductQuality] = 0.25, [IndicatorGroup.Service] = 0.30, [IndicatorGroup.Price] = 0.15, [IndicatorGroup.Image] = 0.10, [IndicatorGroup.Satisfaction] = 0.20,
    };

    /// <summary>NPS of answers from 0 to 10: 9 and 10 promote, 0 to 6 detract; <c>null</c> without answers.</summary>
    public static NetPromoters? Nps(IReadOnlyCollection<int> scores)
    {
        if (scores.Count == 0) return null;
        var (promoters, detractors) = ((double)scores.Count(score => score >= 9) / scores.Count, (double)scores.Count(score => score <= 6) / scores.Count);
        var net = promoters - detractors;
        return new NetPromoters(net * 100, 1.96 * Math.Sqrt((promoters + detractors - net * net) / scores.Count) * 100, scores.Count);
    }

    /// <summary>CSAT of answers from 1 to 5: the share of 4 and 5 in percent; <c>null</c> without answers.</summary>
    public static double? Csat(IReadOnlyCollection<int> scores) => scores.Count == 0 ? null : 100.0 * scores.Count(score => score >= 4) / scores.Count;

    /// <summary>The index of the groups' means from 1 to 5; <c>null</c> without any.</summary>
    /// <param name="means">The mean of each group that has answers.</param>
    /// <param name="weights">The weight of each group.</param>
    public static SatisfactionIndex? Index(IReadOnlyDictionary<IndicatorGroup, double> means, IReadOnlyDictionary<IndicatorGroup, double> weights)
    {
        var carried = means.Keys.Sum(group => weights.GetValueOrDefault(group));
        if (carried <= 0) return null;
        return new SatisfactionIndex(means.Sum(mean => weights.GetValueOrDefault(mean.Key) * (mean.Value - 1) / 4) / carried * 100,
            [.. weights.Keys.Where(group => weights[group] > 0 && !means.ContainsKey(group)).Order()]);
    }
}
