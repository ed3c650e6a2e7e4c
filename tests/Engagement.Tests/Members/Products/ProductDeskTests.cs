using Engagement.Members;
using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Products;

/// <summary>The product master in the hands of staff, on each database.</summary>
public abstract class ProductDeskContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private Pharmacy _pharmacy = null!;
    private ProductDesk _desk = null!;

    public async Task InitializeAsync()
    {
        _pharmacy = await Pharmacy.OpenAsync(test);
        await _pharmacy.StockAsync();
        _desk = new ProductDesk(_pharmacy.Ids, _pharmacy.Clocks);
    }

    public async Task DisposeAsync() => await _pharmacy.DisposeAsync();

    [DatabaseFact]
    public async Task A_correction_keeps_what_was_and_raises_the_version()
    {
        var cream = await FindAsync("CREAM");
        Assert.Equal((1, ProductClass.Other), (cream.Version, cream.Row.Class));

        var (edit, redosed) = await ChangeAsync(cream, 1, cream.Row with { Class = ProductClass.HealthFood, PriceFen = 2500 });

        Assert.False(redosed);
        Assert.Equal((2, ProductClass.HealthFood), (edit!.Saved!.Version, edit.Saved.Row.Class));
        Assert.Equal((2, 2500), ((await FindAsync("CREAM")).Version, (await FindAsync("CREAM")).Row.PriceFen));
        Assert.Contains("护手霜", await _pharmacy.ScalarAsync<string>("SELECT old_row FROM product_change"));
    }

    [DatabaseFact]
    public async Task A_stale_wrong_or_empty_edit_changes_nothing()
    {
        var cream = await FindAsync("CREAM");

        Assert.True((await ChangeAsync(cream, 5, cream.Row with { Name = "另一个" })).Edit!.Stale);
        Assert.Equal("name", (await ChangeAsync(cream, 1, cream.Row with { Name = " " })).Edit!.Field);
        Assert.Equal("price", (await ChangeAsync(cream, 1, cream.Row with { PriceFen = -1 })).Edit!.Field);
        Assert.Equal("price", (await ChangeAsync(cream, 1, cream.Row with { PriceFen = long.MaxValue })).Edit!.Field);
        Assert.Equal(1, (await ChangeAsync(cream, 1, cream.Row with { Sku = "OTHER" })).Edit!.Saved!.Version);
        Assert.Null((await ChangeAsync(cream with { Id = new ProductId(1) }, 1, cream.Row)).Edit);

        Assert.Equal("护手霜", (await FindAsync("CREAM")).Row.Name);
        Assert.Equal(0, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM product_change"));
    }

    [DatabaseFact]
    public async Task A_changed_dose_is_told_so_that_therapy_lines_follow()
    {
        var medicine = await FindAsync("AML28");

        Assert.True((await ChangeAsync(medicine, 1, medicine.Row with { UnitsPerDayMilli = 2000 })).Redosed);
        Assert.Equal([medicine.Id.Value], await _pharmacy.QueryAsync<long>("SELECT product_id FROM product_redosed"));
    }

    [DatabaseFact]
    public async Task An_import_after_an_edit_counts_as_a_version_too()
    {
        var cream = await FindAsync("CREAM");
        await ChangeAsync(cream, 1, cream.Row with { Name = "护手霜（新）" });
        await _pharmacy.ImportAsync(cream.Row with { Name = "护手霜（总部）" });

        Assert.Equal((3, "护手霜（总部）"), ((await FindAsync("CREAM")).Version, (await FindAsync("CREAM")).Row.Name));
    }

    [DatabaseFact]
    public async Task Lists_go_by_beginning_class_and_page()
    {
        Assert.Equal(5, (await ListAsync(null, null)).Count);
        Assert.Equal(["AML28", "AML7"], (await ListAsync("AML", null)).Select(card => card.Row.Sku).Order(StringComparer.Ordinal));
        Assert.Equal(["CREAM"], (await ListAsync("护手", null)).Select(card => card.Row.Sku));
        Assert.Equal(["CREAM"], (await ListAsync(null, ProductClass.Other)).Select(card => card.Row.Sku));
        Assert.Empty(await ListAsync("%", null));
        Assert.Empty(await ListAsync("AML", ProductClass.Other));
        var first = await ListAsync(null, null, limit: 2);
        Assert.Equal(3, (await ListAsync(null, null, after: first[1].Id.Value)).Count);
    }

    private async Task<ProductCard> FindAsync(string sku) => (await ListAsync(sku, null)).Single(card => card.Row.Sku == sku);

    private Task<IReadOnlyList<ProductCard>> ListAsync(string? prefix, ProductClass? @class, long? after = null, int limit = 100) =>
        _pharmacy.Database.ReadAsync(session => ProductDesk.ListAsync(session, prefix, @class, after, limit), None);

    private Task<(ProductEdit? Edit, bool Redosed)> ChangeAsync(ProductCard card, long seen, ProductRow wanted) => _pharmacy.Database.WriteAsync(tx => _desk.ChangeAsync(tx, card.Id, seen, wanted), None);
}

public sealed class ProductDeskOnSqlite(SqliteTestDatabase database) : ProductDeskContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class ProductDeskOnMySql(MySqlTestDatabase database) : ProductDeskContract(database), IClassFixture<MySqlTestDatabase>;
