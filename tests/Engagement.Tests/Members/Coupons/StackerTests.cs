using Engagement.Members.Coupons;
using Engagement.Members.Products;

namespace Engagement.Tests.Members.Coupons;

/// <summary>What coupons do to a basket, without a database.</summary>
public sealed class StackerTests
{
    private static readonly CouponOptions s_options = new();

    private static long s_ids;

    [Fact]
    public void Discounts_work_on_what_earlier_ones_left()
    {
        var (ten, twenty) = (Percent(1000), Percent(2000, threshold: 10_000));

        var first = Apply([Line(1, 10_500)], ten, twenty);
        var second = Apply([Line(1, 10_500)], twenty, ten);

        // 105.00 with "10 % off" and "20 % off above 100": 94.50 one way, 84.00 and then 75.60 the other.
        Assert.Equal((9_450, "coupon.below_threshold"), (first.PayableFen, first.Refused.Single().Refusal.Reason.Code));
        Assert.Equal([2_100L, 840L], second.Applied.Select(a => a.DiscountFen));
        Assert.Equal(7_560, second.PayableFen);
    }

    [Fact]
    public void A_category_comes_before_another_whatever_the_request_says()
    {
        var (member, promotion) = (Percent(1000) with { Category = "member" }, Off(1000));

        var quote = Apply([Line(1, 10_000)], member, promotion);

        Assert.Equal([1000L, 900L], quote.Applied.Select(a => a.DiscountFen));
    }

    [Fact]
    public void An_exclusive_category_stops_the_others()
    {
        var quote = Apply([Line(1, 10_000)], Off(500), Off(2000) with { Category = "clearance" }, Percent(1000));

        Assert.Equal([2000L], quote.Applied.Select(a => a.DiscountFen));
        Assert.Equal(["coupon.not_combinable", "coupon.not_combinable"], Codes(quote));
    }

    [Fact]
    public void A_coupon_that_does_not_combine_is_used_alone_or_not_at_all()
    {
        var alone = Off(500) with { Combinable = false };

        Assert.Equal(500, Apply([Line(1, 10_000)], alone, Off(700)).DiscountFen);
        Assert.Equal(700, Apply([Line(1, 10_000)], Off(700), alone).DiscountFen);
    }

    [Fact]
    public void All_or_nothing_uses_none_when_one_is_refused()
    {
        var quote = Apply([Line(1, 4_000)], StackingPolicy.AllOrNothing, Off(500), Off(1000, threshold: 5_000));

        Assert.Equal((0, 4_000), (quote.DiscountFen, quote.PayableFen));
        Assert.Equal(["coupon.below_threshold", "coupon.others_refused"], Codes(quote));
        Assert.Equal(1500, Apply([Line(1, 6_000)], StackingPolicy.AllOrNothing, Off(500), Off(1000, threshold: 5_000)).DiscountFen);
    }

    [Theory]
    [InlineData(ProductClass.Prescription)]
    [InlineData(ProductClass.OtcA)]
    [InlineData(ProductClass.Unknown)]
    public void Restricted_lines_are_outside_the_base(ProductClass @class)
    {
        var quote = Apply([Line(1, 9_000, @class), Line(2, 4_000)], Percent(1000), Off(500, threshold: 5_000));

        Assert.Equal(400, quote.DiscountFen);
        Assert.Equal([new LineShare(2, 400)], quote.Applied.Single().Shares);
        Assert.Equal(["coupon.below_threshold"], Codes(quote));
        Assert.Equal(["coupon.no_eligible_line"], Codes(Apply([Line(1, 9_000, @class)], Percent(1000))));
    }

    [Fact]
    public void A_scope_takes_in_and_leaves_out()
    {
        var scope = Percent(1000) with { Products = new() { Classes = [ProductClass.Device], Skus = ["SKU1"], Except = ["SKU3"] } };

        var quote = Apply([Line(1, 1_000), Line(2, 2_000), Line(3, 4_000, ProductClass.Device), Line(4, 8_000, ProductClass.Device)], scope);

        Assert.Equal([new LineShare(1, 100), new LineShare(4, 800)], quote.Applied.Single().Shares);
    }

