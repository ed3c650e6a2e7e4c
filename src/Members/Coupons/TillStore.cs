using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>States of a coupon on a ticket.</summary>
internal enum RedemptionState
{
    Reserved = 1,
    Redeemed = 2,
    Released = 3,
    Lapsed = 4,
    Returned = 5,
    Reissued = 6,
}

/// <summary>A coupon as it stands, with the terms that it was claimed under and the ticket that has it.</summary>
internal sealed class HeldCoupon
{
    public long Id { get; init; }
    public string Code { get; init; } = "";
    public long DefinitionId { get; init; }
    public long MemberId { get; init; }
    public int State { get; init; }
    public long ValidFrom { get; init; }
    public long ValidUntil { get; init; }
    public long? ReservedUntil { get; init; }
    public long FaceFen { get; init; }
    public string Json { get; init; } = "";
    public long? StoreId { get; init; }
    public string? TillNo { get; init; }
    public string? TicketNo { get; init; }

    public CouponTerms Terms => field ??= CouponTerms.FromJson(Json);

    public TicketRef? HeldBy => StoreId is { } store ? new TicketRef(new StoreId(store), TillNo!, TicketNo!) : null;

    /// <summary>Why it cannot be used at this moment, whatever the basket; <c>null</c> when it can.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="store">The store; <c>null</c> when nobody knows yet.</param>
    /// <param name="channel">The channel; <c>null</c> when nobody knows yet.</param>
    public CouponRefusal? Refusal(long now, StoreId? store, SalesChannel? channel) => (CouponState)State switch
    {
        CouponState.Void => CouponReason.Void.About(),
        CouponState.Redeemed => CouponReason.Used.About(TicketNo ?? ""),
        CouponState.Reserved when ReservedUntil > now => CouponReason.Reserved.About(TicketNo ?? ""),
        _ when now >= ValidUntil => CouponReason.Expired.About(Day(ValidUntil - 1)),
        _ when now < ValidFrom => CouponReason.NotYetValid.About(Day(ValidFrom)),
        _ when store is { } at && Terms.Stores.Count > 0 && !Terms.Stores.Contains(at) => CouponReason.Store.About(),
        _ when channel is { } by && Terms.Channels.Count > 0 && !Terms.Channels.Contains(by) => CouponReason.Channel.About(),
        _ => null,
    };

    /// <summary>The state that people see: a sweep that is late makes no coupon look usable.</summary>
    public CouponState Shown(long now) => (CouponState)State switch
    {
        CouponState.Claimed when now >= ValidUntil => CouponState.Expired,
        CouponState.Reserved when now >= ReservedUntil => now >= ValidUntil ? CouponState.Expired : CouponState.Claimed,
        var state => state,
    };

    private static string Day(long ms) => ChinaTime.DateOf(DateTimeOffset.FromUnixTimeMilliseconds(ms)).ToString("yyyy-MM-dd");
}

/// <summary>One row of what a ticket has or had, with the coupon's terms.</summary>
internal sealed class TicketRow
{
    public long Id { get; init; }
    public long CouponId { get; init; }
    public long? LiveCouponId { get; init; }
    public long DefinitionId { get; init; }
    public long MemberId { get; init; }
    public string Code { get; init; } = "";
    public string TillNo { get; init; } = "";
    public int State { get; init; }
    public long DiscountFen { get; init; }
    public long DeliveryFen { get; init; }
    public long? ReservedUntil { get; init; }
    public string? ReturnedBy { get; init; }
    public long FaceFen { get; init; }
    public long ValidUntil { get; init; }
    public string Json { get; init; } = "";

    public CouponTerms Terms => field ??= CouponTerms.FromJson(Json);

    public RedemptionState Was => (RedemptionState)State;

    /// <summary>Whether the ticket has the coupon: used, or reserved and not run out.</summary>
    public bool IsLive(long now) => LiveCouponId is not null && (Was == RedemptionState.Redeemed || ReservedUntil > now);

    public AppliedCoupon ToApplied(IReadOnlyList<LineShare> shares) => new(
        new CouponId(CouponId), Code, Terms.Title, Terms.Kind, DiscountFen, DeliveryFen, shares,
        Terms.Kind == CouponKind.PointsMultiplier ? Terms.Value : 100, Terms.Service);
}

/// <summary>The SQL of coupons at the till.</summary>
internal static class TillStore
{
    internal const string SelectCoupons = """
        SELECT c.id AS Id, c.code AS Code, c.definition_id AS DefinitionId, c.member_id AS MemberId, c.state AS State, c.valid_from AS ValidFrom,
               c.valid_until AS ValidUntil, c.reserved_until AS ReservedUntil, c.face_fen AS FaceFen, v.terms AS Json,
               r.store_id AS StoreId, r.till_no AS TillNo, r.ticket_no AS TicketNo
        FROM   coupon c
        JOIN   coupon_definition_version v ON v.definition_id = c.definition_id AND v.version = c.version
        LEFT JOIN coupon_redemption r ON r.live_coupon_id = c.id
        """;

