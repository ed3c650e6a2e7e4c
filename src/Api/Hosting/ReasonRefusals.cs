using Engagement.Members.Coupons;
using Engagement.Members.Tills;

namespace Engagement.Api.Hosting;

/// <summary>Refusals that Members gives reasons for, as endpoints answer them: the reason's own code.</summary>
internal static class ReasonRefusals
{
    /// <summary>What may stand against a coupon that is claimed or used: 409, and 404 where there is no such definition.</summary>
    public static readonly IReadOnlyList<Problem> OfCoupons = [.. CouponReason.All.Select(reason =>
        new Problem(reason.Code, reason.Code == "coupon.unknown_definition" ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict, reason.Sentence))];

    /// <summary>What may stand against points that are spent at a till.</summary>
    public static readonly IReadOnlyList<Problem> OfPoints = [.. PointsReason.All.Select(reason => new Problem(reason.Code, StatusCodes.Status409Conflict, reason.Sentence))];
}
