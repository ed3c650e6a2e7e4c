using Engagement.Members.CarePlans;
using Engagement.Members.Products;

namespace Engagement.Tests.Members.CarePlans;

public sealed class TherapyHistoryTests
{
    private static readonly Product s_known = new(1, "AML28", "a|5mg", 28, 1000, false);
    private static readonly Product s_unknown = new(2, "WAR", "w|2.5mg", 60, null, false);

    private long _id;

    [Fact]
    public void Still_having_some_sets_the_end_whatever_the_sum_says()
    {
        Assert.Equal(109, Of([Buy(50)], Said(StatementKind.StillHave, 100, days: 10)).CoverageEnd);
        Assert.Equal(104, Of([Buy(100)], Said(StatementKind.StillHave, 100, days: 5)).CoverageEnd);
    }

    [Fact]
    public void A_purchase_after_the_answer_is_added_to_it() => Assert.Equal(109 + 28, Of([Buy(50), Buy(105)], Said(StatementKind.StillHave, 100, days: 10)).CoverageEnd);

    [Fact]
    public void A_ticket_of_the_same_day_counts_by_who_came_first()
    {
        var before = Buy(100);
        var said = Said(StatementKind.StillHave, 100, days: 10);
        var after = Buy(100);

        Assert.Equal(109, Of([before], said).CoverageEnd);
        Assert.Equal(109 + 28, Of([after], said).CoverageEnd);
    }

    [Fact]
    public void Bought_elsewhere_carries_over_what_is_left() => Assert.Equal(77 + 30, Of([Buy(50)], Said(StatementKind.Bought, 70, days: 30)).CoverageEnd);

    [Theory]
    [InlineData(103, 103 + 28 - 1)]
    [InlineData(104, 100 + 28 + 28 - 1)]
    public void The_ticket_of_what_was_said_to_be_bought_is_not_counted_twice(int ticketDay, int end) =>
        Assert.Equal(end, Of([Buy(50), Buy(ticketDay)], Said(StatementKind.Bought, 100, days: 28)).CoverageEnd);

    [Fact]
    public void Stopped_stays_stopped_until_something_is_bought_later()
    {
        Assert.True(Of([Buy(50)], Said(StatementKind.Stopped, 60)).Stopped);
        Assert.True(Of([Buy(50), Buy(55)], Said(StatementKind.Stopped, 60)).Stopped);
        Assert.False(Of([Buy(50), Buy(61)], Said(StatementKind.Stopped, 60)).Stopped);
    }

    [Fact]
    public void Later_waits_three_days_and_a_purchase_ends_the_wait()
    {
        Assert.Equal(103, Of([Buy(70)], Said(StatementKind.Later, 100)).RemindOn);
        Assert.Null(Of([Buy(70), Buy(101)], Said(StatementKind.Later, 100)).RemindOn);
    }

    [Fact]
    public void A_dose_that_is_completed_counts_for_what_was_bought_before()
    {
        var purchase = new TherapyPurchase(++_id, 50, s_unknown, 1, null, null);

        Assert.False(TherapyHistory.Of([purchase], [], _ => null).Supply!.Value.DoseKnown);
        var completed = Of([purchase], Said(StatementKind.Dose, 60, dose: 2000));
        Assert.True(completed.DoseKnown);
        Assert.Equal(50 + 30 - 1, completed.CoverageEnd);
    }

    [Fact]
    public void A_changed_dose_stretches_what_is_left()
    {
        // 28 tablets on day 50; on day 60 eighteen are left, and two a day are taken from now on.
        var supply = Of([Buy(50)], Said(StatementKind.Dose, 60, dose: 2000));

        Assert.Equal(60 + 9 - 1, supply.CoverageEnd);
        Assert.Equal(2000, supply.UnitsPerDayMilli);
    }

    [Fact]
    public void The_first_dose_that_is_told_changes_no_days_that_were_told_and_the_second_does()
    {
        // A pharmacist writes down twenty days that are left, and half a tablet a day.
        TherapyStatement[] entered = [Said(StatementKind.StillHave, 100, days: 20), Said(StatementKind.Dose, 100, dose: 500)];
        Assert.Equal(119, Of([Buy(50)], entered).CoverageEnd);
        Assert.Equal(109, Of([Buy(50)], [.. entered, Said(StatementKind.Dose, 100, dose: 1000)]).CoverageEnd);

        // The prescription says fourteen days; the member says two a day.
        Assert.Equal(63, Of([Buy(50) with { DaysSupply = 14 }], Said(StatementKind.Dose, 50, dose: 2000)).CoverageEnd);
    }

    [Fact]
    public void A_new_pack_lasts_as_long_as_the_new_dose_says() => Assert.Equal(90 + 14 - 1, Of([Buy(50), Buy(90)], Said(StatementKind.Dose, 80, dose: 2000)).CoverageEnd);

    [Fact]
    public void When_everything_went_back_nothing_is_taken_whatever_was_said_of_the_dose()
    {
        var bought = Buy(50);
        var back = new TherapyPurchase(++_id, 52, s_known, -1, null, bought.LineId);

        Assert.True(Of([bought, back], Said(StatementKind.Dose, 51, dose: 1000)).Stopped);
        Assert.Null(TherapyHistory.Of([bought, back], [], _ => null).Supply);
    }

    [Fact]
    public void What_the_member_enters_needs_no_ticket()
    {
        var supply = Of([], Said(StatementKind.Entered, 100, days: 20));

        Assert.Equal((119, true, TherapySource.Member), (supply.CoverageEnd, supply.DoseKnown, supply.Source));
        Assert.False(Of([], Said(StatementKind.Entered, 100)).DoseKnown);
    }

    [Fact]
    public void Without_statements_it_is_the_sum_of_the_purchases()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var purchases = Enumerable.Range(0, random.Next(1, 9)).Select(_ => Buy(random.Next(0, 200), random.Next(1, 3))).ToList();
            var fills = purchases.GroupBy(p => p.Day).Select(day => new Fill(day.Key, day.Sum(p => p.Quantity) * 28));

            Assert.Equal(Coverage.End(fills), TherapyHistory.Of(purchases, [], _ => null).Supply!.Value.CoverageEnd);
        }
    }

    private static TherapySupply Of(List<TherapyPurchase> purchases, params TherapyStatement[] said) => TherapyHistory.Of(purchases, said, _ => null).Supply!.Value;

    private TherapyPurchase Buy(int day, int packs = 1) => new(++_id, day, s_known, packs, null, null);

    private TherapyStatement Said(StatementKind kind, int day, int? days = null, int? dose = null) => new(++_id, kind, day) { Days = days, UnitsPerDayMilli = dose };
}
