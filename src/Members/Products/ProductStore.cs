using System.Data.Common;
using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Members.Products;

/// <summary>The SQL of the product master.</summary>
internal static class ProductStore
{
    private const string Columns = "id, sku, generic_name, strength, therapy, pack_units, units_per_day_milli, dose_estimated";
    private const string SelectBySku = $"SELECT {Columns} FROM product WHERE sku IN";
    private const string SelectTherapies = $"SELECT {Columns} FROM product WHERE therapy IS NOT NULL";

    private const string SelectMaster = """
        SELECT id, sku, name, generic_name, strength, spec, maker, approval_no, class, therapy, is_sensitive, pack_units,
               units_per_day_milli, dose_estimated, price_fen, content_hash
        FROM product WHERE sku IN
        """;

    private const string InsertColumns = """
        INSERT INTO product (id, sku, name, generic_name, strength, spec, maker, approval_no, class, therapy, is_sensitive,
                             pack_units, units_per_day_milli, dose_estimated, price_fen, content_hash)
        """;

    private const string Update = """
        UPDATE product
        SET    name = @p1, generic_name = @p2, strength = @p3, spec = @p4, maker = @p5, approval_no = @p6, class = @p7, therapy = @p8,
               is_sensitive = @p9, pack_units = @p10, units_per_day_milli = @p11, dose_estimated = @p12, price_fen = @p13, content_hash = @p14
        WHERE  id = @p0
        """;

    private const string InsertChange = "INSERT INTO product_change (id, product_id, old_row, changed_at)";

    /// <summary>The products of these article numbers.</summary>
    public static Task ReadProductsAsync(this Session session, IReadOnlyList<string> skus, Action<Product> product) =>
        session.ReadInAsync(SelectBySku, skus, row => product(ReadProduct(row)));

    /// <summary>All products that make therapy lines.</summary>
    public static Task ReadTherapyProductsAsync(this Session session, Action<Product> product) =>
        session.ReadRowsAsync(SelectTherapies, row => product(ReadProduct(row)));

    /// <summary>The whole master rows of these article numbers.</summary>
    public static Task ReadMasterAsync(this Session session, IReadOnlyList<string> skus, Action<long, ProductRow, string> master) =>
        session.ReadInAsync(SelectMaster, skus, row => master(row.GetInt64(0), ReadMaster(row), row.GetString(15)));

    public static Task InsertProductsAsync(this Tx tx, IReadOnlyList<(long Id, ProductRow Row, string Hash)> products) =>
        tx.InsertManyAsync(InsertColumns, products, static (product, values) =>
        {
            values[0] = product.Id;
            values[1] = product.Row.Sku;
            FillMaster(product.Row, product.Hash, values.AsSpan(2));
        });

    public static Task UpdateProductsAsync(this Tx tx, IReadOnlyList<(long Id, ProductRow Row, string Hash)> products) =>
        tx.ExecuteManyAsync(Update, 15, products, static (product, values) =>
        {
            values[0] = product.Id;
            FillMaster(product.Row, product.Hash, values.AsSpan(1));
        });

    /// <summary>Keeps what products were.</summary>
    public static Task InsertProductChangesAsync(this Tx tx, IReadOnlyList<(long Id, long ProductId, string OldRow)> changes, long now) =>
        tx.InsertManyAsync(InsertChange, changes, (change, values) =>
            (values[0], values[1], values[2], values[3]) = (change.Id, change.ProductId, change.OldRow, now));

    private static void FillMaster(ProductRow row, string hash, Span<object?> values)
    {
        values[0] = row.Name;
        values[1] = row.GenericName;
        values[2] = row.Strength;
        values[3] = row.Spec;
        values[4] = row.Maker;
        values[5] = row.ApprovalNo;
        values[6] = (int)row.Class;
        values[7] = row.Therapy;
        values[8] = row.Sensitive ? 1 : 0;
        values[9] = row.PackUnits;
        values[10] = row.UnitsPerDayMilli;
        values[11] = row.DoseEstimated ? 1 : 0;
        values[12] = row.PriceFen;
        values[13] = hash;
    }

    private static Product ReadProduct(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.IsDBNull(4) ? null : Product.KeyOf(row.GetString(2), row.GetString(3)),
        row.IsDBNull(5) ? null : row.GetInt32(5), row.IsDBNull(6) ? null : row.GetInt32(6), row.GetInt32(7) != 0);

    internal static ProductRow ReadMaster(DbDataReader row) => new()
    {
        Sku = row.GetString(1),
        Name = row.GetString(2),
        GenericName = row.GetString(3),
        Strength = row.GetString(4),
        Spec = row.GetString(5),
        Maker = row.GetString(6),
        ApprovalNo = row.GetString(7),
        Class = (ProductClass)row.GetInt32(8),
        Therapy = row.IsDBNull(9) ? null : row.GetString(9),
        Sensitive = row.GetInt32(10) != 0,
        PackUnits = row.IsDBNull(11) ? null : row.GetInt32(11),
        UnitsPerDayMilli = row.IsDBNull(12) ? null : row.GetInt32(12),
        DoseEstimated = row.GetInt32(13) != 0,
        PriceFen = row.GetInt64(14),
    };
}
