using Engagement.Members.Coupons;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Coupons;

/// <summary>What becomes of coupons when the records of their owners are merged, parted or erased.</summary>
public abstract class OwnerContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private CouponShop _shop = null!;

    public async Task InitializeAsync() => _shop = await CouponShop.OpenAsync(test);

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [DatabaseFact]
    public async Task A_merge_takes_coupons_along_and_can_be_undone()
    {
        var id = await _shop.PublishAsync(_shop.Terms() with { PerMember = 2, InvitedOnly = true });
        var (m1, m2) = (await _shop.MemberAsync("M1"), await _shop.MemberAsync("M2"));
        await _shop.Definitions.InviteAsync(id, [m1, m2], None);
        var other = await _shop.CouponAsync(member: "M2");
        foreach (var member in (string[])["M1", "M1", "M2", "M2"]) Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id, member, "tap" + _shop.Pharmacy.Ids.Next()));
        await _shop.RedeemAsync("T1", other, ("CREAM", 6000));

        Assert.Equal(3, await _shop.Database.WriteAsync(tx => CouponOwners.MoveAsync(tx, m2, m1, 900), None));

        Assert.Equal([1L, 2, 3, 4], await SequencesAsync(id, m1.Value));
        Assert.Equal("coupon.limit_member", Assert.IsType<ClaimOutcome.Refused>(await _shop.ClaimAsync(id)).Refusal.Reason.Code);
        Assert.Equal(CouponState.Redeemed, (await _shop.Wallet.PastAsync(m1, null, 10, None)).Items.Single().State);
        Assert.Empty((await _shop.Wallet.HeldAsync(m2, null, null, null, 10, None)).Items);

        Assert.Equal(3, await _shop.Database.WriteAsync(tx => CouponOwners.MoveBackAsync(tx, 900), None));
        Assert.Equal(0, await _shop.Database.WriteAsync(tx => CouponOwners.MoveBackAsync(tx, 900), None));
        Assert.Equal([1L, 2], await SequencesAsync(id, m1.Value));
        Assert.Equal([1L, 2], await SequencesAsync(id, m2.Value));
    }

    [DatabaseFact]
    public async Task An_invitation_moves_with_the_record()
    {
        var id = await _shop.PublishAsync(_shop.Terms() with { InvitedOnly = true });
        await _shop.Definitions.InviteAsync(id, [await _shop.MemberAsync("M2")], None);

        var (m1, m2) = (await _shop.MemberAsync("M1"), await _shop.MemberAsync("M2"));
        await _shop.Database.WriteAsync(tx => CouponOwners.MoveAsync(tx, m2, m1, 1), None);
        await _shop.Database.WriteAsync(tx => CouponOwners.MoveAsync(tx, m2, m1, 2), None);

        Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id));
    }

    [DatabaseFact]
    public async Task An_erased_member_s_open_coupons_are_void_and_the_phone_is_forgotten()
    {
        var (open, used) = (await _shop.CouponAsync(_shop.Terms() with { BudgetFen = 50_000 }), await _shop.CouponAsync(_shop.Terms() with { BudgetFen = 50_000 }));
        await _shop.RedeemAsync("T1", used, ("CREAM", 6000));
        var member = await _shop.MemberAsync();

        await _shop.Database.WriteAsync(tx => CouponOwners.ForgetAsync(tx, member), None);

        Assert.Equal((CouponState.Void, CouponState.Redeemed), (await _shop.StateAsync(open), await _shop.StateAsync(used)));
        Assert.Equal((0, 1000), (await _shop.CommittedAsync(open.Definition), await _shop.CommittedAsync(used.Definition)));
        Assert.Equal(0, await _shop.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM coupon WHERE person_index IS NOT NULL"));
    }

    private Task<List<long>> SequencesAsync(CouponDefinitionId id, long member) =>
        _shop.Pharmacy.QueryAsync<long>("SELECT sequence FROM coupon WHERE definition_id = @id AND member_id = @member ORDER BY sequence", new { id = id.Value, member });
}

public sealed class OwnerOnSqlite(SqliteTestDatabase database) : OwnerContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class OwnerOnMySql(MySqlTestDatabase database) : OwnerContract(database), IClassFixture<MySqlTestDatabase>;
