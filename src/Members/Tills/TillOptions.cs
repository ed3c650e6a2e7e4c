using System.ComponentModel.DataAnnotations;

namespace Engagement.Members.Tills;

/// <summary>How tills are served. Bound from <c>Tills</c>; refused at start when invalid.</summary>
public sealed class TillOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Tills";

    /// <summary>How long tickets may be under way after a till has told the totals of its day; then a difference is an alarm.</summary>
    /// <value>Default 30 min, from 0 to 24 h.</value>
    [Range(typeof(TimeSpan), "00:00:00", "24:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>By which time of the next day a store that tells its totals has told them; then silence is an alarm.</summary>
    /// <value>Default 10:00, from 00:00 to 23:59.</value>
    [Range(typeof(TimeSpan), "00:00:00", "23:59:00")]
    public TimeSpan SilentAfter { get; set; } = TimeSpan.FromHours(10);

    /// <summary>How often gaps are looked for, and points given back whose reservation ran out.</summary>
    /// <value>Default 1 min, from 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan WatchInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What a point pays at the till, in fen.</summary>
    /// <value>Default 1, from 1 to 1,000: a hundred points are one yuan.</value>
    [Range(1, 1000)]
    public int FenPerPoint { get; set; } = 1;

    /// <summary>Whether points are spent, and a member's coupons listed, only for a member who shows the member code; a phone number is known to others too.</summary>
    /// <value>Default on.</value>
    public bool CodeNeeded { get; set; } = true;

    /// <summary>How long a member who was looked up stays at the counter: so long the reference works for points and for health data.</summary>
    /// <value>Default 30 min, from 1 min to 12 h.</value>
    [Range(typeof(TimeSpan), "00:01:00", "12:00:00")]
    public TimeSpan AtCounter { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a reservation holds unless the till says otherwise; it may say at most <see cref="Coupons.CouponOptions.LongestReservation"/>.</summary>
    /// <value>Default 15 min, from 1 min to 24 h.</value>
    [Range(typeof(TimeSpan), "00:01:00", "24:00:00")]
    public TimeSpan Reservation { get; set; } = TimeSpan.FromMinutes(15);
}
