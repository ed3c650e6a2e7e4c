using System.ComponentModel.DataAnnotations;

namespace Engagement.Messaging.Gate;

/// <summary>How often a member may be written to. Bound from <c>Caps</c>; refused at start when invalid.</summary>
public sealed class CapsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Caps";

    /// <summary>Promotional messages that a member gets in one civil day, over all channels that leave the house.</summary>
    /// <value>Default 1, from 1 to 20.</value>
    [Range(1, 20)]
    public int PromotionalPerDay { get; set; } = 1;

    /// <summary>Commercial SMS that a member gets in seven days (domain R-SMS-6).</summary>
    /// <value>Default 2, from 0 (none) to 14.</value>
    [Range(0, 14)]
    public int CommercialSmsPerWeek { get; set; } = 2;
}

/// <summary>The hours within which anything but Service may go out. Bound from <c>Quiet</c>; a kind's own hours only narrow them.</summary>
public sealed class QuietOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Quiet";

    /// <summary>The first moment of the day, China time; inside.</summary>
    /// <value>Default 09:00.</value>
    [Range(typeof(TimeSpan), "00:00:00", "12:00:00")]
    public TimeSpan From { get; set; } = TimeSpan.FromHours(9);

    /// <summary>The moment from which it is too late, China time; outside.</summary>
    /// <value>Default 20:00. Providers refuse commercial SMS later (domain R-SMS-5).</value>
    [Range(typeof(TimeSpan), "12:00:00", "22:00:00")]
    public TimeSpan Until { get; set; } = TimeSpan.FromHours(20);
}
