using Engagement.Members.Products;

namespace Engagement.Members.CarePlans;

/// <summary>The state of a therapy line.</summary>
public enum TherapyState
{
    /// <summary>The member takes it and is reminded.</summary>
    Active = 1,

    /// <summary>Somebody ended it; a new fill starts it again.</summary>
    Stopped = 2,

    /// <summary>Nobody knows how many a day are taken: no reminder, but a task to complete the dose.</summary>
    DoseUnknown = 3,
}

/// <summary>Whom a therapy line comes from.</summary>
public enum TherapySource
{
    /// <summary>Purchases.</summary>
    Tickets = 1,

    /// <summary>A pharmacist entered it.</summary>
    Pharmacist = 2,

    /// <summary>The member did.</summary>
    Member = 3,
}

/// <summary>One purchase line of a long-term medicine.</summary>
/// <param name="LineId">The purchase line.</param>
/// <param name="Day">The business day.</param>
/// <param name="Product">What was bought.</param>
/// <param name="Quantity">Packs; negative on a refund.</param>
/// <param name="DaysSupply">Days that the line supplies, when the till said so.</param>
/// <param name="OriginalLineId">On a refund, the line that was sold.</param>
internal sealed record TherapyPurchase(long LineId, int Day, Product Product, int Quantity, int? DaysSupply, long? OriginalLineId);

/// <summary>What a member's purchases of one medicine add up to.</summary>
/// <param name="Product">The product of the latest fill: its dose counts from now on.</param>
/// <param name="FirstFillDay">The first day with a fill that was kept.</param>
/// <param name="LastFillDay">The last one.</param>
/// <param name="CoverageEnd">The last covered day; the day before the last fill when its dose is unknown and nothing was left over.</param>
/// <param name="DoseKnown">Whether the latest fill's dose is known.</param>
internal readonly record struct TherapySupply(Product? Product, int FirstFillDay, int LastFillDay, int CoverageEnd, bool DoseKnown)
{
    /// <summary>Units a day in thousandths as somebody stated them; <c>null</c> when only the product says.</summary>
    public int? StatedDose { get; init; }

    /// <summary>Whether somebody ended it and nothing was bought since.</summary>
    public bool Stopped { get; init; }

    /// <summary>The day for which the member asked to be reminded again.</summary>
    public int? RemindOn { get; init; }

    /// <summary>Whom the line comes from.</summary>
    public TherapySource Source { get; init; } = TherapySource.Tickets;

    /// <summary>Whether people have said something of it.</summary>
    public bool Stated { get; init; }

    /// <summary>Units a day in thousandths, when known.</summary>
    public int? UnitsPerDayMilli => StatedDose ?? Product?.UnitsPerDayMilli;

    /// <summary>Adds up all purchases of one therapy key, in any order; <c>null</c> when everything went back.</summary>
    public static TherapySupply? Of(IReadOnlyCollection<TherapyPurchase> purchases) => TherapyHistory.Of(purchases, [], static _ => null).Supply;

    /// <summary>The supply after the fills of one more day, which must be later than those before.</summary>
    public static TherapySupply After(TherapySupply? before, int day, IReadOnlyCollection<KeptFill> fills)
    {
        var days = DaysOf(fills, static product => product.UnitsPerDayMilli);
        var last = fills.MaxBy(f => f.Purchase.LineId).Purchase.Product;
        return new TherapySupply(last, before?.FirstFillDay ?? day, day, Coverage.Extend(before?.CoverageEnd, new Fill(day, days ?? 0)), days is not null);
    }

    // Packs of one day are added before whole days are counted: two packs of 28 at 1.5 a day last 37 days, not 36.
    public static int? DaysOf(IReadOnlyCollection<KeptFill> fills, Func<Product, int?> dose)
    {
        long days = 0;
        foreach (var group in fills.GroupBy(f => (f.Purchase.DaysSupply is not null, Dose: dose(f.Purchase.Product))))
        {
            if (group.Key.Item1)
            {
                days += group.Sum(f => (long)f.Purchase.DaysSupply!.Value * f.Packs / f.Purchase.Quantity);
                continue;
            }

            if (group.Any(f => f.Purchase.Product.PackUnits is null)) return null;
            if (Coverage.DaysSupply(group.Sum(f => (long)f.Packs * f.Purchase.Product.PackUnits!.Value), group.Key.Dose) is not { } supplied) return null;
            days += supplied;
        }

        return (int)Math.Min(days, int.MaxValue / 4);
    }

    // A refund takes its packs from the line that sold them; a blind one from the latest fills up to its day among those that were known
    // when it came (ids rise in the order of arrival). So a fill that arrives later is never touched by it, and lines can be extended.
    public static List<KeptFill> Kept(IReadOnlyCollection<TherapyPurchase> purchases)
    {
        var packs = purchases.Where(p => p.Quantity > 0).ToDictionary(p => p.LineId, p => p.Quantity);
        var sales = purchases.Where(p => p.Quantity > 0).OrderBy(p => p.Day).ThenBy(p => p.LineId).ToList();
        foreach (var refund in purchases.Where(p => p.Quantity < 0).OrderBy(p => p.LineId))
        {
            var left = -refund.Quantity;
            if (refund.OriginalLineId is { } original && packs.TryGetValue(original, out var sold))
            {
                packs[original] = Math.Max(0, sold - left);
                continue;
            }

            for (var i = sales.Count - 1; i >= 0 && left > 0; i--)
            {
                if (sales[i].Day > refund.Day || sales[i].LineId > refund.LineId) continue;
                var taken = Math.Min(left, packs[sales[i].LineId]);
                packs[sales[i].LineId] -= taken;
                left -= taken;
            }
        }

        return [.. sales.Where(s => packs[s.LineId] > 0).Select(s => new KeptFill(s, packs[s.LineId]))];
    }
}

/// <summary>A fill and how many of its packs were kept.</summary>
internal readonly record struct KeptFill(TherapyPurchase Purchase, int Packs);
