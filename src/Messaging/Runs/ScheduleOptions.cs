using System.ComponentModel.DataAnnotations;

namespace Engagement.Messaging.Runs;

/// <summary>What is still in time, and what asks a person first. Bound from <c>Schedule</c>; refused at start when invalid.</summary>
public sealed class ScheduleOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Schedule";

    /// <summary>How late a campaign may start by itself; a later one waits for a person's yes.</summary>
    /// <value>Default 1 h, from 1 min to 12 h.</value>
    [Range(typeof(TimeSpan), "00:01:00", "12:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>For how long no worker may have lived before what is Promotional and half sent waits for a person's yes.</summary>
    /// <value>Default 6 h, from 10 min to 7 days.</value>
    [Range(typeof(TimeSpan), "00:10:00", "7.00:00:00")]
    public TimeSpan OutageAfter { get; set; } = TimeSpan.FromHours(6);

    /// <summary>For how long a run must have stood still before another process goes on with it.</summary>
    /// <value>Default 10 s, from 0 to 10 min. Going on too early only costs work that is thrown away.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ResumeAfter { get; set; } = TimeSpan.FromSeconds(10);
}
