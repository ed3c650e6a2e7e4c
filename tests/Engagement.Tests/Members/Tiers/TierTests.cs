using Engagement.Members;
using Engagement.Members.Points;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Engagement.Tests.Members.Points;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Tiers;

/// <summary>How a tier is worked out from days and money.</summary>
public sealed class TierArithmetic
{
    internal static readonly TierRules Published = new()
    {
        Levels = [new("普通会员", "Basic", 0), new("银卡", "Silver", 100_000), new("金卡", "Gold", 300_000)],
        ReviewMonths = 0, GraceDays = 0, RefundLoss = RefundLoss.AtOnce,
    };

    private static readonly TierRules s_yearly = Published with { ReviewMonths = 12, GraceDays = 30, RefundLoss = RefundLoss.AtReview };

    [Fact]
    public void The_published_vector_comes_out()
    {
        var tier = new MemberTier(1);
        Buy(800, 2026, 1, 10);
        Is(800, 0, 2026, 1, 10);
        Buy(400, 2026, 3, 15);
        Is(1200, 1, 2026, 3, 15);
        Buy(2000, 2026, 6, 1);
        Is(3200, 2, 2026, 6, 1);
        tier.Add(Published, Day(2026, 6, 1), -50_000, Day(2026, 6, 5));
        Is(2700, 1, 2026, 6, 5);
        Is(2700, 1, 2027, 1, 9);
        Is(1900, 1, 2027, 1, 10);
        Is(1500, 1, 2027, 3, 15);
        Is(0, 0, 2027, 6, 1);
        Assert.Equal([(1, TierReason.Reached), (2, TierReason.Reached), (1, TierReason.Refund), (0, TierReason.Review)], tier.Changes.Select(change => (change.Tier, change.Reason)));

        void Buy(long yuan, int year, int month, int day) => tier.Add(Published, Day(year, month, day), yuan * 100, Day(year, month, day));

        void Is(long yuan, int expected, int year, int month, int day)
        {
            tier.Advance(Published, Day(year, month, day));
            Assert.Equal((yuan * 100, expected), (tier.Window(Day(year, month, day)), tier.Tier));
        }
    }

    [Fact]
    public void A_tier_is_kept_to_its_review_and_through_the_days_of_grace()
    {
        var tier = Reached(3000, s_yearly);
        tier.Advance(s_yearly, Day(2027, 2, 8));
        Assert.Equal(2, tier.Tier);
        tier.Advance(s_yearly, Day(2027, 2, 9));
        Assert.Equal((0, Day(2027, 2, 9)), (tier.Tier, tier.Since));
    }

    [Fact]
    public void What_is_bought_in_the_days_of_grace_still_renews_it()
    {
        var tier = Reached(1000, s_yearly);
        tier.Add(s_yearly, Day(2027, 2, 1), 100_000, Day(2027, 2, 1));
        tier.Advance(s_yearly, Day(2027, 12, 1));
        Assert.Equal((1, Day(2028, 1, 10)), (tier.Tier, tier.ReviewDay));
    }

    [Fact]
    public void One_step_down_is_one_step_however_far_the_window_fell()
    {
        var rules = s_yearly with { Downgrade = DowngradePolicy.OneDown };
        var tier = Reached(3000, rules);
        tier.Advance(rules, Day(2027, 2, 9));
        Assert.Equal(1, tier.Tier);
        tier.Advance(rules, Day(2028, 3, 9));
        Assert.Equal(1, tier.Tier);
        tier.Advance(rules, Day(2028, 3, 10));
        Assert.Equal(0, tier.Tier);
    }

    [Fact]
    public void A_refund_may_leave_the_tier_until_its_review()
    {
        var tier = Reached(1000, s_yearly);
        tier.Add(s_yearly, Day(2026, 1, 10), -100_000, Day(2026, 1, 11));
        Assert.Equal((1, 0L), (tier.Tier, tier.Window(Day(2026, 1, 11))));
    }

    [Fact]
    public void Skipped_days_come_out_as_if_each_had_been_looked_at()
    {
        var (daily, late) = (Reached(3000, s_yearly), Reached(3000, s_yearly));
        for (var day = Day(2026, 1, 11); day <= Day(2029, 1, 1); day++) daily.Advance(s_yearly, day);
        late.Advance(s_yearly, Day(2029, 1, 1));
        Assert.Equal(daily.Changes, late.Changes);
    }

    [Fact]
    public void A_purchase_of_29_February_leaves_the_window_on_1_March()
    {
        var tier = new MemberTier(1);
        tier.Add(Published, Day(2028, 2, 29), 100_000, Day(2028, 2, 29));
        tier.Advance(Published, Day(2029, 2, 28));
        Assert.Equal(1, tier.Tier);
        tier.Advance(Published, Day(2029, 3, 1));
        Assert.Equal((0, Day(2029, 3, 1)), (tier.Tier, tier.Since));
    }

    private static MemberTier Reached(long yuan, TierRules rules)
    {
        var tier = new MemberTier(1);
        tier.Add(rules, Day(2026, 1, 10), yuan * 100, Day(2026, 1, 10));
        return tier;
    }

