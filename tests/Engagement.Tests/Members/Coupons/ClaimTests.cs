using Engagement.Members.Coupons;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Coupons;

/// <summary>Who gets a coupon, and how many there are.</summary>
public abstract class ClaimContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private CouponShop _shop = null!;

    public async Task InitializeAsync() => _shop = await CouponShop.OpenAsync(test);

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [DatabaseFact]
    public async Task Five_hundred_claims_of_a_hundred_give_a_hundred()
    {
        await _shop.JoinAsync([.. Enumerable.Range(0, 500).SelectMany(i => new[] { $"N{i}", $"137{i:00000000}" })]);
        var members = await _shop.Pharmacy.QueryAsync<long>("SELECT id FROM member WHERE member_no LIKE 'N%'");
        var id = await _shop.PublishAsync(_shop.Terms());

        var outcomes = await Task.WhenAll(members.Select(member => Task.Run(() => _shop.Claims.ClaimAsync(new ClaimRequest(id, new(member)), None))));

        Assert.Equal(500, members.Count);
        Assert.Equal(100, outcomes.OfType<ClaimOutcome.Claimed>().Count());
        Assert.All(outcomes.OfType<ClaimOutcome.Refused>(), refused => Assert.Equal("coupon.sold_out", refused.Refusal.Reason.Code));
        Assert.Equal((100, 100, 100 * 1000), (await Rows(id), (await Stock(id)).Claimed, (await Stock(id)).CommittedFen));
    }

    [DatabaseFact]
    public async Task One_member_claiming_forty_times_at_once_gets_what_one_member_may_have()
    {
        var id = await _shop.PublishAsync(_shop.Terms() with { PerMember = 3 });
        var member = await _shop.MemberAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => _shop.Claims.ClaimAsync(new ClaimRequest(id, member), None))));

        Assert.Equal(3, outcomes.OfType<ClaimOutcome.Claimed>().Count());
        Assert.All(outcomes.OfType<ClaimOutcome.Refused>(), refused => Assert.Equal("coupon.limit_member", refused.Refusal.Reason.Code));
        // A refusal after the stock was taken gives it back.
        Assert.Equal((3, 3), (await Rows(id), (await Stock(id)).Claimed));
        Assert.Equal([1L, 2, 3], await _shop.Pharmacy.QueryAsync<long>("SELECT sequence FROM coupon WHERE definition_id = @id ORDER BY sequence", new { id = id.Value }));
    }

    [DatabaseFact]
    public async Task A_repeated_claim_with_the_same_key_answers_with_the_first_coupon()
    {
        var id = await _shop.PublishAsync(_shop.Terms() with { PerMember = 5, Total = 1 });

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => _shop.ClaimAsync(id, key: "tap-1"))));

        var claimed = Assert.IsType<ClaimOutcome.Claimed[]>(outcomes.Cast<ClaimOutcome.Claimed>().ToArray());
        Assert.Single(claimed.DistinctBy(c => c.Coupon.Code));
        Assert.Single(claimed, c => !c.Again);
        Assert.Equal(1, (await Stock(id)).Claimed);
        Assert.Equal("coupon.sold_out", await RefusedAsync(id, key: "tap-2"));
    }

    [DatabaseFact]
    public async Task A_person_with_two_records_is_one_person()
    {
        // A family that shares a phone: two names, so two records.
        await _shop.Pharmacy.ImportAsync(Pharmacy.Member("F1", "张三", "13900139000"), Pharmacy.Member("F2", "李四", "13900139000"), Pharmacy.Member("F3", "王五"));
        var id = await _shop.PublishAsync(_shop.Terms() with { PerPerson = 1, PerMember = 2 });

        Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id, "F1"));
        Assert.Equal("coupon.limit_person", await RefusedAsync(id, "F2"));
        Assert.Equal("coupon.limit_person", await RefusedAsync(id, "F1"));
        Assert.Equal("coupon.phone_needed", await RefusedAsync(id, "F3"));
        Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id, "M1"));
        Assert.Equal(2, (await Stock(id)).Claimed);
    }

    [DatabaseFact]
    public async Task A_day_has_its_own_number()
    {
        var id = await _shop.PublishAsync(_shop.Terms() with { Daily = 2, PerMember = 9 });

        for (var i = 0; i < 2; i++) Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id));
        Assert.Equal("coupon.sold_out_today", await RefusedAsync(id, "M2"));
        // 23:59:59 is still today, midnight in China is not; and what was left of a day is not carried over.
        _shop.Clock.Set(ChinaTime.At(_shop.Clock.Today() + 1, TimeOnly.MinValue).AddSeconds(-1));
        Assert.Equal("coupon.sold_out_today", await RefusedAsync(id, "M2"));
        _shop.Clock.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 2; i++) Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id, "M2"));
        Assert.Equal("coupon.sold_out_today", await RefusedAsync(id));
    }

    [DatabaseFact]
    public async Task A_budget_ends_the_claims_and_grows_by_what_is_not_spent()
    {
        var terms = _shop.Percent(1000) with { CapFen = 1000, BudgetFen = 2000, PerMember = 9 };
        var id = await _shop.PublishAsync(terms);
        var first = Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id)).Coupon;
        var second = Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id)).Coupon;
        Assert.Equal("coupon.budget_spent", await RefusedAsync(id));

        await _shop.RedeemAsync("T1", first, ("CREAM", 4000));
        Assert.Equal(1400, (await Stock(id)).CommittedFen);
        Assert.Equal("coupon.budget_spent", await RefusedAsync(id));
        Assert.True(await _shop.Claims.VoidAsync(second.Id, None));
        Assert.False(await _shop.Claims.VoidAsync(first.Id, None));
        Assert.Equal(400, (await Stock(id)).CommittedFen);
        Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id));
    }

    [DatabaseFact]
    public async Task The_window_opens_and_closes_at_its_instants()
    {
        var now = _shop.Clock.GetUtcNow();
        var id = await _shop.PublishAsync(_shop.Terms() with { ClaimFrom = now.AddMinutes(10), ClaimUntil = now.AddMinutes(20), PerMember = 9 });

        Assert.Equal("coupon.not_open", await RefusedAsync(id));
        _shop.Clock.Set(now.AddMinutes(10));
        Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id));
        _shop.Clock.Set(now.AddMinutes(20).AddMilliseconds(-1));
        Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id));
        _shop.Clock.Set(now.AddMinutes(20));
        Assert.Equal("coupon.closed", await RefusedAsync(id));
    }

    [DatabaseFact]
    public async Task Staff_stop_claims_and_let_them_run_again()
    {
        var id = await _shop.PublishAsync(_shop.Terms());

        Assert.True(await _shop.Definitions.OpenAsync(id, false, None));
        Assert.Equal("coupon.closed", await RefusedAsync(id));
        await _shop.Definitions.OpenAsync(id, true, None);
        Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id));
    }

    [DatabaseFact]
    public async Task What_may_no_longer_be_advertised_is_not_given_and_what_was_given_is_honoured()
    {
        var coupon = await _shop.CouponAsync(_shop.Terms() with
        {
            Products = new() { Skus = ["VITC"] }, ThresholdFen = 0,
            Advertising = new() { ApprovalNo = "食健广审(文)第260310-00001号", ApprovalUntil = new DateOnly(2026, 3, 12), Warning = "本品不能代替药物", Marked = true },
        });
        _shop.Clock.Advance(TimeSpan.FromDays(3));

        Assert.Equal("coupon.closed", await RefusedAsync(coupon.Definition, "M2"));
        Assert.Equal(1000, (await _shop.RedeemAsync("T1", coupon, ("VITC", 5000))).DiscountFen);
    }

    [DatabaseFact]
    public async Task A_tier_and_an_invitation_are_asked_for()
    {
        var id = await _shop.PublishAsync(_shop.Terms() with { Tiers = ["gold"], InvitedOnly = true });

        Assert.Equal("coupon.tier", await RefusedAsync(id));
        _shop.Tier = "gold";
        Assert.Equal("coupon.not_invited", await RefusedAsync(id));
        await _shop.Definitions.InviteAsync(id, [await _shop.MemberAsync(), await _shop.MemberAsync()], None);
        await _shop.Definitions.InviteAsync(id, [await _shop.MemberAsync()], None);
        Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id));
        Assert.Equal("coupon.not_invited", await RefusedAsync(id, "M2"));
        // A benefit needs no invitation.
        Assert.IsType<ClaimOutcome.Claimed>(await _shop.Claims.ClaimAsync(new ClaimRequest(id, await _shop.MemberAsync("M2"), "birthday 2026", CouponOrigin.Benefit), None));
    }

    [DatabaseFact]
    public async Task Under_fourteen_nothing_is_offered_and_nothing_claimed()
    {
        var id = await _shop.PublishAsync(_shop.Terms());
        var (member, today) = (await _shop.MemberAsync("M2"), ChinaTime.DateOf(_shop.Clock.GetUtcNow()));
        await BornAsync(today.AddYears(-14).AddDays(1));

        Assert.Equal("coupon.minor", await RefusedAsync(id, "M2"));
        Assert.Empty((await _shop.Wallet.CentreAsync(member, null, 50, None)).Items);
        // Staff may make something good.
        Assert.IsType<ClaimOutcome.Claimed>(await _shop.Claims.ClaimAsync(new ClaimRequest(id, member, "case 1", CouponOrigin.Staff), None));

        await BornAsync(today.AddYears(-14));
        Assert.Contains((await _shop.Wallet.CentreAsync(member, null, 50, None)).Items, offer => offer.Definition == id);
        Assert.Equal("coupon.limit_member", await RefusedAsync(id, "M2"));

        Task<int> BornAsync(DateOnly day) => _shop.Database.WriteAsync(tx => tx.ExecuteAsync(
            "UPDATE member SET birth_year = @year, birth_md = @born WHERE id = @id", new { year = day.Year, born = day.Month * 100 + day.Day, id = member.Value }), None);
    }

    [DatabaseTheory]
    [InlineData(PointsPayment.NotEnough, "coupon.points")]
    [InlineData(PointsPayment.Unavailable, "coupon.points_unavailable")]
    public async Task Without_points_nothing_is_claimed_and_nothing_is_left_of_the_payment(PointsPayment payment, string reason)
    {
        var id = await _shop.PublishAsync(_shop.Terms() with { PointsPrice = 500, Advertising = new() { RulesPage = "/pages/rules" } });
        _shop.Payment = payment;

        Assert.Equal(reason, await RefusedAsync(id));

        Assert.Equal((0, 0, 0), (await Rows(id), (await Stock(id)).Claimed, await _shop.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM setting")));
        _shop.Payment = PointsPayment.Paid;
        Assert.Equal(500, Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id)).Coupon.Points);
        Assert.Equal("500", await _shop.Pharmacy.ScalarAsync<string>("SELECT value FROM setting"));
    }

    [DatabaseFact]
    public async Task A_benefit_costs_no_points()
    {
        var id = await _shop.PublishAsync(_shop.Terms() with { PointsPrice = 500, Advertising = new() { RulesPage = "/pages/rules" } });

        var outcome = await _shop.Claims.ClaimAsync(new ClaimRequest(id, await _shop.MemberAsync(), null, CouponOrigin.Benefit), None);

        Assert.Equal(0, Assert.IsType<ClaimOutcome.Claimed>(outcome).Coupon.Points);
        Assert.Equal(0, await _shop.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM setting"));
    }

    [DatabaseFact]
    public async Task Too_many_claims_in_an_hour_are_too_fast()
    {
        _shop.Limits.ClaimsPerMemberAndHour = 2;
        _shop.Limits.ClaimsPerPhoneAndDay = 3;
        var id = await _shop.PublishAsync(_shop.Terms() with { PerMember = 9 });

        for (var i = 0; i < 2; i++) Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id));
        Assert.Equal("coupon.too_fast", await RefusedAsync(id));
        _shop.Clock.Advance(TimeSpan.FromHours(2));
        Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id));
        // The phone has had its three of the day.
        Assert.Equal("coupon.too_fast", await RefusedAsync(id));
    }

    [DatabaseFact]
    public async Task A_refused_claim_leaves_the_caller_s_own_write_alone()
    {
        var id = await _shop.PublishAsync(_shop.Terms());
        var member = await _shop.MemberAsync();

        var outcomes = await _shop.Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("before", "1");
            var first = await _shop.Claims.ClaimAsync(tx, new ClaimRequest(id, member));
            var second = await _shop.Claims.ClaimAsync(tx, new ClaimRequest(id, member));
            await tx.SetSettingAsync("after", "1");
            return (first, second);
        }, None);

        Assert.IsType<ClaimOutcome.Claimed>(outcomes.first);
        Assert.IsType<ClaimOutcome.Refused>(outcomes.second);
        Assert.Equal((2, 1, 1), (await _shop.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM setting"), await Rows(id), (await Stock(id)).Claimed));
    }

    [DatabaseFact]
    public async Task Whoever_is_not_there_gets_nothing()
    {
        var id = await _shop.PublishAsync(_shop.Terms());

        Assert.Equal("coupon.request_invalid", await RefusedAsync(id, key: new string('k', 65)));
        Assert.Equal("coupon.member_unknown", Code(await _shop.Claims.ClaimAsync(new ClaimRequest(id, new(4711)), None)));
        Assert.Equal("coupon.unknown_definition", Code(await _shop.Claims.ClaimAsync(new ClaimRequest(new(4711), await _shop.MemberAsync()), None)));
        await _shop.Database.WriteAsync(tx => tx.ExecuteAsync("UPDATE member SET erased_at = 1 WHERE member_no = 'M1'"), None);
        Assert.Equal("coupon.member_unknown", await RefusedAsync(id));
    }

    [DatabaseFact]
    public async Task A_coupon_ends_with_the_earlier_of_its_last_day_and_its_days()
    {
        var today = _shop.Clock.Today();
        var days = await _shop.CouponAsync(_shop.Terms() with { ValidUntil = null, DaysAfterClaim = 7 });
        var both = await _shop.CouponAsync(_shop.Terms() with { DaysAfterClaim = 90, ValidFrom = ChinaTime.Date(today + 2) });

        Assert.Equal((_shop.Clock.GetUtcNow(), ChinaTime.At(today + 8, TimeOnly.MinValue)), (days.ValidFrom, days.ValidUntil));
        Assert.Equal((ChinaTime.At(today + 2, TimeOnly.MinValue), ChinaTime.At(today + 31, TimeOnly.MinValue)), (both.ValidFrom, both.ValidUntil));
    }

    private static string Code(ClaimOutcome outcome) => Assert.IsType<ClaimOutcome.Refused>(outcome).Refusal.Reason.Code;

    private async Task<string> RefusedAsync(CouponDefinitionId id, string member = "M1", string? key = null) => Code(await _shop.ClaimAsync(id, member, key));

    private Task<long> Rows(CouponDefinitionId id) => _shop.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM coupon WHERE definition_id = @id", new { id = id.Value });

    private async Task<CouponStock> Stock(CouponDefinitionId id) => (await _shop.Definitions.FindAsync(id, None))!.Stock!;
}

public sealed class ClaimOnSqlite(SqliteTestDatabase database) : ClaimContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class ClaimOnMySql(MySqlTestDatabase database) : ClaimContract(database), IClassFixture<MySqlTestDatabase>;
