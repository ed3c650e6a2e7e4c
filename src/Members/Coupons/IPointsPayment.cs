using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>Pays for a coupon with points, in the claim's own transaction.</summary>
public interface IPointsPayment
{
    /// <summary>Takes the points, or says that there are not enough. What it wrote before it said so is undone.</summary>
    /// <param name="tx">The open write of the claim.</param>
    /// <param name="member">Who pays.</param>
    /// <param name="points">How many; more than 0.</param>
    /// <param name="coupon">What for; unique, so it serves as the idempotency key of the booking.</param>
    /// <param name="title">What it is called, for the member's ledger.</param>
    Task<PointsPayment> PayAsync(Tx tx, MemberId member, long points, CouponId coupon, string title);

    /// <summary>Gives back what was paid for a coupon that was taken back unused; once, however often it is asked.</summary>
    Task GiveBackAsync(Tx tx, MemberId member, CouponId coupon);
}

/// <summary>What became of a payment in points.</summary>
public enum PointsPayment
{
    /// <summary>The points are taken.</summary>
    Paid = 1,

    /// <summary>The member has fewer.</summary>
    NotEnough = 2,

    /// <summary>Nobody keeps points here.</summary>
    Unavailable = 3,
}
