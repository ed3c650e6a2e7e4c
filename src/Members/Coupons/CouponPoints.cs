using System.Diagnostics;
using Engagement.Members.Points;
using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>Pays for coupons from the points ledger.</summary>
internal sealed class CouponPoints(PointsDesk desk) : IPointsPayment
{
    /// <inheritdoc/>
    public async Task<PointsPayment> PayAsync(Tx tx, MemberId member, long points, CouponId coupon, string title) =>
        (await desk.RedeemAsync(tx, member, points, Key(coupon), title).ConfigureAwait(false)).Outcome switch
        {
            PointsOutcome.Done => PointsPayment.Paid,
            PointsOutcome.Insufficient => PointsPayment.NotEnough,
            var outcome => throw new UnreachableException($"The ledger answered {outcome} for the new coupon {coupon}."),
        };

    /// <inheritdoc/>
    public Task GiveBackAsync(Tx tx, MemberId member, CouponId coupon) => desk.CancelAsync(tx, member, Key(coupon));

    private static string Key(CouponId coupon) => $"coupon:{coupon}";
}
