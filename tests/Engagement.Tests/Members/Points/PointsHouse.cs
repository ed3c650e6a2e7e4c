using Engagement.Members;
using Engagement.Members.Imports;
using Engagement.Members.Points;
using Engagement.Members.Products;
using Engagement.Members.Referrals;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Engagement.Storage.Events;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Engagement.Tests.Members.Points;

/// <summary>A small chain with a points programme, on the fifth of January 2026; one point a yuan.</summary>
internal sealed class PointsHouse : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private PointsHouse(Pharmacy pharmacy)
    {
        Pharmacy = pharmacy;
        var events = new EventStore(Ids);
        Desk = new PointsDesk(Ids, Clocks);
        Adjustments = new AdjustmentDesk(Database, Ids, Clocks, Options.Create(new PointsOptions()));
        Rules = new EarningRulesStore(Database, Clocks);
        TierRules = new TierRulesStore(Database, Clocks);
        Tiers = new TierReview(Database, Ids, events, Clocks);
        Referrals = new ReferralDesk(Database, Ids, Clocks, Desk, Options.Create(ReferralOptions));
        Birthdays = new BirthdayBenefit(Clocks, Desk, Options.Create(BirthdayOptions));
        Book = new PointsBook(Clocks.Business);
        Audit = new PointsAudit(Database);
        Worker = new PointsWorker(Database, Ids, Clocks, events, Tiers, Referrals, Options.Create(new PointsOptions()), NullLogger<PointsWorker>.Instance);
    }

    public Pharmacy Pharmacy { get; }

    public Database Database => Pharmacy.Database;

    public IdGenerator Ids => Pharmacy.Ids;

    public Clocks Clocks => Pharmacy.Clocks;

    public PointsDesk Desk { get; }

    public AdjustmentDesk Adjustments { get; }

    public EarningRulesStore Rules { get; }

    public TierRulesStore TierRules { get; }

    public TierReview Tiers { get; }

    public ReferralOptions ReferralOptions { get; } = new() { MonthlyCap = 1 };

    public BirthdayOptions BirthdayOptions { get; } = new();

    public ReferralDesk Referrals { get; }

    public BirthdayBenefit Birthdays { get; }

    public PointsBook Book { get; }

    public PointsAudit Audit { get; }

    public PointsWorker Worker { get; }

    /// <summary>Opens it; members M1 and M2 have joined today.</summary>
    public static async Task<PointsHouse> OpenAsync(TestDatabase test)
    {
        var house = new PointsHouse(await Pharmacy.OpenAsync(test));
        foreach (var table in (string[])["event", "points_account", "points_lot", "points_order", "points_rules", "points_adjustment",
                     "tier_rules", "tier_spend", "member_tier", "tier_period", "referral_code", "referral", "birthday_benefit"])
        {
            await house.ExecuteAsync($"DELETE FROM {table}");
        }

        house.Goto(2026, 1, 5);
        await house.Pharmacy.ImportAsync(new StoreRow("S1", "人民路店", "杭州"), new StoreRow("S2", "解放路店", "杭州"));
        await house.Pharmacy.ImportAsync(
            new ProductRow { Sku = "CREAM", Name = "护手霜🌸", Class = ProductClass.Other, PriceFen = 1000 },
            new ProductRow { Sku = "VITB", Name = "维生素B族片", Class = ProductClass.OtcB, PriceFen = 1000 },
            new ProductRow { Sku = "IBU", Name = "布洛芬缓释胶囊", Class = ProductClass.OtcA, PriceFen = 1000 },
            new ProductRow { Sku = "NEW", Name = "没有分类的商品", Class = ProductClass.Unknown, PriceFen = 1000 },
            Pharmacy.Medicine("AML28", "苯磺酸氨氯地平片", "氨氯地平", "5mg", 28, 1000));
        await house.JoinAsync("M1");
        await house.JoinAsync("M2");
        return house;
    }

    /// <summary>Ten in the morning of a day.</summary>
    public void Goto(int year, int month, int day) => Pharmacy.Clock.Set(new DateTimeOffset(year, month, day, 10, 0, 0, TimeSpan.FromHours(8)));

    public async Task<MemberId> JoinAsync(string no, string phone = "", string birthday = "")
    {
        var joined = ChinaTime.Date(Pharmacy.Today).ToString("yyyy-MM-dd");
        await Pharmacy.ImportAsync(Pharmacy.Member(no, "穆𬀩", phone) with { Joined = joined, Birthday = birthday });
        return await MemberAsync(no);
    }

    public async Task<MemberId> MemberAsync(string no) => new(await Pharmacy.ScalarAsync<long>("SELECT id FROM member WHERE member_no = @no", new { no }));

    /// <summary>The programme starts today.</summary>
    public async Task StartAsync(EarningRules? rules = null) => Assert.Equal(RulesOutcome.Done, (await Rules.AddAsync(rules ?? new EarningRules(), Pharmacy.Today, "hq", None)).Outcome);

    /// <summary>A line that was sold for so much today.</summary>
    public PurchaseLineRow Sale(string ticket, long fen, string sku = "CREAM", string member = "M1", int line = 1) =>
        Pharmacy.Sale(ticket, 0, sku, 1, member, line) with { UnitPriceFen = fen, NetFen = fen };

    /// <summary>A line that comes back today, for so much.</summary>
    public PurchaseLineRow Refund(string ticket, long fen, string original, string sku = "CREAM", string member = "M1", int line = 1, int originalLine = 1) =>
        Sale(ticket, fen, sku, member, line) with { Event = PurchaseEvent.Refund, Quantity = -1, NetFen = -fen, OriginalTicketNo = original, OriginalLineNo = originalLine };

    /// <summary>Brings lines in and books them.</summary>
    public async Task BookAsync(params PurchaseLineRow[] rows)
    {
        var report = await Pharmacy.ImportAsync(rows);
        Assert.Empty(Pharmacy.Rejections);
        Assert.True(report.Rows > 0);
        await RunAsync();
    }

    /// <summary>Lets the worker do whatever is due.</summary>
    public async Task RunAsync()
    {
        while (await Worker.RunOnceAsync(None) > 0)
        {
            Assert.Equal(0, await Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM event WHERE attempts > 0"));
        }
    }

    public Task<PointsBalance> BalanceAsync(MemberId member) => Database.ReadAsync(session => Book.BalanceAsync(session, member), None);

    /// <summary>Pending, active, owed: what stands in the account, not what is about to.</summary>
    public async Task<(long, long, long)> AccountAsync(MemberId member) =>
        (await Pharmacy.QueryAsync<(long, long, long)>("SELECT pending, active, owed FROM points_account WHERE member_id = @member", new { member = member.Value })).SingleOrDefault();

    public Task<PointsPage> PageAsync(MemberId member, long? before = null, int limit = 50) => Database.ReadAsync(session => Book.PageAsync(session, member, before, limit), None);

    public Task<PointsResult> RedeemAsync(MemberId member, long points, string key, string what = "10元券") =>
        Database.WriteAsync(tx => Desk.RedeemAsync(tx, member, points, key, what), None);

    public Task<PointsResult> CancelAsync(MemberId member, string key) => Database.WriteAsync(tx => Desk.CancelAsync(tx, member, key), None);

    /// <summary>Opens one account, does something to it, and writes that.</summary>
    public Task OnAccountAsync(MemberId member, Action<Account, int> work) => Database.WriteAsync(async tx =>
    {
        var ledger = new OpenLedger(tx, Ids, Clocks.Business);
        work(await ledger.OpenOneAsync(member.Value), ledger.Today);
        await ledger.SaveAsync();
    }, None);

    /// <summary>The ledger bears out what is kept.</summary>
    public async Task CheckAsync(params MemberId[] members)
    {
        foreach (var member in members) Assert.Empty(await Audit.CheckAsync(member, None));
    }

    public Task ExecuteAsync(string sql, object? parameters = null) => Database.WriteAsync(tx => tx.ExecuteAsync(sql, parameters), None);

    public ValueTask DisposeAsync() => Pharmacy.DisposeAsync();
}
