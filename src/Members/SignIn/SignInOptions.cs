using System.ComponentModel.DataAnnotations;

namespace Engagement.Members.SignIn;

/// <summary>How long members stay signed in. Bound from <c>SignIn</c>; refused at start when invalid.</summary>
public sealed class SignInOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SignIn";

    /// <summary>How long an access token works.</summary>
    /// <value>Default 2 hours.</value>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan Access { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How long a session lives without a refresh.</summary>
    /// <value>Default 30 days.</value>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan Idle { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a session lives at most.</summary>
    /// <value>Default 180 days.</value>
    [Range(typeof(TimeSpan), "01:00:00", "730.00:00:00")]
    public TimeSpan Longest { get; set; } = TimeSpan.FromDays(180);

    /// <summary>How long the refresh token before is still taken: the answer with the new one may have been lost on the way. Later it is a copy in other hands, and the session ends.</summary>
    /// <value>Default 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan RefreshGrace { get; set; } = TimeSpan.FromMinutes(1);
}
