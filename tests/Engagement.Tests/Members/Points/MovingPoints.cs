using Engagement.Members;
using Engagement.Members.Merges;
using Engagement.Members.Points;
using Engagement.Members.Referrals;
using Engagement.Members.Tiers;
using Engagement.Storage.Events;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Points;

/// <summary>Points of a record that becomes part of another: by entries of the ledger, and back.</summary>
public abstract class MovingPointsContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private PointsHouse _house = null!;
    private MemberId _gone;
    private MemberId _kept;
    private long _merge;

    public async Task InitializeAsync()
    {
        _house = await PointsHouse.OpenAsync(test);
        foreach (var table in (string[])["points_merge_row", "member_merge_row"]) await _house.ExecuteAsync($"DELETE FROM {table}");
        await _house.StartAsync();
        // The ledger keeps every key for good, and the tests of this class share it.
        _merge = _house.Ids.Next();
        (_gone, _kept) = (await _house.MemberAsync("M1"), await _house.MemberAsync("M2"));
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task Active_and_pending_points_come_with_the_days_they_had()
    {
        await _house.BookAsync(_house.Sale("T1", 10_000));
        _house.Goto(2026, 1, 12);
        await _house.BookAsync(_house.Sale("T2", 5_000), _house.Sale("T3", 700, member: "M2"));
        var before = await _house.BalanceAsync(_gone);

        await MergeAsync();

        Assert.Equal((0, 0, 0), await _house.AccountAsync(_gone));
        Assert.Equal((57, 100, 0), await _house.AccountAsync(_kept));
        Assert.Equal(before.NextExpiryDay, (await _house.BalanceAsync(_kept)).NextExpiryDay);
        await CheckAsync();
        _house.Goto(2026, 1, 19);
        await _house.RunAsync();
        Assert.Equal((0, 157, 0), await _house.AccountAsync(_kept));
        _house.Goto(2027, 1, 13);
        await _house.RunAsync();
        Assert.Equal((0, 57, 0), await _house.AccountAsync(_kept));
        await CheckAsync();
        Assert.Contains((await _house.PageAsync(_kept)).Lines, line => line.Title.Zh == "会员合并转入" && line.Points == 100);
    }

    [DatabaseFact]
    public async Task A_refund_after_the_merge_takes_back_from_the_lot_that_came_along()
    {
        await _house.BookAsync(_house.Sale("T1", 10_000));
        _house.Goto(2026, 1, 20);
        await _house.RunAsync();
        await _house.BookAsync(_house.Sale("T2", 3_000, member: "M2"));
        await MergeAsync("T1");

        await _house.BookAsync(_house.Refund("R1", 10_000, "T1", member: "M2"));

        Assert.Equal((30, 0, 0), await _house.AccountAsync(_kept));
        Assert.Equal((0, 0, 0), await _house.AccountAsync(_gone));
        await CheckAsync();
    }

    [DatabaseFact]
    public async Task A_debt_is_settled_from_what_the_other_record_has_in_either_direction()
    {
        await OweAsync(_gone, "M1", 40);
        await ActiveAsync(_kept, 100);
        await MergeAsync();
        Assert.Equal((0, 60, 0), await _house.AccountAsync(_kept));
        await CheckAsync();
    }

    [DatabaseFact]
    public async Task A_debt_of_the_record_that_stays_is_settled_by_what_comes()
    {
        await OweAsync(_kept, "M2", 40);
        await ActiveAsync(_gone, 30);
        await MergeAsync();
        Assert.Equal((0, 0, 10), await _house.AccountAsync(_kept));
        await CheckAsync();
    }

    [DatabaseFact]
    public async Task A_merge_that_is_undone_gives_back_what_is_left_and_no_more()
    {
        await _house.BookAsync(_house.Sale("T1", 10_000), _house.Sale("T2", 4_000, member: "M2"));
        _house.Goto(2026, 1, 20);
        await _house.RunAsync();
        await MergeAsync("T1");
        Assert.Equal(PointsOutcome.Done, (await _house.RedeemAsync(_kept, 60, $"coupon:{_merge}")).Outcome);

        await PartAsync();

        // Lots that expire together are spent in the order of their ids: the survivor's own 40 first, then 20 of those that came.
        Assert.Equal((0, 0, 0), await _house.AccountAsync(_kept));
        Assert.Equal((0, 80, 0), await _house.AccountAsync(_gone));
        await CheckAsync();
        await _house.BookAsync(_house.Refund("R1", 10_000, "T1"));
        Assert.Equal((0, 0, 20), await _house.AccountAsync(_gone));
        await CheckAsync();
    }

    [DatabaseFact]
    public async Task Whoever_has_nothing_brings_nothing()
    {
        await MergeAsync();
        await PartAsync();

        Assert.Equal(0, await _house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM points_entry WHERE member_id IN (@a, @b)", new { a = _gone.Value, b = _kept.Value }));
    }

    [DatabaseFact]
    public async Task Spending_counts_for_the_tier_of_the_record_that_stays_and_goes_back_with_its_tickets()
    {
        await _house.TierRules.AddAsync(new TierRules { Levels = [new("普卡", "Basic", 0), new("银卡", "Silver", 100_00)], RefundLoss = RefundLoss.AtOnce }, _house.Pharmacy.Today, "hq", None);
        await _house.BookAsync(_house.Sale("T1", 6_000), _house.Sale("T2", 7_000, member: "M2"));
        Assert.Equal((0, 0), (await TierAsync(_gone), await TierAsync(_kept)));

        await MergeAsync("T1");
        Assert.Equal(1, await TierAsync(_kept));
        await _house.BookAsync(_house.Refund("R1", 6_000, "T1", member: "M2"));
        Assert.Equal(0, await TierAsync(_kept));

        await PartAsync();
        Assert.Equal(7_000, await SpendAsync(_kept));
        Assert.Equal(0, await SpendAsync(_gone));
    }

    [DatabaseFact]
    public async Task Referrals_and_birthdays_go_along()
    {
        var born = new { gone = _gone.Value, kept = _kept.Value };
        await _house.ExecuteAsync("INSERT INTO birthday_benefit (member_id, year, taken_at, what) VALUES (@gone, 2025, 1, 'points'), (@gone, 2026, 1, 'points'), (@kept, 2025, 1, 'points')", born);
        await _house.ExecuteAsync("INSERT INTO referral (id, inviter_id, invited_id, joined_day, state) VALUES (1, @gone, 5, 1, 1), (2, 6, @gone, 1, 1)", born);

        await MergeAsync();
        Assert.Equal(2, await _house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM birthday_benefit WHERE member_id = @kept", born));
        Assert.Single(await _house.Database.ReadAsync(session => ReferralDesk.ListAsync(session, _kept), None));
        Assert.Equal(_kept.Value, await _house.Pharmacy.ScalarAsync<long>("SELECT invited_id FROM referral WHERE id = 2"));

        await PartAsync();
        Assert.Single(await _house.Database.ReadAsync(session => ReferralDesk.ListAsync(session, _gone), None));
        Assert.Equal(_gone.Value, await _house.Pharmacy.ScalarAsync<long>("SELECT invited_id FROM referral WHERE id = 2"));
    }

    private PointsOfMerges Part => new(_house.Ids, _house.Clocks, new EventStore(_house.Ids));

    // The tickets are moved by the merge itself; here by hand.
    private async Task MergeAsync(params string[] tickets)
    {
        foreach (var ticket in tickets)
        {
            await _house.ExecuteAsync("INSERT INTO member_merge_row (merge_id, kind, row_id) SELECT @merge, 1, id FROM purchase WHERE ticket_no = @ticket", new { merge = _merge, ticket });
            await _house.ExecuteAsync("UPDATE purchase SET member_id = @kept WHERE ticket_no = @ticket", new { kept = _kept.Value, ticket });
        }

        await test.Database.WriteAsync(tx => Part.MergeAsync(tx, new Merge(_merge, _gone, _kept, true)), None);
    }

    private async Task PartAsync()
    {
        await test.Database.WriteAsync(tx => Part.PartAsync(tx, new Merge(_merge, _gone, _kept, true)), None);
        await _house.ExecuteAsync("UPDATE purchase SET member_id = @gone WHERE id IN (SELECT row_id FROM member_merge_row WHERE merge_id = @merge)", new { gone = _gone.Value, merge = _merge });
    }

    private Task ActiveAsync(MemberId member, long points) => _house.OnAccountAsync(member, (account, today) => account.Adjust(points, $"adjust:{member}", today, 100, "test"));

    private async Task OweAsync(MemberId member, string no, long points)
    {
        await _house.BookAsync(_house.Sale($"D{no}", points * 100, member: no));
        _house.Goto(2026, 1, 15);
        await _house.RunAsync();
        await _house.RedeemAsync(member, points, $"coupon:{_merge}:{no}");
        await _house.BookAsync(_house.Refund($"E{no}", points * 100, $"D{no}", member: no));
        Assert.Equal((0, 0, points), await _house.AccountAsync(member));
    }

    private async Task<int> TierAsync(MemberId member) => (await _house.Database.ReadAsync(session => _house.Tiers.OfAsync(session, member), None))!.Tier;

    private Task<long> SpendAsync(MemberId member) => _house.Pharmacy.ScalarAsync<long>("SELECT COALESCE(SUM(fen), 0) FROM tier_spend WHERE member_id = @member", new { member = member.Value });

    // Each ledger bears out what is kept, and between the two nothing was made or lost.
    private async Task CheckAsync()
    {
        await _house.CheckAsync(_gone, _kept);
        Assert.Equal(0, await _house.Pharmacy.ScalarAsync<long>(
            "SELECT COALESCE(SUM(p.amount), 0) FROM points_posting p JOIN points_entry e ON e.id = p.entry_id WHERE p.account = 6 AND e.member_id IN (@gone, @kept)", new { gone = _gone.Value, kept = _kept.Value }));
    }
}

public sealed class MovingPointsOnSqlite(SqliteTestDatabase database) : MovingPointsContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class MovingPointsOnMySql(MySqlTestDatabase database) : MovingPointsContract(database), IClassFixture<MySqlTestDatabase>;