    [Fact]
    public void Goods_that_became_restricted_are_named()
    {
        var quote = Apply([Line(1, 1_000, ProductClass.Prescription)], Off(100) with { Products = new() { Skus = ["SKU1"] } });

        Assert.Equal("coupon.restricted_product", Codes(quote).Single());
        Assert.Contains("商品1", quote.Refused.Single().Refusal.Sentence.Zh);
    }

    [Fact]
    public void The_last_line_takes_the_rest_of_the_rounding()
    {
        var quote = Apply([Line(1, 333), Line(2, 333), Line(3, 334)], Off(100));

        Assert.Equal([new LineShare(1, 33), new LineShare(2, 33), new LineShare(3, 34)], quote.Applied.Single().Shares);
    }

    [Fact]
    public void A_last_line_that_costs_less_than_the_rest_goes_to_zero_and_not_below()
    {
        var quote = Apply([Line(1, 100), Line(2, 100), Line(3, 1)], Off(200));

        Assert.Equal(200, quote.DiscountFen);
        Assert.Equal([new LineShare(1, 99), new LineShare(2, 100), new LineShare(3, 1)], quote.Applied.Single().Shares);
    }

    [Fact]
    public void A_percentage_stops_at_its_cap_and_rounds_down() =>
        Assert.Equal([300L, 105L], [Apply([Line(1, 10_000)], Percent(1000) with { CapFen = 300 }).DiscountFen, Apply([Line(1, 1_055)], Percent(1000)).DiscountFen]);

    [Fact]
    public void An_exchange_gives_one_unit_for_its_price_when_the_other_goods_reach_the_threshold()
    {
        var exchange = Percent(1000) with { Kind = CouponKind.Exchange, Value = 100, ThresholdFen = 5_000, Products = new() { Skus = ["SKU2"] } };

        Assert.Equal([new LineShare(2, 1_900)], Apply([Line(1, 5_000), Line(2, 4_000) with { Quantity = 2 }], exchange).Applied.Single().Shares);
        Assert.Equal(["coupon.below_threshold"], Codes(Apply([Line(1, 4_999), Line(2, 4_000)], exchange)));
        Assert.Equal(["coupon.no_effect"], Codes(Apply([Line(1, 5_000), Line(2, 100)], exchange)));
    }

    [Fact]
    public void A_delivery_coupon_takes_off_the_fee_and_no_more()
    {
        var quote = Apply([Line(1, 1_000)], 600, StackingPolicy.SkipInvalid, Off(800) with { Kind = CouponKind.DeliveryFee }, Off(800) with { Kind = CouponKind.DeliveryFee });

        Assert.Equal((600, 1_000), (quote.Applied.Single().DeliveryFen, quote.PayableFen));
        Assert.Equal(["coupon.no_effect"], Codes(quote));
    }

    [Fact]
    public void A_service_needs_no_basket() =>
        Assert.Equal("测血压", Apply([], Off(0) with { Kind = CouponKind.FreeService, Service = "测血压" }).Applied.Single().Service);

    [Fact]
    public void Of_two_multipliers_the_higher_is_used_and_the_other_kept()
    {
        var quote = Apply([Line(1, 1_000)], Off(150) with { Kind = CouponKind.PointsMultiplier }, Off(300) with { Kind = CouponKind.PointsMultiplier }, Off(100));

        Assert.Equal((300, 100), (quote.PointsMultiplier, quote.DiscountFen));
        Assert.Equal(["coupon.no_effect"], Codes(quote));
    }

    [Fact]
    public void A_basket_that_costs_nothing_any_more_uses_up_no_coupon() =>
        Assert.Equal(["coupon.no_effect"], Codes(Apply([Line(1, 500)], Off(500), Off(500))));

