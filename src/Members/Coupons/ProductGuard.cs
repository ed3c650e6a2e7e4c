using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>What the master says of an article now; the class may have changed since a coupon was published.</summary>
internal readonly record struct KnownProduct(string Name, ProductClass Class);

/// <summary>Keeps coupons off the products that the law keeps them off (药品经营和使用质量监督管理办法 42, 广告法 15).</summary>
internal static class ProductGuard
{
    private const string SelectProducts = "SELECT sku, name, class FROM product WHERE sku IN";

    private const string SelectNamed = """
        SELECT name
        FROM   product
        WHERE  class IN (0, 1) AND generic_name <> '' AND INSTR(@words, generic_name) > 0
        ORDER BY id
        LIMIT  1
        """;

    /// <summary>No coupon, no gift: prescription, class-A OTC, and what nobody has classified.</summary>
    public static bool IsRestricted(ProductClass @class) => @class switch
    {
        ProductClass.Unknown or ProductClass.Prescription or ProductClass.OtcA => true,
        ProductClass.OtcB or ProductClass.Device or ProductClass.HealthFood or ProductClass.Other => false,
    };

    /// <summary>Whether it may be exchanged or given away: a drug may not.</summary>
    public static bool IsGift(ProductClass @class) => !IsRestricted(@class) && @class != ProductClass.OtcB;

    /// <summary>Whether an offer that names it is an advertisement which needs an approval (广告法 46).</summary>
    public static bool NeedsApproval(ProductClass @class) => @class is ProductClass.OtcB or ProductClass.Device or ProductClass.HealthFood;

    /// <summary>The products of these article numbers; unknown ones are not in the result.</summary>
    public static async Task<Dictionary<string, KnownProduct>> KnownProductsAsync(this Session session, IEnumerable<string> skus)
    {
        var products = new Dictionary<string, KnownProduct>(StringComparer.Ordinal);
        await session.ReadInAsync(SelectProducts, [.. skus.Distinct()], row =>
            products[row.GetString(0)] = new KnownProduct(row.GetString(1), (ProductClass)row.GetInt32(2))).ConfigureAwait(false);
        return products;
    }

    /// <summary>A prescription or unclassified product whose generic name stands in the words; <c>null</c> when there is none.</summary>
    public static Task<string?> PrescriptionNamedAsync(this Session session, string words) =>
        session.SingleOrDefaultAsync<string>(SelectNamed, new { words });
}
