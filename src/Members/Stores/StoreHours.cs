using Engagement.Storage;

namespace Engagement.Members.Stores;

/// <summary>A span of a weekday in minutes of the day.</summary>
/// <param name="Weekday">1 is Monday, 7 is Sunday.</param>
/// <param name="Opens">The first minute.</param>
/// <param name="Closes">The first minute after it; 1440 is midnight. A night shift ends there and goes on the next day.</param>
public readonly record struct OpeningHours(int Weekday, int Opens, int Closes);

/// <summary>A civil day whose hours differ from those of its weekday.</summary>
/// <param name="Day">The day.</param>
/// <param name="Opens">The first minute; with <paramref name="Closes"/> both 0 on a day on which the store is closed.</param>
/// <param name="Closes">The first minute after it.</param>
public readonly record struct SpecialDay(int Day, int Opens, int Closes);

/// <summary>A registered pharmacist's hours in a store.</summary>
/// <param name="Weekday">1 is Monday, 7 is Sunday.</param>
/// <param name="From">The first minute.</param>
/// <param name="Until">The first minute after it.</param>
/// <param name="Pharmacist">The name, as it hangs in the shop.</param>
/// <param name="LicenceNo">The number of the registration.</param>
public sealed record PharmacistDuty(int Weekday, int From, int Until, string Pharmacist, string LicenceNo);

/// <summary>A branch as members see it.</summary>
public sealed record StorePlace
{
    /// <summary>Minutes of a day.</summary>
    public const int DayMinutes = 1440;

    /// <summary>Its id.</summary>
    public required StoreId Id { get; init; }

    /// <summary>The chain's own code.</summary>
    public required string Code { get; init; }

    /// <summary>The name on the door.</summary>
    public required string Name { get; init; }

    /// <summary>The city, which is its region.</summary>
    public required string City { get; init; }

    /// <summary>Where it is.</summary>
    public string Address { get; init; } = "";

    /// <summary>Its telephone.</summary>
    public string Phone { get; init; } = "";

    /// <summary>What an editor must have seen.</summary>
    public long Version { get; init; } = 1;

    /// <summary>The hours of a week.</summary>
    public IReadOnlyList<OpeningHours> Hours { get; init; } = [];

    /// <summary>Days that differ.</summary>
    public IReadOnlyList<SpecialDay> SpecialDays { get; init; } = [];

    /// <summary>The roster of pharmacists.</summary>
    public IReadOnlyList<PharmacistDuty> Duties { get; init; } = [];

    /// <summary>Whether it is open at an instant; <c>null</c> when nobody has entered its hours.</summary>
    public bool? IsOpen(DateTimeOffset at)
    {
        var (day, weekday, minute) = Split(at);
        var special = SpecialDays.Where(one => one.Day == day).ToList();
        if (special.Count > 0) return special.Exists(one => minute >= one.Opens && minute < one.Closes);
        return Hours.Count == 0 ? null : Hours.Any(one => one.Weekday == weekday && minute >= one.Opens && minute < one.Closes);
    }

    /// <summary>Who is on duty at an instant; <c>null</c> is nobody, and then prescription and class-A OTC medicines are not sold. Nobody is on duty in a closed store.</summary>
    public PharmacistDuty? OnDuty(DateTimeOffset at)
    {
        if (IsOpen(at) == false) return null;
        var (_, weekday, minute) = Split(at);
        return Duties.FirstOrDefault(duty => duty.Weekday == weekday && minute >= duty.From && minute < duty.Until);
    }

    /// <summary>The name of the first field that is wrong, or <c>null</c>.</summary>
    internal string? Fault() =>
        Name.Trim().Length is 0 or > 100 ? "name"
        : City.Length > 50 ? "city"
        : Address.Length > 200 ? "address"
        : Phone.Length > 32 || Phone.Any(c => !char.IsAsciiDigit(c) && c is not ('-' or '+' or ' ' or '(' or ')')) ? "phone"
        : Hours.Count > 50 || Hours.Any(one => !IsWeekday(one.Weekday) || !IsSpan(one.Opens, one.Closes)) || Overlap(Hours.Select(one => (one.Weekday, one.Opens, one.Closes))) ? "hours"
        : SpecialDays.Count > 400 || SpecialDays.Any(one => !IsSpan(one.Opens, one.Closes) && (one.Opens, one.Closes) != (0, 0)) || Overlap(SpecialDays.Select(one => (one.Day, one.Opens, one.Closes))) ? "specialDays"
        : Duties.Count > 200 || Duties.Any(one => !IsWeekday(one.Weekday) || !IsSpan(one.From, one.Until) || one.Pharmacist.Trim().Length is 0 or > 50 || one.LicenceNo.Trim().Length is 0 or > 64)
          || Duties.DistinctBy(one => (one.Weekday, one.From, one.LicenceNo)).Count() < Duties.Count ? "duties"
        : null;

    private static bool IsWeekday(int weekday) => weekday is >= 1 and <= 7;

    private static bool IsSpan(int from, int until) => from >= 0 && from < until && until <= DayMinutes;

    private static bool Overlap(IEnumerable<(int Day, int From, int Until)> spans) => spans.GroupBy(span => span.Day).Select(day => day.OrderBy(span => span.From).ToList())
        .Any(day => day.Zip(day.Skip(1)).Any(pair => pair.First.Until > pair.Second.From || pair.First.From == pair.Second.From));

    private static (int Day, int Weekday, int Minute) Split(DateTimeOffset at)
    {
        var local = ChinaTime.In(at);
        return (ChinaTime.DayOf(at), local.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)local.DayOfWeek, local.Hour * 60 + local.Minute);
    }
}
