using Engagement.Api.Demo.Chain;
using Engagement.Members.Imports;
using Engagement.Members.Imports.Csv;
using Engagement.Storage;
using Engagement.Tests.Members;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Demo;

/// <summary>The importers take what is made: nothing is refused but the bad phones, and a second time changes nothing.</summary>
public sealed class ImportingTheChain(SqliteTestDatabase test) : IClassFixture<SqliteTestDatabase>, IAsyncLifetime
{
    private const string Cdnow = "cdnow/cdnow_sample_transactions.csv";

    private Pharmacy _pharmacy = null!;

    public async Task InitializeAsync() => _pharmacy = await Pharmacy.OpenAsync(test);

    public async Task DisposeAsync() => await _pharmacy.DisposeAsync();

    [Fact]
    public async Task A_made_chain_comes_in_whole()
    {
        var chain = ChainMaker.Make(new ChainOptions(_pharmacy.Today, Members: 600));

        var (members, lines) = await ImportAsync(chain);

        Assert.All(_pharmacy.Rejections, r => Assert.Equal("phone", r.Column));
        Assert.InRange(_pharmacy.Rejections.Count, 5, 45);
        Assert.Equal(members.Rows - _pharmacy.Rejections.Count, members.Added + members.Merged);
        Assert.InRange(members.Merged, 10, 20);
        Assert.InRange(members.ToReview, 10, 20);
        Assert.Equal(lines.Rows, lines.Added);

        var (again, linesAgain) = await ImportAsync(chain);

        Assert.Equal((0, 0, 0), (again.Added, again.Changed, linesAgain.Added));
    }

    [Fact]
    public async Task The_product_list_says_the_same_to_the_file_import_as_to_the_demo()
    {
        var (file, _) = await CsvFile.InspectAsync(Repository.Path("samples", "products", "products.csv"), default);
        var (positions, ignored, error) = await Tables.Products.ReadHeaderAsync(file!, default);

        var rows = await Tables.Products.RowsAsync(file!, positions).Select(delivered => delivered.Row!).ToListAsync();

        Assert.Null(error);
        Assert.Equal(["atc"], ignored);
        Assert.Equal(ProductList.Embedded.All, rows);
    }

    [Fact]
    public async Task At_least_twenty_birthdays_outlive_the_import()
    {
        await ImportAsync(ChainMaker.Make(new ChainOptions(_pharmacy.Today, Members: 100)));
        var today = ChinaTime.Date(_pharmacy.Today);

        Assert.InRange(await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM member WHERE birth_md = @md", new { md = today.Month * 100 + today.Day }), 20, 100);
    }

    [Fact]
    public async Task The_story_s_supplies_end_when_they_should_and_the_withdrawn_consent_is_withdrawn()
    {
        await ImportAsync(ChainMaker.Make(new ChainOptions(_pharmacy.Today, Members: 100)));

        var ends = await _pharmacy.QueryAsync<End>("""
            SELECT m.member_no AS No, t.therapy_key AS Medicine, t.coverage_end AS Day FROM therapy_line t JOIN member m ON m.id = t.member_id
            WHERE m.source = 'demo' ORDER BY m.member_no, t.coverage_end
            """);

        Assert.Equal([(Story.WangXiulan, 7L), (Story.WangXiulan, 10L), (Story.ChenMin, 3L), (Story.ZhaoLei, 7L)], ends.Select(e => (e.No, e.Day - _pharmacy.Today)));
        Assert.Equal(0, await _pharmacy.ScalarAsync<long>("""
            SELECT c.granted FROM consent c JOIN member m ON m.id = c.member_id WHERE m.member_no = @no AND c.purpose = 2
            """, new { no = Story.ZhaoLei }));
        Assert.Equal(2, await _pharmacy.ScalarAsync<long>("""
            SELECT COUNT(*) FROM consent_change c JOIN member m ON m.id = c.member_id WHERE m.member_no = @no AND c.purpose = 2
            """, new { no = Story.ZhaoLei }));
    }

    [SharedDataFact(Cdnow)]
    public async Task A_real_export_loses_no_customer_and_no_ticket()
    {
        var file = await TillExport.ReadAsync(SharedData.Path(Cdnow), new ChainOptions(_pharmacy.Today), default);

        var (_, lines) = await ImportAsync(Assert.IsType<TillFile.Completed>(file).Data);

        Assert.Empty(_pharmacy.Rejections);
        Assert.Equal(lines.Rows, lines.Added);
        Assert.Equal(6919, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM purchase WHERE source = 'cdnow' AND member_id IS NOT NULL"));
        Assert.Equal(2357, await _pharmacy.ScalarAsync<long>("SELECT COUNT(DISTINCT member_id) FROM purchase WHERE source = 'cdnow'"));
        Assert.Equal(244_091_94, await _pharmacy.ScalarAsync<long>("SELECT SUM(net_fen) FROM purchase_line l JOIN purchase p ON p.id = l.purchase_id WHERE p.source = 'cdnow'"));
    }

    private async Task<(ImportReport Members, ImportReport Lines)> ImportAsync(ChainData chain)
    {
        await _pharmacy.ImportAsync([.. chain.Stores]);
        await _pharmacy.ImportAsync([.. chain.Products]);
        return (await _pharmacy.ImportAsync([.. chain.Members]), await _pharmacy.ImportAsync([.. chain.Lines]));
    }

    private sealed class End
    {
        public string No { get; init; } = "";
        public string Medicine { get; init; } = "";
        public long Day { get; init; }
    }
}
