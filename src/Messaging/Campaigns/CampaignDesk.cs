using Engagement.Members.Products;
using Engagement.Messaging.Audiences;
using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Storage;

namespace Engagement.Messaging.Campaigns;

/// <summary>Something that stands against a campaign.</summary>
/// <param name="Code">Stable code.</param>
/// <param name="Where">What it was found in.</param>
/// <param name="Sentence">What is wrong, with the article of law where there is one.</param>
public sealed record CampaignFinding(string Code, string Where, Phrase Sentence);

/// <summary>Takes campaigns in and approves them, or says what stands against them.</summary>
public sealed class CampaignDesk(Database database, Clocks clocks, GateTable gates, CampaignStore campaigns)
{
    private const string FindTemplate = "SELECT id AS Id, kind AS Kind FROM template WHERE code = @code";

    private const string FindProducts = "SELECT sku AS Sku, name AS Name, class AS Class FROM product WHERE sku IN @skus";

    private const string PrescriptionNames = "SELECT DISTINCT generic_name FROM product WHERE class IN (0, 1) AND generic_name <> ''";

    /// <summary>Takes a campaign in as a draft; one with the same code is left as it is and returned.</summary>
    /// <param name="file">The campaign.</param>
    /// <param name="salt">The salt of its holdout; <c>null</c> to use its code.</param>
    /// <param name="ct">Stops before the write.</param>
    /// <exception cref="KeyNotFoundException">Its template is not there.</exception>
    public Task<Campaign> SubmitAsync(CampaignFile file, string? salt, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await CampaignStore.FindAsync(tx, file.Code).ConfigureAwait(false) is { } known) return known;
        var template = await tx.SingleOrDefaultAsync<TemplateRow>(FindTemplate, new { code = file.Template }).ConfigureAwait(false)
            ?? throw new KeyNotFoundException($"The campaign {file.Code} wants the template {file.Template}, which is not there.");
        var id = await campaigns.AddAsync(tx, file, file.Content.From(ChinaTime.DayOf(file.At ?? clocks.Business.GetUtcNow())), (MessageKind)template.Kind, template.Id, salt ?? file.Code).ConfigureAwait(false);
        return (await CampaignStore.FindAsync(tx, id).ConfigureAwait(false))!;
    }, ct);

    /// <summary>Checks a draft and approves it; when something stands against it, it is refused and the findings are returned.</summary>
    /// <remarks>Prescription and unclassified products may not be advertised to the public (广告法 15); other findings are the content lint's.</remarks>
    public async Task<IReadOnlyList<CampaignFinding>> ApproveAsync(Campaign campaign, CancellationToken ct)
    {
        if (campaign.State != CampaignState.Draft) return [];
        var (products, names) = await database.ReadAsync(async session => (
            await session.QueryAsync<ProductRow>(FindProducts, new { skus = campaign.Content.Skus }).ConfigureAwait(false),
            await session.QueryAsync<string>(PrescriptionNames).ConfigureAwait(false)), ct).ConfigureAwait(false);
        IReadOnlyList<CampaignFinding> findings = [.. AudienceFindings(campaign.Audience), .. ProductFindings(campaign.Content, products), .. ContentCheck.Campaign(gates[campaign.Kind], campaign.Content, names, ChinaTime.DateOf(clocks.Business.GetUtcNow()))];
        var state = findings.Count == 0 ? CampaignState.Approved : CampaignState.Refused;
        await database.WriteAsync(tx => CampaignStore.MoveAsync(tx, campaign.Id, CampaignState.Draft, state, findings.Count == 0 ? null : findings[0].Code), ct).ConfigureAwait(false);
        return findings;
    }

    // Better refused before a person approves it than when it runs.
    private static IReadOnlyList<CampaignFinding> AudienceFindings(AudienceRule audience)
    {
        try
        {
            AudienceSql.Compile(audience, 0);
            return [];
        }
        catch (ArgumentException failure)
        {
            return [new CampaignFinding("audience_health_data", "audience", new("受众不得按购药记录圈选：购药属于健康信息（《个人信息保护法》第二十八条）", failure.Message))];
        }
    }

    private static IEnumerable<CampaignFinding> ProductFindings(CampaignContent content, List<ProductRow> products)
    {
        foreach (var sku in content.Skus.Except(products.Select(p => p.Sku)))
        {
            yield return new CampaignFinding("unknown_product", sku, new($"商品 {sku} 不在商品主档中，按处方药处理，不得推广", $"Product {sku} is not in the product master; it counts as a prescription product"));
        }

        foreach (var product in products)
        {
            var found = (ProductClass)product.Class switch
            {
                ProductClass.Prescription or ProductClass.Unknown => new CampaignFinding(Reason.PrescriptionGuard, product.Sku, new(
                    $"{product.Name} 是处方药或未分类商品，不得向公众推广（《广告法》第十五条）",
                    $"{product.Name} is a prescription or unclassified product and may not be advertised to the public (Advertising Law, article 15)")),
                ProductClass.OtcA or ProductClass.OtcB or ProductClass.Device or ProductClass.HealthFood when content.ApprovalNo.Length == 0 => new CampaignFinding("no_approval_number", product.Sku, new(
                    $"{product.Name} 的广告须有批准文号（《广告法》第四十六条）",
                    $"Advertising {product.Name} needs an approval number (Advertising Law, article 46)")),
                _ => null,
            };
            if (found is not null) yield return found;
        }
    }

    private sealed class TemplateRow
    {
        public long Id { get; init; }
        public long Kind { get; init; }
    }

    private sealed class ProductRow
    {
        public string Sku { get; init; } = "";
        public string Name { get; init; } = "";
        public long Class { get; init; }
    }
}
