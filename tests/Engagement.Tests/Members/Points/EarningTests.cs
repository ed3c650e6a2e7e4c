using System.Data.Common;
using Engagement.Members;
using Engagement.Members.Coupons;
using Engagement.Members.Points;
using Engagement.Members.Products;
using Engagement.Storage;
using Engagement.Storage.Events;
using Engagement.Tests.Support;
using Microsoft.Extensions.Options;

namespace Engagement.Tests.Members.Points;

/// <summary>From tickets to points.</summary>
public abstract class EarningContract(TestDatabase test) : IAsyncLifetime
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
    public async Task A_ticket_earns_once_however_often_it_comes_and_its_points_become_active_after_their_days()
    {
        await _house.StartAsync();
        await _house.BookAsync(_house.Sale("T1", 10_050));
        await _house.BookAsync(_house.Sale("T1", 10_050));
        await TellAgainAsync();
        Assert.Equal((100, 0, 0), await _house.AccountAsync(_member));

        _house.Goto(2026, 1, 12);
        await _house.RunAsync();

        Assert.Equal((0, 100, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member);
    }

    [DatabaseFact]
    public async Task Medicines_that_may_not_be_promoted_and_what_the_insurance_paid_earn_nothing_unless_a_switch_says_so()
    {
        await _house.StartAsync();
        await _house.BookAsync(_house.Sale("T1", 5000, "AML28"), _house.Sale("T1", 5000, "IBU", line: 2), _house.Sale("T1", 5000, "NEW", line: 3),
            _house.Sale("T1", 5000, "VITB", line: 4) with { InsuranceFen = 3000 });
        Assert.Equal((20, 0, 0), await _house.AccountAsync(_member));
        _house.Goto(2026, 1, 6);
        await _house.StartAsync(new EarningRules { EarnOnPrescription = true, EarnOnOtcA = true, EarnOnInsurance = true });

        await _house.BookAsync(_house.Sale("T2", 5000, "AML28"), _house.Sale("T2", 5000, "IBU", line: 2), _house.Sale("T2", 5000, "VITB", line: 3) with { InsuranceFen = 3000 });

        Assert.Equal((170, 0, 0), await _house.AccountAsync(_member));
    }

    [Fact]
    public void What_earns_nothing_is_not_paid_with_points_unless_a_switch_says_so()
    {
        var rules = new EarningRules();
        var open = new EarningRules { BurnOnPrescription = true, BurnOnOtcA = true, BurnOnInsurance = true };

        Assert.Equal([0, 0, 0, 700, 700, 700, 700], Enum.GetValues<ProductClass>().Select(kind => rules.BurnableFen(kind, 1000, 300)));
        Assert.Equal([1000, 1000, 1000, 1000, 1000, 1000, 1000], Enum.GetValues<ProductClass>().Select(kind => open.BurnableFen(kind, 1000, 300)));
    }

    [DatabaseFact]
    public async Task Three_refunds_of_a_third_take_back_nine_ten_and_ten()
    {
        await _house.StartAsync();
        await _house.BookAsync(_house.Sale("T1", 990), _house.Sale("T1", 990, line: 2), _house.Sale("T1", 990, line: 3));
        Assert.Equal((29, 0, 0), await _house.AccountAsync(_member));

        for (var line = 1; line <= 3; line++)
        {
            await _house.BookAsync(_house.Refund($"R{line}", 990, "T1", originalLine: line));
            await TellAgainAsync();
        }

        Assert.Equal([-9L, -10L, -10L], await _house.Pharmacy.QueryAsync<long>("SELECT points FROM points_entry WHERE member_id = @m AND kind = 6 ORDER BY id", new { m = _member.Value }));
        Assert.Equal((0, 0, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member);
    }

    [DatabaseFact]
    public async Task A_refund_that_is_loaded_before_its_sale_takes_back_when_the_sale_comes()
    {
        await _house.StartAsync();
        await _house.BookAsync(_house.Refund("R1", 4000, "T1", originalLine: 2));
        Assert.Equal(default, await _house.AccountAsync(_member));

        await _house.BookAsync(_house.Sale("T1", 6000), _house.Sale("T1", 4000, line: 2));

        Assert.Equal((60, 0, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member);
    }

    [DatabaseFact]
    public async Task A_refund_whose_event_is_consumed_before_that_of_its_sale_comes_out_the_same()
    {
        await _house.StartAsync();
        await _house.Pharmacy.ImportAsync(_house.Sale("T1", 6000), _house.Sale("T1", 4000, line: 2));
        var sale = await _house.Pharmacy.ScalarAsync<string>("SELECT body FROM event WHERE kind = 'purchases_recorded'");
        await _house.ExecuteAsync("DELETE FROM event");
        await _house.BookAsync(_house.Refund("R1", 4000, "T1", originalLine: 2));
        Assert.Equal((60, 0, 0), await _house.AccountAsync(_member));

        await _house.Database.WriteAsync(tx => new EventStore(_house.Ids).AppendAsync(tx, EventKind.PurchasesRecorded, sale), None);
        await _house.RunAsync();

        Assert.Equal((60, 0, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member);
    }

    // The clocks of two tills need not agree.
    [DatabaseFact]
    public async Task A_refund_that_is_dated_before_its_sale_takes_back_all_the_same()
    {
        await _house.StartAsync();
        _house.Goto(2026, 1, 6);

        await _house.BookAsync(_house.Sale("T1", 6000), _house.Sale("T1", 4000, line: 2), _house.Refund("R1", 4000, "T1", originalLine: 2) with { BusinessDay = _house.Pharmacy.Today - 1 });

        Assert.Equal((60, 0, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member);
    }

    [DatabaseFact]
    public async Task A_line_that_comes_later_counts_with_its_ticket()
    {
        await _house.StartAsync();
        await _house.BookAsync(_house.Sale("T1", 150));
        await _house.BookAsync(_house.Sale("T1", 150, line: 2));
        Assert.Equal((3, 0, 0), await _house.AccountAsync(_member));

        await _house.BookAsync(_house.Refund("R1", 150, "T1"), _house.Refund("R1", 150, "T1", line: 2, originalLine: 2));

        Assert.Equal((0, 0, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member);
    }

    [DatabaseFact]
    public async Task What_was_spent_of_returned_goods_is_owed_and_settled_by_what_is_earned_next()
    {
        await _house.StartAsync(new EarningRules { PendingDays = 0 });
        await _house.BookAsync(_house.Sale("T1", 10_000));
        await _house.RedeemAsync(_member, 80, $"k:{_member}");

        await _house.BookAsync(_house.Refund("R1", 10_000, "T1"));
        Assert.Equal((0, 0, 80), await _house.AccountAsync(_member));
        await _house.BookAsync(_house.Sale("T2", 9_000));

        Assert.Equal((0, 10, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member);
    }

    [DatabaseFact]
    public async Task A_history_from_before_the_programme_earns_nothing_and_is_no_event()
    {
        var old = _house.Sale("OLD", 10_000);
        await _house.BookAsync(old);
        _house.Goto(2026, 2, 20);
        await _house.StartAsync();
        await _house.Pharmacy.ImportAsync(old with { TicketNo = "OLD2" }, _house.Sale("ANON", 10_000, member: ""));

        Assert.Equal(0, await _house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM event"));
        await _house.BookAsync(_house.Refund("R1", 10_000, "OLD"));

        Assert.Equal(default, await _house.AccountAsync(_member));
    }

    [DatabaseFact]
    public async Task Of_several_multipliers_the_highest_wins_and_stands_beside_the_base()
    {
        var born = await _house.JoinAsync("BORN", birthday: "01-05");
        await _house.StartAsync(new EarningRules { BirthdayMilli = 2000, MemberDays = [5], MemberDayMilli = 1500 });

        await _house.BookAsync(_house.Sale("T1", 4550, member: "BORN"), _house.Sale("T2", 4550));

        Assert.Equal([(1, 45L), (3, 45L)], await PartsAsync(born));
        Assert.Equal([(1, 45L), (4, 22L)], await PartsAsync(_member));
        Assert.Equal("含会员日加赠 22 分", (await _house.PageAsync(_member)).Lines[0].Notes[0].Zh);
        await _house.CheckAsync(_member, born);
    }

    [DatabaseFact]
    public async Task A_coupon_that_multiplies_points_does_so_and_a_return_takes_that_back_too()
    {
        await _house.StartAsync(new EarningRules { MemberDays = [5], MemberDayMilli = 1500 });
        var sale = _house.Sale("T1", 4550);
        var till = new CouponTill(_house.Database, _house.Ids, _house.Clocks, Options.Create(new CouponOptions()));
        var store = new StoreId(await _house.Pharmacy.ScalarAsync<long>("SELECT id FROM store WHERE code = @code", new { code = sale.StoreCode }));
        var basket = new Checkout { Store = store, Codes = [await MultiplierAsync(300)], Lines = [new BasketLine(1, "CREAM", 1, 4550)] };
        Assert.Equal(300, (await till.RedeemAsync(new RedeemRequest(basket, sale.TillNo, "T1"), None)).PointsMultiplier);

        await _house.BookAsync(sale, _house.Sale("T2", 4550), _house.Sale("T1", 4550, member: "M2") with { TillNo = "9" });

        Assert.Equal([(1, 45L), (1, 45L), (4, 22L), (7, 90L)], (await PartsAsync(_member)).Order());
        Assert.Contains((await _house.PageAsync(_member)).Lines, line => line.Notes.Any(note => note.Zh == "含优惠券加赠 90 分"));
        await _house.BookAsync(_house.Refund("R1", 4550, "T1") with { TillNo = sale.TillNo });
        Assert.Equal((67, 0, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member);
    }

    // A coupon of M1 that multiplies by so many hundredths.
    private async Task<string> MultiplierAsync(long hundredths)
    {
        var (definition, code) = (_house.Ids.Next(), CouponCode.New());
        var terms = new CouponTerms { Title = "三倍积分", Kind = CouponKind.PointsMultiplier, Value = hundredths };
        await _house.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("INSERT INTO coupon_definition_version (definition_id, version, terms, author_id, saved_at) VALUES (@definition, 1, @terms, 1, 1)", new { definition, terms = terms.ToJson() });
            await tx.ExecuteAsync("""
                INSERT INTO coupon (id, code, definition_id, version, member_id, sequence, origin, state, claimed_at, valid_from, valid_until, face_fen, points)
                VALUES (@id, @code, @definition, 1, @member, 1, 1, 1, 1, 1, 9000000000000, 0, 0)
                """, new { id = _house.Ids.Next(), code, definition, member = _member.Value });
        }, None);
        return code;
    }

    [DatabaseFact]
    public async Task Rates_and_exclusions_are_those_of_the_rules_of_the_day()
    {
        var cream = await _house.Pharmacy.ScalarAsync<long>("SELECT id FROM product WHERE sku = 'CREAM'");
        var second = await _house.Pharmacy.ScalarAsync<long>("SELECT id FROM store WHERE code = 'S2'");
        await _house.StartAsync(new EarningRules { RateMilli = new Dictionary<ProductClass, int> { [ProductClass.OtcB] = 2500 }, ExcludedProducts = [cream], ExcludedStores = [second] });
        await _house.BookAsync(_house.Sale("T1", 1000, "VITB"), _house.Sale("T1", 1000, line: 2), _house.Sale("T2", 1000, "VITB") with { StoreCode = "S2" });
        Assert.Equal((25, 0, 0), await _house.AccountAsync(_member));
        var early = _house.Sale("T3", 1000, "VITB");
        _house.Goto(2026, 1, 6);
        await _house.StartAsync(new EarningRules { FenPerPoint = 1000 });

        // A ticket of yesterday that comes today earns by yesterday's rules.
        await _house.BookAsync(early, _house.Sale("T4", 1000, "VITB"));

        Assert.Equal((25 + 25 + 1, 0, 0), await _house.AccountAsync(_member));
    }

    [DatabaseFact]
    public async Task Rules_that_hold_are_neither_changed_nor_withdrawn_nor_made_for_days_that_are_over()
    {
        await _house.StartAsync();
        var today = _house.Pharmacy.Today;

        Assert.Equal(RulesOutcome.TooEarly, (await _house.Rules.AddAsync(new EarningRules(), today - 1, "hq", None)).Outcome);
        Assert.Equal((RulesOutcome.Invalid, 0, "MemberDays"), await _house.Rules.AddAsync(new EarningRules { MemberDays = [32] }, today, "hq", None));
        var (_, future, _) = await _house.Rules.AddAsync(new EarningRules { FenPerPoint = 200 }, today + 5, "hq", None);
        Assert.Equal(RulesOutcome.TooEarly, (await _house.Rules.AddAsync(new EarningRules(), today + 4, "hq", None)).Outcome);
        Assert.Equal(RulesOutcome.Done, await _house.Rules.WithdrawAsync(future, None));
        Assert.Equal(RulesOutcome.InUse, await _house.Rules.WithdrawAsync(1, None));
        await Assert.ThrowsAnyAsync<DbException>(() => _house.ExecuteAsync("UPDATE points_rules SET valid_from = valid_from + 1"));
        Assert.Equal(100, Assert.Single(await _house.Rules.ListAsync(None)).Rules.FenPerPoint);
    }

    [DatabaseFact]
    public async Task An_event_that_cannot_be_read_holds_nobody_up()
    {
        await _house.StartAsync();
        await _house.Database.WriteAsync(tx => new EventStore(_house.Ids).AppendAsync(tx, EventKind.PurchasesRecorded, "no json"), None);
        await _house.Pharmacy.ImportAsync(_house.Sale("T1", 10_000));

        await _house.Worker.RunOnceAsync(None);

        Assert.Equal((100, 0, 0), await _house.AccountAsync(_member));
        Assert.Equal(1, await _house.Pharmacy.ScalarAsync<long>("SELECT attempts FROM event"));
    }

    [DatabaseFact]
    public async Task Two_workers_on_the_same_tickets_book_them_once()
    {
        await _house.StartAsync();
        for (var i = 0; i < 8; i++) await _house.Pharmacy.ImportAsync(_house.Sale($"T{i}", 1000), _house.Sale($"U{i}", 1000, member: "M2"));
        await _house.ExecuteAsync("UPDATE event SET next_at = 0");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _house.Worker.BookEventsAsync(None))));
        await _house.RunAsync();

        Assert.Equal((80, 0, 0), await _house.AccountAsync(_member));
        await _house.CheckAsync(_member, await _house.MemberAsync("M2"));
    }

    [DatabaseFact]
    public async Task The_ledger_is_read_in_plain_words_page_by_page()
    {
        await _house.StartAsync(new EarningRules { ValidDays = 20 });
        await _house.BookAsync(_house.Sale("T1", 5_000));
        Assert.Equal("待生效，2026年1月12日起可用", Note(await _house.PageAsync(_member)).Zh);
        _house.Goto(2026, 1, 12);
        await _house.RunAsync();
        Assert.Equal(new Phrase("即将过期，剩余 50 分，2026年2月1日到期", "Expiring soon, 50 left, until 2026-02-01"), Note(await _house.PageAsync(_member)));
        Assert.Equal(new PointsBalance(0, 50, 0, 50, ChinaTime.DayOf(new DateOnly(2026, 2, 1))), await _house.BalanceAsync(_member));
        await _house.RedeemAsync(_member, 30, $"k:{_member}", "满50减5券");
        await _house.BookAsync(_house.Refund("R1", 5_000, "T1"));

        var first = await _house.PageAsync(_member, null, 2);
        var second = await _house.PageAsync(_member, first.Next, 2);

        Assert.Equal(["退货，扣回当时获得的积分", "兑换：满50减5券"], first.Lines.Select(line => line.Title.Zh));
        Assert.Equal("因退货待抵扣 30 分，从以后获得的积分中抵扣", first.Lines[0].Notes[0].Zh);
        Assert.Equal(("Earned with a purchase", 50L, (long?)null), (second.Lines[0].Title.En, second.Lines[0].Points, second.Next));
        Assert.Empty(Assert.Single(second.Lines).Notes);
    }

    private static Phrase Note(PointsPage page) => page.Lines[^1].Notes[^1];

    private async Task TellAgainAsync()
    {
        var tickets = await _house.Pharmacy.QueryAsync<long>("SELECT id FROM purchase");
        await _house.Database.WriteAsync(tx => new EventStore(_house.Ids).AppendAsync(tx, EventKind.PurchasesRecorded, tickets), None);
        await _house.RunAsync();
    }

    private Task<List<(int, long)>> PartsAsync(MemberId member) => _house.Pharmacy.QueryAsync<(int, long)>(
        "SELECT p.part, p.amount FROM points_posting p JOIN points_entry e ON e.id = p.entry_id WHERE e.member_id = @m AND p.account = 11 ORDER BY p.seq", new { m = member.Value });
}

public sealed class EarningOnSqlite(SqliteTestDatabase database) : EarningContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class EarningOnMySql(MySqlTestDatabase database) : EarningContract(database), IClassFixture<MySqlTestDatabase>;
