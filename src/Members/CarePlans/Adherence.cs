namespace Engagement.Members.CarePlans;

/// <summary>How well a member kept to the medicines of one class in a period.</summary>
/// <param name="CoveredDays">Days with at least one medicine of the class on hand.</param>
/// <param name="PeriodDays">Days of the period.</param>
/// <param name="SuppliedDays">Days' supply taken home in the period; may be more than it has days.</param>
public readonly record struct Adherence(int CoveredDays, int PeriodDays, int SuppliedDays)
{
    /// <summary>Proportion of days covered, 0 to 1.</summary>
    public double Pdc => (double)CoveredDays / PeriodDays;

    /// <summary>Medication possession ratio; may exceed 1.</summary>
    public double Mpr => (double)SuppliedDays / PeriodDays;

    /// <summary>Measures a class from its first fill in <paramref name="period"/> to the period's end.</summary>
    /// <param name="medicines">The fills of each medicine of the class. Within a medicine early refills shift; medicines are united.</param>
    /// <param name="period">The window; the measurement starts at the first fill in it.</param>
    /// <returns><c>null</c> when nothing was filled in the window.</returns>
    public static Adherence? Measure(IEnumerable<IEnumerable<Fill>> medicines, DayRange period)
    {
        var filled = medicines.Select(fills => fills.Where(f => f.Day >= period.First && f.Day <= period.Last).ToList()).Where(fills => fills.Count > 0).ToList();
        if (filled.Count == 0) return null;
        var window = period with { First = filled.Min(fills => fills.Min(f => f.Day)) };
        var covered = new bool[window.Days];
        foreach (var range in filled.SelectMany(Coverage.Intervals))
        {
            for (var day = range.First; day <= Math.Min(range.Last, window.Last); day++) covered[day - window.First] = true;
        }

        return new Adherence(covered.Count(c => c), window.Days, filled.Sum(fills => fills.Sum(f => f.Days)));
    }
}
