using Engagement.Members.Coupons;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Coupons;

/// <summary>Goods that come back by the purchase feed reach the coupons of their ticket.</summary>
public abstract class ReturnContract(TestDatabase test) : IAsyncLifetime
{
    private CouponShop _shop = null!;

    public async Task InitializeAsync() => _shop = await CouponShop.OpenAsync(test);

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [DatabaseFact]
    public async Task A_full_refund_gives_the_coupon_back_and_a_part_of_one_does_not()
    {
        var coupon = await SoldAsync("T1", 2);

        await _shop.Pharmacy.ImportAsync(Back("R1", "T1", 1));
        Assert.Equal(CouponState.Redeemed, await _shop.StateAsync(coupon));
        await _shop.Pharmacy.ImportAsync(Back("R2", "T1", 1));
        Assert.Equal(CouponState.Claimed, await _shop.StateAsync(coupon));
        Assert.Empty(_shop.Pharmacy.Rejections);
    }

    [DatabaseFact]
    public async Task The_same_refund_again_changes_nothing()
    {
        var coupon = await SoldAsync("T1", 2);

        for (var i = 0; i < 3; i++) await _shop.Pharmacy.ImportAsync(Back("R1", "T1", 1));

        Assert.Equal(CouponState.Redeemed, await _shop.StateAsync(coupon));
        Assert.Equal(1, await _shop.Pharmacy.ScalarAsync<long>("SELECT SUM(refunded_quantity) FROM coupon_redemption_line"));
    }

    [DatabaseFact]
    public async Task A_refund_that_waited_for_its_sale_reaches_the_coupon_with_it()
    {
        var coupon = await _shop.CouponAsync();
        await _shop.RedeemAsync("T1", coupon, ("CREAM", 6000));

        await _shop.Pharmacy.ImportAsync(Back("R1", "T1", 1));
        Assert.Equal(CouponState.Redeemed, await _shop.StateAsync(coupon));
        await _shop.Pharmacy.ImportAsync(_shop.Pharmacy.Sale("T1", 0, "CREAM"));

        Assert.Equal(CouponState.Claimed, await _shop.StateAsync(coupon));
    }

    [DatabaseFact]
    public async Task A_refund_of_more_than_the_ticket_says_is_counted_and_leaves_the_coupon()
    {
        var coupon = await SoldAsync("T1", 1);

        var report = await _shop.Pharmacy.ImportAsync(Back("R1", "T1", 3));

        Assert.Equal(CouponState.Redeemed, await _shop.StateAsync(coupon));
        Assert.Equal(1, report.Flagged["coupon_refund_refused"]);
    }

    [DatabaseFact]
    public async Task Points_that_a_coupon_cost_come_back_when_it_is_taken_back()
    {
        var coupon = await _shop.CouponAsync(_shop.Terms() with { PointsPrice = 100, Advertising = new Advertising { RulesPage = "https://example.test/rules" } });

        Assert.True(await _shop.Claims.VoidAsync(coupon.Id, CancellationToken.None));

        Assert.Equal($"{coupon.Id}", await _shop.Pharmacy.ScalarAsync<string>("SELECT value FROM setting WHERE name = @name", new { name = $"given back {coupon.Member}" }));
    }

    // A ticket whose one line has so many units, with a coupon on it.
    private async Task<Coupon> SoldAsync(string ticket, int units)
    {
        var coupon = await _shop.CouponAsync();
        await _shop.RedeemAsync(ticket, _shop.Basket([coupon]) with { Lines = [new BasketLine(1, "CREAM", units, 6000)] });
        await _shop.Pharmacy.ImportAsync(_shop.Pharmacy.Sale(ticket, 0, "CREAM", units));
        Assert.Equal(CouponState.Redeemed, await _shop.StateAsync(coupon));
        return coupon;
    }

    private Engagement.Members.Imports.PurchaseLineRow Back(string refund, string original, int units) => _shop.Pharmacy.Refund(refund, 0, original, "CREAM", units);
}

public sealed class ReturnsOnSqlite(SqliteTestDatabase database) : ReturnContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class ReturnsOnMySql(MySqlTestDatabase database) : ReturnContract(database), IClassFixture<MySqlTestDatabase>;
