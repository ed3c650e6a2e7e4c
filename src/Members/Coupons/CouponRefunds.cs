using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>What happens to coupons when goods come back. Only a refund of the whole ticket gives a coupon back, as its terms say.</summary>
public sealed class CouponRefunds
{
    private readonly TimeProvider _business;

    /// <summary>Books refunds on the business clock.</summary>
    public CouponRefunds(Clocks clocks) : this(clocks.Business)
    {
    }

    internal CouponRefunds(TimeProvider business) => _business = business;

    private const string SelectLines = """
        SELECT redemption_id AS RedemptionId, line_no AS LineNo, quantity AS Quantity, discount_fen AS DiscountFen, refunded_quantity AS RefundedQuantity, returned_fen AS ReturnedFen
        FROM   coupon_redemption_line
        WHERE  redemption_id IN @redemptions
        ORDER BY redemption_id, line_no
        """;

    private const string SelectRefund = """
        SELECT line_no AS LineNo, SUM(returned_fen) AS Fen
        FROM   coupon_refund_line
        WHERE  redemption_id IN @redemptions AND refund_ticket = @refund
        GROUP BY line_no
        ORDER BY line_no
        """;

    private const string UpdateLine = """
        UPDATE coupon_redemption_line
        SET    refunded_quantity = refunded_quantity + @p2, returned_fen = returned_fen + @p3
        WHERE  redemption_id = @p0 AND line_no = @p1
        """;

    private const string InsertRefund = "INSERT INTO coupon_refund_line (redemption_id, refund_ticket, line_no, quantity, returned_fen)";

    private const string GiveBack = "UPDATE coupon SET state = 1, valid_until = @until WHERE id = @coupon AND state = 3";

    private const string Close = "UPDATE coupon_redemption SET state = @state, live_coupon_id = NULL, returned_by = @refund WHERE id = @id AND state = 2";

    /// <summary>Books a refund. Repeated with the same number, it answers what it answered first.</summary>
    public async Task<RefundAnswer> RefundAsync(Tx tx, TicketRefund refund)
    {
        if (refund.RefundTicket is not { Length: >= 1 and <= 64 }) return new RefundAnswer([], [], CouponReason.RequestInvalid.About("refundTicket"));
        if (refund.Lines is null || refund.Lines.Count == 0) return new RefundAnswer([], [], CouponReason.RequestInvalid.About("lines"));
        var rows = (await tx.TicketAsync(refund.Store, refund.Till, refund.Ticket, tx.Dialect.ForUpdate).ConfigureAwait(false))
            .FindAll(row => row.Was is RedemptionState.Redeemed or RedemptionState.Returned or RedemptionState.Reissued);
        if (rows.Count == 0) return new RefundAnswer([], []);
        if (rows.DistinctBy(row => row.TillNo).Count() > 1) return new RefundAnswer([], [], CouponReason.TicketAmbiguous.About(refund.Ticket));

        var redemptions = rows.ConvertAll(row => row.Id);
        var first = await tx.QueryAsync<ShareRow>(SelectRefund, new { redemptions, refund = refund.RefundTicket }).ConfigureAwait(false);
        if (first.Count > 0) return Answer(first.Select(share => new LineShare(share.LineNo, share.Fen)), rows, refund);

        var lines = await tx.QueryAsync<LineRow>(SelectLines, new { redemptions }).ConfigureAwait(false);
        if (Fault(refund, lines) is { } fault) return new RefundAnswer([], [], fault);
        var units = refund.Lines.GroupBy(line => line.LineNo).ToDictionary(line => line.Key, line => line.Sum(part => part.Quantity));
        var steps = lines.FindAll(line => units.ContainsKey(line.LineNo)).ConvertAll(line => new Step(line, units[line.LineNo]));
        await SaveAsync(tx, refund, steps).ConfigureAwait(false);

        var whole = lines.GroupBy(line => line.RedemptionId).Where(all => all.All(line => line.RefundedQuantity + units.GetValueOrDefault(line.LineNo) == line.Quantity)).Select(all => all.Key).ToHashSet();
        foreach (var row in rows.Where(row => whole.Contains(row.Id))) await ReturnAsync(tx, row, refund).ConfigureAwait(false);
        return Answer(
            steps.GroupBy(step => step.Line.LineNo, (line, parts) => new LineShare(line, parts.Sum(part => part.Fen))).OrderBy(share => share.LineNo),
            await tx.TicketAsync(refund.Store, refund.Till, refund.Ticket).ConfigureAwait(false), refund);
    }

