using System.ComponentModel.DataAnnotations;

namespace Engagement.Messaging.Dispatch;

/// <summary>How the worker drains the outbox. Bound from <c>Dispatch</c>; refused at start when invalid.</summary>
public sealed class DispatchOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Dispatch";

    /// <summary>Messages of one lane that pass the gate together and are on the wire together.</summary>
    /// <value>Default 256, from 1 to 256: it is also what a crash may put in doubt for each lane.</value>
    [Range(1, 256)]
    public int WaveSize { get; set; } = 256;

    /// <summary>Loops that share the shards: while one sends, another plans or writes.</summary>
    /// <value>Default 4, from 1 to 64.</value>
    [Range(1, 64)]
    public int Lanes { get; set; } = 4;

    /// <summary>Requests on the wire at the same time, over all lanes.</summary>
    /// <value>Default 64, from 1 to 2000.</value>
    [Range(1, 2000)]
    public int InFlight { get; set; } = 64;

    /// <summary>How long this process owns its shards without renewing.</summary>
    /// <value>Default 30 s; renewed at a third of it.</value>
    [Range(typeof(TimeSpan), "00:00:05", "00:05:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often to look for due messages when nothing signals them.</summary>
    /// <value>Default 1 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan IdleDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts after which a message that keeps being refused for a passing reason is failed.</summary>
    /// <value>Default 6, from 1 to 20.</value>
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 6;

    /// <summary>Where this process records what is about to leave, so that a kill leaves only that in doubt.</summary>
    /// <value>Default <c>flight</c> in the data folder. Empty: nothing is recorded, and a kill leaves whole waves in doubt.</value>
    public string FlightFolder { get; set; } = "";

    /// <summary>The chain's name, as templates show it.</summary>
    /// <value>Default 康宁大药房, the demo's.</value>
    [Required]
    public string ChainName { get; set; } = "康宁大药房";
}