    [Fact]
    public void Whatever_comes_together_nothing_falls_below_zero_and_every_split_adds_up()
    {
        var random = new Random(7);
        for (var round = 0; round < 5_000; round++)
        {
            var lines = Enumerable.Range(1, random.Next(1, 9)).Select(no => Line(no, Price(random), (ProductClass)random.Next(0, 7)) with { Quantity = random.Next(1, 4) }).ToArray();
            var coupons = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Any(random)).ToArray();
            var delivery = random.Next(0, 2) * random.Next(0, 2000);

            var quote = Apply(lines, delivery, StackingPolicy.SkipInvalid, coupons);

            Assert.InRange(quote.PayableFen, 0, quote.BeforeFen);
            Assert.Equal(coupons.Length, quote.Applied.Count + quote.Refused.Count);
            Assert.All(quote.Applied, applied => Assert.Equal(applied.DiscountFen, applied.Shares.Sum(share => share.Fen)));
            var off = quote.Applied.SelectMany(applied => applied.Shares).ToLookup(share => share.LineNo, share => share.Fen);
            Assert.All(lines, line => Assert.InRange(off[line.LineNo].Sum(), 0, ProductGuard.IsRestricted(line.Class) ? 0 : line.NetFen));
            Assert.True(quote.Applied.Sum(applied => applied.DeliveryFen) <= delivery);

            random.Shuffle(lines);
            var shuffled = Apply(lines, delivery, StackingPolicy.SkipInvalid, coupons);
            Assert.Equal((quote.PayableFen, string.Join(',', quote.Applied.SelectMany(applied => applied.Shares))), (shuffled.PayableFen, string.Join(',', shuffled.Applied.SelectMany(applied => applied.Shares))));
        }
    }

    // Small prices make roundings that matter; a few are as large as a basket may be.
    private static long Price(Random random) => random.Next(0, 20) switch { 0 => 0, 1 => 1_000_000_000_000, < 10 => random.Next(1, 12), _ => random.Next(1, 30_000) };

    private static CouponTerms Any(Random random)
    {
        var kind = (CouponKind)random.Next(1, 7);
        return Off(kind switch { CouponKind.Percentage => random.Next(1, 10_000), CouponKind.PointsMultiplier => random.Next(101, 400), _ => random.Next(1, 3_000) }) with
        {
            Kind = kind, Service = "测血压", ThresholdFen = random.Next(0, 3) * random.Next(0, 5_000), CapFen = random.Next(0, 2) == 0 ? null : random.Next(1, 500),
            Combinable = random.Next(0, 8) > 0, Category = random.Next(0, 4) == 0 ? "member" : "promotion",
            Products = kind == CouponKind.Exchange || random.Next(0, 3) == 0 ? new() { Skus = ["SKU1", "SKU2", "SKU3"], Except = ["SKU3"] } : new(),
        };
    }

    private static PricedLine Line(int no, long fen, ProductClass @class = ProductClass.Other) => new(no, $"SKU{no}", $"商品{no}", @class, 1, fen);

    private static CouponTerms Off(long fen, long threshold = 0) => new() { Title = "券", Kind = CouponKind.AmountOff, Value = fen, ThresholdFen = threshold };

    private static CouponTerms Percent(long hundredths, long threshold = 0) => new() { Title = "券", Kind = CouponKind.Percentage, Value = hundredths, ThresholdFen = threshold };

    private static Quote Apply(PricedLine[] lines, params CouponTerms[] coupons) => Apply(lines, 0, StackingPolicy.SkipInvalid, coupons);

    private static Quote Apply(PricedLine[] lines, StackingPolicy policy, params CouponTerms[] coupons) => Apply(lines, 0, policy, coupons);

    private static Quote Apply(PricedLine[] lines, long delivery, StackingPolicy policy, params CouponTerms[] coupons) => new Stacker(lines, delivery).Apply(
        [.. coupons.Select(terms => new UsableCoupon(new CouponId(++s_ids), $"C{s_ids}", terms, s_options.Categories[terms.Category]))], [], policy);

    private static IEnumerable<string> Codes(Quote quote) => quote.Refused.Select(refused => refused.Refusal.Reason.Code);
}
