using System.ComponentModel.DataAnnotations;

namespace Engagement.Messaging.Settling;

/// <summary>How the worker settles what is overdue or in doubt. Bound from <c>Settling</c>; refused at start when invalid.</summary>
public sealed class SettlingOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Settling";

    /// <summary>How often to look for messages that are overdue or in doubt.</summary>
    /// <value>Default 5 s, from 0.1 s to 5 min. A look that took long is followed by a longer rest.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Questions to one provider at the same time.</summary>
    /// <value>Default 4, from 1 to 16.</value>
    [Range(1, 16)]
    public int Questions { get; set; } = 4;

    /// <summary>How often the sweeps run on each worker.</summary>
    /// <value>Default 5 min, from 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(5);
}
