using System.ComponentModel.DataAnnotations;

namespace Engagement.Members.Points;

/// <summary>How the points ledger is run. Bound from <c>Points</c>; refused at start when invalid. What is earned stands in the rules, not here.</summary>
public sealed class PointsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Points";

    /// <summary>The largest correction, up or down, that one member of staff may make alone.</summary>
    /// <value>Default 500, from 0 to 1,000,000. Above it a second person has to agree.</value>
    [Range(0, 1_000_000)]
    public long AdjustmentLimit { get; set; } = 500;

    /// <summary>For how many days points are valid that staff has added.</summary>
    /// <value>Default 365, from 1 to 3,650.</value>
    [Range(1, 3650)]
    public int AdjustmentValidDays { get; set; } = 365;

    /// <summary>How many tickets are booked in one transaction, when so many wait.</summary>
    /// <value>Default 2000, from 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int BatchTickets { get; set; } = 2000;

    /// <summary>How long the worker rests when nothing is to be done.</summary>
    /// <value>Default 1 s, from 10 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan Idle { get; set; } = TimeSpan.FromSeconds(1);
}
