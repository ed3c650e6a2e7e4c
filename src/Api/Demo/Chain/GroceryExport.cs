using System.Globalization;
using System.Text.RegularExpressions;
using Engagement.Members.Imports;

namespace Engagement.Api.Demo.Chain;

/// <summary>
/// The Groceries baskets: one basket a line, item numbers separated by blanks, with <c>items.csv</c> (<c>item_id,name</c>)
/// beside it. A basket is a ticket, an item a line: item number <c>n</c> is always the same product, the n-th non-drug product
/// by price, so that what is bought together stays together. The file has neither customers nor dates nor prices: those are
/// made, customers and days from the purchase model, in the order of the file.
/// </summary>
internal sealed partial class GroceryExport
{
    public const string Source = "groceries";

    private const string ItemsFile = "items.csv";
    private const string ItemsHeader = "item_id,name";

    private readonly ChainOptions _options;
    private readonly Dictionary<int, ProductRow> _products;
    private readonly List<List<Basket>> _customers = [];

    private GroceryExport(ChainOptions options, IEnumerable<int> items, List<Basket> baskets)
    {
        var shelf = ProductList.Embedded.NonDrugs;
        _products = items.Order().Select((item, rank) => (item, rank)).ToDictionary(i => i.item, i => shelf[i.rank % shelf.Count]);
        Assign(options, baskets);
        _options = options with { Members = _customers.Count };
    }

    /// <summary>Whether a first line is a basket.</summary>
    public static bool Recognises(string line) => Numbers().IsMatch(line);

    /// <summary>Reads the baskets and the items beside them; baskets that cannot be read are listed and left out.</summary>
    public static async Task<TillFile> ReadAsync(string path, ChainOptions options, CancellationToken ct)
    {
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, ItemsFile);
        if (!File.Exists(beside))
            return new TillFile.Refused(new($"{path} 是商品编号的购物篮，但旁边没有 {ItemsFile}。", $"{path} holds baskets of item numbers, but there is no {ItemsFile} beside it."));
        if (await ItemsAsync(beside, ct) is not { } items)
            return new TillFile.Refused(new($"{beside} 应以 {ItemsHeader} 开头，每行一个编号。", $"{beside} should begin with {ItemsHeader} and have a number in each line."));

        var baskets = new List<Basket>();
        var rejected = new List<Rejection>();
        var line = 0;
        await foreach (var text in File.ReadLinesAsync(path, ct))
        {
            line++;
            if (string.IsNullOrWhiteSpace(text)) continue;
            if (Parse(text, items) is { } numbers) baskets.Add(new Basket(line, numbers));
            else rejected.Add(new(line, "", "unknown_item", new($"有不在 {ItemsFile} 里的商品编号", $"an item number that {ItemsFile} does not have")));
        }

        if (baskets.Count == 0) return new TillFile.Refused(new($"{path} 没有一篮可用。", $"{path} has no usable basket."));
        return new TillFile.Completed(new GroceryExport(options, items, baskets).Complete() with { Rejected = rejected });
    }

    [GeneratedRegex(@"^\d+( \d+)*\s*$")]
    private static partial Regex Numbers();

    private static async Task<HashSet<int>?> ItemsAsync(string path, CancellationToken ct)
    {
        var items = new HashSet<int>();
        var first = true;
        await foreach (var text in File.ReadLinesAsync(path, ct))
        {
            if (first && text.Trim() != ItemsHeader) return null;
            if (!first && text.Length > 0)
            {
                if (!int.TryParse(text.Split(',')[0], NumberStyles.None, null, out var item)) return null;
                items.Add(item);
            }

            first = false;
        }

        return items.Count == 0 ? null : items;
    }

    private static int[]? Parse(string text, HashSet<int> items)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var numbers = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, null, out numbers[i]) || !items.Contains(numbers[i])) return null;
        }

        return numbers;
    }

    /// <summary>Draws customers and their days until each basket has one, then hands the baskets out in the order of days.</summary>
    private void Assign(ChainOptions options, List<Basket> baskets)
    {
        var slots = new List<(int Day, int Customer)>(baskets.Count);
        var history = new History(options, ProductList.Embedded);
        while (slots.Count < baskets.Count)
        {
            var customer = _customers.Count;
            var random = new SeededStream(options.Seed, Draw.History, customer);
            var first = options.FirstDay + random.Between(0, ChainOptions.HistoryDays / 2);
            slots.AddRange(history.PurchaseDays(first, random).Select(day => (day, customer)));
            _customers.Add([]);
        }

        slots.RemoveRange(baskets.Count, slots.Count - baskets.Count);
        slots.Sort();
        var shift = options.Yesterday - slots[^1].Day;
        for (var i = 0; i < slots.Count; i++) _customers[slots[i].Customer].Add(baskets[i] with { Day = slots[i].Day + shift });
    }

    private ChainData Complete()
    {
        var stores = Stores.Make(_options.Stores);
        var maker = new PersonMaker(_options, Source, stores);
        var people = Enumerable.Range(0, _customers.Count).Select(i => maker.Make(i, new Known($"G{i + 1:D6}", Chronic: false, _customers[i][0].Day)));
        return ChainMaker.Assemble(_options, maker, stores, people, person => _customers[person.Index].Select(Sold)) with
        {
            Made =
            [
                new("哪些商品一起买来自文件；每个商品编号固定对应一种非药品。文件没有药品，所以除五位示例会员外没有续购提醒。",
                    "What was bought together is the file's; each item number stands for one non-drug product. The file has no medicines, so nobody but the five of the story has a refill due."),
                new("顾客、日期和价格为生成。", "Customers, dates and prices were made."),
                TillPeople.Made(maker),
            ],
        };
    }

    private Ticket Sold(Basket basket)
    {
        var random = new SeededStream(_options.Seed, Draw.Ticket, -basket.Line);
        return new Ticket(basket.Day, [.. basket.Items.Select(item => History.Pack(_products[item], 1, random))], basket.Line, Final: true);
    }

    /// <summary>One line of the file.</summary>
    private sealed record Basket(int Line, int[] Items, int Day = 0);
}
