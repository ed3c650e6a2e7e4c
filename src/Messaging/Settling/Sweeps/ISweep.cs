namespace Engagement.Messaging.Settling.Sweeps;

/// <summary>Looks for what should not be, and mends it. Running it twice, or on two nodes at once, does no harm.</summary>
internal interface ISweep
{
    /// <summary>Its name among the counters.</summary>
    string Name { get; }

    /// <summary>Runs once; how many rows it mended, or found where only a person can mend.</summary>
    Task<long> MendAsync(CancellationToken ct);
}