    internal const string SelectTicket = """
        SELECT r.id AS Id, r.coupon_id AS CouponId, r.live_coupon_id AS LiveCouponId, c.definition_id AS DefinitionId, c.member_id AS MemberId, c.code AS Code, r.till_no AS TillNo, r.state AS State,
               r.discount_fen AS DiscountFen, r.delivery_fen AS DeliveryFen, r.reserved_until AS ReservedUntil, r.returned_by AS ReturnedBy,
               c.face_fen AS FaceFen, c.valid_until AS ValidUntil, v.terms AS Json
        FROM   coupon_redemption r
        JOIN   coupon c ON c.id = r.coupon_id
        JOIN   coupon_definition_version v ON v.definition_id = c.definition_id AND v.version = c.version
        WHERE  r.store_id = @store AND r.ticket_no = @ticket AND (@till IS NULL OR r.till_no = @till)
        ORDER BY r.id
        """;

    private const string SelectShares = "SELECT redemption_id, line_no, discount_fen FROM coupon_redemption_line WHERE discount_fen > 0 AND redemption_id IN";

    // The one write that decides. A reservation that ran out holds nobody up, swept or not.
    private const string HoldCoupon = """
        UPDATE coupon
        SET    state = @state, reserved_until = @until
        WHERE  id = @id AND member_id = @member AND valid_from <= @now AND valid_until > @now
        AND    (state = 1 OR (state = 2 AND reserved_until <= @now))
        """;

    private const string Lapse = "UPDATE coupon_redemption SET state = 4, live_coupon_id = NULL WHERE live_coupon_id = @id AND state = 1";

    private const string InsertRedemption = """
        INSERT INTO coupon_redemption (id, coupon_id, live_coupon_id, member_id, store_id, till_no, ticket_no, channel, state, discount_fen, delivery_fen,
                                       cashier_id, own_account, made_at, reserved_until, returned_by)
        VALUES (@redemption, @id, @id, @member, @store, @till, @ticket, @channel, @redemptionState, @discount, @delivery, @cashier, @own, @now, @until, NULL)
        """;

    private const string InsertLines = "INSERT INTO coupon_redemption_line (redemption_id, line_no, quantity, discount_fen, refunded_quantity, returned_fen)";

    // Without a budget nobody asks, so nobody waits for the stock row.
    private const string Commit = "UPDATE coupon_stock SET committed_fen = committed_fen + @fen WHERE definition_id = @definition AND budget_fen IS NOT NULL";

    public static Task<List<HeldCoupon>> CouponsAsync(this Session session, IReadOnlyList<string> codes) => codes.Count == 0
        ? Task.FromResult<List<HeldCoupon>>([])
        : session.QueryAsync<HeldCoupon>($"{SelectCoupons} WHERE c.code IN @codes", new { codes });

    public static Task<List<HeldCoupon>> CouponsWhereAsync(this Session session, string where, object parameters) =>
        session.QueryAsync<HeldCoupon>($"{SelectCoupons} WHERE {where}", parameters);

    /// <summary>All that a ticket has or had; with a till of <c>null</c>, whichever till it was.</summary>
    public static Task<List<TicketRow>> TicketAsync(this Session session, StoreId store, string? till, string ticket, string locking = "") =>
        session.QueryAsync<TicketRow>($"{SelectTicket} {locking}", new { store = store.Value, till, ticket });

    public static async Task<ILookup<long, LineShare>> SharesAsync(this Session session, IReadOnlyList<long> redemptions)
    {
        var shares = new List<(long Redemption, LineShare Share)>();
        await session.ReadInAsync(SelectShares, redemptions, row => shares.Add((row.GetInt64(0), new LineShare(row.GetInt32(1), row.GetInt64(2))))).ConfigureAwait(false);
        return shares.OrderBy(share => share.Share.LineNo).ToLookup(share => share.Redemption, share => share.Share);
    }

    /// <summary>Lets other requests for this ticket wait until the commit.</summary>
    public static Task LockTicketAsync(this Tx tx, TicketRef ticket) => tx.ExecuteAsync(
        $"INSERT INTO coupon_ticket (store_id, till_no, ticket_no) VALUES (@store, @till, @number) {tx.Dialect.OnConflictKeep("store_id, till_no, ticket_no")}",
        new { store = ticket.Store.Value, till = ticket.Till, number = ticket.Number });

