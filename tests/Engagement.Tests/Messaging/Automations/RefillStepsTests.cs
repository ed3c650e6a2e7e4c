using Engagement.Messaging.Automations;

namespace Engagement.Tests.Messaging.Automations;

/// <summary>On which day which reminder is due.</summary>
public sealed class RefillStepsTests
{
    private const int End = 20_500;

    public static TheoryData<int, int?> Days => new()
    {
        { -20, null }, { -19, null }, { -18, null }, { -17, null }, { -16, null }, { -15, null }, { -14, null }, { -13, null }, { -12, null }, { -11, null },
        { -10, null }, { -9, null }, { -8, null }, { -7, -7 }, { -6, -7 }, { -5, -7 }, { -4, -7 }, { -3, -3 }, { -2, -3 }, { -1, -3 }, { 0, -3 },
        { 1, 1 }, { 2, 1 }, { 3, null }, { 4, null }, { 5, null }, { 6, null }, { 7, null }, { 8, null }, { 9, null }, { 10, null },
    };

    [Theory]
    [MemberData(nameof(Days))]
    public void A_day_has_one_step_or_none(int day, int? step) => Assert.Equal(step, RefillSteps.DueOn(End + day, End));

    [Theory]
    [InlineData(-7)]
    [InlineData(-3)]
    [InlineData(1)]
    public void A_window_begins_on_its_day_and_ends_where_it_says(int step)
    {
        var days = Days.Where(row => row[1] is int due && due == step).Select(row => (int)row[0]!).ToList();

        Assert.Equal(step, days[0]);
        Assert.Equal(End + days[^1], RefillSteps.WindowEnd(End, step));
        Assert.Equal(days.Count, days[^1] - days[0] + 1);
    }

    [Fact]
    public void A_step_that_does_not_exist_is_an_error() => Assert.Throws<ArgumentOutOfRangeException>(() => RefillSteps.WindowEnd(End, 3));

    [Fact]
    public void The_key_tells_lines_ends_and_steps_apart()
    {
        var keys = from line in (long[])[1, 11] from end in (int[])[1, 11] from step in (int[])[-7, -3, 1] select RefillSteps.Key(line, end, step);

        Assert.Equal(12, keys.Distinct().Count());
    }
}
