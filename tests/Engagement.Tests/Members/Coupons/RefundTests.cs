using Engagement.Members.Coupons;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Coupons;

/// <summary>What a refund makes of the coupons of its ticket.</summary>
public abstract class RefundContract(TestDatabase test) : IAsyncLifetime
{
    private CouponShop _shop = null!;

    public async Task InitializeAsync() => _shop = await CouponShop.OpenAsync(test);

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [DatabaseFact]
    public async Task A_full_refund_gives_the_coupon_back_and_it_can_be_used_again()
    {
        var coupon = await _shop.CouponAsync(_shop.Percent(1000) with { BudgetFen = 100_000, CapFen = 900 });
        await _shop.RedeemAsync("T1", coupon, ("CREAM", 5000), ("AML", 3000));
        Assert.Equal(500, await _shop.CommittedAsync(coupon.Definition));

        var answer = await _shop.RefundAsync("T1", "R1", (1, 1), (2, 1));

        Assert.Equal([new LineShare(1, 500), new LineShare(2, 0)], answer.Shares);
        Assert.Equal(new RefundedCoupon(coupon.Code, CouponFate.Returned), answer.Coupons.Single());
        Assert.Equal((CouponState.Claimed, 900), (await _shop.StateAsync(coupon), await _shop.CommittedAsync(coupon.Definition)));
        Assert.Equal(500, (await _shop.RedeemAsync("T2", coupon, ("CREAM", 5000))).DiscountFen);
        Assert.Equal(CouponFate.Returned, (await _shop.RefundAsync("T2", "R2", (1, 1))).Coupons.Single().Fate);
    }

    [DatabaseFact]
    public async Task A_partial_refund_returns_the_line_s_share_and_not_the_coupon()
    {
        var coupon = await _shop.CouponAsync(_shop.Terms() with { Value = 1000 });
        await _shop.RedeemAsync("T1", coupon, ("CREAM", 6000), ("SOAP", 3000));

        var answer = await _shop.RefundAsync("T1", "R1", (1, 1));

        Assert.Equal((new LineShare(1, 666), CouponFate.Kept), (answer.Shares.Single(), answer.Coupons.Single().Fate));
        Assert.Equal(CouponState.Redeemed, await _shop.StateAsync(coupon));
        // The other line makes it a full one.
        var rest = await _shop.RefundAsync("T1", "R2", (2, 1));
        Assert.Equal((new LineShare(2, 334), CouponFate.Returned), (rest.Shares.Single(), rest.Coupons.Single().Fate));
    }

    [DatabaseFact]
    public async Task A_line_outside_the_base_that_is_kept_keeps_the_coupon_used()
    {
        var coupon = await _shop.CouponAsync(_shop.Percent(1000));
        await _shop.RedeemAsync("T1", coupon, ("CREAM", 5000), ("AML", 3000));

        Assert.Equal(CouponFate.Kept, (await _shop.RefundAsync("T1", "R1", (1, 1))).Coupons.Single().Fate);
    }

    [DatabaseFact]
    public async Task Units_that_come_back_one_by_one_return_the_whole_share_to_the_fen()
    {
        var coupon = await _shop.CouponAsync(_shop.Terms());
        await _shop.RedeemAsync("T1", _shop.Basket([coupon]) with { Lines = [new(1, "CREAM", 3, 5970), new(2, "SOAP", 7, 7000)] });

        var shares = new List<long>();
        for (var i = 0; i < 7; i++) shares.Add((await _shop.RefundAsync("T1", $"R{i}", (2, 1))).Shares.Single().Fen);
        var last = await _shop.RefundAsync("T1", "R9", (1, 1), (1, 2));

        Assert.Equal(1000, shares.Sum() + last.Shares.Sum(share => share.Fen));
        Assert.InRange(shares.Max() - shares.Min(), 0, 1);
        Assert.Equal(CouponFate.Returned, last.Coupons.Single().Fate);
    }

    [DatabaseFact]
    public async Task The_same_refund_again_gets_the_first_answer()
    {
        var (a, b) = (await _shop.CouponAsync(_shop.Percent(1000)), await _shop.CouponAsync(_shop.Percent(500)));
        await _shop.RedeemAsync("T1", _shop.Basket([a, b], ("CREAM", 6000)));

        var first = await _shop.RefundAsync("T1", "R1", (1, 1));
        var again = await _shop.RefundAsync("T1", "R1", (1, 1));

        Assert.Equal([new LineShare(1, 870)], first.Shares);
        Assert.Equal(first.Shares, again.Shares);
        Assert.Equal(first.Coupons, again.Coupons);
        Assert.Equal(2, first.Coupons.Count(coupon => coupon.Fate == CouponFate.Returned));
        // A late repetition of the sale does not use the coupon up.
        Assert.Equal(["coupon.ticket_refunded", "coupon.ticket_refunded"], (await _shop.RedeemAsync("T1", _shop.Basket([a, b], ("CREAM", 6000)))).Refused.Select(refused => refused.Refusal.Reason.Code));
    }

