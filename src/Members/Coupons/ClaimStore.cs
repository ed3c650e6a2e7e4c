using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>The stock row and the terms that stand behind it.</summary>
internal class Offer
{
    public long DefinitionId { get; init; }
    public long Version { get; init; }
    public long IsOpen { get; init; }
    public long ClaimFrom { get; init; }
    public long ClaimUntil { get; init; }
    public long? Total { get; init; }
    public long Claimed { get; init; }
    public long? Daily { get; init; }
    public int CountDay { get; init; }
    public long DayClaimed { get; init; }
    public long? BudgetFen { get; init; }
    public long CommittedFen { get; init; }
    public string Json { get; init; } = "";

    public CouponTerms Terms => field ??= CouponTerms.FromJson(Json);

    /// <summary>Why nobody can claim it now; <c>null</c> when the stock is no hindrance.</summary>
    public CouponReason? Hindrance(DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        if (at < ClaimFrom) return CouponReason.NotOpen;
        // Nobody is offered what may no longer be advertised.
        if (IsOpen == 0 || at >= ClaimUntil || Terms.Advertising.ApprovalUntil < ChinaTime.DateOf(now)) return CouponReason.Closed;
        if (Claimed >= Total) return CouponReason.SoldOut;
        if (CountDay == ChinaTime.DayOf(now) && DayClaimed >= Daily) return CouponReason.SoldOutToday;
        return CommittedFen + Terms.FaceFen > BudgetFen ? CouponReason.BudgetSpent : null;
    }
}

/// <summary>The SQL of claims.</summary>
internal static class ClaimStore
{
    internal const string OfferColumns = """
        s.definition_id AS DefinitionId, s.version AS Version, s.is_open AS IsOpen, s.claim_from AS ClaimFrom, s.claim_until AS ClaimUntil, s.total AS Total,
        s.claimed AS Claimed, s.daily AS Daily, s.count_day AS CountDay, s.day_claimed AS DayClaimed, s.budget_fen AS BudgetFen, s.committed_fen AS CommittedFen,
        v.terms AS Json
        """;

    private const string SelectOffer = $"""
        SELECT {OfferColumns}
        FROM   coupon_stock s
        JOIN   coupon_definition_version v ON v.definition_id = s.definition_id AND v.version = s.version
        WHERE  s.definition_id = @definition
        """;

    // The one write that decides: whoever changes the row has a coupon's worth of stock, day and budget. day_claimed comes first: MySQL assigns from left to right.
    private const string TakeOne = """
        UPDATE coupon_stock
        SET    day_claimed = CASE WHEN count_day = @day THEN day_claimed + 1 ELSE 1 END, count_day = @day, claimed = claimed + 1, committed_fen = committed_fen + @face
        WHERE  definition_id = @definition AND version = @version AND is_open = 1 AND claim_from <= @now AND claim_until > @now
        AND    (total IS NULL OR claimed < total)
        AND    (daily IS NULL OR count_day <> @day OR day_claimed < daily)
        AND    (budget_fen IS NULL OR committed_fen + @face <= budget_fen)
        """;

    private const string Columns = """
        id AS Id, code AS Code, definition_id AS DefinitionId, version AS Version, member_id AS MemberId, valid_from AS ValidFrom, valid_until AS ValidUntil, points AS Points
        """;

    private const string SelectByKey = $"SELECT {Columns} FROM coupon WHERE definition_id = @definition AND member_id = @member AND claim_key = @key";

    private const string SelectHeld = "SELECT COUNT(*) AS Count, COALESCE(MAX(sequence), 0) AS Last FROM coupon WHERE definition_id = @definition AND member_id = @member";

    private const string CountOfPerson = "SELECT COUNT(*) FROM coupon WHERE person_index IN @person AND definition_id = @definition";

    private const string CountByMember = "SELECT COUNT(*) FROM coupon WHERE member_id = @member AND claimed_at > @since AND origin = 1";