    /// <summary>Puts a coupon on a ticket; <c>false</c> when another write has it, or it can no longer be used.</summary>
    public static async Task<bool> HoldAsync(this Tx tx, Holding holding)
    {
        var values = new
        {
            redemption = holding.Redemption, id = holding.Coupon, member = holding.Member, store = holding.Ticket.Store.Value, till = holding.Ticket.Till, ticket = holding.Ticket.Number,
            channel = (int)holding.Channel, discount = holding.Discount, delivery = holding.Delivery, cashier = holding.Cashier, own = holding.OwnAccount ? 1 : 0,
            now = holding.Now, until = holding.Until, state = (int)(holding.Until is null ? CouponState.Redeemed : CouponState.Reserved),
            redemptionState = (int)(holding.Until is null ? RedemptionState.Redeemed : RedemptionState.Reserved),
        };
        if (await tx.ExecuteAsync(HoldCoupon, values).ConfigureAwait(false) == 0) return false;
        await tx.ExecuteAsync(Lapse, values).ConfigureAwait(false);
        await tx.ExecuteAsync(InsertRedemption, values).ConfigureAwait(false);
        return true;
    }

    public static Task InsertLinesAsync(this Tx tx, long redemption, IReadOnlyList<BasketLine> lines, IReadOnlyList<LineShare> shares)
    {
        var fen = shares.ToDictionary(share => share.LineNo, share => share.Fen);
        return tx.InsertManyAsync(InsertLines, lines, (line, values) =>
            (values[0], values[1], values[2], values[3], values[4], values[5]) = (redemption, line.LineNo, line.Quantity, fen.GetValueOrDefault(line.LineNo), 0, 0L));
    }

    /// <summary>Puts right what coupons of a definition are expected to cost.</summary>
    public static Task CommitFenAsync(this Tx tx, long definition, long fen) =>
        fen == 0 ? Task.CompletedTask : tx.ExecuteAsync(Commit, new { definition, fen });

    /// <summary>Turns a reservation that has not run out into a redemption; <c>false</c> when it has.</summary>
    public static async Task<bool> ConfirmAsync(this Tx tx, long redemption, long coupon, long now) =>
        await tx.ExecuteAsync("UPDATE coupon_redemption SET state = 2, reserved_until = NULL WHERE id = @redemption AND state = 1 AND live_coupon_id IS NOT NULL AND reserved_until > @now", new { redemption, now }).ConfigureAwait(false) == 1
        && await tx.ExecuteAsync("UPDATE coupon SET state = 3, reserved_until = NULL WHERE id = @coupon AND state = 2", new { coupon }).ConfigureAwait(false) == 1;

    /// <summary>Holds a reservation that has not run out for longer; <c>false</c> when it has.</summary>
    public static async Task<bool> ExtendAsync(this Tx tx, long redemption, long coupon, long now, long until) =>
        await tx.ExecuteAsync("UPDATE coupon_redemption SET reserved_until = @until WHERE id = @redemption AND state = 1 AND live_coupon_id IS NOT NULL AND reserved_until > @now", new { redemption, now, until }).ConfigureAwait(false) == 1
        && await tx.ExecuteAsync("UPDATE coupon SET reserved_until = @until WHERE id = @coupon AND state = 2", new { coupon, until }).ConfigureAwait(false) == 1;

    /// <summary>Takes a reserved coupon off its ticket; <c>false</c> when it is not reserved by it any more.</summary>
    public static async Task<bool> LetGoAsync(this Tx tx, long redemption, long coupon, RedemptionState state) =>
        await tx.ExecuteAsync("UPDATE coupon_redemption SET state = @state, live_coupon_id = NULL WHERE id = @redemption AND state = 1 AND live_coupon_id IS NOT NULL", new { redemption, state = (int)state }).ConfigureAwait(false) == 1
        && await tx.ExecuteAsync("UPDATE coupon SET state = 1, reserved_until = NULL WHERE id = @coupon AND state = 2", new { coupon }).ConfigureAwait(false) == 1;

    public static Task<long> RedeemedByMemberAsync(this Session session, long member, long since) =>
        session.ScalarAsync<long>("SELECT COUNT(*) FROM coupon_redemption WHERE member_id = @member AND made_at > @since AND live_coupon_id IS NOT NULL", new { member, since });

    public static Task<long> RedeemedInStoreAsync(this Session session, StoreId store, long since) =>
        session.ScalarAsync<long>("SELECT COUNT(*) FROM coupon_redemption WHERE store_id = @store AND made_at > @since", new { store = store.Value, since });
}

/// <summary>A coupon that is about to be put on a ticket: redeemed, or reserved <paramref name="Until"/> an instant.</summary>
internal sealed record Holding(
    long Redemption, long Coupon, long Member, TicketRef Ticket, SalesChannel Channel, long Discount, long Delivery, long? Cashier, bool OwnAccount, long Now, long? Until);
