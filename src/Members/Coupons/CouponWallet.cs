using Engagement.Members.Minors;
using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>What a member sees: the coupons that are held, those that are over, and those that can be claimed; with the reason why one cannot be used or claimed now.</summary>
public sealed class CouponWallet(Database database, Clocks clocks, IMemberTiers tiers)
{
    // Keyset paging: on the first page the key is below every row.
    internal const string Open = """
        c.member_id = @member AND c.state IN (1, 2) AND c.valid_until > @now AND (c.valid_until > @key OR (c.valid_until = @key AND c.id > @id))
        ORDER BY c.valid_until, c.id
        LIMIT @limit
        """;

    internal const string Past = """
        c.member_id = @member AND (c.state NOT IN (1, 2) OR c.valid_until <= @now) AND (c.valid_until < @key OR (c.valid_until = @key AND c.id < @id))
        ORDER BY c.valid_until DESC, c.id DESC
        LIMIT @limit
        """;

    internal const string ById = "c.id = @id AND c.member_id = @member";

    internal const string SelectOffers = $"""
        SELECT {ClaimStore.OfferColumns},
               (SELECT COUNT(*) FROM coupon c WHERE c.definition_id = s.definition_id AND c.member_id = @member) AS Held,
               (SELECT COUNT(*) FROM coupon_invitation i WHERE i.definition_id = s.definition_id AND i.member_id = @member) AS Invited
        FROM   coupon_stock s
        JOIN   coupon_definition_version v ON v.definition_id = s.definition_id AND v.version = s.version
        WHERE  s.is_open = 1 AND s.claim_until > @now AND (s.claim_until > @key OR (s.claim_until = @key AND s.definition_id > @id))
        ORDER BY s.claim_until, s.definition_id
        LIMIT  @limit
        """;

    /// <summary>The coupons that a member holds; what ends first comes first.</summary>
    /// <param name="member">Whose.</param>
    /// <param name="store">The store where the member is; <c>null</c> when nobody knows.</param>
    /// <param name="channel">Where the member would buy; <c>null</c> when nobody knows.</param>
    /// <param name="after">The page's place; <c>null</c> for the first.</param>
    /// <param name="limit">At most so many, from 1 to 100.</param>
    /// <param name="ct">Stops the look.</param>
    public Task<CouponPage<WalletCoupon>> HeldAsync(MemberId member, StoreId? store, SalesChannel? channel, CouponCursor? after, int limit, CancellationToken ct) =>
        PageAsync(Open, member, store, channel, after ?? new CouponCursor(long.MinValue, 0), limit, ct);

    /// <summary>The coupons that were used, have expired or were made void; the latest first.</summary>
    public Task<CouponPage<WalletCoupon>> PastAsync(MemberId member, CouponCursor? after, int limit, CancellationToken ct) =>
        PageAsync(Past, member, null, null, after ?? new CouponCursor(long.MaxValue, 0), limit, ct);

    /// <summary>One coupon by its code, if it is the member's; else <c>null</c>.</summary>
    public Task<WalletCoupon?> FindAsync(MemberId member, string code, CancellationToken ct) => database.ReadAsync(async session =>
    {
        var found = CouponCode.TryParse(code, out var plain) ? await session.CouponsAsync([plain]).ConfigureAwait(false) : [];
        return found.Find(coupon => coupon.MemberId == member.Value) is { } held ? Show(held, clocks.Business.NowMs(), null, null) : null;
    }, ct);

    /// <summary>One coupon by its id, if it is the member's; else <c>null</c>.</summary>
    public Task<WalletCoupon?> FindAsync(MemberId member, CouponId coupon, CancellationToken ct) => database.ReadAsync(async session =>
        await session.CouponsWhereAsync(ById, new { member = member.Value, id = coupon.Value }).ConfigureAwait(false) is [var held] ? Show(held, clocks.Business.NowMs(), null, null) : null, ct);

