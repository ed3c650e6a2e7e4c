using System.ComponentModel.DataAnnotations;

namespace Engagement.Api.Staff.SignIn;

/// <summary>How members of staff sign in. Bound from <c>Staff</c>; refused at start when invalid.</summary>
internal sealed class StaffOptions
{
    public const string Section = "Staff";

    /// <summary>How long a session lives without a request.</summary>
    /// <value>Default 30 minutes.</value>
    [Range(typeof(TimeSpan), "00:05:00", "12:00:00")]
    public TimeSpan Idle { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a session lives at most.</summary>
    /// <value>Default 12 hours: a long working day.</value>
    [Range(typeof(TimeSpan), "00:30:00", "1.00:00:00")]
    public TimeSpan Longest { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Failures in a row after which an account is locked.</summary>
    /// <value>Default 5.</value>
    [Range(3, 20)]
    public int Failures { get; set; } = 5;

    /// <summary>How long it is locked then.</summary>
    /// <value>Default 15 minutes.</value>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan Lock { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a one-time password works.</summary>
    /// <value>Default three days.</value>
    [Range(typeof(TimeSpan), "00:10:00", "14.00:00:00")]
    public TimeSpan OneTime { get; set; } = TimeSpan.FromDays(3);

    /// <summary>How long break-glass access lasts.</summary>
    /// <value>Default 30 minutes.</value>
    [Range(typeof(TimeSpan), "00:01:00", "02:00:00")]
    public TimeSpan BreakGlass { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Whether anybody may sign in as any role with one click: for the demo, and refused with anything but demo keys on SQLite.</summary>
    /// <value>Default off.</value>
    public bool DemoSignIn { get; set; }
}
