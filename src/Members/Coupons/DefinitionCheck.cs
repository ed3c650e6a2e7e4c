using System.Text;
using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>What stands against the terms of a coupon: every finding, so that its author can mend all at once.</summary>
internal static class DefinitionCheck
{
    private const long MostFen = 100_000_000;
    private const long MostCoupons = 1_000_000_000;
    private const int MostInScope = 2000;
    private const int MostBytes = 60_000;

    /// <summary>Checks terms that are to be saved or published today.</summary>
    public static async Task<IReadOnlyList<CouponRefusal>> RunAsync(Session session, CouponTerms terms, CouponOptions options, int today)
    {
        IReadOnlyList<CouponRefusal> shape = [.. (Missing(terms) is { } missing ? [missing] : Shape(terms, options)).Select(field => CouponReason.TermsInvalid.About(field))];
        if (shape.Count > 0) return shape;

        var known = await session.KnownProductsAsync(terms.Products.Skus).ConfigureAwait(false);
        var findings = new List<CouponRefusal>(Products(terms, known));
        findings.AddRange(Advertising(terms, [.. terms.Products.Classes, .. known.Values.Select(product => product.Class)], today));
        var words = $"{terms.Title}\n{terms.Service}\n{terms.Advertising.Warning}";
        if (await session.PrescriptionNamedAsync(words).ConfigureAwait(false) is { } named) findings.Add(CouponReason.NamesPrescription.About(named));
        return findings;
    }

    // A client's JSON may say null where our types do not.
    private static string? Missing(CouponTerms terms)
    {
        if (terms.Title is null) return "title";
        if (terms.Currency is null) return "currency";
        if (terms.Service is null) return "service";
        if (terms.Category is null) return "category";
        if (terms.Stores is null) return "stores";
        if (terms.Channels is null) return "channels";
        if (terms.Tiers is null || terms.Tiers.Any(tier => tier is null)) return "tiers";
        if (terms.Products is not { Skus: { } skus, Classes: not null, Except: { } except } || skus.Concat(except).Any(sku => sku is null)) return "products";
        return terms.Advertising is { ApprovalNo: not null, Warning: not null, RulesPage: not null } ? null : "advertising";
    }

    // The names of the fields that are wrong by themselves.
    private static IEnumerable<string> Shape(CouponTerms terms, CouponOptions options)
    {
        if (terms.Title.Trim() is not { Length: > 0 and <= 40 }) yield return "title";
        if (!Enum.IsDefined(terms.Kind)) yield return "kind";
        else if (!ValueFits(terms)) yield return "value";
        if (terms.ThresholdFen is < 0 or > MostFen) yield return "thresholdFen";
        if (terms.CapFen is <= 0 or > MostFen) yield return "capFen";
        if (terms.Currency != "CNY") yield return "currency";
        if (terms.Service.Length > 100 || terms.Kind == CouponKind.FreeService == (terms.Service.Trim().Length == 0)) yield return "service";
        if (terms.Products.Skus.Count + terms.Products.Except.Count > MostInScope || !terms.Products.Classes.All(Enum.IsDefined)) yield return "products";
        if (terms.Kind == CouponKind.Exchange && (terms.Products.Skus.Count == 0 || terms.Products.Classes.Count > 0)) yield return "products";
        if (!terms.Channels.All(Enum.IsDefined)) yield return "channels";
        if (!Enum.IsDefined(terms.Refund)) yield return "refund";
        if (terms.ReissueDays is < 0 or > 366 || terms.Refund == RefundPolicy.IssueAgain == (terms.ReissueDays == 0)) yield return "reissueDays";
        if (!options.Categories.ContainsKey(terms.Category)) yield return "category";
        if (terms.PointsPrice is < 0 or > MostCoupons) yield return "pointsPrice";
        // A TEXT column of MySQL holds 65,535 bytes.
        if (Encoding.UTF8.GetByteCount(terms.ToJson()) > MostBytes) yield return "terms";
        foreach (var field in Times(terms).Concat(Limits(terms)).Concat(Texts(terms.Advertising))) yield return field;
    }

    private static bool ValueFits(CouponTerms terms) => terms.Kind switch
    {
        CouponKind.AmountOff or CouponKind.DeliveryFee => terms.Value is > 0 and <= MostFen,
        CouponKind.Percentage => terms.Value is > 0 and < 10_000,
        CouponKind.Exchange => terms.Value is >= 0 and <= MostFen,
        CouponKind.FreeService => terms.Value == 0,
        CouponKind.PointsMultiplier => terms.Value is > 100 and <= 1000,
    };