    private const string CountByPerson = "SELECT COUNT(*) FROM coupon WHERE person_index IN @person AND claimed_at > @since AND origin = 1";

    private const string SelectInvited = "SELECT COUNT(*) FROM coupon_invitation WHERE definition_id = @definition AND member_id = @member";

    private const string InsertCoupon = """
        INSERT INTO coupon (id, code, definition_id, version, member_id, sequence, claim_key, person_index, origin, state, claimed_at, valid_from, valid_until,
                            reserved_until, face_fen, points)
        VALUES (@id, @code, @definition, @version, @member, @sequence, @key, @person, @origin, 1, @now, @from, @until, NULL, @face, @points)
        """;

    public static Task<Offer?> OfferAsync(this Session session, CouponDefinitionId definition) =>
        session.SingleOrDefaultAsync<Offer>(SelectOffer, new { definition = definition.Value });

    public static async Task<bool> TakeOneAsync(this Tx tx, Offer offer, DateTimeOffset now) => await tx.ExecuteAsync(TakeOne, new
    {
        definition = offer.DefinitionId, version = offer.Version, face = offer.Terms.FaceFen, day = ChinaTime.DayOf(now), now = now.ToUnixTimeMilliseconds(),
    }).ConfigureAwait(false) == 1;

    public static async Task<Coupon?> ByKeyAsync(this Session session, ClaimRequest request) => request.Key is null
        ? null
        : (await session.SingleOrDefaultAsync<CouponRow>(SelectByKey, new { definition = request.Definition.Value, member = request.Member.Value, key = request.Key }).ConfigureAwait(false))?.ToCoupon();

    /// <summary>How many coupons of the definition the member ever got, and the last sequence number.</summary>
    public static Task<(long Count, long Last)> HeldAsync(this Session session, long definition, MemberId member) =>
        session.SingleOrDefaultAsync<(long, long)>(SelectHeld, new { definition, member = member.Value });

    public static Task<long> CountOfPersonAsync(this Session session, long definition, IReadOnlyList<string> person) =>
        session.ScalarAsync<long>(CountOfPerson, new { definition, person });

    public static Task<long> CountByMemberAsync(this Session session, MemberId member, long since) =>
        session.ScalarAsync<long>(CountByMember, new { member = member.Value, since });

    public static Task<long> CountByPersonAsync(this Session session, IReadOnlyList<string> person, long since) =>
        session.ScalarAsync<long>(CountByPerson, new { person, since });

    public static async Task<bool> IsInvitedAsync(this Session session, long definition, MemberId member) =>
        await session.ScalarAsync<long>(SelectInvited, new { definition, member = member.Value }).ConfigureAwait(false) > 0;

    /// <summary>Inserts a coupon. The unique key on definition, member and sequence is what a second claim at the same time cannot pass.</summary>
    public static Task InsertCouponAsync(this Tx tx, Coupon coupon, ClaimRequest request, long sequence, string? person, long face, long now) => tx.ExecuteAsync(InsertCoupon, new
    {
        id = coupon.Id.Value, code = coupon.Code, definition = coupon.Definition.Value, version = coupon.Version, member = coupon.Member.Value, sequence, key = request.Key,
        person, origin = (int)request.Origin, now, from = coupon.ValidFrom.ToUnixTimeMilliseconds(), until = coupon.ValidUntil.ToUnixTimeMilliseconds(), face, points = coupon.Points,
    });

    private sealed class CouponRow
    {
        public long Id { get; init; }
        public string Code { get; init; } = "";
        public long DefinitionId { get; init; }
        public long Version { get; init; }
        public long MemberId { get; init; }
        public long ValidFrom { get; init; }
        public long ValidUntil { get; init; }
        public long Points { get; init; }

        public Coupon ToCoupon() => new(
            new CouponId(Id), Code, new CouponDefinitionId(DefinitionId), Version, new MemberId(MemberId),
            DateTimeOffset.FromUnixTimeMilliseconds(ValidFrom), DateTimeOffset.FromUnixTimeMilliseconds(ValidUntil), Points);
    }
}
