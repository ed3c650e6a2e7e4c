using System.Globalization;
using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Api.Demo.Chain;

/// <summary>
/// The CDNOW sample (<c>master_id,sample_id,date,cds,value</c>): one row, one ticket. It sold records; so each ticket is
/// mapped onto pharmacy goods by a fixed rule that keeps the date, the amount and the rhythm of each customer:
/// <list type="number">
/// <item>By a hash of the customer number, not quite half of the customers take one or two cheap long-term medicines.</item>
/// <item>Such a customer's ticket holds one pack of each, as far as the value pays for it.</item>
/// <item>The rest of the value is spread over other goods, as many lines as the ticket had CDs, six at most; the discount of
/// each line makes the sum of the ticket equal to the value, to the fen.</item>
/// <item>A ticket of value zero is a plain good, given away.</item>
/// </list>
/// Rows that occur twice stay two tickets. Every date moves by the same number of days.
/// </summary>
internal sealed class CdnowExport
{
    public const string Source = "cdnow";

    private const double ChronicShare = 0.45;
    private const double SecondMedicine = 0.5;
    private const long DearestPackFen = 1600;
    private const int MostLines = 6;

    private readonly ChainOptions _options;
    private readonly Basket _basket = new(ProductList.Embedded);
    private readonly IReadOnlyList<ProductRow> _cheapMedicines =
        [.. ProductList.Embedded.Therapies.OrderBy(t => t.Key, StringComparer.Ordinal).SelectMany(t => t.Value).Where(p => p.PriceFen <= DearestPackFen)];

    private readonly int _shift;
    private readonly IReadOnlyList<(long Customer, List<Sold> Tickets)> _customers;

    private CdnowExport(ChainOptions options, List<Sold> sold)
    {
        _shift = options.Yesterday - sold.Max(s => s.Day);
        _customers = [.. sold.GroupBy(s => s.Customer).OrderBy(c => c.Key).Select(c => (c.Key, c.OrderBy(s => s.Day).ThenBy(s => s.Line).ToList()))];
        _options = options with { Members = _customers.Count };
    }

    /// <summary>The columns, in any order.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["master_id", "sample_id", "date", "cds", "value"];

    /// <summary>Reads the file; rows that cannot be read are listed and left out.</summary>
    public static async Task<TillFile> ReadAsync(string path, string[] columns, ChainOptions options, CancellationToken ct)
    {
        var (customer, date, cds, value) = (Array.IndexOf(columns, "sample_id"), Array.IndexOf(columns, "date"), Array.IndexOf(columns, "cds"), Array.IndexOf(columns, "value"));
        var sold = new List<Sold>();
        var rejected = new List<Rejection>();
        var line = 0;
        await foreach (var text in File.ReadLinesAsync(path, ct))
        {
            if (++line == 1 || text.Length == 0) continue;
            var fields = text.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length != columns.Length)
                rejected.Add(new(line, "", "columns_differ", new($"应有 {columns.Length} 列，实有 {fields.Length} 列", $"{fields.Length} columns instead of {columns.Length}")));
            else if (!long.TryParse(fields[customer], NumberStyles.None, null, out var id))
                rejected.Add(new(line, "sample_id", "customer_invalid", new("不是客户编号", "not a customer number")));
            else if (!DateOnly.TryParseExact(fields[date], "yyyyMMdd", out var day))
                rejected.Add(new(line, "date", "date_invalid", new("不是 yyyymmdd 日期", "not a date of the form yyyymmdd")));
            else if (!int.TryParse(fields[cds], NumberStyles.None, null, out var count))
                rejected.Add(new(line, "cds", "quantity_invalid", new("不是数量", "not a quantity")));
            else if (!TryFen(fields[value], out var fen))
                rejected.Add(new(line, "value", "amount_invalid", new("不是金额，或为负，或超过两位小数", "not an amount, negative, or with more than two decimals")));
            else
                sold.Add(new Sold(id, ChinaTime.DayOf(day), count, fen, line));
        }

        if (sold.Count == 0) return new TillFile.Refused(new($"{path} 没有一行可用的小票。", $"{path} has no usable ticket."));
        return new TillFile.Completed(new CdnowExport(options, sold).Complete() with { Rejected = rejected });
    }

    private static bool TryFen(string text, out long fen)
    {
        fen = 0;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var yuan) || yuan > 1_000_000) return false;
        fen = (long)(yuan * 100);
        return fen == yuan * 100;
    }

    private ChainData Complete()
    {
        var stores = Stores.Make(_options.Stores);
        var maker = new PersonMaker(_options, Source, stores);
        var people = Enumerable.Range(0, _customers.Count).Select(i => maker.Make(i, Known(i)));
        return ChainMaker.Assemble(_options, maker, stores, people, person => Tickets(_customers[person.Index])) with
        {
            Made =
            [
                new($"小票的日期、金额和每位顾客的购买节奏来自文件；日期整体平移 {_shift} 天，最新一张为昨天。",
                    $"Dates, amounts and each customer's rhythm are the file's; all dates moved by {_shift} days, the newest ticket is yesterday's."),
                new("文件里卖的是唱片：每张小票按固定规则换成药店商品，金额分文不变。",
                    "The file's goods were records: a fixed rule puts pharmacy goods in their place, to the same fen."),
                TillPeople.Made(maker),
            ],
        };
    }

    private Known Known(int index)
    {
        var (customer, tickets) = _customers[index];
        return new Known($"C{customer:D5}", Medicines(customer).Count > 0, tickets[0].Day + _shift);
    }

    private IEnumerable<Ticket> Tickets((long Customer, List<Sold> Tickets) customer)
    {
        var medicines = Medicines(customer.Customer);
        return customer.Tickets.Select(sold => new Ticket(sold.Day + _shift, Goods(sold, medicines), sold.Line, Final: true));
    }

    private List<ProductRow> Medicines(long customer)
    {
        var random = new SeededStream(_options.Seed, Draw.Regimen, customer);
        var medicines = new List<ProductRow>(2);
        if (!random.Chance(ChronicShare)) return medicines;
        medicines.Add(random.Pick(_cheapMedicines));
        if (random.Chance(SecondMedicine) && random.Pick(_cheapMedicines) is var second && second.Therapy != medicines[0].Therapy) medicines.Add(second);
        return medicines;
    }

    private List<Good> Goods(Sold sold, List<ProductRow> medicines)
    {
        var random = new SeededStream(_options.Seed, Draw.History, sold.Line);
        var goods = new List<Good>(4);
        var left = sold.Fen;
        foreach (var medicine in medicines)
        {
            var pack = History.Pack(medicine, 1, random);
            if (pack.NetFen > left) continue;
            goods.Add(pack);
            left -= pack.NetFen;
        }

        if (left > 0 || goods.Count == 0) _basket.Fill(goods, left, Math.Clamp(sold.Cds - goods.Count, 1, MostLines), random);
        return goods;
    }

    /// <summary>One row of the file.</summary>
    private readonly record struct Sold(long Customer, int Day, int Cds, long Fen, int Line);
}
