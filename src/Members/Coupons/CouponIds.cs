using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>The id of a coupon definition.</summary>
public readonly record struct CouponDefinitionId(long Value) : IId<CouponDefinitionId>
{
    /// <inheritdoc/>
    public static CouponDefinitionId From(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>The id of one member's coupon. Links and QR codes carry its <see cref="CouponCode"/> instead.</summary>
public readonly record struct CouponId(long Value) : IId<CouponId>
{
    /// <inheritdoc/>
    public static CouponId From(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
