using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>A line that came back, as the purchase feed says.</summary>
/// <param name="Sold">The ticket that sold it.</param>
/// <param name="RefundTicket">The refund, as a key that comes once.</param>
/// <param name="Line">What came back.</param>
internal readonly record struct ReturnedLine(TicketRef Sold, string RefundTicket, RefundedUnits Line);

/// <summary>Tells coupons of goods that came back, whichever way the refund came in. In the write that stores it.</summary>
internal static class CouponReturns
{
    private const string SelectTickets = "SELECT coupon_redemption.store_id, coupon_redemption.ticket_no FROM coupon_redemption";

    private static readonly string[] s_ticket = ["store_id", "ticket_no"];

    /// <summary>Books the refunds of tickets that used coupons; how many did not fit what the ticket says.</summary>
    public static async Task<int> ApplyAsync(Tx tx, TimeProvider businessClock, IReadOnlyList<ReturnedLine> lines)
    {
        if (lines.Count == 0) return 0;
        var tickets = lines.Select(line => (Store: line.Sold.Store.Value, line.Sold.Number)).Distinct().ToList();
        var couponed = new HashSet<(long, string)>();
        await tx.ReadInAsync(SelectTickets, s_ticket, tickets, static (ticket, values) => (values[0], values[1]) = (ticket.Store, ticket.Number),
            row => couponed.Add((row.GetInt64(0), row.GetString(1)))).ConfigureAwait(false);
        var refunds = new CouponRefunds(businessClock);
        var refused = 0;
        foreach (var refund in lines.Where(line => couponed.Contains((line.Sold.Store.Value, line.Sold.Number))).GroupBy(line => (line.Sold, line.RefundTicket)))
        {
            var (sold, number) = refund.Key;
            var answer = await refunds.RefundAsync(tx, new TicketRefund(sold.Store, sold.Till, sold.Number, number, [.. refund.Select(line => line.Line)])).ConfigureAwait(false);
            if (answer.Refusal is not null) refused++;
        }

        return refused;
    }
}
