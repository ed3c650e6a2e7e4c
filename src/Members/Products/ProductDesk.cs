using System.Data.Common;
using Engagement.Members.CarePlans;
using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Members.Products;

/// <summary>A product of the master, as staff see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">How often it was changed, and one: what an editor must have seen.</param>
/// <param name="Row">What the master says.</param>
public sealed record ProductCard(ProductId Id, long Version, ProductRow Row);

/// <summary>What became of an edit.</summary>
/// <param name="Saved">The product as it is now; <c>null</c> when nothing was saved.</param>
/// <param name="Field">The column that is wrong, or <c>null</c>.</param>
/// <param name="Why">What is wrong with it.</param>
/// <param name="Stale">Whether somebody else has changed it since it was read.</param>
public sealed record ProductEdit(ProductCard? Saved, string? Field = null, Phrase Why = default, bool Stale = false);

/// <summary>The product master for staff: looked up, and corrected by who answers for it. The article number stays.</summary>
public sealed class ProductDesk(IdGenerator ids, Clocks clocks)
{
    private const string Select = """
        SELECT id, sku, name, generic_name, strength, spec, maker, approval_no, class, therapy, is_sensitive, pack_units, units_per_day_milli, dose_estimated, price_fen, content_hash,
               (SELECT COUNT(*) FROM product_change c WHERE c.product_id = product.id)
        FROM product
        """;

    /// <summary>One product; <c>null</c> when there is none. Locked when the session is a write.</summary>
    public static async Task<ProductCard?> FindAsync(Session session, ProductId id)
    {
        ProductCard? found = null;
        await session.ReadRowsAsync($"{Select} WHERE id = @p0 {(session is Tx ? session.Dialect.ForUpdate : "")}", row => found = Read(row), id.Value).ConfigureAwait(false);
        return found;
    }

    /// <summary>Products by article number.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="prefix">Article numbers, or names, that begin so; <c>null</c> is all.</param>
    /// <param name="class">Only this class; <c>null</c> is all.</param>
    /// <param name="after">The id after which the page begins; <c>null</c> for the first.</param>
    /// <param name="limit">At most so many.</param>
    public static async Task<IReadOnlyList<ProductCard>> ListAsync(Session session, string? prefix, ProductClass? @class, long? after, int limit)
    {
        // A range and no pattern: nobody can write a wildcard.
        var from = prefix ?? "";
        var cards = new List<ProductCard>();
        await session.ReadRowsAsync(
            $"{Select} WHERE id > @p0 AND (@p1 < 0 OR class = @p1) AND (@p2 = '' OR (sku >= @p2 AND sku < @p3) OR (name >= @p2 AND name < @p3)) ORDER BY id LIMIT @p4",
            row => cards.Add(Read(row)), after ?? 0, @class is { } one ? (int)one : -1, from, from + '\uFFFF', limit).ConfigureAwait(false);
        return cards;
    }

    /// <summary>Puts a product right, in the caller's write; what it was is kept. Afterwards call <see cref="TherapyStore.RebuildRedosedAsync(ProductId, CancellationToken)"/> when <paramref name="wanted"/> changes its dose.</summary>
    /// <param name="tx">The caller's write.</param>
    /// <param name="id">Which.</param>
    /// <param name="seen">The version that the editor saw.</param>
    /// <param name="wanted">What it is to say.</param>
    /// <returns>The outcome, or <c>null</c> when there is no such product; and whether its dose was changed.</returns>
    public async Task<(ProductEdit? Edit, bool Redosed)> ChangeAsync(Tx tx, ProductId id, long seen, ProductRow wanted)
    {
        if (await FindAsync(tx, id).ConfigureAwait(false) is not { } known) return (null, false);
        if (known.Version != seen) return (new ProductEdit(known, Stale: true), false);
        var clean = ProductImport.Clean(wanted with { Sku = known.Row.Sku });
        if (ProductImport.Fault(clean) is var (field, why)) return (new ProductEdit(null, field, why.Text), false);
        if (clean.PriceFen > 100_000_000) return (new ProductEdit(null, "price", new("超出允许的范围", "out of its range")), false);
        if (ProductImport.HashOf(clean) == ProductImport.HashOf(known.Row)) return (new ProductEdit(known), false);
        await tx.UpdateProductsAsync([(id.Value, clean, ProductImport.HashOf(clean))]).ConfigureAwait(false);
        await tx.InsertProductChangesAsync([(ids.Next(), id.Value, ProductImport.ToJson(known.Row))], clocks.Business.NowMs()).ConfigureAwait(false);
        var redosed = ProductImport.Dose(known.Row) != ProductImport.Dose(clean);
        if (redosed) await RedosedProducts.AddAsync(tx, [new RedosedProduct(id.Value, ids.Next())]).ConfigureAwait(false);
        return (new ProductEdit(new ProductCard(id, seen + 1, clean)), redosed);
    }

    private static ProductCard Read(DbDataReader row) => new(new ProductId(row.GetInt64(0)), row.GetInt64(16) + 1, ProductStore.ReadMaster(row));
}
