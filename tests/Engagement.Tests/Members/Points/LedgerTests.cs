using System.Data.Common;
using Engagement.Members;
using Engagement.Members.Points;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Points;

/// <summary>The points ledger: what it books, and what it never lets happen.</summary>
public abstract class LedgerContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private PointsHouse _house = null!;
    private MemberId _member;

    public async Task InitializeAsync()
    {
        _house = await PointsHouse.OpenAsync(test);
        _member = await _house.MemberAsync("M1");
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task The_worked_example_comes_out()
    {
        await EarnAsync("A", 1, 100);
        await IsAsync((100, 0, 0), "A100");
        await OnAsync(2026, 1, 12, (0, 100, 0), "A100");
        _house.Goto(2026, 3, 1);
        await EarnAsync("B", 2, 50);
        await OnAsync(2026, 3, 8, (0, 150, 0), "A100 B50");
        _house.Goto(2026, 4, 1);
        Assert.Equal((PointsOutcome.Done, -120, 30), Short(await _house.RedeemAsync(_member, 120, Key("R1"))));
        await IsAsync((0, 30, 0), "B30");
        _house.Goto(2026, 4, 3);
        await _house.OnAccountAsync(_member, (account, day) => account.ClawBack(40, Key("refund-A"), day, lot => lot.OrderId == 1, 1));
        await IsAsync((0, 0, 10), "");
        _house.Goto(2026, 5, 1);
        await EarnAsync("C", 3, 25);
        await IsAsync((25, 0, 10), "C25");
        await OnAsync(2026, 5, 8, (0, 15, 0), "C15");
        _house.Goto(2026, 5, 10);
        Assert.Equal((PointsOutcome.Done, 120, 135), Short(await _house.CancelAsync(_member, Key("R1"))));
        await IsAsync((0, 135, 0), "A100 B20 C15");
        await OnAsync(2027, 1, 12, (0, 135, 0), "A100 B20 C15");
        await OnAsync(2027, 1, 13, (0, 35, 0), "B20 C15");
        await OnAsync(2027, 3, 9, (0, 15, 0), "C15");
        await OnAsync(2027, 5, 9, (0, 0, 0), "");
        Assert.Equal([(1, -175L), (2, 40L), (4, 135L)], await SumsAsync());
        await _house.CheckAsync(_member);
    }

    [DatabaseFact]
    public async Task The_same_request_has_the_same_answer_and_another_one_under_its_key_is_refused()
    {
        await GiveAsync(100);
        var other = await _house.MemberAsync("M2");

        var first = await _house.RedeemAsync(_member, 30, Key("coupon"));
        Assert.Equal(first, await _house.RedeemAsync(_member, 30, Key("coupon")));
        Assert.Equal((PointsOutcome.KeyReused, 0, 70), Short(await _house.RedeemAsync(_member, 31, Key("coupon"))));
        Assert.Equal(PointsOutcome.KeyReused, (await _house.RedeemAsync(_member, 30, Key("coupon"), "另一张券")).Outcome);
        Assert.Equal(PointsOutcome.KeyReused, (await _house.RedeemAsync(other, 30, Key("coupon"))).Outcome);
        Assert.Equal((PointsOutcome.Insufficient, 0, 70), Short(await _house.RedeemAsync(_member, 71, Key("more"))));
        Assert.Equal((0, 70, 0), await _house.AccountAsync(_member));
    }

    [DatabaseFact]
    public async Task A_redemption_is_cancelled_once_and_only_by_its_member()
    {
        await GiveAsync(100);
        await _house.RedeemAsync(_member, 30, Key("coupon"));

        Assert.Equal(PointsOutcome.NotFound, (await _house.CancelAsync(await _house.MemberAsync("M2"), Key("coupon"))).Outcome);
        Assert.Equal(PointsOutcome.NotFound, (await _house.CancelAsync(_member, Key("gift"))).Outcome);
        var cancelled = await _house.CancelAsync(_member, Key("coupon"));
        Assert.Equal(cancelled, await _house.CancelAsync(_member, Key("coupon")));

        Assert.Equal((0, 100, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member);
    }

    [DatabaseFact]
    public async Task Points_that_come_back_after_their_last_day_expire_at_once()
    {
        await GiveAsync(100, validDays: 10);
        await GiveAsync(50, validDays: 400, key: "longer");
        await _house.RedeemAsync(_member, 120, Key("coupon"));
        _house.Goto(2026, 2, 1);

        Assert.Equal((PointsOutcome.Done, 120, 50), Short(await _house.CancelAsync(_member, Key("coupon"))));

        await IsAsync((0, 50, 0), "50");
        await _house.CheckAsync(_member);
    }

    [DatabaseFact]
    public async Task What_has_expired_cannot_be_spent_though_no_run_has_said_so()
    {
        await GiveAsync(100, validDays: 10);
        _house.Goto(2026, 1, 15);
        Assert.Equal(100, (await _house.BalanceAsync(_member)).Active);
        _house.Goto(2026, 1, 16);

        Assert.Equal(0, (await _house.BalanceAsync(_member)).Active);
        Assert.Equal((PointsOutcome.Insufficient, 0, 0), Short(await _house.RedeemAsync(_member, 1, Key("late"))));
    }

    [DatabaseFact]
    public async Task Of_parallel_redemptions_only_those_succeed_that_there_are_points_for()
    {
        for (var round = 0; round < 4; round++)
        {
            await GiveAsync(100, key: $"gift-{round}");

            var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => _house.RedeemAsync(_member, 10, Key($"parallel-{round}-{i}")))));

            Assert.Equal((10, 50), (answers.Count(a => a.Outcome == PointsOutcome.Done), answers.Count(a => a.Outcome == PointsOutcome.Insufficient)));
            Assert.Equal((0, 0, 0), await _house.AccountAsync(_member));
        }

        await _house.CheckAsync(_member);
    }

    [DatabaseFact]
    public async Task One_request_that_comes_many_times_at_once_spends_once()
    {
        await GiveAsync(100);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _house.RedeemAsync(_member, 10, Key("same")))));

        Assert.Single(answers.Distinct());
        Assert.Equal((0, 90, 0), await _house.AccountAsync(_member));
    }

    [DatabaseTheory]
    [InlineData("points_entry", "points", "id > 0")]
    [InlineData("points_posting", "amount", "entry_id > 0")]
    [InlineData("points_move", "amount", "entry_id > 0")]
    public async Task The_database_refuses_to_change_or_remove_what_was_booked(string table, string column, string where)
    {
        await GiveAsync(100);
        await _house.RedeemAsync(_member, 10, Key("coupon"));

        await Assert.ThrowsAnyAsync<DbException>(() => _house.ExecuteAsync($"UPDATE {table} SET {column} = {column} + 1 WHERE {where}"));
        await Assert.ThrowsAnyAsync<DbException>(() => _house.ExecuteAsync($"DELETE FROM {table} WHERE {where}"));

        await _house.CheckAsync(_member);
    }

    [DatabaseTheory]
    [InlineData("UPDATE points_account SET active = active + 1 WHERE member_id = @m")]
    [InlineData("UPDATE points_lot SET remaining = remaining - 1 WHERE member_id = @m")]
    [InlineData("DELETE FROM points_lot WHERE member_id = @m")]
    public async Task The_replay_finds_what_was_tampered_with(string tampering)
    {
        await GiveAsync(100);

        await _house.ExecuteAsync(tampering, new { m = _member.Value });

        Assert.NotEmpty(await _house.Audit.CheckAsync(_member, None));
    }

    [DatabaseFact]
    public async Task A_correction_needs_a_reason_and_above_the_limit_a_second_person()
    {
        Assert.Equal(AdjustmentOutcome.Invalid, (await _house.Adjustments.ProposeAsync(_member, 10, " ", "li", None)).Outcome);
        Assert.Equal(AdjustmentOutcome.Applied, (await _house.Adjustments.ProposeAsync(_member, 500, "小票补录", "li", None)).Outcome);
        var (outcome, id) = await _house.Adjustments.ProposeAsync(_member, 501, "系统故障补偿", "li", None);
        Assert.Equal((AdjustmentOutcome.Waiting, (0, 500, 0)), (outcome, await _house.AccountAsync(_member)));
        Assert.Equal(id, Assert.Single(await _house.Adjustments.WaitingAsync(None)).Id);

        Assert.Equal(AdjustmentOutcome.SamePerson, await _house.Adjustments.ApproveAsync(id, "li", None));
        Assert.Equal(AdjustmentOutcome.Applied, await _house.Adjustments.ApproveAsync(id, "wang", None));
        Assert.Equal(AdjustmentOutcome.NotFound, await _house.Adjustments.ApproveAsync(id, "wang", None));
        Assert.Equal((0, 1001, 0), await _house.AccountAsync(_member));

        Assert.Equal(AdjustmentOutcome.Insufficient, await TakenAsync(-1002));
        Assert.Equal(AdjustmentOutcome.Applied, await TakenAsync(-1001));
        var (_, refused) = await _house.Adjustments.ProposeAsync(_member, 900, "再来一次", "li", None);
        Assert.Equal(AdjustmentOutcome.Refused, await _house.Adjustments.RefuseAsync(refused, "wang", None));
        Assert.Equal((0, 0, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member);

        async Task<AdjustmentOutcome> TakenAsync(long points)
        {
            var (_, taking) = await _house.Adjustments.ProposeAsync(_member, points, "误发收回", "li", None);
            return await _house.Adjustments.ApproveAsync(taking, "wang", None);
        }
    }

    [DatabaseFact]
    public async Task What_is_added_to_somebody_who_owes_settles_first()
    {
        await GiveAsync(10);
        await _house.OnAccountAsync(_member, (account, day) => account.ClawBack(40, Key("refund"), day, _ => false, 7));
        Assert.Equal((0, 0, 30), await _house.AccountAsync(_member));

        await _house.Adjustments.ProposeAsync(_member, 50, "补偿", "li", None);

        await IsAsync((0, 20, 0), "20");
        await _house.CheckAsync(_member);
    }

    private string Key(string name) => $"test:{_member}:{name}";

    private Task EarnAsync(string name, long order, long points) => _house.OnAccountAsync(_member, (account, day) =>
        account.Earn([(PointsPart.Base, points)], Key(name), new LotTerms(day + 7, 365), day, order, name));

    private Task<PointsResult> GiveAsync(long points, int validDays = 365, string key = "gift") =>
        _house.Database.WriteAsync(tx => _house.Desk.GiveAsync(tx, _member, points, PointsPart.BirthdayGift, Key(key), validDays, "礼"), None);

    private async Task OnAsync(int year, int month, int day, (long, long, long) account, string lots)
    {
        _house.Goto(year, month, day);
        await _house.RunAsync();
        await IsAsync(account, lots);
    }

    private async Task IsAsync((long Pending, long Active, long Owed) account, string lots)
    {
        Assert.Equal(account, await _house.AccountAsync(_member));
        var balance = await _house.BalanceAsync(_member);
        Assert.Equal(account, (balance.Pending, balance.Active, balance.Owed));
        var open = await _house.Pharmacy.QueryAsync<string>("""
            SELECT CASE WHEN order_id = 1 THEN 'A' WHEN order_id = 2 THEN 'B' WHEN order_id = 3 THEN 'C' ELSE '' END || remaining
            FROM points_lot WHERE member_id = @m AND remaining > 0 ORDER BY id
            """.Replace("CASE", test is MySqlTestDatabase ? "CONCAT(CASE" : "CASE").Replace("END || remaining", test is MySqlTestDatabase ? "END, remaining)" : "END || remaining"),
            new { m = _member.Value });
        Assert.Equal(lots, string.Join(' ', open));
    }

    private async Task<List<(int, long)>> SumsAsync() => await _house.Pharmacy.QueryAsync<(int, long)>("""
        SELECT p.account, CAST(SUM(p.amount) AS SIGNED) FROM points_posting p JOIN points_entry e ON e.id = p.entry_id
        WHERE e.member_id = @m AND p.account < 10 GROUP BY p.account HAVING SUM(p.amount) <> 0 ORDER BY p.account
        """.Replace("SIGNED", test is MySqlTestDatabase ? "SIGNED" : "INTEGER"), new { m = _member.Value });

    private static (PointsOutcome, long, long) Short(PointsResult result) => (result.Outcome, result.Points, result.Active);
}

public sealed class LedgerOnSqlite(SqliteTestDatabase database) : LedgerContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class LedgerOnMySql(MySqlTestDatabase database) : LedgerContract(database), IClassFixture<MySqlTestDatabase>;
