using Engagement.Members.Minors;
using Engagement.Members.Profiles;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Coupons;

/// <summary>Gives coupons to members: never more than there are, never more to one than the terms allow.</summary>
public sealed class CouponClaims(
    Database database, IdGenerator ids, MemberStore members, BlindIndex index, Clocks clocks, IPointsPayment points, IMemberTiers tiers, IOptions<CouponOptions> options)
{
    private const string Void = "UPDATE coupon SET state = 5 WHERE id = @id AND state IN (1, 4)";
    private const string Uncommit = "UPDATE coupon_stock SET committed_fen = committed_fen - @face WHERE definition_id = @definition";

    /// <summary>Claims a coupon in a write of its own.</summary>
    public Task<ClaimOutcome> ClaimAsync(ClaimRequest request, CancellationToken ct) => database.WriteAsync(tx => ClaimAsync(tx, request), ct);

    /// <summary>Claims a coupon in the caller's write; a refusal leaves nothing behind in it.</summary>
    public async Task<ClaimOutcome> ClaimAsync(Tx tx, ClaimRequest request)
    {
        var now = clocks.Business.GetUtcNow();
        if (request.Key is { Length: < 1 or > 64 }) return new ClaimOutcome.Refused(CouponReason.RequestInvalid.About("key"));
        if (await tx.ByKeyAsync(request).ConfigureAwait(false) is { } first) return new ClaimOutcome.Claimed(first, Again: true);
        if (await tx.OfferAsync(request.Definition).ConfigureAwait(false) is not { } offer) return Refused(CouponReason.UnknownDefinition);
        var profiles = await members.ProfilesAsync(tx, [request.Member]).ConfigureAwait(false);
        if (!profiles.TryGetValue(request.Member, out var member) || member.Erased) return Refused(CouponReason.MemberUnknown);
        if (await NotForMemberAsync(tx, request, offer, ChinaTime.DateOf(now)).ConfigureAwait(false) is { } reason) return Refused(reason);

        // What follows is undone as a whole when it ends in a refusal: the stock, and whatever paying with points wrote.
        await tx.ExecuteAsync("SAVEPOINT claim").ConfigureAwait(false);
        var outcome = await TakeAsync(tx, request, offer, member, now).ConfigureAwait(false);
        if (outcome is not ClaimOutcome.Claimed { Again: false }) await tx.ExecuteAsync("ROLLBACK TO SAVEPOINT claim").ConfigureAwait(false);
        await tx.ExecuteAsync("RELEASE SAVEPOINT claim").ConfigureAwait(false);
        return outcome;
    }

    /// <summary>Takes a coupon back that nobody used, and gives its points back; <c>false</c> when there is none, or a till has it.</summary>
    /// <remarks>The caller's audit log keeps who did it and why.</remarks>
    public Task<bool> VoidAsync(CouponId coupon, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var (definition, face, state, member, paid) = await tx.SingleOrDefaultAsync<(long, long, long, long, long)>(
            $"SELECT definition_id, face_fen, state, member_id, points FROM coupon WHERE id = @id {tx.Dialect.ForUpdate}", new { id = coupon.Value }).ConfigureAwait(false);
        if (await tx.ExecuteAsync(Void, new { id = coupon.Value }).ConfigureAwait(false) == 0) return false;
        // The sweep has given an expired coupon's share of the budget back already.
        if (state == (int)CouponState.Claimed) await tx.ExecuteAsync(Uncommit, new { definition, face }).ConfigureAwait(false);
        if (paid > 0) await points.GiveBackAsync(tx, new MemberId(member), coupon).ConfigureAwait(false);
        return true;
    }, ct);

    private async Task<CouponReason?> NotForMemberAsync(Session session, ClaimRequest request, Offer offer, DateOnly today)
    {
        var terms = offer.Terms;
        // 个人信息保护法 31, domain R-PI-5: out of all marketing, the offers of the coupon centre included.
        if (request.Origin == CouponOrigin.Claim && (await GuardianDesk.OfAsync(session, request.Member, today).ConfigureAwait(false)).Under14) return CouponReason.Minor;
        if (terms.Tiers.Count > 0 && !terms.Tiers.Contains(await tiers.TierAsync(session, request.Member).ConfigureAwait(false))) return CouponReason.Tier;
        if (request.Origin == CouponOrigin.Claim && terms.InvitedOnly && !await session.IsInvitedAsync(offer.DefinitionId, request.Member).ConfigureAwait(false)) return CouponReason.NotInvited;
        return null;
    }

    private async Task<ClaimOutcome> TakeAsync(Tx tx, ClaimRequest request, Offer offer, MemberProfile member, DateTimeOffset now)
    {
        if (offer.Terms.Advertising.ApprovalUntil < ChinaTime.DateOf(now)) return Refused(CouponReason.Closed);
        if (!await tx.TakeOneAsync(offer, now).ConfigureAwait(false))
        {
            // The first of a repeated claim may have taken the last one while this one waited for it.
            if (await tx.ByKeyAsync(request).ConfigureAwait(false) is { } taken) return new ClaimOutcome.Claimed(taken, Again: true);
            // The row is read again: another claim may have taken the last one since. One that was published anew meanwhile is asked for again.
            var left = await tx.OfferAsync(request.Definition).ConfigureAwait(false);
            return Refused(left!.Hindrance(now) ?? CouponReason.TooFast);
        }

        // From here on the stock row is ours until the commit, so nobody else claims of this definition: what we count stays true.
        if (await tx.ByKeyAsync(request).ConfigureAwait(false) is { } first) return new ClaimOutcome.Claimed(first, Again: true);
        var (count, last) = await tx.HeldAsync(offer.DefinitionId, request.Member).ConfigureAwait(false);
        if (count >= offer.Terms.PerMember) return Refused(CouponReason.MemberLimit);
        if (await TooManyAsync(tx, request, offer, member, now).ConfigureAwait(false) is { } reason) return Refused(reason);

        var price = request.Origin == CouponOrigin.Claim ? offer.Terms.PointsPrice : 0;
        var id = new CouponId(ids.Next());
        if (price > 0 && NotPaid(await points.PayAsync(tx, request.Member, price, id, offer.Terms.Title).ConfigureAwait(false)) is { } unpaid) return Refused(unpaid);

        var (from, until) = offer.Terms.ValidityFrom(now);
        var coupon = new Coupon(id, CouponCode.New(), request.Definition, offer.Version, request.Member,
            DateTimeOffset.FromUnixTimeMilliseconds(from), DateTimeOffset.FromUnixTimeMilliseconds(until), price);
        var person = index.Of(MemberColumns.PhoneIndex, member.Phone?.Digits);
        await tx.InsertCouponAsync(coupon, request, last + 1, person, offer.Terms.FaceFen, now.ToUnixTimeMilliseconds()).ConfigureAwait(false);
        return new ClaimOutcome.Claimed(coupon, Again: false);
    }

    private async Task<CouponReason?> TooManyAsync(Session session, ClaimRequest request, Offer offer, MemberProfile member, DateTimeOffset now)
    {
        IReadOnlyList<string> person = member.Phone is { } phone ? index.Candidates(MemberColumns.PhoneIndex, phone.Digits) : [];
        if (offer.Terms.PerPerson is { } most)
        {
            if (person.Count == 0) return CouponReason.PhoneNeeded;
            if (await session.CountOfPersonAsync(offer.DefinitionId, person).ConfigureAwait(false) >= most) return CouponReason.PersonLimit;
        }

        if (request.Origin != CouponOrigin.Claim) return null;
        var limits = options.Value;
        if (await session.CountByMemberAsync(request.Member, now.AddHours(-1).ToUnixTimeMilliseconds()).ConfigureAwait(false) >= limits.ClaimsPerMemberAndHour) return CouponReason.TooFast;
        return person.Count > 0 && await session.CountByPersonAsync(person, now.AddDays(-1).ToUnixTimeMilliseconds()).ConfigureAwait(false) >= limits.ClaimsPerPhoneAndDay ? CouponReason.TooFast : null;
    }

    private static CouponReason? NotPaid(PointsPayment payment) => payment switch
    {
        PointsPayment.Paid => null,
        PointsPayment.NotEnough => CouponReason.Points,
        PointsPayment.Unavailable => CouponReason.PointsUnavailable,
    };

    private static ClaimOutcome.Refused Refused(CouponReason reason) => new(reason.About());
}
