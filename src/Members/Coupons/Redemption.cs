namespace Engagement.Members.Coupons;

/// <summary>A till uses coupons on a ticket. Till, ticket and coupon are the idempotency key: repeated, it answers what it answered first.</summary>
/// <param name="Checkout">The basket and the codes.</param>
/// <param name="Till">The till's number; 1 to 16 characters.</param>
/// <param name="Ticket">The ticket's number; 1 to 64 characters.</param>
/// <param name="Cashier">The member of staff at the till, when known.</param>
/// <param name="CashierAccount">The member record of that member of staff, when known: using a coupon of one's own is flagged.</param>
public sealed record RedeemRequest(Checkout Checkout, string Till, string Ticket, long? Cashier = null, MemberId? CashierAccount = null)
{
    internal TicketRef Ref => new(Checkout.Store, Till, Ticket);

    internal string? Fault() => Checkout.Fault() ?? (Till is not { Length: >= 1 and <= 16 } ? "till" : Ticket is not { Length: >= 1 and <= 64 } ? "ticket" : null);
}

/// <summary>What became of a confirmation.</summary>
/// <param name="Applied">What the ticket carries now; empty when it was refused.</param>
/// <param name="Refusal">Why not; <c>null</c> when it was confirmed, now or before.</param>
public sealed record ConfirmAnswer(IReadOnlyList<AppliedCoupon> Applied, CouponRefusal? Refusal);

/// <summary>Goods of a ticket come back.</summary>
/// <param name="Store">The store that sold them.</param>
/// <param name="Till">The till that sold them; <c>null</c> when the refund does not name it.</param>
/// <param name="Ticket">The ticket that sold them.</param>
/// <param name="RefundTicket">The number of the refund, its idempotency key.</param>
/// <param name="Lines">What comes back.</param>
public sealed record TicketRefund(StoreId Store, string? Till, string Ticket, string RefundTicket, IReadOnlyList<RefundedUnits> Lines);

/// <summary>Units of one line that come back.</summary>
/// <param name="LineNo">The line that sold them.</param>
/// <param name="Quantity">How many; more than 0.</param>
public readonly record struct RefundedUnits(int LineNo, int Quantity);

/// <summary>What a refund makes of the ticket's coupons.</summary>
/// <param name="Shares">What each line had off for what came back: the customer gets that much less.</param>
/// <param name="Coupons">What became of each coupon.</param>
/// <param name="Refusal">Why nothing was done; else <c>null</c>. A ticket without coupons is no refusal.</param>
public sealed record RefundAnswer(IReadOnlyList<LineShare> Shares, IReadOnlyList<RefundedCoupon> Coupons, CouponRefusal? Refusal = null);

/// <summary>What became of one coupon.</summary>
/// <param name="Code">Its code.</param>
/// <param name="Fate">What became of it.</param>
public sealed record RefundedCoupon(string Code, CouponFate Fate);

/// <summary>What a refund makes of a coupon.</summary>
public enum CouponFate
{
    /// <summary>It stays used.</summary>
    Kept = 1,

    /// <summary>The member can use it again, until its own last day.</summary>
    Returned = 2,

    /// <summary>It had expired, and the member can use it for some days more.</summary>
    Reissued = 3,
}
