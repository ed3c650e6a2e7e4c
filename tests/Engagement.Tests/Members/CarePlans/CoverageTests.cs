using Engagement.Members.CarePlans;
using Engagement.Storage;

namespace Engagement.Tests.Members.CarePlans;

public sealed class CoverageTests
{
    private static int Day(string date) => ChinaTime.DayOf(DateOnly.Parse(date));

    [Theory]
    [InlineData(28, 1000, 28)]
    [InlineData(28, 1500, 18)]
    [InlineData(60, 3000, 20)]
    [InlineData(7, 500, 14)]
    [InlineData(0, 1000, 0)]
    [InlineData(-28, 1000, 0)]
    public void Days_supply_is_whole_days(long units, int perDay, int days) => Assert.Equal(days, Coverage.DaysSupply(units, perDay));

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(-1)]
    public void Without_a_known_dose_nobody_knows(int? perDay) => Assert.Null(Coverage.DaysSupply(28, perDay));

    [Fact]
    public void Thirty_days_from_new_year_end_on_the_thirtieth() =>
        Assert.Equal(Day("2026-01-30"), Coverage.End([new Fill(Day("2026-01-01"), 30)]));

    [Fact]
    public void Nothing_filled_covers_nothing() => Assert.Null(Coverage.End([]));

    [Fact]
    public void An_early_refill_starts_when_the_old_supply_ends()
    {
        Fill[] fills = [new(Day("2026-01-01"), 30), new(Day("2026-01-25"), 30), new(Day("2026-03-20"), 30)];

        Assert.Equal(
            [new DayRange(Day("2026-01-01"), Day("2026-03-01")), new DayRange(Day("2026-03-20"), Day("2026-04-18"))],
            Coverage.Intervals(fills));
        Assert.Equal(Day("2026-04-18"), Coverage.End(fills));
    }

    [Fact]
    public void Two_packs_on_one_day_add_up() =>
        Assert.Equal(Coverage.End([new Fill(100, 60)]), Coverage.End([new Fill(100, 30), new Fill(100, 30)]));

    [Fact]
    public void Coverage_keeps_its_promises_for_any_fills()
    {
        var random = new Random(42);
        for (var round = 0; round < 2000; round++)
        {
            var fills = Enumerable.Range(0, random.Next(1, 12)).Select(_ => new Fill(random.Next(0, 300), random.Next(0, 60))).ToList();
            var ranges = Coverage.Intervals(fills);

            // No day of supply is lost or made: what is covered is what was supplied.
            Assert.Equal(fills.Sum(f => f.Days), ranges.Sum(r => r.Days));
            // Ranges are apart and in order; each starts on a day of purchase.
            Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.True(pair.First.Last + 1 < pair.Second.First));
            Assert.All(ranges, range => Assert.Contains(fills, f => f.Day == range.First));
            // The order of arrival does not matter.
            var shuffled = fills.ToArray();
            random.Shuffle(shuffled);
            Assert.Equal(ranges, Coverage.Intervals(shuffled));
            if (ranges.Count > 0) Assert.True(Coverage.End(fills) >= ranges[^1].Last);
            // A day-by-day model agrees.
            Assert.Equal(Model(fills), ranges.SelectMany(r => Enumerable.Range(r.First, r.Days)));
        }
    }

    // Fill dates of the first four: the Pharmacy Quality Alliance's public examples.
    [Theory]
    [InlineData("2018-01-01", "2018-12-31", "a 2018-01-01 90, b 2018-04-01 90", 180, 365, 49.32, 49.32)]
    [InlineData("2018-01-01", "2018-12-31", "a 2018-01-01 90, b 2018-01-01 90", 90, 365, 24.66, 49.32)]
    [InlineData("2018-01-01", "2018-12-31", "a 2018-03-25 90, a 2018-07-05 90, a 2018-09-25 90", 270, 282, 95.74, 95.74)]
    [InlineData("2018-01-01", "2018-12-31", "a 2018-01-01 90, a 2018-03-25 90, a 2018-07-05 90, a 2018-10-15 90", 348, 365, 95.34, 98.63)]
    [InlineData("2026-01-01", "2026-03-31", "a 2026-01-01 30, a 2026-01-25 30, a 2026-03-20 30", 72, 90, 80.00, 100.00)]
    public void Adherence_reproduces_the_published_examples(string start, string end, string fills, int covered, int days, double pdc, double mpr)
    {
        var medicines = fills.Split(", ").Select(f => f.Split(' ')).GroupBy(f => f[0], f => new Fill(Day(f[1]), int.Parse(f[2])));

        var adherence = Adherence.Measure(medicines, new DayRange(Day(start), Day(end)))!.Value;

        Assert.Equal((covered, days), (adherence.CoveredDays, adherence.PeriodDays));
        Assert.Equal(pdc, adherence.Pdc * 100, 0.005);
        Assert.Equal(mpr, adherence.Mpr * 100, 0.005);
    }

    [Fact]
    public void Nothing_filled_in_the_period_is_no_measure() => Assert.Null(Adherence.Measure([[new Fill(5, 30)]], new DayRange(100, 200)));

    // Every day one unit is taken if there is one; purchases of the day come first.
    private static IEnumerable<int> Model(List<Fill> fills)
    {
        var stock = 0;
        for (var day = 0; day < 2000; day++)
        {
            stock += fills.Where(f => f.Day == day).Sum(f => f.Days);
            if (stock-- > 0) yield return day;
            else stock = 0;
        }
    }
}
