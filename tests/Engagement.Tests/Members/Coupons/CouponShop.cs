using Engagement.Members;
using Engagement.Members.Coupons;
using Engagement.Members.Products;
using Engagement.Storage;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engagement.Tests.Members.Coupons;

/// <summary>A small chain that gives coupons: one product of each class, two stores, members, an author and an approver.</summary>
internal sealed class CouponShop : IAsyncDisposable, IPointsPayment, IMemberTiers
{
    public const long Author = 11;
    public const long Approver = 12;

    private static readonly CancellationToken None = CancellationToken.None;

    private CouponShop(Pharmacy pharmacy)
    {
        Pharmacy = pharmacy;
        var options = Microsoft.Extensions.Options.Options.Create(Limits);
        Definitions = new CouponDefinitions(Database, Pharmacy.Ids, Pharmacy.Clocks, options);
        Claims = new CouponClaims(Database, Pharmacy.Ids, Pharmacy.Members, Pharmacy.Index, Pharmacy.Clocks, this, this, options);
        Till = new CouponTill(Database, Pharmacy.Ids, Pharmacy.Clocks, options);
        Refunds = new CouponRefunds(Pharmacy.Clocks);
        Wallet = new CouponWallet(Database, Pharmacy.Clocks, this);
        Watch = new CouponWatch(Database);
        Sweep = new CouponSweep(Database, Pharmacy.Clocks, options, NullLogger<CouponSweep>.Instance);
    }

    public Pharmacy Pharmacy { get; }

    public Database Database => Pharmacy.Database;

    public ManualClock Clock => Pharmacy.Clock;

    public CouponOptions Limits { get; } = new();

    public CouponDefinitions Definitions { get; }

    public CouponClaims Claims { get; }

    public CouponTill Till { get; }

    public CouponRefunds Refunds { get; }

    public CouponWallet Wallet { get; }

    public CouponWatch Watch { get; }

    public CouponSweep Sweep { get; }

    /// <summary>What the points ledger answers.</summary>
    public PointsPayment Payment { get; set; } = PointsPayment.Paid;

    /// <summary>The tier that everybody has.</summary>
    public string? Tier { get; set; }

    public StoreId Store { get; private set; }

    public StoreId OtherStore { get; private set; }

    public static async Task<CouponShop> OpenAsync(TestDatabase test)
    {
        var shop = new CouponShop(await Pharmacy.OpenAsync(test));
        await shop.Database.WriteAsync(async tx =>
        {
            foreach (var table in (string[])["coupon_definition", "coupon_definition_version", "coupon_stock", "coupon_invitation", "coupon", "coupon_move", "coupon_ticket", "coupon_redemption",
                         "coupon_redemption_line", "coupon_refund_line", "setting"])
            {
                await tx.ExecuteAsync($"DELETE FROM {table}");
            }
        }, None);
        await shop.Pharmacy.ImportAsync(new("S1", "人民路店", "杭州"), new Engagement.Members.Imports.StoreRow("S2", "解放路店", "杭州"));
        await shop.Pharmacy.ImportAsync(
            Product("CREAM", "护手霜", ProductClass.Other), Product("SOAP", "洗手液", ProductClass.Other), Product("MASK", "医用口罩", ProductClass.Device),
            Product("VITC", "维生素C咀嚼片", ProductClass.HealthFood), Product("COLD", "感冒清热颗粒", ProductClass.OtcB), Product("IBU", "布洛芬片", ProductClass.OtcA),
            Product("AML", "苯磺酸氨氯地平片", ProductClass.Prescription) with { GenericName = "氨氯地平" }, Product("NEW", "新到的货", ProductClass.Unknown));
        await shop.JoinAsync("M1", "13800138001");
        await shop.JoinAsync("M2", "13800138002");
        (shop.Store, shop.OtherStore) = (new StoreId(await shop.IdAsync("store", "code", "S1")), new StoreId(await shop.IdAsync("store", "code", "S2")));
        return shop;
    }

    public static Engagement.Members.Imports.ProductRow Product(string sku, string name, ProductClass @class) => new() { Sku = sku, Name = name, Class = @class, PriceFen = 1990 };

    /// <summary>Ten yuan off from fifty, at every store, a hundred of them, for a month.</summary>
    public CouponTerms Terms() => new()
    {
        Title = "春日满减🌸", Kind = CouponKind.AmountOff, Value = 1000, ThresholdFen = 5000, Total = 100,
        ValidUntil = ChinaTime.DateOf(Clock.GetUtcNow()).AddDays(30), ClaimFrom = Clock.GetUtcNow().AddDays(-1), ClaimUntil = Clock.GetUtcNow().AddDays(20),
    };