    private static int Day(int year, int month, int day) => ChinaTime.DayOf(new DateOnly(year, month, day));
}

/// <summary>From tickets to tiers.</summary>
public abstract class TierContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private PointsHouse _house = null!;
    private MemberId _member;

    public async Task InitializeAsync()
    {
        _house = await PointsHouse.OpenAsync(test);
        _member = await _house.MemberAsync("M1");
        await _house.StartAsync(new EarningRules { TierMilli = [1000, 1500, 2000] });
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task A_tier_is_reached_at_once_and_counts_from_the_next_ticket_on()
    {
        await RulesAsync(TierArithmetic.Published);
        await _house.BookAsync(_house.Sale("T1", 100_000));
        Assert.Equal((1000, 0, 0), await _house.AccountAsync(_member));

        await _house.BookAsync(_house.Sale("T2", 10_000));

        Assert.Equal((1150, 0, 0), await _house.AccountAsync(_member));
        var view = (await _house.Database.ReadAsync(session => _house.Tiers.OfAsync(session, _member), None))!;
        Assert.Equal((1, "银卡", 110_000L, 300_000L), (view.Tier, view.Name.Zh, view.WindowFen, view.NextThresholdFen!.Value));
    }

    [DatabaseFact]
    public async Task The_published_vector_comes_out_of_tickets_with_its_history()
    {
        await RulesAsync(TierArithmetic.Published);
        await BuyAsync(80_000, 1, 10);
        await BuyAsync(40_000, 3, 15);
        // Two lines, so that a part of it can come back.
        _house.Goto(2026, 6, 1);
        await _house.BookAsync(_house.Sale("T6", 150_000), _house.Sale("T6", 50_000, line: 2));
        _house.Goto(2026, 6, 5);
        await _house.BookAsync(_house.Refund("R6", 50_000, "T6", originalLine: 2));
        _house.Goto(2027, 6, 2);
        await _house.RunAsync();

        var history = await _house.Database.ReadAsync(session => TierReview.HistoryAsync(session, _member), None);
        Assert.Equal(
            [(1, Day(2026, 3, 15), Day(2026, 6, 1)), (2, Day(2026, 6, 1), Day(2026, 6, 5)), (1, Day(2026, 6, 5), Day(2027, 6, 1)), (0, Day(2027, 6, 1), null)],
            history.Select(period => (period.Tier, period.ValidFrom, period.ValidTo)));
    }

    [DatabaseFact]
    public async Task A_member_is_told_thirty_days_before_a_likely_loss_once()
    {
        await RulesAsync(TierArithmetic.Published with { ReviewMonths = 12, GraceDays = 10 });
        await BuyAsync(100_000, 1, 10);
        _house.Goto(2026, 12, 20);
        await _house.RunAsync();
        Assert.Equal(0, await ToldAsync());

        _house.Goto(2026, 12, 21);
        await _house.RunAsync();
        await _house.RunAsync();
        Assert.Equal(1, await ToldAsync());
        Assert.Contains($"\"{_member}\"", await _house.Pharmacy.ScalarAsync<string>("SELECT body FROM event WHERE kind = 'tier_downgrade_near'"));

        _house.Goto(2027, 1, 20);
        await _house.RunAsync();
        Assert.Equal(0, await _house.Pharmacy.ScalarAsync<int>("SELECT tier FROM member_tier WHERE member_id = @m", new { m = _member.Value }));
    }

    [DatabaseFact]
    public async Task A_ticket_that_comes_late_has_the_benefits_of_its_own_day()
    {
        await RulesAsync(TierArithmetic.Published);
        _house.Goto(2026, 1, 10);
        var late = _house.Sale("LATE", 10_000);
        await BuyAsync(100_000, 1, 12);

        await _house.BookAsync(late);

        Assert.Equal((1100, 0, 0), await _house.AccountAsync(_member));
    }

    [DatabaseFact]
    public async Task Prescription_products_buy_no_tier()
    {
        await RulesAsync(TierArithmetic.Published);

        await _house.BookAsync(_house.Sale("T1", 500_000, "AML28"), _house.Sale("T1", 99_999, line: 2));

        Assert.Equal(0, await _house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM member_tier"));
    }

    private async Task RulesAsync(TierRules rules) => Assert.Equal(RulesOutcome.Done, (await _house.TierRules.AddAsync(rules, _house.Pharmacy.Today, "hq", None)).Outcome);

    private async Task BuyAsync(long fen, int month, int day)
    {
        _house.Goto(2026, month, day);
        await _house.BookAsync(_house.Sale($"T{month}-{day}", fen));
    }

    private Task<long> ToldAsync() => _house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM event WHERE kind = 'tier_downgrade_near'");

    private static int Day(int year, int month, int day) => ChinaTime.DayOf(new DateOnly(year, month, day));
}

public sealed class TiersOnSqlite(SqliteTestDatabase database) : TierContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class TiersOnMySql(MySqlTestDatabase database) : TierContract(database), IClassFixture<MySqlTestDatabase>;
