using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>What coupons do to the points of a ticket (积分翻倍券): the highest that the ticket holds or has used.</summary>
/// <remarks>A till redeems or reserves before it sends the ticket; one that comes after the ticket was booked multiplies nothing any more.</remarks>
internal static class CouponMultipliers
{
    // By the live coupon: what was released, ran out or came back counts for nothing.
    internal const string Select = """
        SELECT coupon_redemption.store_id, coupon_redemption.till_no, coupon_redemption.ticket_no, c.member_id, v.terms
        FROM   coupon_redemption
        JOIN   coupon c ON c.id = coupon_redemption.live_coupon_id
        JOIN   coupon_definition_version v ON v.definition_id = c.definition_id AND v.version = c.version
        """;

    private static readonly string[] s_ticket = ["store_id", "ticket_no"];

    /// <summary>The multipliers of tickets in thousandths, each with the member whose coupon it is; tickets without one are left out.</summary>
    public static async Task<Dictionary<TicketRef, (long Member, int Milli)>> OfAsync(Session session, IReadOnlyCollection<TicketRef> tickets)
    {
        var found = new Dictionary<TicketRef, (long Member, int Milli)>();
        await session.ReadInAsync(Select, s_ticket, [.. tickets.Select(ticket => (Store: ticket.Store.Value, ticket.Number)).Distinct()],
            static (ticket, values) => (values[0], values[1]) = (ticket.Store, ticket.Number), row =>
            {
                if (CouponTerms.FromJson(row.GetString(4)) is not { Kind: CouponKind.PointsMultiplier } terms) return;
                var ticket = new TicketRef(new StoreId(row.GetInt64(0)), row.GetString(1), row.GetString(2));
                // Terms say hundredths.
                var milli = (int)Math.Min(terms.Value * 10, int.MaxValue);
                if (milli > found.GetValueOrDefault(ticket).Milli) found[ticket] = (row.GetInt64(3), milli);
            }).ConfigureAwait(false);
        return found;
    }
}
