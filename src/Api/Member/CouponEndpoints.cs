using System.Security.Cryptography;
using System.Text;
using Engagement.Api.Hosting;
using Engagement.Members.Coupons;
using Engagement.Members.Stores;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>The coupon centre and the wallet of a member.</summary>
internal static class CouponEndpoints
{
    private const int LongestPage = 100;
    private const int LongestClaimKey = 64;

    private static readonly Problem s_stateInvalid = new("coupon_state_invalid", 400, new("state 只能是 usable 或 over。", "state is usable or over."));

    public static RouteGroupBuilder MapMemberCoupons(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/coupons").WithTags("Member coupons").Refuses(ReasonRefusals.OfCoupons);

        group.MapGet("/centre", CentreAsync).RequireMember().WithSummary("What can be claimed, and why the rest cannot");
        group.MapPost("/claims", ClaimAsync).RequireMember().Idempotent().WithSummary("Claim a coupon; one with a points price is paid with points").WithExample("""{"definitionId":"1"}""");
        group.MapGet("/", WalletAsync).RequireMember().WithSummary("What I hold (state=usable) or held (state=over), with the reason why one cannot be used");
        group.MapGet("/{couponId:long}", ReadAsync).RequireMember().WithSummary("One coupon with its code as QR code and barcode");
        return member;
    }

    /// <summary>The offers that cost points.</summary>
    public static Task<Results<FastJson<Page<OfferItem>>, ProblemAnswer>> CatalogueAsync(string? cursor, int? limit, MemberCaller caller, CouponWallet wallet, CancellationToken ct) =>
        OffersAsync(cursor, limit, caller, wallet, offer => offer.Terms.PointsPrice > 0, ct);

    private static Task<Results<FastJson<Page<OfferItem>>, ProblemAnswer>> CentreAsync(string? cursor, int? limit, MemberCaller caller, CouponWallet wallet, CancellationToken ct) =>
        OffersAsync(cursor, limit, caller, wallet, _ => true, ct);

    private static async Task<Results<FastJson<Page<OfferItem>>, ProblemAnswer>> OffersAsync(
        string? cursor, int? limit, MemberCaller caller, CouponWallet wallet, Func<ClaimableCoupon, bool> isWanted, CancellationToken ct)
    {
        if (!TryRead(cursor, out var after)) return Problems.CursorInvalid.Answer();
        var page = await wallet.CentreAsync(caller.Id, after, Limit(limit), ct);
        return new FastJson<Page<OfferItem>>(new([.. page.Items.Where(isWanted).Select(offer => OfferItem.Of(offer, caller.Language))], page.Next?.ToString()), MemberJson.Default.PageOfferItem);
    }

    private static async Task<Results<FastJson<CouponAnswer>, ProblemAnswer>> ClaimAsync(
        ClaimBody body, MemberCaller caller, IdempotentRequest once, CouponClaims claims, CouponWallet wallet, Database database, CancellationToken ct)
    {
        // The same key again answers with the same coupon, also after the kept answer was lost.
        var key = once.Key.Length <= LongestClaimKey ? once.Key : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(once.Key)));
        var outcome = await claims.ClaimAsync(new ClaimRequest(body.DefinitionId, caller.Id, key), ct);
        if (outcome is ClaimOutcome.Refused refused) return Refusal(refused.Refusal).Answer();
        var coupon = await wallet.FindAsync(caller.Id, ((ClaimOutcome.Claimed)outcome).Coupon.Id, ct);
        return await ShowAsync(coupon!, caller.Language, database, StatusCodes.Status201Created, ct);
    }

    private static async Task<Results<FastJson<Page<CouponItem>>, ProblemAnswer>> WalletAsync(
        string? state, string? cursor, int? limit, MemberCaller caller, CouponWallet wallet, CancellationToken ct)
    {
        if (!TryRead(cursor, out var after)) return Problems.CursorInvalid.Answer();
        if (state is not (null or "usable" or "over")) return s_stateInvalid.Answer();
        var page = state == "over"
            ? await wallet.PastAsync(caller.Id, after, Limit(limit), ct)
            : await wallet.HeldAsync(caller.Id, null, null, after, Limit(limit), ct);
        return new FastJson<Page<CouponItem>>(new([.. page.Items.Select(coupon => CouponItem.Of(coupon, caller.Language))], page.Next?.ToString()), MemberJson.Default.PageCouponItem);
    }

    private static async Task<Results<FastJson<CouponAnswer>, ProblemAnswer>> ReadAsync(long couponId, MemberCaller caller, CouponWallet wallet, Database database, CancellationToken ct) =>
        await wallet.FindAsync(caller.Id, new CouponId(couponId), ct) is { } coupon ? await ShowAsync(coupon, caller.Language, database, StatusCodes.Status200OK, ct) : Problems.NotFound.Answer();

    private static async Task<FastJson<CouponAnswer>> ShowAsync(WalletCoupon coupon, Language language, Database database, int status, CancellationToken ct)
    {
        var stores = coupon.Terms.Stores.Count == 0 ? [] : await database.ReadAsync(StoreBook.ListAsync, ct);
        var names = stores.Where(store => coupon.Terms.Stores.Contains(store.Id)).Select(store => store.Name).ToList();
        var item = CouponItem.Of(coupon, language);
        // A code that no till would take is not drawn.
        var isDrawn = coupon.State is CouponState.Claimed or CouponState.Reserved;
        return new(new CouponAnswer(
            item.Id, item.Title, item.Kind, item.Value, item.Amount, item.State, item.ValidFrom, item.ValidUntil, item.Usable, item.Reason, CouponCode.Grouped(coupon.Code),
            isDrawn ? CodeImage.Qr(coupon.Code) : null, isDrawn ? CodeImage.Barcode(coupon.Code) : null, [.. CouponWords.Terms(coupon.Terms, names).Select(term => term.In(language))],
            OfferAdvertising.Of(coupon.Terms.Advertising)), MemberJson.Default.CouponAnswer, status);
    }

    private static Problem Refusal(CouponRefusal refusal) =>
        new(refusal.Reason.Code, refusal.Reason.Code == "coupon.unknown_definition" ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict, refusal.Sentence);

    private static bool TryRead(string? cursor, out CouponCursor? after)
    {
        after = null;
        if (string.IsNullOrEmpty(cursor)) return true;
        if (!CouponCursor.TryParse(cursor, out var place)) return false;
        after = place;
        return true;
    }

    private static int Limit(int? asked) => Math.Clamp(asked ?? 50, 1, LongestPage);
}

