using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>What somebody should look into: members of staff who used coupons of their own at the till.</summary>
public sealed class CouponWatch(Database database)
{
    private const string SelectOwn = """
        SELECT r.id AS Id, c.code AS Code, r.member_id AS MemberId, r.store_id AS StoreId, r.till_no AS TillNo, r.ticket_no AS TicketNo,
               r.cashier_id AS CashierId, r.discount_fen + r.delivery_fen AS Fen, r.made_at AS MadeAt
        FROM   coupon_redemption r
        JOIN   coupon c ON c.id = r.coupon_id
        WHERE  r.own_account = 1 AND (@store IS NULL OR r.store_id = @store) AND (r.made_at < @key OR (r.made_at = @key AND r.id < @id))
        ORDER BY r.made_at DESC, r.id DESC
        LIMIT  @limit
        """;

    /// <summary>Redemptions by a cashier on the cashier's own account, latest first.</summary>
    /// <param name="store">One store; <c>null</c> for all.</param>
    /// <param name="after">The page's place; <c>null</c> for the first.</param>
    /// <param name="limit">At most so many, from 1 to 100.</param>
    /// <param name="ct">Stops the look.</param>
    public async Task<CouponPage<OwnRedemption>> OwnAccountAsync(StoreId? store, CouponCursor? after, int limit, CancellationToken ct)
    {
        var place = after ?? new CouponCursor(long.MaxValue, 0);
        limit = Math.Clamp(limit, 1, CouponPage<OwnRedemption>.Longest);
        var rows = await database.ReadAsync(session => session.QueryAsync<OwnRow>(SelectOwn, new { store = store?.Value, key = place.Key, id = place.Id, limit = limit + 1 }), ct).ConfigureAwait(false);
        return CouponPage<OwnRedemption>.Of(rows, limit, row => row.ToOwn(), row => new CouponCursor(row.MadeAt, row.Id));
    }

    private sealed class OwnRow
    {
        public long Id { get; init; }
        public string Code { get; init; } = "";
        public long MemberId { get; init; }
        public long StoreId { get; init; }
        public string TillNo { get; init; } = "";
        public string TicketNo { get; init; } = "";
        public long? CashierId { get; init; }
        public long Fen { get; init; }
        public long MadeAt { get; init; }

        public OwnRedemption ToOwn() => new(
            Code, new MemberId(MemberId), new TicketRef(new StoreId(StoreId), TillNo, TicketNo), CashierId, Fen, DateTimeOffset.FromUnixTimeMilliseconds(MadeAt));
    }
}

/// <summary>A coupon that a cashier used on the cashier's own account.</summary>
/// <param name="Code">The coupon.</param>
/// <param name="Member">The member record, which is the cashier's.</param>
/// <param name="Ticket">The ticket.</param>
/// <param name="Cashier">The member of staff, when known.</param>
/// <param name="Fen">What came off.</param>
/// <param name="At">When.</param>
public sealed record OwnRedemption(string Code, MemberId Member, TicketRef Ticket, long? Cashier, long Fen, DateTimeOffset At);
