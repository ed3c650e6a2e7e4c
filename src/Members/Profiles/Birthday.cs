namespace Engagement.Members.Profiles;

/// <summary>A birthday; many people tell the day and keep the year to themselves.</summary>
/// <param name="Year">The year, when known.</param>
/// <param name="Month">1 to 12.</param>
/// <param name="Day">1 to 31; 29 February exists also without a year.</param>
public readonly record struct Birthday(int? Year, int Month, int Day)
{
    private const int EarliestYear = 1900;

    /// <summary>Month × 100 + day, the form that is looked up.</summary>
    public int MonthDay => Month * 100 + Day;

    /// <summary>Reads yyyy-mm-dd, yyyymmdd, yyyy/m/d, yyyy年m月d日, mm-dd or m月d日.</summary>
    /// <param name="text">As typed.</param>
    /// <param name="today">The civil date today: nobody is born later.</param>
    /// <param name="birthday">The birthday.</param>
    /// <param name="fault">Why there is none.</param>
    public static bool TryParse(string? text, DateOnly today, out Birthday birthday, out BirthdayFault fault)
    {
        birthday = default;
        fault = BirthdayFault.None;
        if (string.IsNullOrWhiteSpace(text)) fault = BirthdayFault.Missing;
        else if (text.Contains('农') || text.Contains('阴') || text.Contains('闰') || text.Contains("lunar", StringComparison.OrdinalIgnoreCase)) fault = BirthdayFault.Lunar;
        else if (!CivilDate.TryParts(text, out var year, out var month, out var day)) fault = BirthdayFault.Format;
        else if (!CivilDate.TryMake(year ?? 2000, month, day, out var date) || year < EarliestYear) fault = BirthdayFault.Impossible;
        else if (year is not null && date > today) fault = BirthdayFault.Future;
        else if (month == 1 && day == 1 && year is 1900 or 1970) fault = BirthdayFault.Placeholder;
        else birthday = new Birthday(year, month, day);
        return fault == BirthdayFault.None;
    }

    /// <summary>Masked: a birthday tells who somebody is.</summary>
    public override string ToString() => "(birthday)";
}

/// <summary>Why a written birthday is none.</summary>
public enum BirthdayFault
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>Nothing was written.</summary>
    Missing = 1,

    /// <summary>Not a date in a form that we read.</summary>
    Format = 2,

    /// <summary>The calendar has no such day, or it is before 1900.</summary>
    Impossible = 3,

    /// <summary>After today.</summary>
    Future = 4,

    /// <summary>1900-01-01 or 1970-01-01: what systems write when they know nothing.</summary>
    Placeholder = 5,

    /// <summary>Marked as lunar: not converted silently.</summary>
    Lunar = 6,
}
