namespace Engagement.Members.Points;

/// <summary>How near to a birthday something holds.</summary>
public enum BirthdayWindow
{
    /// <summary>On the day.</summary>
    Day = 1,

    /// <summary>From seven days before to seven days after.</summary>
    Week = 2,

    /// <summary>In the month.</summary>
    Month = 3,
}

/// <summary>Birthdays in the calendar.</summary>
public static class BirthdayDates
{
    private const int WeekDays = 7;

    /// <summary>The birthday in a year; 29 February is kept on the 28th in a common year.</summary>
    /// <param name="birthMonthDay">Month × 100 + day.</param>
    /// <param name="year">The year.</param>
    public static DateOnly In(int birthMonthDay, int year)
    {
        var (month, day) = (birthMonthDay / 100, birthMonthDay % 100);
        return new DateOnly(year, month, Math.Min(day, DateTime.DaysInMonth(year, month)));
    }

    /// <summary>The first and the last day of the window around the birthday in a year.</summary>
    public static (DateOnly From, DateOnly Until) Around(int birthMonthDay, int year, BirthdayWindow window)
    {
        var day = In(birthMonthDay, year);
        return window switch
        {
            BirthdayWindow.Day => (day, day),
            BirthdayWindow.Month => (new DateOnly(year, day.Month, 1), new DateOnly(year, day.Month, DateTime.DaysInMonth(year, day.Month))),
            BirthdayWindow.Week => (day.AddDays(-WeekDays), day.AddDays(WeekDays)),
        };
    }

    /// <summary>The year of the birthday in whose window the date lies, or <c>null</c>.</summary>
    /// <remarks>Around New Year this is not the date's own year: 28 December may lie in the window of 2 January.</remarks>
    public static int? YearServed(int birthMonthDay, DateOnly date, BirthdayWindow window) => window switch
    {
        BirthdayWindow.Day => In(birthMonthDay, date.Year) == date ? date.Year : null,
        BirthdayWindow.Month => birthMonthDay / 100 == date.Month ? date.Year : null,
        BirthdayWindow.Week => Enumerable.Range(date.Year - 1, 3).Cast<int?>()
            .FirstOrDefault(year => Math.Abs(In(birthMonthDay, year!.Value).DayNumber - date.DayNumber) <= WeekDays),
    };
}
