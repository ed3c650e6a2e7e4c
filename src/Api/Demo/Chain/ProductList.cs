using CsvHelper;
using Engagement.Members.Imports;
using Engagement.Members.Products;

namespace Engagement.Api.Demo.Chain;

/// <summary>The sample product master (samples/products/products.csv, embedded) and the views of it that baskets are made from.</summary>
internal sealed class ProductList
{
    private const string Resource = "Engagement.Api.products.csv";

    // A till does not sell the same medicine for longer than this at once.
    private const int ShortestPackDays = 14;

    private ProductList(IReadOnlyList<ProductRow> all)
    {
        All = all;
        Therapies = all.Where(p => p.Therapy is not null && SupplyDays(p) >= ShortestPackDays)
            .GroupBy(p => p.Therapy!)
            .ToDictionary(group => group.Key, group => (IReadOnlyList<ProductRow>)[.. group]);
        Goods = [.. all.Where(p => p.Therapy is null && p.Class != ProductClass.Unknown && !p.Sensitive).OrderBy(p => p.PriceFen).ThenBy(p => p.Sku, StringComparer.Ordinal)];
        Plain = [.. Goods.Where(p => p.Class == ProductClass.Other)];
        NonDrugs = [.. Goods.Where(p => p.Class is ProductClass.Device or ProductClass.HealthFood or ProductClass.Other)];
    }

    /// <summary>Everything, in the order of the file.</summary>
    public IReadOnlyList<ProductRow> All { get; }

    /// <summary>Long-term medicines whose dose is known, in packs for two weeks and more, by therapy class.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ProductRow>> Therapies { get; }

    /// <summary>What anybody may take off a shelf or buy for an acute need, cheapest first.</summary>
    public IReadOnlyList<ProductRow> Goods { get; }

    /// <summary>Of <see cref="Goods"/>, what is neither drug nor device nor health food: only this may be given away.</summary>
    public IReadOnlyList<ProductRow> Plain { get; }

    /// <summary>Of <see cref="Goods"/>, what is no drug.</summary>
    public IReadOnlyList<ProductRow> NonDrugs { get; }

    /// <summary>The list that the binary carries.</summary>
    public static ProductList Embedded { get; } = new(Read());

    /// <summary>Days that one pack supplies; 0 when the dose is unknown.</summary>
    public static int SupplyDays(ProductRow product) =>
        product is { PackUnits: { } units, UnitsPerDayMilli: { } milli } ? units * 1000 / milli : 0;

    /// <summary>The first product of that generic name and strength.</summary>
    public ProductRow Find(string genericName, string strength) =>
        All.First(p => p.GenericName == genericName && p.Strength == strength);

    /// <summary>The first product with that in its name.</summary>
    public ProductRow Named(string part) => All.First(p => p.Name.Contains(part, StringComparison.Ordinal));

    private static List<ProductRow> Read()
    {
        using var stream = typeof(ProductList).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The binary carries no {Resource}.");
        using var csv = CsvReader.Create(stream, new CsvReaderOptions { TrackLineNumbers = true }, leaveOpen: true);
        var products = new List<ProductRow>();
        while (csv.Read()) products.Add(Row(csv));
        return products;
    }

    private static ProductRow Row(CsvReader csv) => new()
    {
        Line = (int)csv.LineNumber,
        Sku = csv.GetString("sku"),
        Name = csv.GetString("name"),
        GenericName = csv.GetString("generic_name"),
        Strength = csv.GetString("strength"),
        Spec = csv.GetString("spec"),
        Maker = csv.GetString("maker"),
        ApprovalNo = csv.GetString("approval_no"),
        Class = csv.GetString("class") switch
        {
            "Rx" => ProductClass.Prescription,
            "OTC-A" => ProductClass.OtcA,
            "OTC-B" => ProductClass.OtcB,
            "device" => ProductClass.Device,
            "health_food" => ProductClass.HealthFood,
            "other" => ProductClass.Other,
            "" => ProductClass.Unknown,
            var other => throw new InvalidDataException($"Line {csv.LineNumber} of the product list: unknown class {other}."),
        },
        Therapy = csv.GetString("therapy") is { Length: > 0 } therapy ? therapy : null,
        Sensitive = csv.GetString("sensitive") == "1",
        PackUnits = csv["pack_units"].ParseOrNull<int>(),
        UnitsPerDayMilli = csv["units_per_day"].ParseOrNull<decimal>() is { } units ? (int)(units * 1000) : null,
        DoseEstimated = csv.GetString("dose_estimated") == "1",
        PriceFen = (long)(csv.Parse<decimal>("price") * 100),
    };
}