    /// <summary>What a member can claim, now or soon; what ends first comes first. Offers for the invited are shown to them alone, and none to members under fourteen.</summary>
    public Task<CouponPage<ClaimableCoupon>> CentreAsync(MemberId member, CouponCursor? after, int limit, CancellationToken ct) => database.ReadAsync(async session =>
    {
        var now = clocks.Business.GetUtcNow();
        var place = after ?? new CouponCursor(long.MinValue, 0);
        limit = Math.Clamp(limit, 1, CouponPage<ClaimableCoupon>.Longest);
        if ((await GuardianDesk.OfAsync(session, member, ChinaTime.DateOf(now)).ConfigureAwait(false)).Under14) return new CouponPage<ClaimableCoupon>([], null);
        var tier = await tiers.TierAsync(session, member).ConfigureAwait(false);
        var rows = await session.QueryAsync<CentreRow>(SelectOffers, new { member = member.Value, now = now.ToUnixTimeMilliseconds(), key = place.Key, id = place.Id, limit = limit + 1 }).ConfigureAwait(false);
        var page = CouponPage<CentreRow>.Of(rows, limit, row => row, row => new CouponCursor(row.ClaimUntil, row.DefinitionId));
        return new CouponPage<ClaimableCoupon>([.. page.Items.Where(row => row.IsShown(now)).Select(row => row.ToClaimable(now, tier))], page.Next);
    }, ct);

    private Task<CouponPage<WalletCoupon>> PageAsync(string where, MemberId member, StoreId? store, SalesChannel? channel, CouponCursor place, int limit, CancellationToken ct) => database.ReadAsync(async session =>
    {
        var now = clocks.Business.NowMs();
        limit = Math.Clamp(limit, 1, CouponPage<WalletCoupon>.Longest);
        var rows = await session.CouponsWhereAsync(where, new { member = member.Value, now, key = place.Key, id = place.Id, limit = limit + 1 }).ConfigureAwait(false);
        return CouponPage<WalletCoupon>.Of(rows, limit, row => Show(row, now, store, channel), row => new CouponCursor(row.ValidUntil, row.Id));
    }, ct);

    private static WalletCoupon Show(HeldCoupon coupon, long now, StoreId? store, SalesChannel? channel) => new(
        new CouponId(coupon.Id), coupon.Code, new CouponDefinitionId(coupon.DefinitionId), coupon.Terms,
        DateTimeOffset.FromUnixTimeMilliseconds(coupon.ValidFrom), DateTimeOffset.FromUnixTimeMilliseconds(coupon.ValidUntil), coupon.Shown(now), coupon.Refusal(now, store, channel));

    private sealed class CentreRow : Offer
    {
        public long Held { get; init; }
        public long Invited { get; init; }

        // What may no longer be advertised is not shown; nor is an invitation to somebody who has none.
        public bool IsShown(DateTimeOffset now) => (!Terms.InvitedOnly || Invited > 0) && !(Terms.Advertising.ApprovalUntil < ChinaTime.DateOf(now));

        public ClaimableCoupon ToClaimable(DateTimeOffset now, string? tier)
        {
            var reason = Held >= Terms.PerMember ? CouponReason.MemberLimit
                : Terms.Tiers.Count > 0 && !Terms.Tiers.Contains(tier) ? CouponReason.Tier
                : Hindrance(now);
            return new ClaimableCoupon(new CouponDefinitionId(DefinitionId), Terms, Total - Claimed is { } left ? Math.Max(0, left) : null, Held, reason?.About());
        }
    }
}

/// <summary>A coupon in its member's wallet.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">Its code; <see cref="CodeImage"/> draws it.</param>
/// <param name="Definition">What it was claimed from.</param>
/// <param name="Terms">What it gives.</param>
/// <param name="ValidFrom">The first instant at which it can be used.</param>
/// <param name="ValidUntil">The first instant at which it no longer can.</param>
/// <param name="State">What it is now; expired from its last instant on.</param>
/// <param name="Refusal">Why it cannot be used now; <c>null</c> when it can, as far as the basket is not known.</param>
public sealed record WalletCoupon(
    CouponId Id, string Code, CouponDefinitionId Definition, CouponTerms Terms, DateTimeOffset ValidFrom, DateTimeOffset ValidUntil, CouponState State, CouponRefusal? Refusal);

/// <summary>An offer in the coupon centre.</summary>
/// <param name="Definition">What can be claimed.</param>
/// <param name="Terms">What it gives, what it costs in points, and what the law wants shown with it.</param>
/// <param name="Left">How many are left; <c>null</c> when there is no limit.</param>
/// <param name="Held">How many the member got already.</param>
/// <param name="Refusal">Why it cannot be claimed now; <c>null</c> when it can.</param>
public sealed record ClaimableCoupon(CouponDefinitionId Definition, CouponTerms Terms, long? Left, long Held, CouponRefusal? Refusal);
