using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Members.CarePlans;
using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>Brings the product master in. A changed row replaces the old one, which is kept; therapy lines follow a changed dose.</summary>
public sealed partial class ProductImport(Database database, IdGenerator ids, Clocks clocks)
{
    /// <inheritdoc cref="StoreImport.RunAsync(IAsyncEnumerable{StoreRow}, ImportOptions, IProgress{ImportProgress}, Action{Rejection}, CancellationToken)"/>
    public Task<ImportReport> RunAsync(
        IAsyncEnumerable<ProductRow> rows, ImportOptions options, IProgress<ImportProgress>? progress, Action<Rejection>? rejected, CancellationToken ct) =>
        RunAsync(Delivered<ProductRow>.All(rows, ct), options, progress, rejected, ct);

    internal async Task<ImportReport> RunAsync(
        IAsyncEnumerable<Delivered<ProductRow>> rows, ImportOptions options, IProgress<ImportProgress>? progress, Action<Rejection>? rejected, CancellationToken ct)
    {
        var seen = new Dictionary<string, string>();
        var run = new ImportRun<ProductRow, Item>(database, ids, options)
        {
            Check = (row, tally) => Check(row, seen, tally),
            Write = WriteAsync,
        };
        var report = await run.RunAsync(rows, progress, rejected, ct).ConfigureAwait(false);
        // Also what an import left behind that was cut off: its rows are unchanged now.
        if (!options.DryRun) await new TherapyStore(database, ids).RebuildRedosedAsync(long.MaxValue, ct).ConfigureAwait(false);
        return report;
    }

    private static Item? Check(ProductRow row, Dictionary<string, string> seen, ImportTally tally)
    {
        var clean = Clean(row);
        if (Fault(clean) is var (column, reason))
        {
            tally.Reject(row.Line, column, reason);
            return null;
        }

        if (clean.Class == ProductClass.Unknown) tally.Flag("class_unknown");
        if (clean is { Therapy: not null, UnitsPerDayMilli: null }) tally.Flag("dose_unknown");
        var hash = HashOf(clean);
        if (seen.TryAdd(clean.Sku, hash)) return new Item(clean, hash);
        if (seen[clean.Sku] == hash) tally.Unchanged++;
        else tally.Reject(row.Line, "sku", Reasons.RepeatedKey);
        return null;
    }

    internal static ProductRow Clean(ProductRow row) => row with
    {
        Sku = row.Sku.Trim(), Name = row.Name.Trim(), GenericName = row.GenericName.Trim(), Strength = row.Strength.Trim(), Spec = row.Spec.Trim(),
        Maker = row.Maker.Trim(), ApprovalNo = row.ApprovalNo.Trim(), Therapy = string.IsNullOrWhiteSpace(row.Therapy) ? null : row.Therapy.Trim(),
    };

    internal static (string Column, Reason Why)? Fault(ProductRow row)
    {
        ReadOnlySpan<(string Column, string Value, int Least, int Most)> texts =
        [
            ("sku", row.Sku, 1, 64), ("name", row.Name, 1, 200), ("generic_name", row.GenericName, 0, 100), ("strength", row.Strength, 0, 50),
            ("spec", row.Spec, 0, 100), ("maker", row.Maker, 0, 100), ("approval_no", row.ApprovalNo, 0, 64), ("therapy", row.Therapy ?? "", 0, 64),
        ];
        foreach (var (column, value, least, most) in texts)
        {
            if (Checks.Length(value, least, most) is { } reason) return (column, reason);
        }

        if (row.Therapy is not null && !Checks.IsCode(row.Therapy)) return ("therapy", Reasons.TherapyCode);
        if (row.Therapy is not null && row.GenericName.Length == 0) return ("generic_name", Reasons.TherapyName);
        if (row.PackUnits is <= 0) return ("pack_units", Reasons.PackUnits);
        if (row.UnitsPerDayMilli is <= 0) return ("units_per_day", Reasons.PackUnits);
        return row.PriceFen < 0 ? ("price", Reasons.Price) : null;
    }

    private async Task WriteAsync(Tx tx, IReadOnlyList<Item> items, ImportTally tally)
    {
        var known = new Dictionary<string, (long Id, ProductRow Row, string Hash)>();
        await tx.ReadMasterAsync([.. items.Select(i => i.Row.Sku)], (id, row, hash) => known[row.Sku] = (id, row, hash)).ConfigureAwait(false);
        var added = new List<(long, ProductRow, string)>();
        var changed = new List<(long, ProductRow, string)>();
        var history = new List<(long, long, string)>();
        var redosed = new List<RedosedProduct>();
        foreach (var item in items)
        {
            if (!known.TryGetValue(item.Row.Sku, out var old))
            {
                added.Add((ids.Next(), item.Row, item.Hash));
                continue;
            }

            if (old.Hash == item.Hash)
            {
                tally.Unchanged++;
                continue;
            }

            changed.Add((old.Id, item.Row, item.Hash));
            history.Add((ids.Next(), old.Id, ToJson(old.Row)));
            if (Dose(old.Row) != Dose(item.Row)) redosed.Add(new RedosedProduct(old.Id, ids.Next()));
        }

        await tx.InsertProductsAsync(added).ConfigureAwait(false);
        await tx.UpdateProductsAsync(changed).ConfigureAwait(false);
        await tx.InsertProductChangesAsync(history, clocks.Business.NowMs()).ConfigureAwait(false);
        await RedosedProducts.AddAsync(tx, redosed).ConfigureAwait(false);
        tally.Added += added.Count;
        tally.Changed += changed.Count;
    }

    internal static (string? Key, int? Pack, int? PerDay, bool Estimated) Dose(ProductRow row) =>
        (row.Therapy is null ? null : Product.KeyOf(row.GenericName, row.Strength), row.PackUnits, row.UnitsPerDayMilli, row.DoseEstimated);

    internal static string HashOf(ProductRow row)
    {
        var hash = new ContentHash();
        hash.Add(row.Name).Add(row.GenericName).Add(row.Strength).Add(row.Spec).Add(row.Maker).Add(row.ApprovalNo).Add((int)row.Class).Add(row.Therapy ?? "")
            .Add(row.Sensitive ? 1 : 0).Add(row.PackUnits ?? -1).Add(row.UnitsPerDayMilli ?? -1).Add(row.DoseEstimated ? 1 : 0).Add(row.PriceFen);
        return hash.ToString();
    }

    internal static string ToJson(ProductRow row) => JsonSerializer.Serialize(row, ProductJson.Readable.ProductRow);

    private sealed record Item(ProductRow Row, string Hash);

    [JsonSerializable(typeof(ProductRow))]
    private sealed partial class ProductJson : JsonSerializerContext
    {
        public static readonly ProductJson Readable = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