    private static RefundAnswer Answer(IEnumerable<LineShare> shares, List<TicketRow> rows, TicketRefund refund) => new(
        [.. shares],
        [.. rows.Where(row => row.Was is RedemptionState.Redeemed or RedemptionState.Returned or RedemptionState.Reissued).Select(row => new RefundedCoupon(row.Code, FateBy(row, refund.RefundTicket)))]);

    private static CouponFate FateBy(TicketRow row, string refund) => row.ReturnedBy == refund
        ? row.Was == RedemptionState.Reissued ? CouponFate.Reissued : CouponFate.Returned
        : CouponFate.Kept;

    private static CouponRefusal? Fault(TicketRefund refund, List<LineRow> lines)
    {
        foreach (var line in refund.Lines.GroupBy(line => line.LineNo))
        {
            if (line.Any(part => part.Quantity is < 1 or > 1_000_000)) return CouponReason.RequestInvalid.About($"quantity {line.Key}");
            var left = lines.Find(known => known.LineNo == line.Key);
            if (left is null || line.Sum(part => (long)part.Quantity) > left.Quantity - left.RefundedQuantity) return CouponReason.RefundExceeds.About(line.Key.ToString());
        }

        return null;
    }

    private static async Task SaveAsync(Tx tx, TicketRefund refund, List<Step> steps)
    {
        await tx.ExecuteManyAsync(UpdateLine, 4, steps, static (step, values) =>
            (values[0], values[1], values[2], values[3]) = (step.Line.RedemptionId, step.Line.LineNo, step.Units, step.Fen)).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertRefund, steps, (step, values) =>
            (values[0], values[1], values[2], values[3], values[4]) = (step.Line.RedemptionId, refund.RefundTicket, step.Line.LineNo, step.Units, step.Fen)).ConfigureAwait(false);
    }

    private async Task ReturnAsync(Tx tx, TicketRow row, TicketRefund refund)
    {
        var now = _business.GetUtcNow();
        var isOver = now.ToUnixTimeMilliseconds() >= row.ValidUntil;
        var (policy, days) = (row.Terms.Refund, row.Terms.ReissueDays);
        if (policy == RefundPolicy.Forfeit || isOver && policy != RefundPolicy.IssueAgain) return;

        var state = isOver ? RedemptionState.Reissued : RedemptionState.Returned;
        if (await tx.ExecuteAsync(Close, new { id = row.Id, state = (int)state, refund = refund.RefundTicket }).ConfigureAwait(false) == 0) return;
        var until = isOver ? CouponTerms.StartOf(ChinaTime.DayOf(now) + days + 1) : row.ValidUntil;
        await tx.ExecuteAsync(GiveBack, new { coupon = row.CouponId, until }).ConfigureAwait(false);
        await tx.CommitFenAsync(row.DefinitionId, row.FaceFen - row.DiscountFen - row.DeliveryFen).ConfigureAwait(false);
    }

    private sealed class LineRow
    {
        public long RedemptionId { get; init; }
        public int LineNo { get; init; }
        public int Quantity { get; init; }
        public long DiscountFen { get; init; }
        public int RefundedQuantity { get; init; }
        public long ReturnedFen { get; init; }
    }

    private sealed class ShareRow
    {
        public int LineNo { get; init; }
        public long Fen { get; init; }
    }

    /// <summary>Units of one line coming back from one coupon: over all refunds of the line they add up to its share, to the fen.</summary>
    private sealed record Step(LineRow Line, int Units)
    {
        public long Fen { get; } = (long)((Int128)Line.DiscountFen * (Line.RefundedQuantity + Units) / Line.Quantity) - Line.ReturnedFen;
    }
}
