using System.Text;
using Engagement.Api.Demo.Chain;
using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Demo;

/// <summary>What <c>run.sh --purchases FILE</c> makes of real files, and of files that are not what they should be.</summary>
public sealed class ReadingTillExports : IDisposable
{
    private const string Cdnow = "cdnow/cdnow_sample_transactions.csv";
    private const string Groceries = "groceries/baskets.txt";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SharedDataFact(Cdnow)]
    public async Task A_cdnow_ticket_keeps_its_customer_its_day_and_its_amount_to_the_fen()
    {
        var path = SharedData.Path(Cdnow);
        var chain = await CompleteAsync(path);
        var tickets = Tickets(chain);
        var file = File.ReadLines(path).Skip(1).Select((text, i) => (Line: i + 2, Fields: text.Split(','))).ToList();
        var shift = DemoDay.Today - 1 - file.Max(row => Day(row.Fields[2]));

        Assert.Empty(chain.Rejected);
        Assert.Equal(6919, tickets.Count);
        foreach (var (line, fields) in file)
        {
            Assert.Equal(
                ($"C{long.Parse(fields[1]):D5}", Day(fields[2]) + shift, (long)(decimal.Parse(fields[4]) * 100)),
                (tickets[line][0].MemberNo, tickets[line][0].BusinessDay, tickets[line].Sum(l => l.NetFen)));
        }
    }

    [SharedDataFact(Cdnow)]
    public async Task The_cdnow_totals_are_the_published_ones()
    {
        var chain = await CompleteAsync(SharedData.Path(Cdnow));
        var lines = chain.Lines.Where(l => l.Source == CdnowExport.Source).ToList();

        Assert.Equal(244_091_94, lines.Sum(l => l.NetFen));
        Assert.Equal(2357, lines.Select(l => l.MemberNo).Distinct().Count());
        Assert.Equal(6696, lines.Select(l => (l.MemberNo, l.BusinessDay)).Distinct().Count());
        Assert.Equal(8, Tickets(chain).Values.Count(t => t.Sum(l => l.NetFen) == 0));
        Assert.Equal(DemoDay.Today - 1, lines.Max(l => l.BusinessDay));
        Assert.Equal(DemoDay.Today - 546, lines.Min(l => l.BusinessDay));
    }

    [SharedDataFact(Cdnow)]
    public async Task The_goods_of_cdnow_tickets_add_up_and_no_medicine_is_given_away()
    {
        var chain = await CompleteAsync(SharedData.Path(Cdnow));
        var products = chain.Products.ToDictionary(p => p.Sku);

        Assert.DoesNotContain(chain.Lines, line => line.Quantity < 1 || line.NetFen != line.Quantity * line.UnitPriceFen - line.DiscountFen);
        Assert.DoesNotContain(chain.Lines, line => line.DiscountFen * 2 > line.Quantity * line.UnitPriceFen && products[line.Sku].Class != ProductClass.Other);
    }

    [SharedDataFact(Cdnow)]
    public async Task What_the_file_lacks_is_made_and_said()
    {
        var chain = await CompleteAsync(SharedData.Path(Cdnow));
        var members = chain.Members.ToList();
        var today = ChinaTime.Date(DemoDay.Today);
        var due = DemoDay.Coverage(chain).Count(c => c.Value - DemoDay.Today is >= -1 and <= 7);

        Assert.Equal(2357 + 5, chain.People);
        Assert.InRange(members.Count(m => DemoDay.BirthdayOf(m) == (today.Month, today.Day)), 20, 60);
        Assert.InRange(due, 20, 200);
        Assert.Equal(5, members.Count(m => m.Source == Story.Source));
        Assert.Superset(chain.Lines.Select(l => (l.Source, l.MemberNo)).ToHashSet(), members.Select(m => (m.Source, m.MemberNo)).ToHashSet());
        Assert.Equal(3, chain.Made.Count);
        Assert.Contains(chain.Made, made => made.En.Contains("1990000xxxx", StringComparison.Ordinal));
    }

    [SharedDataFact(Groceries)]
    public async Task A_basket_is_a_ticket_and_what_is_bought_together_stays_together()
    {
        var path = SharedData.Path(Groceries);
        var chain = await CompleteAsync(path);
        var tickets = Tickets(chain);

        Assert.Equal(9835, tickets.Count);
        Assert.Equal(43_367, tickets.Values.Sum(t => t.Count));
        Assert.Equal(169, tickets.Values.SelectMany(t => t).Select(l => l.Sku).Distinct().Count());
        var sku = new Dictionary<string, string>();
        foreach (var (items, lines) in File.ReadLines(path).Select((text, i) => (text.Split(' ', StringSplitOptions.RemoveEmptyEntries), tickets[i + 1])))
            foreach (var (item, line) in items.Zip(lines)) Assert.True(sku.TryAdd(item, line.Sku) || sku[item] == line.Sku);
        // other vegetables and whole milk: 736 baskets have both.
        Assert.Equal(736, tickets.Values.Count(t => t.Any(l => l.Sku == sku["103"]) && t.Any(l => l.Sku == sku["166"])));
        Assert.Equal(DemoDay.Today - 1, tickets.Values.Max(t => t[0].BusinessDay));
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_is_listed_with_line_and_column_and_the_others_are_taken()
    {
        var path = Write("till.csv", """
            master_id,sample_id,date,cds,value
            4,1,19970101,2,29.33
            4,1,19970230,2,29.33
            4,one,19970118,2,29.73
            4,1,19970118,-2,29.73
            4,1,19970118,2,-29.73
            4,1,19970118,2,29.735
            4,1,19970118
            4,2,19970131,1,0.00
            """);

        var chain = await CompleteAsync(path);

        Assert.Equal([(3, "date"), (4, "sample_id"), (5, "cds"), (6, "value"), (7, "value"), (8, "")], chain.Rejected.Select(r => (r.Line, r.Column)));
        Assert.Equal([2, 9], Tickets(chain).Keys.Order());
        Assert.Equal([DemoDay.Today - 31, DemoDay.Today - 1], Tickets(chain).Values.Select(t => t[0].BusinessDay).Order());
    }

    [Fact]
    public async Task Columns_may_stand_in_any_order()
    {
        var chain = await CompleteAsync(Write("till.csv", "value,date,cds,sample_id,master_id\n29.33,19970101,2,7,4\n"));

        Assert.Equal(("C00007", 2933), (Tickets(chain)[2][0].MemberNo, Tickets(chain)[2].Sum(l => l.NetFen)));
    }

    [Theory]
    [InlineData("id,when,how much", "id,when,how much")]
    [InlineData("master_id,sample_id,date,cds", "Missing: value.")]
    [InlineData("", "\"\"")]
    [InlineData("master_id,sample_id,date,cds,value\n1,1,yesterday,1,1.00\n", "no usable ticket")]
    [InlineData("1 2 3\n", "items.csv")]
    public async Task A_file_that_is_none_is_refused_in_one_sentence_that_names_what_was_found(string content, string says)
    {
        var refused = Assert.IsType<TillFile.Refused>(await TillExport.ReadAsync(Write("odd.csv", content), Options, default));

        Assert.Contains(says, refused.Why.En, StringComparison.Ordinal);
        Assert.NotEqual("", refused.Why.Zh);
    }

    [Fact]
    public async Task A_header_of_a_hundred_thousand_characters_is_not_repeated()
    {
        var refused = Assert.IsType<TillFile.Refused>(await TillExport.ReadAsync(Write("long.csv", new string('x', 100_000)), Options, default));

        Assert.InRange(refused.Why.En.Length, 100, 600);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_refused_by_name()
    {
        var refused = Assert.IsType<TillFile.Refused>(await TillExport.ReadAsync(_folder["none.csv"], Options, default));

        Assert.Contains("none.csv", refused.Why.En, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_basket_with_an_unknown_item_is_listed_and_left_out()
    {
        Write("items.csv", "item_id,name\n0,milk\n1,bread\n");
        var chain = await CompleteAsync(Write("baskets.txt", "0 1\n0 7\n\n1\n"));

        Assert.Equal([2], chain.Rejected.Select(r => r.Line));
        Assert.Equal([1, 4], Tickets(chain).Keys.Order());
    }

    [Theory]
    [InlineData("store_code,ticket_no,business_date,sku,quantity,unit_price", "utf-8")]
    [InlineData("\uFEFF门店编码,小票号,日期,商品编码,数量,单价", "utf-8")]
    [InlineData("门店\t销售单号\t购药时间\t货号\t数量\t售价", "GB18030")]
    [InlineData("\"store\";\"Ticket_No\";\"date\";\"SKU\";\"qty\";\"unit_price\"", "utf-8")]
    public async Task Our_own_feed_is_left_to_its_importer(string header, string encoding)
    {
        var path = _folder["own.csv"];
        File.WriteAllBytes(path, (CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.UTF8).GetBytes(header + "\n"));

        Assert.IsType<TillFile.OwnFeed>(await TillExport.ReadAsync(path, Options, default));
    }

    private static ChainOptions Options => new(DemoDay.Today);

    private static async Task<ChainData> CompleteAsync(string path) =>
        Assert.IsType<TillFile.Completed>(await TillExport.ReadAsync(path, Options, default)).Data;

    /// <summary>The tickets that stand for lines of the file, by that line.</summary>
    private static Dictionary<int, List<PurchaseLineRow>> Tickets(ChainData chain) =>
        chain.Lines.Where(l => l.Line > 0).GroupBy(l => l.Line).ToDictionary(t => t.Key, t => t.ToList());

    private static int Day(string yyyymmdd) => ChinaTime.DayOf(DateOnly.ParseExact(yyyymmdd, "yyyyMMdd"));

    private string Write(string name, string content)
    {
        File.WriteAllText(_folder[name], content);
        return _folder[name];
    }
}