    private static IEnumerable<string> Times(CouponTerms terms)
    {
        if (terms.ClaimUntil <= terms.ClaimFrom) yield return "claimUntil";
        if (terms.ValidUntil is null && terms.DaysAfterClaim is null) yield return "validUntil";
        if (terms.DaysAfterClaim is < 0 or > 3660) yield return "daysAfterClaim";
        if (terms.ValidFrom > terms.ValidUntil) yield return "validFrom";
        // A coupon whose last day is before its claim would be born expired.
        if (terms.ValidUntil is { } last && terms.ClaimUntil.ToUnixTimeMilliseconds() > CouponTerms.StartOf(ChinaTime.DayOf(last) + 1)) yield return "claimUntil";
    }

    private static IEnumerable<string> Limits(CouponTerms terms)
    {
        if (terms.Total is <= 0 or > MostCoupons) yield return "total";
        if (terms.Daily is <= 0 or > MostCoupons) yield return "daily";
        if (terms.PerMember is < 1 or > 1000) yield return "perMember";
        if (terms.PerPerson is < 1 or > 1000) yield return "perPerson";
        if (terms.BudgetFen is <= 0) yield return "budgetFen";
        // A budget can be kept only when it is known what one coupon may cost.
        if (terms.BudgetFen is not null && terms.CapFen is null && terms.Kind is (CouponKind.Percentage or CouponKind.Exchange)) yield return "capFen";
    }

    private static IEnumerable<string> Texts(Advertising advertising)
    {
        if (advertising.ApprovalNo.Length > 100 || advertising.Warning.Length > 500) yield return "advertising";
        if (advertising.RulesPage.Length > 500) yield return "advertising";
    }

    private static IEnumerable<CouponRefusal> Products(CouponTerms terms, Dictionary<string, KnownProduct> known)
    {
        foreach (var sku in terms.Products.Skus)
        {
            if (!known.TryGetValue(sku, out var product)) yield return CouponReason.RestrictedProduct.About(sku);
            else if (ProductGuard.IsRestricted(product.Class)) yield return CouponReason.RestrictedProduct.About($"{product.Name} ({sku})");
            else if (terms.Kind == CouponKind.Exchange && !ProductGuard.IsGift(product.Class)) yield return CouponReason.DrugAsGift.About($"{product.Name} ({sku})");
        }

        foreach (var @class in terms.Products.Classes.Where(ProductGuard.IsRestricted)) yield return CouponReason.RestrictedProduct.About(@class.ToString());
    }

    private static IEnumerable<CouponRefusal> Advertising(CouponTerms terms, IReadOnlyList<ProductClass> named, int today)
    {
        var advertising = terms.Advertising;
        if (advertising.RulesPage.Length == 0 && (terms.PointsPrice > 0 || terms.Kind is CouponKind.Exchange or CouponKind.FreeService)) yield return CouponReason.RulesMissing.About();
        if (!named.Any(ProductGuard.NeedsApproval)) yield break;
        if (advertising.ApprovalNo.Length == 0 || advertising.ApprovalUntil is null) yield return CouponReason.ApprovalMissing.About();
        else if (ChinaTime.DayOf(advertising.ApprovalUntil.Value) < today) yield return CouponReason.ApprovalExpired.About(advertising.ApprovalNo);
        if (!advertising.Marked) yield return CouponReason.MarkMissing.About();
        foreach (var warning in named.Distinct().Order().Select(Warning).Where(warning => warning is not null && !advertising.Warning.Contains(warning, StringComparison.Ordinal))) yield return CouponReason.WarningMissing.About(warning!);
    }

    // 广告法 16、18: what must stand in the text, in the law's words.
    private static string? Warning(ProductClass @class) => @class switch
    {
        ProductClass.OtcB => "请按药品说明书或者在药师指导下购买和使用",
        ProductClass.Device => "请仔细阅读产品说明书或者在医务人员的指导下购买和使用",
        ProductClass.HealthFood => "本品不能代替药物",
        ProductClass.Other or ProductClass.Unknown or ProductClass.Prescription or ProductClass.OtcA => null,
    };
}
