using Engagement.Members;
using Engagement.Members.Recalls;
using Engagement.Members.Staff;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Recalls;

public abstract class RecallContract(TestDatabase database)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [DatabaseFact]
    public async Task A_recalled_batch_yields_its_buyers_without_those_who_gave_everything_back()
    {
        await using var pharmacy = await OpenAsync();
        var product = await ProductAsync(pharmacy, "AML28");
        await pharmacy.ImportAsync(
            pharmacy.Sale("T1", 9, quantity: 2, member: "M1") with { BatchNo = "B1" }, pharmacy.Sale("T2", 8, member: "M2") with { BatchNo = "B1" },
            pharmacy.Sale("T3", 7, member: "M3") with { BatchNo = "B2" }, pharmacy.Sale("T4", 7, "CREAM", member: "M3") with { BatchNo = "B1" });
        await pharmacy.ImportAsync(pharmacy.Refund("R1", 5, "T1", quantity: 1, member: "M1") with { BatchNo = "B1" }, pharmacy.Refund("R2", 5, "T2", member: "M2") with { BatchNo = "B1" });
        var desk = new RecallDesk(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks);

        var recall = (await AnnounceAsync(pharmacy, desk, product, "B1", 1, "含量不合格"))!;
        var again = await AnnounceAsync(pharmacy, desk, product, "B1", 2, "另一个原因");

        Assert.Equal(recall, again);
        Assert.Null(await AnnounceAsync(pharmacy, desk, new ProductId(4711), "B1", 1, "原因"));
        var (buyers, last) = (await pharmacy.Database.ReadAsync(session => RecallDesk.BuyersAsync(session, recall.Id, null, 10), None))!.Value;
        Assert.Equal([(await MemberAsync(pharmacy, "M1"), 1)], buyers.Select(buyer => (buyer.Member, buyer.Packs)));
        Assert.Null(last);
    }

    [DatabaseFact]
    public async Task A_code_shows_only_the_members_own_purchase()
    {
        await using var pharmacy = await OpenAsync();
        await pharmacy.ImportAsync(pharmacy.Sale("T1", 9, member: "M1") with { BatchNo = "B1", TraceCodes = ["81000000000000000001"] });
        var desk = new RecallDesk(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks);
        var (mine, other) = (await MemberAsync(pharmacy, "M1"), await MemberAsync(pharmacy, "M2"));

        var look = await desk.LookAsync(mine, "81000000000000000001", None);
        Assert.Equal((pharmacy.Today - 9, "人民路店", "苯磺酸氨氯地平片", null), (look.Day, look.Store, look.Product, look.Recall));
        Assert.Null((await desk.LookAsync(other, "81000000000000000001", None)).Day);
        Assert.Null((await desk.LookAsync(mine, "8100000000000000000", None)).Day);

        await AnnounceAsync(pharmacy, desk, await ProductAsync(pharmacy, "AML28"), "B1", 1, "含量不合格");
        Assert.NotNull((await desk.LookAsync(mine, "81000000000000000001", None)).Recall);
        Assert.NotNull((await desk.LookAsync(mine, "B1", None)).Recall);
        var stranger = await desk.LookAsync(other, "B1", None);
        Assert.Equal((null, "B1"), (stranger.Day, stranger.Recall!.BatchNo));
    }

    [DatabaseFact]
    public async Task The_same_batch_number_of_another_product_is_not_recalled()
    {
        await using var pharmacy = await OpenAsync();
        await pharmacy.ImportAsync(pharmacy.Sale("T1", 9, "MET60", member: "M1") with { BatchNo = "B1" });
        var desk = new RecallDesk(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks);
        await AnnounceAsync(pharmacy, desk, await ProductAsync(pharmacy, "AML28"), "B1", 1, "含量不合格");

        var look = await desk.LookAsync(await MemberAsync(pharmacy, "M1"), "B1", None);

        Assert.Equal(("盐酸二甲双胍片", null), (look.Product, look.Recall));
    }

    private async Task<Pharmacy> OpenAsync()
    {
        var pharmacy = await Pharmacy.OpenAsync(database);
        await pharmacy.Database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM recall"), None);
        await pharmacy.StockAsync();
        await pharmacy.ImportAsync(Pharmacy.Member("M1"), Pharmacy.Member("M2"), Pharmacy.Member("M3"));
        return pharmacy;
    }

    private static Task<Recall?> AnnounceAsync(Pharmacy pharmacy, RecallDesk desk, ProductId product, string batch, int level, string reason) =>
        pharmacy.Database.WriteAsync(tx => desk.AnnounceAsync(tx, product, batch, level, reason, "请停止使用", new StaffId(1)), None);

    private static async Task<ProductId> ProductAsync(Pharmacy pharmacy, string sku) => new(await pharmacy.ScalarAsync<long>("SELECT id FROM product WHERE sku = @sku", new { sku }));

    private static async Task<MemberId> MemberAsync(Pharmacy pharmacy, string no) => (await pharmacy.Members.FindAsync(no, 1, None)).Single();
}

public sealed class RecallsOnSqlite(SqliteTestDatabase database) : RecallContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class RecallsOnMySql(MySqlTestDatabase database) : RecallContract(database), IClassFixture<MySqlTestDatabase>;
