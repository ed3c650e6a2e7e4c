using Engagement.Members.Imports;

namespace Engagement.Api.Demo.Chain;

/// <summary>One line of a ticket before it is numbered.</summary>
internal readonly record struct Good(ProductRow Product, int Quantity, long DiscountFen)
{
    /// <summary>What was paid.</summary>
    public long NetFen => Quantity * Product.PriceFen - DiscountFen;
}

/// <summary>Finds goods for an amount of money: what the lines cost together is the amount, to the fen.</summary>
internal sealed class Basket(ProductList products)
{
    private const double UsualDiscount = 0.2;
    private const long SmallestLineFen = 100;

    /// <summary>
    /// Adds up to <paramref name="lines"/> lines that cost <paramref name="amountFen"/> together. An amount of nothing is a gift:
    /// a plain good, since medicines must not be given away.
    /// </summary>
    public void Fill(List<Good> goods, long amountFen, int lines, SeededStream random)
    {
        lines = (int)Math.Clamp(amountFen / SmallestLineFen, 1, lines);
        var left = amountFen;
        for (var i = lines; i > 1; i--)
        {
            var share = Math.Max(SmallestLineFen, (long)(left / i * (0.5 + random.NextDouble())));
            share = Math.Min(share, left - SmallestLineFen * (i - 1));
            goods.Add(Find(goods, share, random));
            left -= share;
        }
        goods.Add(Find(goods, left, random));
    }

    /// <summary>One line that costs exactly that much.</summary>
    private Good Find(List<Good> taken, long fen, SeededStream random)
    {
        var quantity = random.Chance(0.15) && fen > 10 * SmallestLineFen ? random.Between(2, 3) : 1;
        var priceAtLeast = (fen + quantity - 1) / quantity;
        var first = FirstAtLeast(products.Goods, priceAtLeast);
        var past = FirstAtLeast(products.Goods, (long)(priceAtLeast / (1 - UsualDiscount)) + 1);
        for (var attempt = 0; attempt < 3 && first < past; attempt++)
        {
            var product = products.Goods[random.Between(first, past - 1)];
            if (!taken.Exists(good => good.Product.Sku == product.Sku)) return Priced(product, quantity, fen);
        }
        return Plain(fen, random);
    }

    // Where the ladder of prices has a gap, the discount is large or the packs are many.
    private Good Plain(long fen, SeededStream random)
    {
        var first = FirstAtLeast(products.Plain, fen);
        if (first < products.Plain.Count) return Priced(products.Plain[first], 1, fen);
        var product = products.Plain[random.Between(products.Plain.Count * 3 / 4, products.Plain.Count - 1)];
        return Priced(product, (int)((fen + product.PriceFen - 1) / product.PriceFen), fen);
    }

    private static Good Priced(ProductRow product, int quantity, long fen) => new(product, quantity, quantity * product.PriceFen - fen);

    private static int FirstAtLeast(IReadOnlyList<ProductRow> ladder, long fen)
    {
        var (low, high) = (0, ladder.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ladder[middle].PriceFen < fen) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
