using Engagement.Members;
using Engagement.Members.Coupons;
using Engagement.Members.Merges;
using Engagement.Members.Points;
using Engagement.Members.Tills;
using Engagement.Tests.Members.Coupons;
using Engagement.Tests.Support;
using Microsoft.Extensions.Options;

namespace Engagement.Tests.Members.Tills;

/// <summary>Coupons and points on one ticket: both or what the policy says, once, whatever comes twice or at once.</summary>
public abstract class CheckoutContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TillOptions _options = new();
    private CouponShop _shop = null!;
    private PointsDesk _points = null!;
    private PointsBook _book = null!;
    private CheckoutDesk _desk = null!;
    private MemberId _member;

    public async Task InitializeAsync()
    {
        _shop = await CouponShop.OpenAsync(test);
        await _shop.Database.WriteAsync(async tx =>
        {
            foreach (var table in (string[])["till_points", "points_account", "points_lot", "points_rules"]) await tx.ExecuteAsync($"DELETE FROM {table}");
        }, None);
        _points = new PointsDesk(_shop.Pharmacy.Ids, _shop.Pharmacy.Clocks);
        _book = new PointsBook(_shop.Clock);
        _desk = new CheckoutDesk(_shop.Database, _shop.Pharmacy.Ids, _shop.Pharmacy.Clocks, _shop.Till, _points, _book, Options.Create(_options));
        _member = await _shop.MemberAsync();
        await _shop.Database.WriteAsync(tx => _points.GiveAsync(tx, _member, 1000, PointsPart.None, $"test:{_shop.Pharmacy.Ids.Next()}", 30, "赠送"), None);
    }

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [DatabaseFact]
    public async Task Points_pay_for_what_the_coupons_left()
    {
        var coupon = await _shop.CouponAsync();

        var quote = await _desk.QuoteAsync(Basket([coupon], 900, ("CREAM", 6000), ("SOAP", 4000)), None);
        var redeemed = await RedeemAsync("T1", Basket([coupon], 900, ("CREAM", 6000), ("SOAP", 4000)));

        Assert.Equal((1000, 900, 8100), (quote.Coupons.DiscountFen, quote.Points.Fen, quote.PayableFen));
        Assert.Equal(quote.Points.Shares, redeemed.Points.Shares);
        Assert.Equal(900, redeemed.Points.Shares.Sum(share => share.Fen));
        Assert.Equal([540, 360], redeemed.Points.Shares.Select(share => share.Fen));
        Assert.Equal(100, redeemed.Points.Active);
        Assert.Equal((100, CouponState.Redeemed), (await ActiveAsync(), await _shop.StateAsync(coupon)));
    }

    [DatabaseFact]
    public async Task A_quote_takes_nothing_and_says_how_many_points_could_pay()
    {
        var quote = await _desk.QuoteAsync(Basket([], 0, ("CREAM", 300), ("AML", 9000), ("IBU", 500), ("NEW", 500)), None);

        Assert.Equal((1000, 300, 0), (quote.Points.Active, quote.Points.Usable, quote.Points.Points));
        Assert.Equal(1000, await ActiveAsync());
    }

    [DatabaseFact]
    public async Task Prescription_products_and_what_the_insurance_pays_take_no_points()
    {
        var insured = Insured(Basket([], 400, ("CREAM", 500), ("AML", 9000)), 200);

        Assert.Equal("points.not_payable", (await RedeemAsync("T1", insured)).Points.Refusal!.Code);
        Assert.Equal(300, (await RedeemAsync("T1", insured with { Points = 300 })).Points.Fen);
        Assert.Equal([1], (await RedeemAsync("T1", insured with { Points = 300 })).Points.Shares.Select(share => share.LineNo));
    }

    [DatabaseFact]
    public async Task A_coupon_takes_nothing_off_what_the_insurance_pays()
    {
        var coupon = await _shop.CouponAsync(_shop.Terms() with { ThresholdFen = 5000 });

        Assert.Equal("coupon.below_threshold", (await RedeemAsync("T1", Insured(Basket([coupon], 0, ("CREAM", 10000)), 5001))).Coupons.Refused.Single().Refusal.Reason.Code);
        var used = await RedeemAsync("T1", Insured(Basket([coupon], 0, ("CREAM", 10000)), 5000));
        Assert.Equal((1000, 9000), (used.Coupons.DiscountFen, used.PayableFen));

        // A half off is half of the own part.
        var half = await _shop.CouponAsync(_shop.Percent(5000));
        Assert.Equal(200, (await RedeemAsync("T2", Insured(Basket([half], 0, ("CREAM", 10000)), 9600))).Coupons.DiscountFen);
        Assert.Equal("insuranceFen 1", Insured(Basket([], 0, ("CREAM", 100)), 101).Fault());
    }

    [DatabaseFact]
    public async Task What_a_ticket_holds_already_is_held_as_long_as_what_it_takes_on_later()
    {
        var (first, second) = (await _shop.CouponAsync(), await _shop.CouponAsync());
        await ReserveAsync("T1", Basket([first], 100, ("CREAM", 9000)));
        _shop.Clock.Advance(TimeSpan.FromMinutes(10));
        await ReserveAsync("T1", Basket([first, second], 100, ("CREAM", 9000)));
        _shop.Clock.Advance(TimeSpan.FromMinutes(8));
        await _shop.Sweep.RunOnceAsync(None);
        await _desk.SweepAsync(None);

        var confirmed = await _desk.ConfirmAsync(_shop.Ticket("T1"), None);

        Assert.Null(confirmed.Refusal);
        Assert.Equal((2, 100), (confirmed.Coupons.Count, confirmed.Points));
        Assert.Equal((CouponState.Redeemed, CouponState.Redeemed), (await _shop.StateAsync(first), await _shop.StateAsync(second)));
    }

    [DatabaseFact]
    public async Task Points_need_the_member_who_shows_the_code_and_has_them()
    {
        Assert.Equal("points.member_needed", (await RedeemAsync("T1", Basket([], 10, ("CREAM", 5000)) with { Shopper = null })).Points.Refusal!.Code);
        Assert.Equal("points.code_needed", (await RedeemAsync("T1", Basket([], 10, ("CREAM", 5000)) with { Shopper = new Shopper(_member, false) })).Points.Refusal!.Code);
        Assert.Equal("points.insufficient", (await RedeemAsync("T1", Basket([], 1001, ("CREAM", 5000)))).Points.Refusal!.Code);
        Assert.Equal(1000, await ActiveAsync());
    }

    [DatabaseFact]
    public async Task A_repeated_ticket_gets_its_first_answer_and_other_points_are_refused()
    {
        var first = await RedeemAsync("T1", Basket([], 100, ("CREAM", 5000)));
        var again = await RedeemAsync("T1", Basket([], 100, ("CREAM", 9000), ("SOAP", 100)));

        Assert.Equal(first.Points.Fen, again.Points.Fen);
        Assert.Equal(first.Points.Shares, again.Points.Shares);
        Assert.Equal("points.ticket_differs", (await RedeemAsync("T1", Basket([], 200, ("CREAM", 5000)))).Points.Refusal!.Code);
        Assert.Equal(900, await ActiveAsync());
    }

    [DatabaseFact]
    public async Task A_reservation_is_confirmed_once_and_cannot_be_released_after()
    {
        var coupon = await _shop.CouponAsync();
        await ReserveAsync("T1", Basket([coupon], 100, ("CREAM", 6000)));
        Assert.Equal((900, CouponState.Reserved), (await ActiveAsync(), await _shop.StateAsync(coupon)));

        var confirmed = await _desk.ConfirmAsync(_shop.Ticket("T1"), None);
        var again = await _desk.ConfirmAsync(_shop.Ticket("T1"), None);

        Assert.Null(confirmed.Refusal);
        Assert.Equal((1, 100, 100), (confirmed.Coupons.Count, confirmed.Points, confirmed.PointsFen));
        Assert.Equal((null, 1, 100), (again.Refusal, again.Coupons.Count, again.Points));
        Assert.Equal((0, 0L), await _desk.ReleaseAsync(_shop.Ticket("T1"), None));
        Assert.Equal((900, CouponState.Redeemed), (await ActiveAsync(), await _shop.StateAsync(coupon)));
    }

    [DatabaseFact]
    public async Task Points_alone_are_reserved_and_confirmed_too()
    {
        await ReserveAsync("T1", Basket([], 100, ("CREAM", 6000)));

        Assert.Equal((null, 100), (await _desk.ConfirmAsync(_shop.Ticket("T1"), None)) is var end ? (end.Refusal, end.Points) : default);
        Assert.Equal("coupon.nothing_reserved", (await _desk.ConfirmAsync(_shop.Ticket("T2"), None)).Refusal!.Value.Code);
    }

    [DatabaseFact]
    public async Task A_release_gives_back_and_the_ticket_may_begin_anew()
    {
        var coupon = await _shop.CouponAsync();
        await ReserveAsync("T1", Basket([coupon], 100, ("CREAM", 6000)));

        Assert.Equal((1, 100L), await _desk.ReleaseAsync(_shop.Ticket("T1"), None));
        Assert.Equal((1000, CouponState.Claimed), (await ActiveAsync(), await _shop.StateAsync(coupon)));
        Assert.Equal(200, (await RedeemAsync("T1", Basket([coupon], 200, ("CREAM", 6000)))).Points.Points);
        Assert.Equal(800, await ActiveAsync());
    }

    [DatabaseFact]
    public async Task A_reservation_that_ran_out_gives_the_points_back_and_is_not_confirmed()
    {
        await ReserveAsync("T1", Basket([], 100, ("CREAM", 6000)));
        _shop.Clock.Advance(_options.Reservation);

        Assert.Equal("points.reservation_expired", (await _desk.ConfirmAsync(_shop.Ticket("T1"), None)).Refusal!.Value.Code);
        Assert.Equal(1, await _desk.SweepAsync(None));
        Assert.Equal(0, await _desk.SweepAsync(None));
        Assert.Equal(1000, await ActiveAsync());
        Assert.Equal("points.reservation_expired", (await _desk.ConfirmAsync(_shop.Ticket("T1"), None)).Refusal!.Value.Code);
        Assert.Equal(100, (await RedeemAsync("T1", Basket([], 100, ("CREAM", 6000)))).Points.Points);
    }

    [DatabaseFact]
    public async Task Coupons_of_a_ticket_begun_anew_without_points_are_confirmed()
    {
        var coupon = await _shop.CouponAsync();
        await ReserveAsync("T1", Basket([], 100, ("CREAM", 6000)));
        _shop.Clock.Advance(_options.Reservation);
        await _desk.SweepAsync(None);

        await ReserveAsync("T1", Basket([coupon], 0, ("CREAM", 6000)));

        Assert.Null((await _desk.ConfirmAsync(_shop.Ticket("T1"), None)).Refusal);
    }

    [DatabaseFact]
    public async Task All_or_nothing_holds_for_coupons_and_points_together()
    {
        var coupon = await _shop.CouponAsync();
        var basket = Basket([coupon], 1001, ("CREAM", 6000));

        var refused = await RedeemAsync("T1", basket with { Basket = basket.Basket with { Policy = StackingPolicy.AllOrNothing } });

        Assert.Equal((0, 0L, "points.insufficient", "coupon.others_refused"), (refused.Coupons.Applied.Count, refused.Points.Points, refused.Points.Refusal!.Code, refused.Coupons.Refused.Single().Refusal.Reason.Code));
        Assert.Equal((1000, CouponState.Claimed), (await ActiveAsync(), await _shop.StateAsync(coupon)));
    }

    [DatabaseFact]
    public async Task However_many_tickets_want_the_points_none_is_spent_twice()
    {
        var quotes = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => RedeemAsync($"P{i}", Basket([], 300, ("CREAM", 6000))))));

        Assert.Equal(3, quotes.Count(quote => quote.Points.Points == 300));
        Assert.Equal(47, quotes.Count(quote => quote.Points.Refusal?.Code == "points.insufficient"));
        Assert.Equal(100, await ActiveAsync());
    }

    [DatabaseFact]
    public async Task Confirm_release_and_the_sweep_at_once_leave_points_spent_once_or_back()
    {
        for (var round = 0; round < 10; round++)
        {
            var ticket = $"R{round}";
            await ReserveAsync(ticket, Basket([], 100, ("CREAM", 6000)));
            var before = await ActiveAsync();
            var confirm = Task.Run(() => _desk.ConfirmAsync(_shop.Ticket(ticket), None));
            var release = Task.Run(() => _desk.ReleaseAsync(_shop.Ticket(ticket), None));

            Assert.Equal((await confirm).Refusal is null, (await release).Points == 0);
            Assert.Equal(before + (await release).Points, await ActiveAsync());
        }
    }

    [DatabaseFact]
    public async Task Points_of_a_ticket_come_back_with_its_last_line()
    {
        await RedeemAsync("T1", Basket([], 100, ("CREAM", 6000), ("SOAP", 4000)));
        var sale = _shop.Pharmacy.Sale("T1", 0, "CREAM") with { UnitPriceFen = 6000, NetFen = 6000 };
        var refund = _shop.Pharmacy.Refund("R1", 0, "T1", "CREAM") with { UnitPriceFen = 6000, NetFen = -6000 };
        await _shop.Pharmacy.ImportAsync(sale, sale with { Sku = "SOAP", LineNo = 2 });

        await _shop.Pharmacy.ImportAsync(refund);
        Assert.Equal(900, await ActiveAsync());
        await _shop.Pharmacy.ImportAsync(refund, refund with { TicketNo = "R2", Sku = "SOAP", OriginalLineNo = 2 });
        await _shop.Pharmacy.ImportAsync(refund with { TicketNo = "R2", Sku = "SOAP", OriginalLineNo = 2 });

        Assert.Empty(_shop.Pharmacy.Rejections);
        Assert.Equal(1000, await ActiveAsync());
        Assert.Equal("points.ticket_refunded", (await RedeemAsync("T1", Basket([], 100, ("CREAM", 6000)))).Points.Refusal!.Code);
    }

    [DatabaseFact]
    public async Task What_a_merged_record_had_paid_comes_back_to_the_record_that_stays()
    {
        var other = await _shop.MemberAsync("M2");
        await RedeemAsync("T1", Basket([], 100, ("CREAM", 6000)));
        var part = new TillsOfMerges();
        await _shop.Database.WriteAsync(tx => part.MergeAsync(tx, new Merge(7, _member, other, true)), None);
        await _shop.Database.WriteAsync(tx => part.PartAsync(tx, new Merge(7, _member, other, true)), None);
        Assert.Equal(_member.Value, await _shop.Pharmacy.ScalarAsync<long>("SELECT member_id FROM till_points"));

        await _shop.Database.WriteAsync(tx => part.MergeAsync(tx, new Merge(8, _member, other, true)), None);
        var sale = _shop.Pharmacy.Sale("T1", 0, "CREAM") with { UnitPriceFen = 6000, NetFen = 6000 };
        await _shop.Pharmacy.ImportAsync(sale, _shop.Pharmacy.Refund("R1", 0, "T1", "CREAM") with { UnitPriceFen = 6000, NetFen = -6000 });

        Assert.Equal(100, (await _shop.Database.ReadAsync(session => _book.BalanceAsync(session, other), None)).Active);
    }

    private TillCheckout Basket(IEnumerable<Coupon> coupons, long points, params (string Sku, long Fen)[] lines) =>
        new(_shop.Basket(coupons, lines) with { Member = _member }, new Shopper(_member, true), points);

    // The insurance pays so much of the first line.
    private static TillCheckout Insured(TillCheckout checkout, long fen) => checkout with
    {
        Basket = checkout.Basket with { Lines = [checkout.Basket.Lines[0] with { InsuranceFen = fen }, .. checkout.Basket.Lines.Skip(1)] },
    };

    private Task<CheckoutQuote> RedeemAsync(string ticket, TillCheckout checkout) => _desk.RedeemAsync(checkout, "1", ticket, None);

    private Task<CheckoutQuote> ReserveAsync(string ticket, TillCheckout checkout) => _desk.ReserveAsync(checkout, "1", ticket, null, None);

    private async Task<long> ActiveAsync() => (await _shop.Database.ReadAsync(session => _book.BalanceAsync(session, _member), None)).Active;
}

public sealed class CheckoutOnSqlite(SqliteTestDatabase database) : CheckoutContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class CheckoutOnMySql(MySqlTestDatabase database) : CheckoutContract(database), IClassFixture<MySqlTestDatabase>;
