using Engagement.Members.Coupons;
using Engagement.Storage;

namespace Engagement.Api.Member;

/// <summary>What a coupon says, in sentences that are ready to show.</summary>
internal static class CouponWords
{
    private const int StoresNamed = 5;

    /// <summary>What it gives, in a few words: 满50元减5元, 9折, 免费.</summary>
    public static Phrase Benefit(CouponTerms terms) => terms.Kind switch
    {
        CouponKind.AmountOff when terms.ThresholdFen > 0 => new($"满{Yuan(terms.ThresholdFen)}元减{Yuan(terms.Value)}元", $"¥{Yuan(terms.Value)} off from ¥{Yuan(terms.ThresholdFen)}"),
        CouponKind.AmountOff => new($"减{Yuan(terms.Value)}元", $"¥{Yuan(terms.Value)} off"),
        CouponKind.Percentage => new($"{(10_000 - terms.Value) / 1000m:0.##}折", $"{terms.Value / 100m:0.##}% off"),
        CouponKind.Exchange when terms.Value == 0 => new("免费领取", "Free of charge"),
        CouponKind.Exchange => new($"{Yuan(terms.Value)}元换购", $"For ¥{Yuan(terms.Value)}"),
        CouponKind.FreeService => new($"免费{terms.Service}", $"Free: {terms.Service}"),
        CouponKind.PointsMultiplier => new($"{terms.Value / 100m:0.##}倍积分", $"{terms.Value / 100m:0.##} times the points"),
        CouponKind.DeliveryFee => new($"运费减{Yuan(terms.Value)}元", $"¥{Yuan(terms.Value)} off the delivery fee"),
    };

    /// <summary>Until when one that is claimed now can be used.</summary>
    public static Phrase Valid(CouponTerms terms) => (terms.DaysAfterClaim, terms.ValidUntil) switch
    {
        ({ } days, { } last) => new($"领取后{days}天内有效，最晚{last:yyyy年M月d日}", $"Valid for {days} days after the claim, until {last:yyyy-MM-dd} at the latest"),
        ({ } days, null) => new($"领取后{days}天内有效", $"Valid for {days} days after the claim"),
        (null, { } last) => new($"有效期至{last:yyyy年M月d日}", $"Valid until {last:yyyy-MM-dd}"),
        _ => new("", ""),
    };

    /// <summary>The small print.</summary>
    /// <param name="terms">The terms.</param>
    /// <param name="stores">The names of the stores that take it, when it is not for all.</param>
    public static IEnumerable<Phrase> Terms(CouponTerms terms, IReadOnlyList<string> stores)
    {
        yield return Benefit(terms);
        if (terms.ThresholdFen > 0 && terms.Kind != CouponKind.AmountOff) yield return new($"适用商品满{Yuan(terms.ThresholdFen)}元可用", $"From ¥{Yuan(terms.ThresholdFen)} of the products that count");
        if (terms.CapFen is { } cap) yield return new($"最多优惠{Yuan(cap)}元", $"At most ¥{Yuan(cap)} off");
        yield return new("处方药、甲类非处方药和未分类商品不参加", "Prescription, class-A OTC and unclassified products do not take part");
        if (terms.Products.Skus.Count + terms.Products.Classes.Count > 0) yield return new("限指定商品", "For chosen products");
        if (terms.Products.Except.Count > 0) yield return new("部分商品除外", "Some products are excepted");
        if (terms.Stores.Count > 0)
        {
            yield return stores.Count is > 0 and <= StoresNamed
                ? new($"限{string.Join("、", stores)}使用", $"Only in {string.Join(", ", stores)}")
                : new($"限{terms.Stores.Count}家指定门店使用", $"Only in {terms.Stores.Count} chosen stores");
        }

        if (terms.Channels.Count > 0) yield return new($"限{string.Join("、", terms.Channels.Select(Channel).Select(name => name.Zh))}使用", $"Only {string.Join(", ", terms.Channels.Select(Channel).Select(name => name.En))}");
        yield return terms.Combinable ? new("可与其他可叠加的券同时使用", "Can be used together with other coupons that allow it") : new("不与其他券同时使用", "Not together with other coupons");
        yield return terms.Refund switch
        {
            RefundPolicy.Forfeit => new("退货后不退回", "Not given back when goods are returned"),
            RefundPolicy.ReturnWhileValid => new("整单退货且未过期的，退回券包", "Given back when the whole purchase is returned before its last day"),
            RefundPolicy.IssueAgain => new($"整单退货的退回券包，已过期的补{terms.ReissueDays}天", $"Given back when the whole purchase is returned; past its last day, for {terms.ReissueDays} days more"),
        };
        if (terms.PointsPrice > 0) yield return new($"{terms.PointsPrice}积分兑换", $"Costs {terms.PointsPrice} points");
    }

    private static Phrase Channel(SalesChannel channel) => channel switch
    {
        SalesChannel.Store => new("门店", "in stores"),
        SalesChannel.MiniProgram => new("小程序", "in the mini-program"),
        SalesChannel.Delivery => new("外卖平台", "on delivery platforms"),
    };

    private static string Yuan(long fen) => $"{fen / 100m:0.##}";
}
