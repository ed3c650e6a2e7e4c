namespace Engagement.Members.Coupons;

/// <summary>What coupons do to a basket.</summary>
/// <param name="Applied">The coupons that count, in the order in which they were applied.</param>
/// <param name="Refused">Those that do not, each with its reason.</param>
/// <param name="BeforeFen">What the basket and its delivery cost without coupons.</param>
public sealed record Quote(IReadOnlyList<AppliedCoupon> Applied, IReadOnlyList<RefusedCoupon> Refused, long BeforeFen)
{
    /// <summary>What comes off.</summary>
    public long DiscountFen => Applied.Sum(coupon => coupon.DiscountFen + coupon.DeliveryFen);

    /// <summary>What is to be paid; never below 0.</summary>
    public long PayableFen => BeforeFen - DiscountFen;

    /// <summary>The multiplier of points in hundredths; 100 is the ordinary earning.</summary>
    public long PointsMultiplier => Applied.Select(coupon => coupon.PointsMultiplier).DefaultIfEmpty(100).Max();
}

/// <summary>A coupon that counts.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">Its code.</param>
/// <param name="Title">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="DiscountFen">What comes off the lines.</param>
/// <param name="DeliveryFen">What comes off the delivery fee.</param>
/// <param name="Shares">How it is spread over the lines; sums to <paramref name="DiscountFen"/>. Lines without a share are left out.</param>
/// <param name="PointsMultiplier">The multiplier of points in hundredths; 100 when it is not that kind.</param>
/// <param name="Service">The free service; empty when it is not that kind.</param>
public sealed record AppliedCoupon(
    CouponId Id, string Code, string Title, CouponKind Kind, long DiscountFen, long DeliveryFen, IReadOnlyList<LineShare> Shares, long PointsMultiplier, string Service);

/// <summary>A line's share of a discount.</summary>
/// <param name="LineNo">The line.</param>
/// <param name="Fen">How much.</param>
public readonly record struct LineShare(int LineNo, long Fen);

/// <summary>A coupon that does not count.</summary>
/// <param name="Code">The code as it was given.</param>
/// <param name="Refusal">Why.</param>
/// <param name="HeldBy">The ticket on which it was used or that holds it; else <c>null</c>.</param>
public sealed record RefusedCoupon(string Code, CouponRefusal Refusal, TicketRef? HeldBy = null);
