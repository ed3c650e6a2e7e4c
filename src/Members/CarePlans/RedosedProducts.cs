using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>A product whose dose was changed, and which change that was.</summary>
internal readonly record struct RedosedProduct(long ProductId, long Mark);

/// <summary>The SQL of products whose dose was changed: written with the change, removed once the therapy lines of their owners follow.</summary>
internal static class RedosedProducts
{
    private const string Insert = "INSERT INTO product_redosed (product_id, mark)";
    private const string SelectBefore = "SELECT product_id, mark FROM product_redosed WHERE mark < @p0 ORDER BY mark LIMIT 100";
    private const string SelectOne = "SELECT product_id, mark FROM product_redosed WHERE product_id = @p0";
    private const string Delete = "DELETE FROM product_redosed WHERE product_id = @p0 AND mark = @p1";

    /// <summary>Marks products, in the write that changes their dose.</summary>
    public static Task AddAsync(Tx tx, IReadOnlyList<RedosedProduct> products) => tx.InsertManyAsync(
        Insert, products, static (product, values) => (values[0], values[1]) = (product.ProductId, product.Mark), $"{tx.Dialect.OnConflictUpdate("product_id")} mark = {tx.Dialect.New("mark")}");

    /// <summary>Some of those that were marked before an id, the oldest first.</summary>
    public static Task<List<RedosedProduct>> BeforeAsync(Session session, long mark) => ReadAsync(session, SelectBefore, mark);

    /// <summary>One product, if it is marked.</summary>
    public static Task<List<RedosedProduct>> OfAsync(Session session, ProductId product) => ReadAsync(session, SelectOne, product.Value);

    /// <summary>Removes marks that were read before the lines were added up; a product that was marked anew since stays.</summary>
    public static Task RemoveAsync(Tx tx, IReadOnlyList<RedosedProduct> products) =>
        tx.ExecuteManyAsync(Delete, 2, products, static (product, values) => (values[0], values[1]) = (product.ProductId, product.Mark));

    private static async Task<List<RedosedProduct>> ReadAsync(Session session, string sql, long value)
    {
        var products = new List<RedosedProduct>();
        await session.ReadRowsAsync(sql, row => products.Add(new RedosedProduct(row.GetInt64(0), row.GetInt64(1))), value).ConfigureAwait(false);
        return products;
    }
}
