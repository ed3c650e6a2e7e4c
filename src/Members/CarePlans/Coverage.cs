namespace Engagement.Members.CarePlans;

/// <summary>A supply that a member took home.</summary>
/// <param name="Day">The civil day of the purchase.</param>
/// <param name="Days">How many days it lasts.</param>
public readonly record struct Fill(int Day, int Days);

/// <summary>Days in a row.</summary>
/// <param name="First">The first day.</param>
/// <param name="Last">The last day, included.</param>
public readonly record struct DayRange(int First, int Last)
{
    /// <summary>How many days.</summary>
    public int Days => Last - First + 1;
}

/// <summary>The arithmetic of supply (domain 3.5, 5.2): who has medicine for which days.</summary>
public static class Coverage
{
    /// <summary>How many whole days some units last; <c>null</c> when nobody knows how many a day are taken.</summary>
    /// <param name="units">Units (tablets) taken home; what is not positive lasts no day.</param>
    /// <param name="unitsPerDayMilli">Units a day in thousandths.</param>
    public static int? DaysSupply(long units, int? unitsPerDayMilli) =>
        unitsPerDayMilli is not > 0 ? null : (int)Math.Min(int.MaxValue / 4, Math.Max(0, units) * 1000 / unitsPerDayMilli.Value);

    /// <summary>The last covered day after one more fill: what is left over is used up first.</summary>
    /// <param name="end">The last covered day before, or <c>null</c> for the first fill.</param>
    /// <param name="fill">The fill, not earlier than those before it.</param>
    public static int Extend(int? end, Fill fill) => Math.Max(end ?? int.MinValue, fill.Day - 1) + fill.Days;

    /// <summary>The last day that the fills of one medicine cover, or <c>null</c> without any. They may come in any order.</summary>
    public static int? End(IEnumerable<Fill> fills)
    {
        int? end = null;
        foreach (var fill in fills.OrderBy(f => f.Day)) end = Extend(end, fill);
        return end;
    }

    /// <summary>The covered days of one medicine: an early refill starts the day after the old supply ends. Touching ranges are joined.</summary>
    public static IReadOnlyList<DayRange> Intervals(IEnumerable<Fill> fills)
    {
        var ranges = new List<DayRange>();
        int? end = null;
        foreach (var fill in fills.Where(f => f.Days > 0).OrderBy(f => f.Day))
        {
            var next = Extend(end, fill);
            if (end is { } last && fill.Day <= last + 1) ranges[^1] = ranges[^1] with { Last = next };
            else ranges.Add(new DayRange(fill.Day, next));
            end = next;
        }

        return ranges;
    }
}
