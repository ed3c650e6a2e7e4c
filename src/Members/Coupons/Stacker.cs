using Engagement.Members.Products;

namespace Engagement.Members.Coupons;

/// <summary>A line with what the master says of its article.</summary>
internal sealed record PricedLine(int LineNo, string Sku, string Name, ProductClass Class, int Quantity, long NetFen, long InsuranceFen = 0);

/// <summary>A coupon that could be used as far as its dates, its owner and its store go.</summary>
internal sealed record UsableCoupon(CouponId Id, string Code, CouponTerms Terms, StackingCategory Category)
{
    public bool IsAlone => !Terms.Combinable || Category.Exclusive;
}

/// <summary>Applies coupons to a basket one after the other; each works on what the earlier ones left. One basket, one stacker.</summary>
internal sealed class Stacker
{
    private readonly PricedLine[] _lines;
    private readonly Dictionary<int, long> _rest;
    private readonly long _before;
    private readonly List<AppliedCoupon> _applied = [];
    private long _delivery;
    private bool _alone;

    // Lines are taken in the order of their numbers, so the order in which a till sends them changes nothing.
    public Stacker(IEnumerable<PricedLine> lines, long deliveryFen)
    {
        _lines = [.. lines.OrderBy(line => line.LineNo)];
        _rest = _lines.ToDictionary(line => line.LineNo, line => line.NetFen - line.InsuranceFen);
        (_delivery, _before) = (deliveryFen, _lines.Sum(line => line.NetFen) + deliveryFen);
    }

    /// <summary>Takes in what the ticket carries already.</summary>
    public void Carry(AppliedCoupon coupon, bool isAlone)
    {
        foreach (var share in coupon.Shares.Where(share => _rest.ContainsKey(share.LineNo))) _rest[share.LineNo] = Math.Max(0, _rest[share.LineNo] - share.Fen);
        _delivery = Math.Max(0, _delivery - coupon.DeliveryFen);
        _applied.Add(coupon);
        _alone |= isAlone;
    }

    /// <summary>Applies the coupons in the order of category and request; of several multipliers of points the highest comes first, and is the one used.</summary>
    public Quote Apply(IReadOnlyList<UsableCoupon> coupons, IReadOnlyList<RefusedCoupon> refusedBefore, StackingPolicy policy)
    {
        var refused = new List<RefusedCoupon>(refusedBefore);
        var carried = _applied.Count;
        foreach (var coupon in coupons.OrderBy(coupon => coupon.Category.Rank).ThenByDescending(MultiplierOf))
        {
            if (Use(coupon) is { } refusal) refused.Add(new RefusedCoupon(coupon.Code, refusal));
        }

        if (policy == StackingPolicy.AllOrNothing && refused.Count > 0)
        {
            refused.AddRange(_applied.Skip(carried).Select(coupon => new RefusedCoupon(coupon.Code, CouponReason.OthersRefused.About())));
            _applied.RemoveRange(carried, _applied.Count - carried);
        }

        return new Quote([.. _applied], refused, _before);
    }

    private static long MultiplierOf(UsableCoupon coupon) => coupon.Terms.Kind == CouponKind.PointsMultiplier ? coupon.Terms.Value : 0;

    private CouponRefusal? Use(UsableCoupon coupon)
    {
        if (_alone || coupon.IsAlone && _applied.Count > 0) return CouponReason.NotCombinable.About();
        var terms = coupon.Terms;
        var scope = _lines.Where(line => !ProductGuard.IsRestricted(line.Class) && terms.Products.Holds(line.Sku, line.Class)).ToList();
        if (terms.Kind is not (CouponKind.FreeService or CouponKind.DeliveryFee) && scope.Count == 0) return Nothing(terms);
        if (Counted(terms, scope) < terms.ThresholdFen) return CouponReason.BelowThreshold.About();

        List<LineShare> shares = terms.Kind switch
        {
            CouponKind.AmountOff => Split(scope, terms.Value, terms.CapFen),
            CouponKind.Percentage => Split(scope, (long)((Int128)scope.Sum(Rest) * terms.Value / 10_000), terms.CapFen),
            CouponKind.Exchange => Exchange(scope, terms),
            CouponKind.FreeService or CouponKind.PointsMultiplier or CouponKind.DeliveryFee => [],
        };
        var delivery = terms.Kind == CouponKind.DeliveryFee ? Math.Min(_delivery, terms.FaceFen) : 0;
        var used = new AppliedCoupon(coupon.Id, coupon.Code, terms.Title, terms.Kind, shares.Sum(share => share.Fen), delivery, shares, Math.Max(100, MultiplierOf(coupon)), terms.Service);
        if (!HasEffect(used)) return CouponReason.NoEffect.About();
        Carry(used, coupon.IsAlone);
        return null;
    }

    // A coupon is not spent for nothing: not on a basket that costs nothing any more, nor on a second multiplier.
    private bool HasEffect(AppliedCoupon coupon) => coupon.Kind switch
    {
        CouponKind.FreeService => true,
        CouponKind.PointsMultiplier => _applied.All(other => other.PointsMultiplier < coupon.PointsMultiplier),
        CouponKind.AmountOff or CouponKind.Percentage or CouponKind.Exchange => coupon.DiscountFen > 0,
        CouponKind.DeliveryFee => coupon.DeliveryFen > 0,
    };

    // Named goods that the law has since taken out of every promotion are told apart from goods that are not in the basket.
    private CouponRefusal Nothing(CouponTerms terms) =>
        _lines.FirstOrDefault(line => terms.Products.Skus.Contains(line.Sku) || terms.Products.Classes.Contains(line.Class)) is { } line && ProductGuard.IsRestricted(line.Class)
            ? CouponReason.RestrictedProduct.About($"{line.Name} ({line.Sku})")
            : CouponReason.NoEligibleLine.About();

    // What must reach the threshold: of an exchange the other goods, else the goods in scope.
    private long Counted(CouponTerms terms, List<PricedLine> scope) => terms.Kind == CouponKind.Exchange
        ? _lines.Where(line => !ProductGuard.IsRestricted(line.Class)).Except(scope).Sum(Rest)
        : scope.Sum(Rest);

    private long Rest(PricedLine line) => _rest[line.LineNo];

    /// <summary>Spreads a discount by what the lines cost, rounding down; the last line takes the rest, as far as it costs that much, then those before it.</summary>
    private List<LineShare> Split(List<PricedLine> scope, long fen, long? cap)
    {
        var total = scope.Sum(Rest);
        var discount = Math.Min(Math.Min(fen, cap ?? long.MaxValue), total);
        if (discount <= 0) return [];
        var shares = scope.ConvertAll(line => (long)((Int128)discount * Rest(line) / total));
        var rest = discount - shares.Sum();
        for (var i = shares.Count - 1; rest > 0; i--)
        {
            var more = Math.Min(rest, Rest(scope[i]) - shares[i]);
            shares[i] += more;
            rest -= more;
        }

        return [.. scope.Select((line, i) => new LineShare(line.LineNo, shares[i])).Where(share => share.Fen > 0)];
    }

    // One unit, of the line where it saves most.
    private List<LineShare> Exchange(List<PricedLine> scope, CouponTerms terms)
    {
        var best = scope.MaxBy(line => Rest(line) / line.Quantity)!;
        var saved = Math.Min(Rest(best) / best.Quantity - terms.Value, terms.CapFen ?? long.MaxValue);
        return saved > 0 ? [new LineShare(best.LineNo, saved)] : [];
    }
}
