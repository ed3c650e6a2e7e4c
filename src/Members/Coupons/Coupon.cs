namespace Engagement.Members.Coupons;

/// <summary>One coupon of one member.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">What the till reads; see <see cref="CouponCode"/>.</param>
/// <param name="Definition">What it was claimed from.</param>
/// <param name="Version">The version of it, whose terms it keeps.</param>
/// <param name="Member">Whose it is.</param>
/// <param name="ValidFrom">The first instant at which it can be used.</param>
/// <param name="ValidUntil">The first instant at which it no longer can.</param>
/// <param name="Points">What it cost in points.</param>
public sealed record Coupon(
    CouponId Id, string Code, CouponDefinitionId Definition, long Version, MemberId Member, DateTimeOffset ValidFrom, DateTimeOffset ValidUntil, long Points);

/// <summary>What a coupon goes through. The instants decide whether it can be used; a sweep brings the state after them.</summary>
public enum CouponState
{
    /// <summary>The member holds it.</summary>
    Claimed = 1,

    /// <summary>A till holds it for a ticket, until a time limit.</summary>
    Reserved = 2,

    /// <summary>It was used.</summary>
    Redeemed = 3,

    /// <summary>Its last day passed.</summary>
    Expired = 4,

    /// <summary>A member of staff took it back.</summary>
    Void = 5,
}

/// <summary>How a coupon comes to a member.</summary>
public enum CouponOrigin
{
    /// <summary>The member claimed it by a tap, and paid its points price if it has one.</summary>
    Claim = 1,

    /// <summary>A birthday, a tier or a referral gave it: free of points, no invitation needed.</summary>
    Benefit = 2,

    /// <summary>A member of staff gave it.</summary>
    Staff = 3,
}

/// <summary>Somebody wants a coupon.</summary>
/// <param name="Definition">Of which definition.</param>
/// <param name="Member">For whom.</param>
/// <param name="Key">The client's idempotency key, at most 64 characters: a repeated claim answers with the first coupon. <c>null</c> for none.</param>
/// <param name="Origin">How it comes.</param>
public sealed record ClaimRequest(CouponDefinitionId Definition, MemberId Member, string? Key = null, CouponOrigin Origin = CouponOrigin.Claim);

/// <summary>What became of a claim.</summary>
public abstract record ClaimOutcome
{
    private ClaimOutcome()
    {
    }

    /// <summary>The member has it; <paramref name="Again"/> when an earlier claim with the same key had made it.</summary>
    public sealed record Claimed(Coupon Coupon, bool Again) : ClaimOutcome;

    /// <summary>Nothing was claimed, nothing was paid.</summary>
    public sealed record Refused(CouponRefusal Refusal) : ClaimOutcome;
}
