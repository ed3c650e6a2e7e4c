using Engagement.Members.Coupons;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Coupons;

/// <summary>What a member sees of coupons.</summary>
public abstract class WalletContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private CouponShop _shop = null!;

    public async Task InitializeAsync() => _shop = await CouponShop.OpenAsync(test);

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [DatabaseFact]
    public async Task The_wallet_says_why_a_coupon_cannot_be_used_now()
    {
        var usable = await _shop.CouponAsync();
        var elsewhere = await _shop.CouponAsync(_shop.Terms() with { Stores = [_shop.OtherStore] });
        var online = await _shop.CouponAsync(_shop.Terms() with { Channels = [SalesChannel.MiniProgram] });
        var later = await _shop.CouponAsync(_shop.Terms() with { ValidFrom = new DateOnly(2026, 3, 20) });
        var reserved = await _shop.CouponAsync();
        await _shop.ReserveAsync("T7", _shop.Basket([reserved], ("CREAM", 6000)), TimeSpan.FromMinutes(5));
        await _shop.CouponAsync(member: "M2");

        var held = (await _shop.Wallet.HeldAsync(await _shop.MemberAsync(), _shop.Store, SalesChannel.Store, null, 50, None)).Items.ToDictionary(item => item.Code, item => item.Refusal);

        Assert.Equal(5, held.Count);
        Assert.Null(held[usable.Code]);
        Assert.Equal(new Phrase("本店不可用", "this store does not take it"), held[elsewhere.Code]!.Sentence);
        Assert.Equal("coupon.channel", held[online.Code]!.Reason.Code);
        Assert.Equal(new Phrase("券还没到可用日期：2026-03-20", "it cannot be used yet: 2026-03-20"), held[later.Code]!.Sentence);
        Assert.Equal(new Phrase("券已被另一张小票占用：T7", "another ticket holds the coupon: T7"), held[reserved.Code]!.Sentence);
    }

    [DatabaseFact]
    public async Task Where_nobody_knows_the_store_it_stands_in_nobody_s_way()
    {
        await _shop.CouponAsync(_shop.Terms() with { Stores = [_shop.OtherStore], Channels = [SalesChannel.Delivery] });

        Assert.Null((await _shop.Wallet.HeldAsync(await _shop.MemberAsync(), null, null, null, 50, None)).Items.Single().Refusal);
    }

    [DatabaseFact]
    public async Task What_is_over_is_shown_as_what_it_is_before_any_sweep()
    {
        var used = await _shop.CouponAsync();
        var expired = await _shop.CouponAsync(_shop.Terms() with { ValidUntil = null, DaysAfterClaim = 1 });
        var gone = await _shop.CouponAsync();
        var open = await _shop.CouponAsync();
        await _shop.RedeemAsync("T1", used, ("CREAM", 6000));
        await _shop.Claims.VoidAsync(gone.Id, None);
        _shop.Clock.Advance(TimeSpan.FromDays(2));

        var past = (await _shop.Wallet.PastAsync(await _shop.MemberAsync(), null, 50, None)).Items.ToDictionary(item => item.Code);

        Assert.Equal((CouponState.Redeemed, "券已使用：T1"), (past[used.Code].State, past[used.Code].Refusal!.Sentence.Zh));
        Assert.Equal((CouponState.Expired, "the coupon has expired: 2026-03-11"), (past[expired.Code].State, past[expired.Code].Refusal!.Sentence.En));
        Assert.Equal((CouponState.Void, "coupon.void"), (past[gone.Code].State, past[gone.Code].Refusal!.Reason.Code));
        Assert.Equal(3, past.Count);
        Assert.Equal(open.Code, (await _shop.Wallet.HeldAsync(await _shop.MemberAsync(), null, null, null, 50, None)).Items.Single().Code);
    }

    [DatabaseFact]
    public async Task Pages_run_from_what_ends_first_and_leave_nothing_out()
    {
        for (var day = 9; day > 2; day--) await _shop.CouponAsync(_shop.Terms() with { DaysAfterClaim = day / 2 });
        var member = await _shop.MemberAsync();

        var all = new List<WalletCoupon>();
        CouponCursor? place = null;
        do
        {
            var page = await _shop.Wallet.HeldAsync(member, null, null, place, 2, None);
            Assert.InRange(page.Items.Count, 1, 2);
            all.AddRange(page.Items);
            place = page.Next;
        }
        while (place is not null);

        Assert.Equal(7, all.DistinctBy(item => item.Id).Count());
        Assert.Equal(all.Select(item => item.ValidUntil).Order(), all.Select(item => item.ValidUntil));
        _shop.Clock.Advance(TimeSpan.FromDays(40));
        var first = await _shop.Wallet.PastAsync(member, null, 4, None);
        var second = await _shop.Wallet.PastAsync(member, first.Next, 4, None);
        Assert.Equal(7, first.Items.Concat(second.Items).DistinctBy(item => item.Id).Count());
        Assert.Null(second.Next);
    }

    [DatabaseFact]
    public async Task A_coupon_of_somebody_else_is_not_found()
    {
        var coupon = await _shop.CouponAsync();

        Assert.Equal(coupon.Id, (await _shop.Wallet.FindAsync(await _shop.MemberAsync(), CouponCode.Grouped(coupon.Code), None))!.Id);
        Assert.Null(await _shop.Wallet.FindAsync(await _shop.MemberAsync("M2"), coupon.Code, None));
        Assert.Null(await _shop.Wallet.FindAsync(await _shop.MemberAsync(), "' OR 1=1 --", None));
    }

    [DatabaseFact]
    public async Task The_centre_shows_what_can_be_claimed_and_why_the_rest_cannot()
    {
        var now = _shop.Clock.GetUtcNow();
        var open = await _shop.PublishAsync(_shop.Terms());
        var soon = await _shop.PublishAsync(_shop.Terms() with { ClaimFrom = now.AddHours(1) });
        var had = (await _shop.CouponAsync(_shop.Terms() with { Total = null })).Definition;
        var sold = (await _shop.CouponAsync(_shop.Terms() with { Total = 1 }, "M2")).Definition;
        var gold = await _shop.PublishAsync(_shop.Terms() with { Tiers = ["gold"] });
        var invited = await _shop.PublishAsync(_shop.Terms() with { InvitedOnly = true });
        var closed = await _shop.PublishAsync(_shop.Terms());
        await _shop.Definitions.OpenAsync(closed, false, None);
        var member = await _shop.MemberAsync();

        var centre = (await _shop.Wallet.CentreAsync(member, null, 50, None)).Items.ToDictionary(item => item.Definition, item => (item.Left, item.Held, item.Refusal?.Reason.Code));

        Assert.Equal(5, centre.Count);
        Assert.Equal((100, 0, null), centre[open]);
        Assert.Equal((100, 0, "coupon.not_open"), centre[soon]);
        Assert.Equal((null, 1, "coupon.limit_member"), centre[had]);
        Assert.Equal((0, 0, "coupon.sold_out"), centre[sold]);
        Assert.Equal("coupon.tier", centre[gold].Code);
        await _shop.Definitions.InviteAsync(invited, [member], None);
        Assert.Equal(6, (await _shop.Wallet.CentreAsync(member, null, 50, None)).Items.Count);
        var first = await _shop.Wallet.CentreAsync(member, null, 4, None);
        Assert.Equal(6, first.Items.Concat((await _shop.Wallet.CentreAsync(member, first.Next, 4, None)).Items).DistinctBy(item => item.Definition).Count());
    }
}

