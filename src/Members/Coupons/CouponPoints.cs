using System.Diagnostics;
using Engagement.Members.Points;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Coupons;

/// <summary>Pays for coupons from the points ledger.</summary>
internal sealed class CouponPoints(PointsDesk desk, IOptions<PointsOptions> options) : IPointsPayment
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
    public Task GiveBackAsync(Tx tx, MemberId member, CouponId coupon) => desk.GiveBackAsync(tx, member, Key(coupon), options.Value.AdjustmentValidDays, "兑换的券收回，积分退回");

    private static string Key(CouponId coupon) => $"coupon:{coupon}";
}
