using Engagement.Members;
using Engagement.Members.Points;
using Engagement.Members.Referrals;
using Engagement.Tests.Members.Points;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Referrals;

/// <summary>Members bring members, and have birthdays.</summary>
public abstract class ReferralContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private PointsHouse _house = null!;
    private MemberId _inviter;

    public async Task InitializeAsync()
    {
        _house = await PointsHouse.OpenAsync(test);
        _inviter = await _house.MemberAsync("M1");
        await _house.StartAsync();
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task A_code_belongs_to_its_member_and_stays()
    {
        var code = await _house.Referrals.CodeAsync(_inviter, None);

        Assert.Equal(code, await _house.Referrals.CodeAsync(_inviter, None));
        Assert.NotEqual(code, await _house.Referrals.CodeAsync(await _house.MemberAsync("M2"), None));
        Assert.Matches("^[2-9A-HJKMNP-Z]{8}$", code);
    }

    [DatabaseFact]
    public async Task Both_sides_are_rewarded_once_the_first_purchase_is_safe()
    {
        var friend = await FriendAsync("F1");
        await _house.BookAsync(_house.Sale("T0", 5_000, "AML28", "F1"));
        Assert.Equal(ReferralState.Waiting, await StateAsync());
        await _house.BookAsync(_house.Sale("T1", 5_000, member: "F1"));
        Assert.Equal((ReferralState.Bought, 0L), (await StateAsync(), await ActiveAsync(_inviter)));

        _house.Goto(2026, 1, 12);
        await _house.RunAsync();
        await _house.RunAsync();

        Assert.Equal((ReferralState.Rewarded, 100L, 50L + 50L), (await StateAsync(), await ActiveAsync(_inviter), await ActiveAsync(friend)));
        await _house.CheckAsync(_inviter, friend);
    }

    [DatabaseFact]
    public async Task A_purchase_that_comes_back_in_time_is_no_result_and_the_next_one_may_be()
    {
        await FriendAsync("F1");
        await _house.BookAsync(_house.Sale("T1", 5_000, member: "F1"));
        await _house.BookAsync(_house.Refund("R1", 5_000, "T1", member: "F1"));
        Assert.Equal(ReferralState.Waiting, await StateAsync());
        _house.Goto(2026, 1, 20);
        await _house.BookAsync(_house.Sale("T2", 5_000, member: "F1"));
        _house.Goto(2026, 1, 27);

        await _house.RunAsync();

        Assert.Equal((ReferralState.Rewarded, 100L), (await StateAsync(), await ActiveAsync(_inviter)));
    }

    [DatabaseFact]
    public async Task A_purchase_that_comes_back_later_takes_the_rewards_with_it()
    {
        var friend = await FriendAsync("F1");
        await _house.BookAsync(_house.Sale("T1", 5_000, member: "F1"));
        _house.Goto(2026, 1, 12);
        await _house.RunAsync();
        await _house.RedeemAsync(_inviter, 60, $"k:{_inviter}");

        await _house.BookAsync(_house.Refund("R1", 5_000, "T1", member: "F1"));

        Assert.Equal(ReferralState.TakenBack, await StateAsync());
        Assert.Equal((0, 0, 60), await _house.AccountAsync(_inviter));
        Assert.Equal((0, 0, 0), await _house.AccountAsync(friend));
        await _house.CheckAsync(_inviter, friend);
    }

    [DatabaseFact]
    public async Task In_a_full_month_only_the_new_member_is_rewarded()
    {
        var (_, second) = (await FriendAsync("F1"), await FriendAsync("F2"));
        await _house.BookAsync(_house.Sale("T1", 5_000, member: "F1"), _house.Sale("T2", 5_000, member: "F2"));
        _house.Goto(2026, 1, 12);

        await _house.RunAsync();

        Assert.Equal((100L, 100L), (await ActiveAsync(_inviter), await ActiveAsync(second)));
        var views = await _house.Database.ReadAsync(session => ReferralDesk.ListAsync(session, _inviter), None);
        Assert.Equal(1, views.Count(view => view.IsRewarded));
    }

    [DatabaseFact]
    public async Task Nobody_is_brought_who_was_known()
    {
        var code = await _house.Referrals.CodeAsync(_inviter, None);
        var known = await _house.MemberAsync("M2");
        Assert.Equal(ReferralOutcome.Self, await JoinAsync(_inviter, code));
        Assert.Equal(ReferralOutcome.UnknownCode, await JoinAsync(known, "NONE2222"));
        await _house.BookAsync(_house.Sale("T1", 5_000, member: "M2"));
        Assert.Equal(ReferralOutcome.NotNew, await JoinAsync(known, code));

        var friend = await FriendAsync("F1");
        Assert.Equal(ReferralOutcome.NotNew, await JoinAsync(friend, await _house.Referrals.CodeAsync(known, None)));

        var late = await _house.JoinAsync("LATE");
        _house.Goto(2026, 1, 6);
        Assert.Equal(ReferralOutcome.NotNew, await JoinAsync(late, code));
        await _house.JoinAsync("P1", "19900000001");
        var family = await _house.JoinAsync("P2", "19900000002");
        await _house.ExecuteAsync("UPDATE member SET phone_index = (SELECT i FROM (SELECT phone_index AS i FROM member WHERE member_no = 'P1') o) WHERE member_no = 'P2'");
        Assert.Equal(ReferralOutcome.NotNew, await JoinAsync(family, code));
    }

    [DatabaseFact]
    public async Task The_birthday_gift_is_taken_once_around_the_day_whatever_is_done_to_the_date()
    {
        var member = await _house.JoinAsync("B1", birthday: "02-29");
        Assert.Equal(BirthdayOutcome.NoBirthday, await GiftAsync(_inviter));
        _house.Goto(2026, 2, 20);
        Assert.Equal(BirthdayOutcome.NotNow, await GiftAsync(member));
        _house.Goto(2026, 2, 21);
        Assert.Equal(BirthdayOutcome.Taken, await GiftAsync(member));
        Assert.Equal(BirthdayOutcome.TakenBefore, await GiftAsync(member));
        Assert.Equal((0, 50, 0), await _house.AccountAsync(member));

        await _house.ExecuteAsync("UPDATE member SET birth_md = 601 WHERE id = @m", new { m = member.Value });
        _house.Goto(2026, 6, 1);
        Assert.Equal(BirthdayOutcome.TakenBefore, await GiftAsync(member));
        _house.Goto(2027, 6, 8);
        Assert.Equal(BirthdayOutcome.Taken, await GiftAsync(member));
        await _house.CheckAsync(member);
    }

    [DatabaseFact]
    public async Task A_birthday_is_not_changed_twice_in_a_year()
    {
        Assert.True(await MayAsync());
        await _house.ExecuteAsync("INSERT INTO member_change (id, member_id, field, old_source, new_source, changed_at) VALUES (@id, @m, 'birthday', 'till', 'mini', @at)",
            new { id = _house.Ids.Next(), m = _inviter.Value, at = _house.Pharmacy.Clock.GetUtcNow().ToUnixTimeMilliseconds() });
        Assert.False(await MayAsync());
        _house.Goto(2027, 1, 5);
        Assert.True(await MayAsync());

        Task<bool> MayAsync() => _house.Database.ReadAsync(session => _house.Birthdays.MayChangeAsync(session, _inviter), None);
    }

    private async Task<MemberId> FriendAsync(string no)
    {
        var friend = await _house.JoinAsync(no);
        Assert.Equal(ReferralOutcome.Joined, await JoinAsync(friend, await _house.Referrals.CodeAsync(_inviter, None)));
        return friend;
    }

    private Task<ReferralOutcome> JoinAsync(MemberId member, string code) => _house.Database.WriteAsync(tx => _house.Referrals.JoinAsync(tx, member, code), None);

    private Task<BirthdayOutcome> GiftAsync(MemberId member) => _house.Database.WriteAsync(tx => _house.Birthdays.GiveAsync(tx, member), None);

    private async Task<ReferralState> StateAsync() => (ReferralState)await _house.Pharmacy.ScalarAsync<int>("SELECT state FROM referral");

    private async Task<long> ActiveAsync(MemberId member) => (await _house.BalanceAsync(member)).Active;
}

