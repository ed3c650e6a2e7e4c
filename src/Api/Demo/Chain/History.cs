using Engagement.Members.Imports;

namespace Engagement.Api.Demo.Chain;

/// <summary>What a person bought in eighteen months.</summary>
internal sealed class History(ChainOptions options, ProductList products)
{
    private const double StopsTreatment = 0.1;
    private const int MostFills = 20;

    private readonly Basket _basket = new(products);

    /// <summary>The tickets of a person, oldest first, none after yesterday.</summary>
    public IEnumerable<Ticket> Of(Person person)
    {
        if (person.FirstPurchase is not { } first) return [];
        var random = new SeededStream(options.Seed, Draw.History, person.Index);
        if (person.CoverageEnd is { } end) return Appointed(first, end, random);
        return person.Chronic ? Chronic(first, random) : Occasional(first, random);
    }

    /// <summary>The days on which somebody without long-term medicines buys; the first is <paramref name="first"/>.</summary>
    public IEnumerable<int> PurchaseDays(int first, SeededStream random)
    {
        yield return first;
        var last = first;
        foreach (var weeks in PurchaseModel.RepeatWeeks(random, (options.Today - first) / 7.0))
        {
            var day = first + (int)(weeks * 7);
            if (day == last || day > options.Yesterday) continue;
            yield return last = day;
        }
    }

    private IEnumerable<Ticket> Occasional(int first, SeededStream random)
    {
        var level = PurchaseModel.SpendLevel(random);
        foreach (var day in PurchaseDays(first, random))
        {
            var goods = new List<Good>(5);
            _basket.Fill(goods, PurchaseModel.SpendFen(random, level), 1 + random.Weighted([15, 25, 25, 20, 15]), random);
            yield return new Ticket(day, goods);
        }
    }

    private IEnumerable<Ticket> Chronic(int first, SeededStream random)
    {
        var regimen = Regimen.Draw(products, random);
        var level = PurchaseModel.SpendLevel(random);
        var last = random.Chance(StopsTreatment) ? random.Between(first, options.Yesterday) : options.Yesterday;
        for (var day = first; day <= last;)
        {
            var gap = PurchaseModel.VisitGap(random);
            var goods = new List<Good>(5);
            foreach (var medicine in regimen)
            {
                if (medicine.Packs(day, gap, random) is > 0 and var packs) goods.Add(Pack(medicine.Product, packs, random));
            }
            if (goods.Count == 0 || random.Chance(0.85))
                _basket.Fill(goods, PurchaseModel.SpendFen(random, level) / 2, random.Between(1, 4), random);
            yield return new Ticket(day, goods);
            day += gap;
        }
    }

    /// <summary>One medicine whose supply ends on a given day, and nothing that could move it.</summary>
    private IEnumerable<Ticket> Appointed(int first, int end, SeededStream random)
    {
        var product = Regimen.Draw(products, random)[0].Product;
        foreach (var day in Regimen.FillDays(product, end, MostFills, first)) yield return new Ticket(day, [Pack(product, 1, random)], Final: true);
    }

    /// <summary>Packs of one product, sometimes a little cheaper.</summary>
    public static Good Pack(ProductRow product, int packs, SeededStream random)
    {
        var percent = random.Pick([0, 0, 2, 5, 8, 10]);
        return new Good(product, packs, packs * product.PriceFen * percent / 100);
    }
}
