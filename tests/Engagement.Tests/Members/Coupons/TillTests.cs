using Engagement.Members.Coupons;
using Engagement.Members.Products;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Coupons;

/// <summary>What tills do to coupons: one ticket gets one, and a repeated request gets the first answer.</summary>
public abstract class TillContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan s_halfHour = TimeSpan.FromMinutes(30);

    private CouponShop _shop = null!;

    public async Task InitializeAsync() => _shop = await CouponShop.OpenAsync(test);

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [DatabaseFact]
    public async Task Two_hundred_tickets_want_one_coupon_and_one_gets_it()
    {
        var coupon = await _shop.CouponAsync();

        var quotes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => _shop.RedeemAsync($"T{i}", coupon, ("CREAM", 6000)))));

        var winner = Assert.Single(quotes, quote => quote.Applied.Count == 1);
        Assert.Equal(5000, winner.PayableFen);
        var ticket = (await _shop.Pharmacy.QueryAsync<string>("SELECT ticket_no FROM coupon_redemption")).Single();
        var losers = quotes.Where(quote => quote != winner).Select(quote => quote.Refused.Single()).ToList();
        Assert.Equal(199, losers.Count);
        Assert.All(losers, loser => Assert.Equal(("coupon.used", ticket, _shop.Ticket(ticket)), (loser.Refusal.Reason.Code, loser.Refusal.Detail, loser.HeldBy)));
        Assert.Equal(CouponState.Redeemed, await _shop.StateAsync(coupon));
    }

    [DatabaseFact]
    public async Task The_same_ticket_again_gets_the_first_answer_whatever_its_basket_says_now()
    {
        var coupon = await _shop.CouponAsync(_shop.Percent(1000));

        var first = await _shop.RedeemAsync("T1", coupon, ("CREAM", 6000), ("SOAP", 1000));
        var again = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _shop.RedeemAsync("T1", coupon, ("CREAM", 99_000), ("SOAP", 1000)))));

        Assert.Equal(700, first.DiscountFen);
        Assert.All(again, quote =>
        {
            Assert.Empty(quote.Refused);
            Assert.Equal(first.Applied.Single().Shares, quote.Applied.Single().Shares);
        });
        Assert.Equal(1, await Rows());
    }

    [DatabaseFact]
    public async Task The_same_ticket_many_times_at_once_uses_the_coupon_once()
    {
        var coupon = await _shop.CouponAsync();

        var quotes = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(() => _shop.RedeemAsync("T1", coupon, ("CREAM", 6000)))));

        Assert.All(quotes, quote => Assert.Equal(1000, quote.DiscountFen));
        Assert.Equal(1, await Rows());
    }

    [DatabaseFact]
    public async Task Two_tickets_with_the_same_two_coupons_in_two_orders_both_end()
    {
        for (var round = 0; round < 10; round++)
        {
            var (a, b) = (await _shop.CouponAsync(_shop.Percent(1000)), await _shop.CouponAsync(_shop.Percent(500)));

            var quotes = await Task.WhenAll(Task.Run(() => _shop.RedeemAsync($"A{round}", _shop.Basket([a, b], ("CREAM", 6000)))), Task.Run(() => _shop.RedeemAsync($"B{round}", _shop.Basket([b, a], ("CREAM", 6000)))));

            Assert.Equal(2, quotes.Sum(quote => quote.Applied.Count));
            Assert.Equal(2, quotes.Sum(quote => quote.Refused.Count));
        }
    }

    [DatabaseFact]
    public async Task A_quote_holds_nothing_and_a_second_coupon_works_on_what_the_first_left()
    {
        var (ten, twenty) = (await _shop.CouponAsync(_shop.Percent(1000)), await _shop.CouponAsync(_shop.Percent(2000) with { ThresholdFen = 10_000 }));

        Assert.Equal(7560, (await _shop.Till.QuoteAsync(_shop.Basket([twenty, ten], ("CREAM", 10_500)), None)).PayableFen);
        Assert.Equal(0, await Rows());
        Assert.Equal(9450, (await _shop.RedeemAsync("T1", ten, ("CREAM", 10_500))).PayableFen);
        // The cashier scans the second one later, on the same ticket.
        var quote = await _shop.RedeemAsync("T1", twenty, ("CREAM", 10_500));
        Assert.Equal((9450, "coupon.below_threshold"), (quote.PayableFen, quote.Refused.Single().Refusal.Reason.Code));
    }

    [DatabaseFact]
    public async Task A_coupon_that_stays_alone_keeps_others_off_the_ticket_later_too()
    {
        var (alone, other) = (await _shop.CouponAsync(_shop.Percent(1000) with { Combinable = false }), await _shop.CouponAsync(_shop.Percent(500)));
        await _shop.RedeemAsync("T1", alone, ("CREAM", 1000));

        Assert.Equal("coupon.not_combinable", (await _shop.RedeemAsync("T1", other, ("CREAM", 1000))).Refused.Single().Refusal.Reason.Code);
    }

    [DatabaseFact]
    public async Task Requests_for_one_ticket_at_the_same_time_see_each_other()
    {
        var alone = new List<Coupon>();
        for (var i = 0; i < 8; i++) alone.Add(await _shop.CouponAsync(_shop.Percent(1000) with { Combinable = false }));

        var quotes = await Task.WhenAll(alone.Select(coupon => Task.Run(() => _shop.RedeemAsync("T1", coupon, ("CREAM", 1000)))));

        Assert.Equal(1, await Rows());
        Assert.Equal(7, quotes.Count(quote => quote.Refused.Count == 1));
    }

    [DatabaseFact]
    public async Task A_product_that_became_a_prescription_medicine_is_skipped()
    {
        var coupon = await _shop.CouponAsync(_shop.Percent(1000));
        var named = await _shop.CouponAsync(_shop.Percent(1000) with { Products = new() { Skus = ["CREAM"] } });
        await _shop.Pharmacy.ImportAsync(CouponShop.Product("CREAM", "护手霜", ProductClass.Prescription));

        var quote = await _shop.RedeemAsync("T1", _shop.Basket([coupon, named], ("CREAM", 9000), ("SOAP", 1000), ("NOT-IN-MASTER", 5000)));

        Assert.Equal(100, quote.DiscountFen);
        Assert.Equal("coupon.restricted_product", quote.Refused.Single().Refusal.Reason.Code);
        Assert.Contains("护手霜", quote.Refused.Single().Refusal.Sentence.Zh);
        Assert.Equal(CouponState.Claimed, await _shop.StateAsync(named));
    }

    [DatabaseFact]
    public async Task The_last_day_ends_at_midnight_in_China()
    {
        var today = _shop.Clock.Today();
        var terms = _shop.Terms() with { ValidUntil = null, DaysAfterClaim = 1, ValidFrom = ChinaTime.Date(today + 1) };
        var (first, second) = (await _shop.CouponAsync(terms), await _shop.CouponAsync(terms));

        Assert.Equal(("coupon.not_yet_valid", "2026-03-11"), await RefusedAsync("T0", first));
        _shop.Clock.Set(ChinaTime.At(today + 1, TimeOnly.MinValue));
        Assert.Equal(1000, (await _shop.RedeemAsync("T1", first, ("CREAM", 5000))).DiscountFen);
        _shop.Clock.Set(ChinaTime.At(today + 2, TimeOnly.MinValue));
        Assert.Equal(("coupon.expired", "2026-03-11"), await RefusedAsync("T2", second));
    }

    [DatabaseFact]
    public async Task A_coupon_is_refused_for_what_it_is_not_for()
    {
        var here = await _shop.CouponAsync(_shop.Terms() with { Stores = [_shop.OtherStore] });
        var online = await _shop.CouponAsync(_shop.Terms() with { Channels = [SalesChannel.MiniProgram] });
        var mine = await _shop.CouponAsync(member: "M2");
        var gone = await _shop.CouponAsync();
        await _shop.Claims.VoidAsync(gone.Id, None);

        Assert.Equal("coupon.store", (await RefusedAsync("T1", here)).Code);
        Assert.Equal("coupon.channel", (await RefusedAsync("T1", online)).Code);
        Assert.Equal("coupon.void", (await RefusedAsync("T1", gone)).Code);
        var basket = _shop.Basket([mine], ("CREAM", 5000)) with { Member = await _shop.MemberAsync("M1") };
        Assert.Equal("coupon.not_yours", (await _shop.RedeemAsync("T1", basket)).Refused.Single().Refusal.Reason.Code);
        var two = await _shop.RedeemAsync("T1", _shop.Basket([await _shop.CouponAsync(), mine], ("CREAM", 5000)));
        Assert.Equal("coupon.not_yours", two.Refused.Single().Refusal.Reason.Code);
    }

    [DatabaseFact]
    public async Task Codes_and_baskets_that_make_no_sense_are_refused_and_change_nothing()
    {
        var coupon = await _shop.CouponAsync();
        var basket = _shop.Basket([coupon], ("CREAM", 6000));

        var quote = await _shop.RedeemAsync("T1", basket with { Codes = [coupon.Code, coupon.Code, "' OR 1=1 --", CouponCode.New()], Policy = StackingPolicy.AllOrNothing });
        Assert.Equal(["coupon.code_invalid", "coupon.others_refused", "coupon.repeated", "coupon.unknown"], quote.Refused.Select(r => r.Refusal.Reason.Code).Order());
        Checkout[] wrong =
        [
            basket with { Lines = [new(1, "CREAM", 1, -1)] }, basket with { Lines = [new(1, "CREAM", 0, 1)] }, basket with { Lines = [new(1, "CREAM", 1, long.MaxValue)] },
            basket with { Lines = [new(1, "CREAM", 1, 1), new(1, "SOAP", 1, 1)] }, basket with { DeliveryFen = -1 }, basket with { Channel = 0 }, basket with { Policy = 0 },
            basket with { Lines = null! }, basket with { Lines = [null!] }, basket with { Lines = [new(1, null!, 1, 1)] }, basket with { Lines = [new(1, new string('S', 65), 1, 1)] },
            basket with { Lines = [.. Enumerable.Range(1, 501).Select(no => new BasketLine(no, "CREAM", 1, 1))] },
        ];
        foreach (var checkout in wrong) Assert.Equal("coupon.request_invalid", (await _shop.RedeemAsync("T1", checkout)).Refused.Single().Refusal.Reason.Code);
        Assert.Equal("codes", (await _shop.RedeemAsync("T1", basket with { Codes = null! })).Refused.Single().Refusal.Detail);
        Assert.Equal("ticket", (await _shop.Till.RedeemAsync(new RedeemRequest(basket, "1", null!), None)).Refused.Single().Refusal.Detail);
        Assert.Equal("till", (await _shop.Till.RedeemAsync(new RedeemRequest(basket, new string('1', 17), "T1"), None)).Refused.Single().Refusal.Detail);
        Assert.Equal((0, CouponState.Claimed), (await Rows(), await _shop.StateAsync(coupon)));
    }

    [DatabaseFact]
    public async Task A_reservation_is_confirmed_once_and_holds_others_off()
    {
        var coupon = await _shop.CouponAsync();

        Assert.Equal(1000, (await _shop.ReserveAsync("T1", _shop.Basket([coupon], ("CREAM", 6000)), s_halfHour)).DiscountFen);
        Assert.Equal(("coupon.reserved", "T1"), await RefusedAsync("T2", coupon));
        Assert.Equal(CouponState.Reserved, await _shop.StateAsync(coupon));
        var first = await _shop.ConfirmAsync("T1");
        var again = await _shop.ConfirmAsync("T1");

        Assert.Equal((1000, null), (first.Applied.Single().DiscountFen, first.Refusal));
        Assert.Equal((1000, null), (again.Applied.Single().DiscountFen, again.Refusal));
        Assert.Equal(("coupon.used", "T1"), await RefusedAsync("T2", coupon));
        Assert.Equal("coupon.nothing_reserved", (await _shop.ConfirmAsync("T2")).Refusal!.Reason.Code);
    }

    [DatabaseFact]
    public async Task A_released_coupon_can_be_taken_again_by_the_same_ticket_or_another()
    {
        var coupon = await _shop.CouponAsync();
        var basket = _shop.Basket([coupon], ("CREAM", 6000));

        await _shop.ReserveAsync("T1", basket, s_halfHour);
        Assert.Equal(1, await _shop.ReleaseAsync("T1"));
        Assert.Equal(0, await _shop.ReleaseAsync("T1"));
        Assert.Equal(CouponState.Claimed, await _shop.StateAsync(coupon));
        Assert.Equal(1000, (await _shop.ReserveAsync("T1", basket, s_halfHour)).DiscountFen);
        await _shop.ReleaseAsync("T1");
        Assert.Equal(1000, (await _shop.RedeemAsync("T2", basket)).DiscountFen);
        // What is redeemed is not released.
        Assert.Equal(0, await _shop.ReleaseAsync("T2"));
    }

    [DatabaseFact]
    public async Task Redeeming_what_the_ticket_has_reserved_confirms_it()
    {
        var coupon = await _shop.CouponAsync();
        var basket = _shop.Basket([coupon], ("CREAM", 6000));
        await _shop.ReserveAsync("T1", basket, s_halfHour);

        Assert.Equal(1000, (await _shop.RedeemAsync("T1", basket)).DiscountFen);
        Assert.Equal((1, CouponState.Redeemed), (await Rows(), await _shop.StateAsync(coupon)));
    }

    [DatabaseFact]
    public async Task All_or_nothing_confirms_nothing_while_one_is_refused()
    {
        var (held, other) = (await _shop.CouponAsync(), await _shop.CouponAsync(member: "M2"));
        await _shop.ReserveAsync("T1", _shop.Basket([held], ("CREAM", 6000)), s_halfHour);

        var quote = await _shop.RedeemAsync("T1", _shop.Basket([held, other], ("CREAM", 6000)) with { Policy = StackingPolicy.AllOrNothing });

        // The ticket is the first member's already, so the second one's coupon does not go on it.
        Assert.Equal("coupon.not_yours", quote.Refused.Single().Refusal.Reason.Code);
        Assert.Equal(CouponState.Reserved, await _shop.StateAsync(held));
    }

    [DatabaseFact]
    public async Task A_reservation_that_ran_out_holds_nobody_up_swept_or_not()
    {
        var coupon = await _shop.CouponAsync();
        await _shop.ReserveAsync("T1", _shop.Basket([coupon], ("CREAM", 6000)), s_halfHour);

        _shop.Clock.Advance(s_halfHour);
        Assert.Equal("coupon.reservation_expired", (await _shop.ConfirmAsync("T1")).Refusal!.Reason.Code);
        Assert.Equal(1000, (await _shop.RedeemAsync("T2", coupon, ("CREAM", 6000))).DiscountFen);
        Assert.Equal(("coupon.used", "T2"), await RefusedAsync("T1", coupon));
        Assert.Equal(0, await _shop.Sweep.RunOnceAsync(None));
    }

    [DatabaseFact]
    public async Task A_reservation_made_in_time_is_confirmed_after_the_coupon_s_last_day()
    {
        var coupon = await _shop.CouponAsync(_shop.Terms() with { ValidUntil = null, DaysAfterClaim = 0 });
        _shop.Clock.Set(coupon.ValidUntil.AddMinutes(-1));
        await _shop.ReserveAsync("T1", _shop.Basket([coupon], ("CREAM", 6000)), s_halfHour);
        _shop.Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Null((await _shop.ConfirmAsync("T1")).Refusal);
    }

    [DatabaseFact]
    public async Task A_sweep_lets_go_of_reservations_and_shows_what_has_expired()
    {
        var terms = _shop.Terms() with { BudgetFen = 100_000, ValidUntil = null, DaysAfterClaim = 3 };
        var (held, kept) = (await _shop.CouponAsync(terms), await _shop.CouponAsync(terms));
        await _shop.ReserveAsync("T1", _shop.Basket([held], ("CREAM", 6000)), s_halfHour);
        await _shop.ReserveAsync("T2", _shop.Basket([kept], ("CREAM", 6000)), TimeSpan.FromHours(2));

        _shop.Clock.Advance(TimeSpan.FromHours(1));
        await _shop.Sweep.RunOnceAsync(None);
        Assert.Equal((CouponState.Claimed, CouponState.Reserved), (await _shop.StateAsync(held), await _shop.StateAsync(kept)));
        Assert.Equal("coupon.reservation_expired", (await _shop.ConfirmAsync("T1")).Refusal!.Reason.Code);

        await _shop.ConfirmAsync("T2");
        _shop.Clock.Set(held.ValidUntil);
        Assert.Equal(1, await _shop.Sweep.RunOnceAsync(None));
        Assert.Equal((CouponState.Expired, CouponState.Redeemed), (await _shop.StateAsync(held), await _shop.StateAsync(kept)));
        Assert.Equal((0, 1000), (await _shop.CommittedAsync(held.Definition), await _shop.CommittedAsync(kept.Definition)));
        Assert.Equal(0, await _shop.Sweep.RunOnceAsync(None));
    }

    [DatabaseFact]
    public async Task No_reservation_is_longer_than_the_longest()
    {
        var coupon = await _shop.CouponAsync();
        await _shop.ReserveAsync("T1", _shop.Basket([coupon], ("CREAM", 6000)), TimeSpan.MaxValue);

        _shop.Clock.Advance(_shop.Limits.LongestReservation);
        Assert.Equal("coupon.reservation_expired", (await _shop.ConfirmAsync("T1")).Refusal!.Reason.Code);
    }

    [DatabaseFact]
    public async Task Too_many_redemptions_are_too_fast()
    {
        _shop.Limits.RedemptionsPerMemberAndDay = 1;
        var (first, second) = (await _shop.CouponAsync(), await _shop.CouponAsync());
        await _shop.RedeemAsync("T1", first, ("CREAM", 6000));

        Assert.Equal("coupon.too_fast", (await RefusedAsync("T2", second)).Code);
        // A repeated request is no further redemption.
        Assert.Equal(1000, (await _shop.RedeemAsync("T1", first, ("CREAM", 6000))).DiscountFen);
        _shop.Limits.RedemptionsPerMemberAndDay = 9;
        _shop.Limits.RedemptionsPerStoreAndMinute = 1;
        Assert.Equal("coupon.too_fast", (await RefusedAsync("T2", second)).Code);
        _shop.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1000, (await _shop.RedeemAsync("T2", second, ("CREAM", 6000))).DiscountFen);
    }

    [DatabaseFact]
    public async Task A_cashier_s_own_coupon_is_flagged()
    {
        var (own, other) = (await _shop.CouponAsync(), await _shop.CouponAsync(member: "M2"));
        var me = await _shop.MemberAsync();
        await _shop.Till.RedeemAsync(new RedeemRequest(_shop.Basket([own], ("CREAM", 6000)), "1", "T1", 77, me), None);
        await _shop.Till.RedeemAsync(new RedeemRequest(_shop.Basket([other], ("CREAM", 6000)), "1", "T2", 77, me), None);

        var flagged = Assert.Single((await _shop.Watch.OwnAccountAsync(_shop.Store, null, 10, None)).Items);
        Assert.Equal((own.Code, me, _shop.Ticket("T1"), 77, 1000), (flagged.Code, flagged.Member, flagged.Ticket, flagged.Cashier, flagged.Fen));
        Assert.Empty((await _shop.Watch.OwnAccountAsync(_shop.OtherStore, null, 10, None)).Items);
    }

    [DatabaseFact]
    public async Task A_ticket_that_does_not_come_about_uses_nothing()
    {
        var coupon = await _shop.CouponAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => _shop.Database.WriteAsync(async tx =>
        {
            await _shop.Till.RedeemAsync(tx, new RedeemRequest(_shop.Basket([coupon], ("CREAM", 6000)), "1", "T1"));
            throw new InvalidOperationException("The ticket's own rows could not be written.");
        }, None));

        Assert.Equal((0, CouponState.Claimed), (await Rows(), await _shop.StateAsync(coupon)));
    }

    [DatabaseFact]
    public async Task The_table_itself_lets_one_redemption_hold_a_coupon()
    {
        var coupon = await _shop.CouponAsync();
        await _shop.RedeemAsync("T1", coupon, ("CREAM", 6000));

        await Assert.ThrowsAnyAsync<Exception>(() => _shop.Database.WriteAsync(tx => tx.ExecuteAsync("""
            INSERT INTO coupon_redemption (id, coupon_id, live_coupon_id, member_id, store_id, till_no, ticket_no, channel, state, discount_fen, delivery_fen, own_account, made_at)
            SELECT id + 1, coupon_id, live_coupon_id, member_id, store_id, till_no, 'T2', channel, state, discount_fen, delivery_fen, own_account, made_at FROM coupon_redemption
            """), None));
    }

    private async Task<(string Code, string Detail)> RefusedAsync(string ticket, Coupon coupon)
    {
        var refused = (await _shop.RedeemAsync(ticket, coupon, ("CREAM", 6000))).Refused.Single().Refusal;
        return (refused.Reason.Code, refused.Detail);
    }

    private Task<long> Rows() => _shop.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM coupon_redemption");
}

public sealed class TillOnSqlite(SqliteTestDatabase database) : TillContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class TillOnMySql(MySqlTestDatabase database) : TillContract(database), IClassFixture<MySqlTestDatabase>;
