using Engagement.Members;
using Engagement.Members.Coupons;
using Engagement.Members.Tills;
using Engagement.Storage;

namespace Engagement.Api.Pos;

/// <summary>One line of a basket.</summary>
internal sealed record BasketLineBody(int Line, string Sku, int Quantity, long NetFen, long InsuranceFen = 0);

/// <summary>A basket, the coupons and the points that are to pay for it.</summary>
internal sealed record QuoteBody(
    string Store, IReadOnlyList<BasketLineBody> Lines, IReadOnlyList<string>? Coupons = null, long Points = 0, string? Member = null, long DeliveryFen = 0,
    SalesChannel Channel = SalesChannel.Store, StackingPolicy Policy = StackingPolicy.SkipInvalid)
{
    public TillCheckout ToCheckout(StoreId store, Shopper? shopper) => new(
        new Checkout
        {
            Store = store, Channel = Channel, Member = shopper?.Member, DeliveryFen = DeliveryFen, Codes = Coupons ?? [], Policy = Policy,
            Lines = [.. Lines.Select(line => new BasketLine(line.Line, line.Sku, line.Quantity, line.NetFen, line.InsuranceFen))],
        },
        shopper, Points);
}

/// <summary>The same, for a ticket. Store, till and ticket are the idempotency key.</summary>
internal sealed record HoldBody(
    string Store, string Till, string Ticket, IReadOnlyList<BasketLineBody> Lines, IReadOnlyList<string>? Coupons = null, long Points = 0, string? Member = null, long DeliveryFen = 0,
    SalesChannel Channel = SalesChannel.Store, StackingPolicy Policy = StackingPolicy.SkipInvalid, int? Minutes = null)
{
    public QuoteBody Basket => new(Store, Lines, Coupons, Points, Member, DeliveryFen, Channel, Policy);
}

/// <summary>A ticket.</summary>
internal sealed record TicketPlaceBody(string Store, string Till, string Ticket);

/// <summary>What coupons and points do to a basket.</summary>
internal sealed record CheckoutView(
    long BeforeFen, long DiscountFen, long PointsFen, long PayableFen, long PointsMultiplier, IReadOnlyList<AppliedCouponView> Coupons, IReadOnlyList<RefusedCouponView> Refused, PointsView Points)
{
    public static CheckoutView Of(CheckoutQuote quote, IReadOnlyDictionary<long, string> stores, Language language) => new(
        quote.Coupons.BeforeFen, quote.Coupons.DiscountFen, quote.Points.Fen, quote.PayableFen, quote.Coupons.PointsMultiplier,
        [.. quote.Coupons.Applied.Select(AppliedCouponView.Of)], [.. quote.Coupons.Refused.Select(refused => RefusedCouponView.Of(refused, stores, language))],
        new PointsView(quote.Points.Active, quote.Points.Usable, quote.Points.Points, quote.Points.Fen, [.. quote.Points.Shares.Select(ShareView.Of)],
            quote.Points.Refusal is { } refusal ? new ReasonView(refusal.Code, refusal.Sentence.In(language)) : null));
}

internal sealed record ShareView(int Line, long Fen)
{
    public static ShareView Of(LineShare share) => new(share.LineNo, share.Fen);
}

internal sealed record ReasonView(string Code, string Text);

internal sealed record AppliedCouponView(string Code, string Title, CouponKind Kind, long DiscountFen, long DeliveryFen, IReadOnlyList<ShareView> Shares, long PointsMultiplier, string Service)
{
    public static AppliedCouponView Of(AppliedCoupon coupon) => new(
        coupon.Code, coupon.Title, coupon.Kind, coupon.DiscountFen, coupon.DeliveryFen, [.. coupon.Shares.Select(ShareView.Of)], coupon.PointsMultiplier, coupon.Service);
}

/// <summary>A coupon that does not count, why not, and the ticket that has it.</summary>
internal sealed record RefusedCouponView(string Code, ReasonView Reason, TicketPlaceBody? HeldBy)
{
    public static RefusedCouponView Of(RefusedCoupon refused, IReadOnlyDictionary<long, string> stores, Language language) => new(
        refused.Code, new ReasonView(refused.Refusal.Reason.Code, refused.Refusal.Sentence.In(language)),
        refused.HeldBy is { } place && stores.TryGetValue(place.Store.Value, out var code) ? new TicketPlaceBody(code, place.Till, place.Number) : null);
}

/// <summary>What points do, and how many could: <paramref name="Active"/> is <c>null</c> when nobody knows who buys, or the member has not shown the code.</summary>
internal sealed record PointsView(long? Active, long Usable, long Points, long Fen, IReadOnlyList<ShareView> Shares, ReasonView? Refused);

/// <summary>What a ticket carries once it is confirmed.</summary>
internal sealed record ConfirmedView(IReadOnlyList<AppliedCouponView> Coupons, long Points, long PointsFen);

/// <summary>How many coupons and points were let go.</summary>
internal sealed record ReleasedView(int Coupons, long Points);
