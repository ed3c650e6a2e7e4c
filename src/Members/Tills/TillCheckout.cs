using Engagement.Members.Coupons;

namespace Engagement.Members.Tills;

/// <summary>Somebody who was looked up at the counter.</summary>
/// <param name="Member">Who.</param>
/// <param name="Present">Whether the member showed the member code; a phone number is known to others too.</param>
public readonly record struct Shopper(MemberId Member, bool Present);

/// <summary>A basket with the coupons and points that are to pay for it.</summary>
/// <param name="Basket">The basket and the codes.</param>
/// <param name="Shopper">Who buys, when known.</param>
/// <param name="Points">How many points are to pay; 0 is none, and a quote then says how many could.</param>
public sealed record TillCheckout(Checkout Basket, Shopper? Shopper, long Points)
{
    private const long MostPoints = 1_000_000_000;

    /// <summary>The first thing that is wrong with it; <c>null</c> when nothing is. Desks take only what has no fault.</summary>
    public string? Fault() =>
        Basket.Fault()
        ?? (Points is < 0 or > MostPoints ? "points" : null);
}

/// <summary>What points do to a basket.</summary>
/// <param name="Active">The points that the member has; <c>null</c> when nobody knows who buys.</param>
/// <param name="Usable">The most that could pay for this basket.</param>
/// <param name="Points">Those that do.</param>
/// <param name="Fen">What they pay.</param>
/// <param name="Shares">How that is spread over the lines.</param>
/// <param name="Refusal">Why they do not; else <c>null</c>.</param>
public sealed record PointsQuote(long? Active, long Usable, long Points, long Fen, IReadOnlyList<LineShare> Shares, PointsReason? Refusal = null)
{
    internal static PointsQuote None { get; } = new(null, 0, 0, 0, []);
}

/// <summary>What coupons and points together do to a basket.</summary>
/// <param name="Coupons">The coupons.</param>
/// <param name="Points">The points; they pay for what the coupons left.</param>
public sealed record CheckoutQuote(Quote Coupons, PointsQuote Points)
{
    /// <summary>What is left to pay.</summary>
    public long PayableFen => Coupons.PayableFen - Points.Fen;
}

/// <summary>What became of a confirmation or a release.</summary>
/// <param name="Coupons">The coupons of the ticket; of a release, those that were let go by their number alone.</param>
/// <param name="Points">The points of the ticket.</param>
/// <param name="PointsFen">What they pay.</param>
/// <param name="Refusal">Why it was refused, as a code and a sentence; <c>null</c> when it was done, now or before.</param>
public sealed record CheckoutEnd(IReadOnlyList<AppliedCoupon> Coupons, long Points, long PointsFen, (string Code, Storage.Phrase Sentence)? Refusal = null);
