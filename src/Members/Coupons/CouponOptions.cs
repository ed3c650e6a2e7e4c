using System.ComponentModel.DataAnnotations;

namespace Engagement.Members.Coupons;

/// <summary>How coupons stack and how fast they may be claimed and used. Bound from <c>Coupons</c>; refused at start when invalid.</summary>
public sealed class CouponOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Coupons";

    /// <summary>The stacking categories by code; what is configured is added to these.</summary>
    /// <value>Default <c>clearance</c> (0, exclusive), <c>promotion</c> 10, <c>member</c> 20, <c>exchange</c> 30, <c>delivery</c> 40, <c>service</c> 50.</value>
    public Dictionary<string, StackingCategory> Categories { get; } = new(StringComparer.Ordinal)
    {
        ["clearance"] = new() { Rank = 0, Exclusive = true },
        ["promotion"] = new() { Rank = 10 },
        ["member"] = new() { Rank = 20 },
        ["exchange"] = new() { Rank = 30 },
        ["delivery"] = new() { Rank = 40 },
        ["service"] = new() { Rank = 50 },
    };

    /// <summary>Claims of one member in an hour, over all definitions.</summary>
    /// <value>Default 30, from 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int ClaimsPerMemberAndHour { get; set; } = 30;

    /// <summary>Claims of one phone number in 24 hours, over all definitions and member records.</summary>
    /// <value>Default 60, from 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int ClaimsPerPhoneAndDay { get; set; } = 60;

    /// <summary>Redemptions of one member in 24 hours.</summary>
    /// <value>Default 30, from 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int RedemptionsPerMemberAndDay { get; set; } = 30;

    /// <summary>Redemptions in one store in a minute.</summary>
    /// <value>Default 300, from 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int RedemptionsPerStoreAndMinute { get; set; } = 300;

    /// <summary>The longest time for which a till may reserve a coupon.</summary>
    /// <value>Default 24 h, from 1 min to 7 days.</value>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan LongestReservation { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often run-out reservations and expired coupons are swept.</summary>
    /// <value>Default 1 min, from 1 s to 1 h. What a member sees and what a till may do does not wait for it.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>A stacking category: coupons are applied in the order of rank, then in the order of request.</summary>
public sealed class StackingCategory
{
    /// <summary>Lower comes first.</summary>
    public int Rank { get; set; }

    /// <summary>Whether a coupon of it is used alone.</summary>
    public bool Exclusive { get; set; }
}