public sealed class ReferralsOnSqlite(SqliteTestDatabase database) : ReferralContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class ReferralsOnMySql(MySqlTestDatabase database) : ReferralContract(database), IClassFixture<MySqlTestDatabase>;

/// <summary>Birthdays in the calendar.</summary>
public sealed class BirthdayCalendar
{
    [Theory]
    [InlineData(229, "2026-02-28", BirthdayWindow.Day, 2026)]
    [InlineData(229, "2028-02-28", BirthdayWindow.Day, null)]
    [InlineData(229, "2028-02-29", BirthdayWindow.Day, 2028)]
    [InlineData(102, "2026-12-28", BirthdayWindow.Week, 2027)]
    [InlineData(102, "2027-01-09", BirthdayWindow.Week, 2027)]
    [InlineData(102, "2027-01-10", BirthdayWindow.Week, null)]
    [InlineData(1230, "2027-01-05", BirthdayWindow.Week, 2026)]
    [InlineData(615, "2026-06-30", BirthdayWindow.Month, 2026)]
    [InlineData(615, "2026-07-01", BirthdayWindow.Month, null)]
    public void A_date_lies_in_the_window_of_one_birthday(int monthDay, string date, BirthdayWindow window, int? year)
    {
        Assert.Equal(year, BirthdayDates.YearServed(monthDay, DateOnly.Parse(date), window));
    }
}
