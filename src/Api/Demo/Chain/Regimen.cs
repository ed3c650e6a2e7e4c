using Engagement.Members.Imports;

namespace Engagement.Api.Demo.Chain;

/// <summary>A medicine that somebody takes every day, and how far the supply at home reaches.</summary>
internal sealed class Regimen(ProductRow product)
{
    // Long prescriptions supply at most twelve weeks.
    private const int LongestSupplyDays = 84;

    // How often a class is the one that a person with long-term medicines has.
    private static readonly (string Therapy, int Weight)[] s_classes =
    [
        ("hypertension", 24), ("hypertension_ras", 18), ("diabetes", 18), ("statin", 16), ("antiplatelet", 8), ("beta_blocker", 6),
        ("gout", 3), ("thyroid", 3), ("diuretic", 1), ("asthma", 1), ("anticoagulant", 1), ("acid", 1),
    ];

    private static readonly int[] s_weights = [.. s_classes.Select(c => c.Weight)];

    private int? _coveredTo;

    /// <summary>The pack that is bought.</summary>
    public ProductRow Product => product;

    /// <summary>One to four medicines, each of another class.</summary>
    public static List<Regimen> Draw(ProductList products, SeededStream random)
    {
        var wanted = 1 + random.Weighted([40, 34, 18, 8]);
        var chosen = new HashSet<string>(wanted);
        while (chosen.Count < wanted) chosen.Add(s_classes[random.Weighted(s_weights)].Therapy);
        return [.. s_classes.Where(c => chosen.Contains(c.Therapy)).Select(c => new Regimen(random.Pick(products.Therapies[c.Therapy])))];
    }

    /// <summary>
    /// The packs that a person takes home who will come again in <paramref name="gap"/> days: enough to bridge them, a few
    /// days more or less, or none when there is enough.
    /// </summary>
    public int Packs(int day, int gap, SeededStream random)
    {
        var pack = ProductList.SupplyDays(product);
        var atHome = Math.Max(0, (_coveredTo ?? day - 1) - day + 1);
        var needed = Math.Min(gap, LongestSupplyDays) - atHome + random.Jitter(4);
        if (needed <= 2) return 0;
        var packs = (needed + pack - 1) / pack;
        _coveredTo = Math.Max(_coveredTo ?? 0, day - 1) + packs * pack;
        return packs;
    }

    /// <summary>
    /// The days on which single packs were bought so that the supply ends exactly on <paramref name="coverageEnd"/>, oldest
    /// first. Each pack is bought a day or two after the one before is used up, so that nothing adds up.
    /// </summary>
    public static IReadOnlyList<int> FillDays(ProductRow product, int coverageEnd, int fills, int notBefore)
    {
        var pack = ProductList.SupplyDays(product);
        var days = new List<int> { coverageEnd - pack + 1 };
        while (days.Count < fills && days[^1] - pack - 1 >= notBefore) days.Add(days[^1] - pack - days.Count % 2);
        days.Reverse();
        return days;
    }
}