    /// <summary>A share of the price off, no threshold.</summary>
    public CouponTerms Percent(long hundredths) => Terms() with { Kind = CouponKind.Percentage, Value = hundredths, ThresholdFen = 0 };

    public Task JoinAsync(params string[] noAndPhone) => Pharmacy.ImportAsync([.. noAndPhone.Chunk(2).Select(m => Pharmacy.Member(m[0], phone: m[1]))]);

    public async Task<MemberId> MemberAsync(string no = "M1") => new(await IdAsync("member", "member_no", no));

    /// <summary>Saves a definition and has it approved.</summary>
    public async Task<CouponDefinitionId> PublishAsync(CouponTerms terms, string? code = null)
    {
        var saved = Assert.IsType<SaveOutcome.Saved>(await Definitions.CreateAsync(code ?? $"C{Pharmacy.Ids.Next()}", terms, Author, None));
        Assert.IsType<PublishOutcome.Published>(await Definitions.PublishAsync(saved.Id, saved.Version, Approver, None));
        return saved.Id;
    }

    public async Task<ClaimOutcome> ClaimAsync(CouponDefinitionId definition, string member = "M1", string? key = null) =>
        await Claims.ClaimAsync(new ClaimRequest(definition, await MemberAsync(member), key), None);

    /// <summary>A published and claimed coupon.</summary>
    public async Task<Coupon> CouponAsync(CouponTerms? terms = null, string member = "M1") =>
        Assert.IsType<ClaimOutcome.Claimed>(await ClaimAsync(await PublishAsync(terms ?? Terms()), member)).Coupon;

    public Checkout Basket(IEnumerable<Coupon> coupons, params (string Sku, long Fen)[] lines) => new()
    {
        Store = Store, Codes = [.. coupons.Select(coupon => coupon.Code)], Lines = [.. lines.Select((line, i) => new BasketLine(i + 1, line.Sku, 1, line.Fen))],
    };

    public Task<Quote> RedeemAsync(string ticket, Coupon coupon, params (string Sku, long Fen)[] lines) => RedeemAsync(ticket, Basket([coupon], lines));

    public Task<Quote> RedeemAsync(string ticket, Checkout checkout) => Till.RedeemAsync(new RedeemRequest(checkout, "1", ticket), None);

    public Task<Quote> ReserveAsync(string ticket, Checkout checkout, TimeSpan limit) =>
        Database.WriteAsync(tx => Till.ReserveAsync(tx, new RedeemRequest(checkout, "1", ticket), limit), None);

    public Task<ConfirmAnswer> ConfirmAsync(string ticket) => Database.WriteAsync(tx => Till.ConfirmAsync(tx, Ticket(ticket)), None);

    public Task<int> ReleaseAsync(string ticket) => Database.WriteAsync(tx => CouponTill.ReleaseAsync(tx, Ticket(ticket)), None);

    public Task<RefundAnswer> RefundAsync(string ticket, string refund, params (int Line, int Quantity)[] lines) => Database.WriteAsync(
        tx => Refunds.RefundAsync(tx, new TicketRefund(Store, null, ticket, refund, [.. lines.Select(line => new RefundedUnits(line.Line, line.Quantity))])), None);

    public TicketRef Ticket(string number) => new(Store, "1", number);

    public async Task<CouponState> StateAsync(Coupon coupon) => (CouponState)await Pharmacy.ScalarAsync<long>("SELECT state FROM coupon WHERE id = @id", new { id = coupon.Id.Value });

    public Task<long> CommittedAsync(CouponDefinitionId definition) => Pharmacy.ScalarAsync<long>("SELECT committed_fen FROM coupon_stock WHERE definition_id = @id", new { id = definition.Value });

    public async Task<PointsPayment> PayAsync(Tx tx, MemberId member, long points, CouponId coupon, string title)
    {
        await tx.SetSettingAsync($"paid {member}", $"{points}");
        return Payment;
    }

    public Task GiveBackAsync(Tx tx, MemberId member, CouponId coupon) => tx.SetSettingAsync($"given back {member}", $"{coupon}");

    public Task<string?> TierAsync(Session session, MemberId member) => Task.FromResult(Tier);

    public async ValueTask DisposeAsync() => await Pharmacy.DisposeAsync();

    private Task<long> IdAsync(string table, string column, string value) => Pharmacy.ScalarAsync<long>($"SELECT id FROM {table} WHERE {column} = @value", new { value });
}