internal sealed record ClaimBody(CouponDefinitionId DefinitionId);

/// <summary>Why something cannot be done now: the code is a contract, the text is for people.</summary>
internal sealed record ReasonItem(string Code, string Text)
{
    public static ReasonItem? Of(CouponRefusal? refusal, Language language) => refusal is null ? null : new(refusal.Reason.Code, refusal.Sentence.In(language));
}

/// <summary>What the Advertising Law wants shown with an offer.</summary>
internal sealed record OfferAdvertising(string? Mark, string Approval, string Warning, string RulesPage)
{
    public static OfferAdvertising? Of(Advertising advertising) =>
        advertising is { Marked: false, ApprovalNo: "", Warning: "", RulesPage: "" } ? null : new(advertising.Marked ? "广告" : null, advertising.ApprovalNo, advertising.Warning, advertising.RulesPage);
}

/// <summary>An offer. <c>value</c> is what it gives in words, <c>amount</c> the figure of its kind: fen off, hundredths of a percent, a price in fen.</summary>
internal sealed record OfferItem(
    string DefinitionId, string Title, string Kind, string Value, long Amount, long PointsPrice, long? Left, long Held, bool Claimable, ReasonItem? Reason, string Valid, OfferAdvertising? Advertising)
{
    public static OfferItem Of(ClaimableCoupon offer, Language language) => new(
        offer.Definition.ToString(), offer.Terms.Title, EnumWord.Of(offer.Terms.Kind), CouponWords.Benefit(offer.Terms).In(language), offer.Terms.Value, offer.Terms.PointsPrice, offer.Left, offer.Held,
        offer.Refusal is null, ReasonItem.Of(offer.Refusal, language), CouponWords.Valid(offer.Terms).In(language), OfferAdvertising.Of(offer.Terms.Advertising));
}

/// <summary>A coupon in the wallet. <c>validUntil</c> is the last day.</summary>
internal sealed record CouponItem(
    string Id, string Title, string Kind, string Value, long Amount, string State, DateTimeOffset ValidFrom, DateOnly ValidUntil, bool Usable, ReasonItem? Reason)
{
    public static CouponItem Of(WalletCoupon coupon, Language language) => new(
        coupon.Id.ToString(), coupon.Terms.Title, EnumWord.Of(coupon.Terms.Kind), CouponWords.Benefit(coupon.Terms).In(language), coupon.Terms.Value, EnumWord.Of(coupon.State),
        ChinaTime.In(coupon.ValidFrom), ChinaTime.DateOf(coupon.ValidUntil.AddMilliseconds(-1)), coupon.Refusal is null, ReasonItem.Of(coupon.Refusal, language));
}

/// <summary>A coupon with its code; the pictures are missing when no till would take it.</summary>
internal sealed record CouponAnswer(
    string Id, string Title, string Kind, string Value, long Amount, string State, DateTimeOffset ValidFrom, DateOnly ValidUntil, bool Usable, ReasonItem? Reason,
    string Code, string? QrSvg, string? BarcodeSvg, IReadOnlyList<string> Terms, OfferAdvertising? Advertising);
