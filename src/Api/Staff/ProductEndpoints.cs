using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.CarePlans;
using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>The product master. Classes decide what may be said, given and earned, so the pharmacy lead alone corrects them; every state is kept.</summary>
internal static class ProductEndpoints
{
    public static RouteGroupBuilder MapProducts(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/products").WithTags("Products");

        group.MapGet("/", ListAsync).Require(Right.ProductRead).WithSummary("Products; with text those whose article number or name begins so, with class those of one class");
        group.MapGet("/{productId}", GetAsync).Require(Right.ProductRead).WithSummary("One product; its ETag goes into If-Match");
        group.MapPut("/{productId}", ChangeAsync).Require(Right.ProductEdit).Versioned().WithSummary("Correct the master row; what it was is kept, and therapy lines follow a changed dose")
            .WithExample("""
                {"name":"苯磺酸氨氯地平片","genericName":"氨氯地平","strength":"5mg","spec":"5mg×28片","maker":"示例制药","approvalNo":"国药准字H20000000","class":"prescription","therapy":"hypertension",
                "sensitive":false,"packUnits":28,"unitsPerDayMilli":1000,"doseEstimated":false,"priceFen":2980}
                """);
        return group;
    }

    private static async Task<Results<Ok<Page<ProductView>>, ProblemAnswer>> ListAsync(string? text, Named<ProductClass>? @class, string? cursor, int? limit, Database database, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var after)) return Problems.CursorInvalid.Answer();
        if (text?.Length > 200) return Problems.BadRequest.Answer();
        var rows = await database.ReadAsync(session => ProductDesk.ListAsync(session, text?.Trim(), @class?.Value, after, Cursor.Rows(limit)), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id.Value, ProductView.Of));
    }

    private static async Task<Results<Ok<ProductView>, ProblemAnswer>> GetAsync(long productId, Database database, HttpResponse response, CancellationToken ct)
    {
        if (await database.ReadAsync(session => ProductDesk.FindAsync(session, new ProductId(productId)), ct) is not { } found) return Problems.NotFound.Answer();
        VersionTag.Set(response, found.Version);
        return TypedResults.Ok(ProductView.Of(found));
    }

    private static async Task<Results<Ok<ProductView>, ProblemAnswer>> ChangeAsync(
        long productId, ProductBody body, StaffCaller caller, ProductDesk desk, TherapyStore therapies, StaffWrite write, HttpRequest request, HttpResponse response, CancellationToken ct)
    {
        var (seen, untagged) = VersionTag.Read(request);
        if (untagged is not null) return untagged.Answer();
        var redosed = false;
        var entry = new AuditEntry(caller.Actor, "product.changed") { Subject = $"product:{productId}" };
        var (saved, refused) = await write.RunAsync(null, async tx =>
        {
            (var edit, redosed) = await desk.ChangeAsync(tx, new ProductId(productId), seen, body.ToRow());
            return edit switch
            {
                null => Changed<ProductCard>.Not(Problems.NotFound, entry),
                { Stale: true } => Changed<ProductCard>.Not(Differences(body, edit.Saved!), entry),
                { Saved: null } => Changed<ProductCard>.Not(Problems.Fields((Named(edit.Field!), edit.Why)), entry),
                _ => Changed<ProductCard>.To(edit.Saved, entry),
            };
        }, ct);
        if (refused is not null) return refused.Answer();
        // Computed from purchases, so it may come after the commit; should it be cut off, the mark on the product is left and the worker does it.
        if (redosed) await therapies.RebuildRedosedAsync(new ProductId(productId), ct);
        VersionTag.Set(response, saved!.Version);
        return TypedResults.Ok(ProductView.Of(saved));
    }

    private static Problem Differences(ProductBody wanted, ProductCard now) => Problems.Stale(now.Version,
        ("name", wanted.Name, now.Row.Name), ("genericName", wanted.GenericName, now.Row.GenericName), ("strength", wanted.Strength, now.Row.Strength), ("spec", wanted.Spec, now.Row.Spec),
        ("maker", wanted.Maker, now.Row.Maker), ("approvalNo", wanted.ApprovalNo, now.Row.ApprovalNo), ("class", wanted.Class.ToString(), now.Row.Class.ToString()), ("therapy", wanted.Therapy, now.Row.Therapy),
        ("sensitive", wanted.Sensitive, now.Row.Sensitive), ("packUnits", wanted.PackUnits, now.Row.PackUnits), ("unitsPerDayMilli", wanted.UnitsPerDayMilli, now.Row.UnitsPerDayMilli),
        ("doseEstimated", wanted.DoseEstimated, now.Row.DoseEstimated), ("priceFen", wanted.PriceFen, now.Row.PriceFen));

    // The import's columns are written with underscores, and two of them measure in other units.
    private static string Named(string column) => column switch
    {
        "price" => "priceFen",
        "units_per_day" => "unitsPerDayMilli",
        _ => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(string.Concat(column.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))),
    };
}

internal sealed record ProductBody(
    string Name, string GenericName, string Strength, string Spec, string Maker, string ApprovalNo, ProductClass Class, string? Therapy, bool Sensitive, int? PackUnits, int? UnitsPerDayMilli,
    bool DoseEstimated, long PriceFen)
{
    public ProductRow ToRow() => new()
    {
        Sku = "", Name = Name, GenericName = GenericName, Strength = Strength, Spec = Spec, Maker = Maker, ApprovalNo = ApprovalNo, Class = Class, Therapy = Therapy, Sensitive = Sensitive,
        PackUnits = PackUnits, UnitsPerDayMilli = UnitsPerDayMilli, DoseEstimated = DoseEstimated, PriceFen = PriceFen,
    };
}

internal sealed record ProductView(
    string Id, string Sku, string Name, string GenericName, string Strength, string Spec, string Maker, string ApprovalNo, ProductClass Class, string? Therapy, bool Sensitive, int? PackUnits,
    int? UnitsPerDayMilli, bool DoseEstimated, long PriceFen, long Version)
{
    public static ProductView Of(ProductCard card) => new(
        card.Id.ToString(), card.Row.Sku, card.Row.Name, card.Row.GenericName, card.Row.Strength, card.Row.Spec, card.Row.Maker, card.Row.ApprovalNo, card.Row.Class, card.Row.Therapy, card.Row.Sensitive,
        card.Row.PackUnits, card.Row.UnitsPerDayMilli, card.Row.DoseEstimated, card.Row.PriceFen, card.Version);
}