    [DatabaseTheory]
    [InlineData(RefundPolicy.Forfeit, 0, 0, CouponFate.Kept)]
    [InlineData(RefundPolicy.ReturnWhileValid, 0, 0, CouponFate.Returned)]
    [InlineData(RefundPolicy.ReturnWhileValid, 0, 40, CouponFate.Kept)]
    [InlineData(RefundPolicy.IssueAgain, 7, 0, CouponFate.Returned)]
    [InlineData(RefundPolicy.IssueAgain, 7, 40, CouponFate.Reissued)]
    public async Task The_policy_decides(RefundPolicy policy, int reissueDays, int daysLater, CouponFate fate)
    {
        var coupon = await _shop.CouponAsync(_shop.Terms() with { Refund = policy, ReissueDays = reissueDays });
        await _shop.RedeemAsync("T1", coupon, ("CREAM", 6000));
        _shop.Clock.Advance(TimeSpan.FromDays(daysLater));

        Assert.Equal(fate, (await _shop.RefundAsync("T1", "R1", (1, 1))).Coupons.Single().Fate);

        Assert.Equal(fate == CouponFate.Kept ? CouponState.Redeemed : CouponState.Claimed, await _shop.StateAsync(coupon));
        if (fate == CouponFate.Reissued)
        {
            _shop.Clock.Advance(TimeSpan.FromDays(7));
            Assert.Equal(1000, (await _shop.RedeemAsync("T2", coupon, ("CREAM", 6000))).DiscountFen);
        }
    }

    [DatabaseFact]
    public async Task More_than_was_bought_is_refused_and_changes_nothing()
    {
        var coupon = await _shop.CouponAsync();
        await _shop.RedeemAsync("T1", coupon, ("CREAM", 6000));

        Assert.Equal("coupon.request_invalid", (await _shop.RefundAsync("T1", "", (1, 1))).Refusal!.Reason.Code);
        Assert.Equal("coupon.request_invalid", (await _shop.RefundAsync("T1", "R1")).Refusal!.Reason.Code);
        Assert.Equal("coupon.refund_exceeds", (await _shop.RefundAsync("T1", "R1", (1, 2))).Refusal!.Reason.Code);
        Assert.Equal("coupon.refund_exceeds", (await _shop.RefundAsync("T1", "R1", (9, 1))).Refusal!.Reason.Code);
        Assert.Equal("coupon.request_invalid", (await _shop.RefundAsync("T1", "R1", (1, -1))).Refusal!.Reason.Code);
        Assert.Equal("coupon.request_invalid", (await _shop.RefundAsync("T1", "R1", (1, int.MaxValue), (1, int.MaxValue))).Refusal!.Reason.Code);
        Assert.Equal(CouponFate.Returned, (await _shop.RefundAsync("T1", "R1", (1, 1))).Coupons.Single().Fate);
        Assert.Equal("coupon.refund_exceeds", (await _shop.RefundAsync("T1", "R2", (1, 1))).Refusal!.Reason.Code);
    }

    [DatabaseFact]
    public async Task A_ticket_without_coupons_has_nothing_to_return()
    {
        var answer = await _shop.RefundAsync("T9", "R1", (1, 1));

        Assert.Equal((0, 0, null), (answer.Shares.Count, answer.Coupons.Count, answer.Refusal));
    }

    [DatabaseFact]
    public async Task Two_tills_with_one_number_have_to_be_told_apart()
    {
        var (a, b) = (await _shop.CouponAsync(), await _shop.CouponAsync(member: "M2"));
        await _shop.RedeemAsync("T1", a, ("CREAM", 6000));
        await _shop.Till.RedeemAsync(new RedeemRequest(_shop.Basket([b], ("CREAM", 6000)), "2", "T1"), CancellationToken.None);

        Assert.Equal("coupon.ticket_ambiguous", (await _shop.RefundAsync("T1", "R1", (1, 1))).Refusal!.Reason.Code);
        var answer = await _shop.Database.WriteAsync(tx => _shop.Refunds.RefundAsync(tx, new TicketRefund(_shop.Store, "2", "T1", "R1", [new(1, 1)])), CancellationToken.None);
        Assert.Equal(b.Code, answer.Coupons.Single().Code);
    }

    [DatabaseFact]
    public async Task The_same_refund_many_times_at_once_is_booked_once()
    {
        var coupon = await _shop.CouponAsync();
        await _shop.RedeemAsync("T1", coupon, ("CREAM", 6000));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _shop.RefundAsync("T1", "R1", (1, 1)))));

        Assert.All(answers, answer => Assert.Equal((1000, CouponFate.Returned), (answer.Shares.Single().Fen, answer.Coupons.Single().Fate)));
        Assert.Equal(1, await _shop.Pharmacy.ScalarAsync<long>("SELECT refunded_quantity FROM coupon_redemption_line"));
    }
}

public sealed class RefundOnSqlite(SqliteTestDatabase database) : RefundContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class RefundOnMySql(MySqlTestDatabase database) : RefundContract(database), IClassFixture<MySqlTestDatabase>;
