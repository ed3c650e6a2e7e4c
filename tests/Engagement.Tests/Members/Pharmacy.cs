using Engagement.Members.CarePlans;
using Engagement.Members.Facts;
using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Members.Profiles;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members;

/// <summary>A small chain in a database: keys, ids, a clock that stands still, and the imports ready to be called.</summary>
internal sealed class Pharmacy : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TempFolder _keys = new();

    private Pharmacy(Database database, IdGenerator ids)
    {
        var keys = KeyRing.Create(_keys["keys"], demo: true);
        (Database, Ids, Cipher, Index) = (database, ids, new FieldCipher(keys), new BlindIndex(keys));
        Clocks = new Clocks(Clock, TimeProvider.System);
        Members = new MemberStore(database, Cipher, Index);
        Facts = new FactStore(database);
        Therapies = new TherapyStore(database, ids);
    }

    public Database Database { get; }

    public IdGenerator Ids { get; }

    public FieldCipher Cipher { get; }

    public BlindIndex Index { get; }

    public ManualClock Clock { get; } = new();

    public Clocks Clocks { get; }

    public MemberStore Members { get; }

    public FactStore Facts { get; }

    public TherapyStore Therapies { get; }

    public int Today => Clock.Today();

    public ImportOptions Options { get; set; } = new();

    public List<Rejection> Rejections { get; } = [];

    public static async Task<Pharmacy> OpenAsync(TestDatabase test)
    {
        await test.Database.WriteAsync(async tx =>
        {
            foreach (var table in (string[])["store", "product", "product_change", "product_redosed", "member", "member_alias", "member_change", "member_identity", "consent",
                         "consent_change", "merge_review", "purchase", "purchase_line", "parked_refund", "therapy_line", "member_fact", "member_product"])
            {
                await tx.ExecuteAsync($"DELETE FROM {table}");
            }
        }, None);
        return new Pharmacy(test.Database, await IdGenerator.LeaseAsync(test.Database, TimeProvider.System, None));
    }

    public Task<ImportReport> ImportAsync(params StoreRow[] rows) =>
        new StoreImport(Database, Ids).RunAsync(Rows(rows), Options, null, Rejections.Add, None);

    public Task<ImportReport> ImportAsync(params ProductRow[] rows) =>
        new ProductImport(Database, Ids, Clocks).RunAsync(Rows(rows), Options, null, Rejections.Add, None);

    public Task<ImportReport> ImportAsync(params MemberRow[] rows) =>
        new MemberImport(Database, Ids, Cipher, Index, Clocks).RunAsync(Rows(rows), Options, null, Rejections.Add, None);

    public Task<ImportReport> ImportAsync(params PurchaseLineRow[] rows) =>
        new PurchaseImport(Database, Ids, Cipher, Index, Clocks).RunAsync(Rows(rows), Options, null, Rejections.Add, None);

    /// <summary>Two stores, a long-term medicine in two packs, one without a known dose, and a cream.</summary>
    public async Task StockAsync()
    {
        await ImportAsync(new StoreRow("S1", "人民路店", "杭州"), new StoreRow("S2", "解放路店", "杭州"));
        await ImportAsync(
            Medicine("AML28", "苯磺酸氨氯地平片", "氨氯地平", "5mg", 28, 1000), Medicine("AML7", "氨氯地平片(另一厂)", "氨氯地平", "5mg", 7, 1000),
            Medicine("MET60", "盐酸二甲双胍片", "二甲双胍", "0.5g", 60, 3000), Medicine("WAR", "华法林钠片", "华法林", "2.5mg", 60, null),
            new ProductRow { Sku = "CREAM", Name = "护手霜", Class = ProductClass.Other, PriceFen = 1990 });
    }

    public static ProductRow Medicine(string sku, string name, string generic, string strength, int units, int? perDayMilli) => new()
    {
        Sku = sku, Name = name, GenericName = generic, Strength = strength, Class = ProductClass.Prescription, Therapy = "chronic",
        PackUnits = units, UnitsPerDayMilli = perDayMilli, PriceFen = 2800,
    };

    public static MemberRow Member(string no, string name = "", string phone = "", string source = "till") =>
        new() { Source = source, MemberNo = no, Name = name, Phone = phone, StoreCode = "S1", Joined = "2024-05-01" };

    public PurchaseLineRow Sale(string ticket, int daysAgo, string sku = "AML28", int quantity = 1, string member = "M1", int line = 1) => new()
    {
        Source = "till", StoreCode = "S1", TillNo = "1", TicketNo = ticket, LineNo = line, BusinessDay = Today - daysAgo, MemberNo = member, Sku = sku,
        Quantity = quantity, UnitPriceFen = 1000, NetFen = quantity * 1000L,
    };

    public PurchaseLineRow Refund(string ticket, int daysAgo, string original, string sku = "AML28", int quantity = 1, string member = "M1", int originalLine = 1) =>
        Sale(ticket, daysAgo, sku, -quantity, member) with { Event = PurchaseEvent.Refund, OriginalTicketNo = original, OriginalLineNo = originalLine };

    public Task<T> ScalarAsync<T>(string sql, object? parameters = null) => Database.ReadAsync(s => s.ScalarAsync<T>(sql, parameters), None);

    public Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) => Database.ReadAsync(s => s.QueryAsync<T>(sql, parameters), None);

    public static async IAsyncEnumerable<T> Rows<T>(IEnumerable<T> rows)
    {
        foreach (var row in rows)
        {
            await Task.CompletedTask;
            yield return row;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Ids.DisposeAsync();
        _keys.Dispose();
    }
}