/// <summary>What is asked with each tap and each scan goes by an index, however many coupons there are.</summary>
public sealed class CouponPlans(SqliteTestDatabase test) : IClassFixture<SqliteTestDatabase>
{
    public static TheoryData<string> Statements() =>
    [
        $"{TillStore.SelectCoupons} WHERE c.code IN (@code)", $"{TillStore.SelectCoupons} WHERE {CouponWallet.Open}", $"{TillStore.SelectCoupons} WHERE {CouponWallet.Past}",
        TillStore.SelectTicket, CouponWallet.SelectOffers,
        "SELECT COUNT(*) FROM coupon WHERE member_id = @member AND claimed_at > @now", "SELECT COUNT(*) FROM coupon WHERE person_index IN (@code) AND claimed_at > @now",
        "SELECT COUNT(*) FROM coupon_redemption WHERE store_id = @store AND made_at > @now", "SELECT COUNT(*) FROM coupon_redemption WHERE member_id = @member AND made_at > @now",
        "SELECT id FROM coupon_redemption WHERE state = 1 AND reserved_until <= @now", "SELECT id FROM coupon WHERE state = 1 AND valid_until <= @now",
    ];

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task Nothing_is_scanned(string sql)
    {
        var steps = await test.Database.ReadAsync(session => session.QueryAsync<(long, long, long, string Detail)>(
            $"EXPLAIN QUERY PLAN {sql}", new { code = "A", member = 1, store = 1, till = "1", ticket = "T", now = 1, key = 1, id = 1, limit = 5 }), CancellationToken.None);

        Assert.NotEmpty(steps);
        Assert.DoesNotContain(steps, step => step.Detail.StartsWith("SCAN", StringComparison.Ordinal));
    }
}

public sealed class WalletOnSqlite(SqliteTestDatabase database) : WalletContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class WalletOnMySql(MySqlTestDatabase database) : WalletContract(database), IClassFixture<MySqlTestDatabase>;
