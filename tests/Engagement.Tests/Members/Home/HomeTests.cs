using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Coupons;
using Engagement.Members.Home;
using Engagement.Members.Points;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Engagement.Tests.Members.Points;
using Engagement.Tests.Support;
using Microsoft.Extensions.Options;

namespace Engagement.Tests.Members.Home;

/// <summary>The first page says in one statement what the features say by themselves.</summary>
public abstract class HomeContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private PointsHouse _house = null!;
    private MemberId _member;

    private HomeBook Home => new(_house.Pharmacy.Cipher, _house.Book, _house.Tiers, Options.Create(_house.BirthdayOptions), _house.Clocks);

    public async Task InitializeAsync()
    {
        _house = await PointsHouse.OpenAsync(test);
        foreach (var table in (string[])["coupon", "coupon_definition", "coupon_definition_version"]) await _house.ExecuteAsync($"DELETE FROM {table}");
        _member = await _house.MemberAsync("M1");
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task Who_has_nothing_sees_nothing()
    {
        var page = (await ReadAsync())!;

        Assert.Equal(("穆**", null), (page.Name, page.Tier));
        Assert.Equal(default, page.Points);
        Assert.Equal((0, false), (page.UsableCoupons, page.HasBirthdayBenefit));
        Assert.Empty(page.Refills);
        Assert.Null(await ReadAsync(new MemberId(1)));
    }

    [DatabaseFact]
    public async Task Points_are_those_of_the_points_page_on_every_day_whether_the_worker_has_been_there_or_not()
    {
        await _house.StartAsync(new EarningRules { ValidDays = 40 });
        await _house.BookAsync(_house.Sale("T1", 10_000));
        for (var day = 0; day < 60; day++)
        {
            // Every third day the worker sleeps.
            if (day % 3 > 0) await _house.RunAsync();
            var book = await _house.BalanceAsync(_member);
            Assert.Equal(new HomePoints(book.Active, book.Pending, book.Owed, book.ExpiringSoon), (await ReadAsync())!.Points);
            _house.Pharmacy.Clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(0, (await ReadAsync())!.Points.Active);
    }

    [DatabaseFact]
    public async Task The_tier_is_that_of_the_tier_page_on_every_day()
    {
        await _house.StartAsync();
        await _house.TierRules.AddAsync(new TierRules
        {
            Levels = [new("普卡", "Basic", 0, "basic"), new("银卡", "Silver", 100_00, "silver"), new("金卡", "Gold", 300_00)], ReviewMonths = 2, GraceDays = 3, NoticeDays = 5,
        }, _house.Pharmacy.Today, "hq", None);
        Assert.Equal(("basic", "银卡"), ((await ReadAsync())!.Tier!.Code, (await ReadAsync())!.Tier!.NextName!.Value.Zh));
        await _house.BookAsync(_house.Sale("T1", 35_000));
        Assert.Equal(("tier2", null), ((await ReadAsync())!.Tier!.Code, (await ReadAsync())!.Tier!.NextName));

        for (var day = 0; day < 400; day += 9)
        {
            if (day % 2 > 0) await _house.RunAsync();
            Assert.Equal(await _house.Database.ReadAsync(session => _house.Tiers.OfAsync(session, _member), None), (await ReadAsync())!.Tier);
            _house.Pharmacy.Clock.Advance(TimeSpan.FromDays(9));
        }

        await _house.RunAsync();
        Assert.Equal("basic", (await ReadAsync())!.Tier!.Code);
    }

    [DatabaseFact]
    public async Task Medicines_that_run_out_are_named_only_with_consent_to_the_use_of_health_data()
    {
        await _house.Pharmacy.ImportAsync(_house.Pharmacy.Sale("T1", 25));
        Assert.Empty((await ReadAsync())!.Refills);

        await ConsentAsync(true);
        var refill = Assert.Single((await ReadAsync())!.Refills);
        Assert.Equal("氨氯地平 5mg", refill.Medicine);
        Assert.Equal(_house.Pharmacy.Today + 2, refill.LastDay);
        await _house.ExecuteAsync("UPDATE product SET is_sensitive = 1 WHERE sku = 'AML28'");
        Assert.Null(Assert.Single((await ReadAsync())!.Refills).Medicine);
        // A medicine that was entered and is no product of ours.
        await _house.ExecuteAsync("UPDATE therapy_line SET product_id = 0");
        Assert.Null(Assert.Single((await ReadAsync())!.Refills).Medicine);
        await ConsentAsync(false);
        Assert.Empty((await ReadAsync())!.Refills);

        // What ran out weeks ago is no news.
        await ConsentAsync(true);
        _house.Pharmacy.Clock.Advance(TimeSpan.FromDays(17));
        Assert.Empty((await ReadAsync())!.Refills);
    }

    [DatabaseFact]
    public async Task Coupons_count_that_can_be_used_at_this_moment()
    {
        var now = _house.Clocks.Business.NowMs();
        const long day = 86_400_000;
        await CouponAsync(1, CouponState.Claimed, now - day, now + day);
        await CouponAsync(2, CouponState.Claimed, now - day, now);
        await CouponAsync(3, CouponState.Claimed, now + 1, now + day);
        await CouponAsync(4, CouponState.Redeemed, now - day, now + day);
        await CouponAsync(5, CouponState.Reserved, now - day, now + day, reservedUntil: now + 1);
        await CouponAsync(6, CouponState.Reserved, now - day, now + day, reservedUntil: now);
        await CouponAsync(7, CouponState.Void, now - day, now + day);

        Assert.Equal(2, (await ReadAsync())!.UsableCoupons);
    }

    [DatabaseFact]
    public async Task The_birthday_benefit_is_shown_until_it_is_taken()
    {
        var born = await _house.JoinAsync("M3", birthday: "1960-01-08");
        Assert.True((await ReadAsync(born))!.HasBirthdayBenefit);
        Assert.Equal(1960, (await ReadAsync(born))!.BirthYear);

        await _house.Database.WriteAsync(tx => _house.Birthdays.GiveAsync(tx, born), None);

        Assert.False((await ReadAsync(born))!.HasBirthdayBenefit);
        Assert.Equal(_house.BirthdayOptions.GiftPoints, (await ReadAsync(born))!.Points.Active);
    }

    private Task<HomeView?> ReadAsync(MemberId? member = null) => test.Database.ReadAsync(session => Home.ReadAsync(session, member ?? _member), None);

    private Task ConsentAsync(bool granted) => test.Database.WriteAsync(tx => new ConsentStore(_house.Ids).RecordAsync(tx,
        [new ConsentChange(_member, Purpose.Health, granted, "1", "test", "", _house.Clocks.Business.NowMs())]), None);

    private Task CouponAsync(int number, CouponState state, long from, long until, long? reservedUntil = null) => _house.ExecuteAsync("""
        INSERT INTO coupon (id, code, definition_id, version, member_id, sequence, origin, state, claimed_at, valid_from, valid_until, reserved_until, face_fen, points)
        VALUES (@number, @code, 1, 1, @member, @number, 1, @state, 1, @from, @until, @reservedUntil, 0, 0)
        """, new { number, code = $"CODE{number}", member = _member.Value, state = (int)state, from, until, reservedUntil });
}

public sealed class HomeOnSqlite(SqliteTestDatabase database) : HomeContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class HomeOnMySql(MySqlTestDatabase database) : HomeContract(database), IClassFixture<MySqlTestDatabase>;
