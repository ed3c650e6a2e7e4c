using Engagement.Members.Profiles;

namespace Engagement.Tests.Members.Profiles;

public sealed class BirthdayTests
{
    private static readonly DateOnly s_today = new(2026, 3, 10);

    [Theory]
    [InlineData("1964-02-29", 1964, 2, 29)]
    [InlineData("19640229", 1964, 2, 29)]
    [InlineData("1964/2/9", 1964, 2, 9)]
    [InlineData("1964.2.9", 1964, 2, 9)]
    [InlineData("1964年2月9日", 1964, 2, 9)]
    [InlineData("1964-02-09 00:00:00", 1964, 2, 9)]
    [InlineData("1964-02-09 星期日", 1964, 2, 9)]
    [InlineData("02-29", null, 2, 29)]
    [InlineData("2/9", null, 2, 9)]
    [InlineData("2月9日", null, 2, 9)]
    [InlineData("--02-09", null, 2, 9)]
    [InlineData("2026-03-10", 2026, 3, 10)]
    public void Common_forms_are_read_and_the_year_may_be_missing(string text, int? year, int month, int day)
    {
        Assert.True(Birthday.TryParse(text, s_today, out var birthday, out var fault), fault.ToString());
        Assert.Equal(new Birthday(year, month, day), birthday);
        Assert.Equal(month * 100 + day, birthday.MonthDay);
    }

    [Theory]
    [InlineData("2018-02-29", BirthdayFault.Impossible)]
    [InlineData("1964-13-01", BirthdayFault.Impossible)]
    [InlineData("1899-12-31", BirthdayFault.Impossible)]
    [InlineData("02-30", BirthdayFault.Impossible)]
    [InlineData("2026-03-11", BirthdayFault.Future)]
    [InlineData("1900-01-01", BirthdayFault.Placeholder)]
    [InlineData("1970-01-01", BirthdayFault.Placeholder)]
    [InlineData("农历1964-02-09", BirthdayFault.Lunar)]
    [InlineData("不详", BirthdayFault.Format)]
    [InlineData("64-02-09", BirthdayFault.Format)]
    [InlineData("1964-02", BirthdayFault.Impossible)]
    [InlineData(" ", BirthdayFault.Missing)]
    public void What_is_no_birthday_says_why(string text, BirthdayFault expected)
    {
        Assert.False(Birthday.TryParse(text, s_today, out _, out var fault));
        Assert.Equal(expected, fault);
    }
}
