using Microsoft.Extensions.Logging;

namespace Engagement.Storage.Cluster;

/// <summary>What nodes share and may lose at any moment: access tokens, rate budgets, wake-ups. Losing all of it costs time only.</summary>
/// <remarks>Nothing here throws because Redis is away, and nothing waits for it longer than half a second. Thread-safe.</remarks>
public abstract class ClusterState : IDisposable
{
    /// <summary>How it stands, for the health page.</summary>
    public abstract ClusterCondition Condition { get; }

    /// <summary>Opens the form that <paramref name="options"/> name; Redis is connected to in the background, whether it is there or not.</summary>
    public static ClusterState Open(ClusterOptions options, NodeRegistry nodes, FieldCipher cipher, Clocks clocks, ILogger<ClusterState> logger) =>
        options.Redis.Length == 0 ? new LocalCluster(() => nodes.LiveWorkers) : new RedisCluster(options, nodes.NodeId, () => nodes.LiveWorkers, cipher, clocks.System, RedisLine.Limit, logger);

    /// <summary>The token that the nodes share, or a new one: of all nodes that ask at once, one fetches and the others wait for it.</summary>
    /// <param name="name">Which token; for example the provider and the account.</param>
    /// <param name="seen">The <see cref="SharedToken.Stamp"/> of the token that the caller has and wants another for; <c>null</c> when it has none.</param>
    /// <param name="patience">How long another node may take to fetch; afterwards this one fetches by itself.</param>
    /// <param name="fetch">Asks the provider; <c>null</c> when it gave none. Called at most once.</param>
    /// <returns><c>null</c> when <paramref name="fetch"/> was called and gave none.</returns>
    /// <remarks>With Redis away each node fetches by itself: the provider must hand the same token to all who ask, or bear several.</remarks>
    public abstract Task<SharedToken?> TokenAsync(string name, string? seen, TimeSpan patience, Func<Task<SharedToken?>> fetch);

    /// <summary>Takes what the budgets have, in the order of <paramref name="wanted"/>; the answers are in the same order.</summary>
    public abstract ValueTask<IReadOnlyList<BudgetGrant>> TakeAsync(IReadOnlyList<BudgetRequest> wanted);

    /// <summary>Tells the other nodes that there is work. It may be lost: whoever listens looks by itself too. Returns at once.</summary>
    public abstract void Tell(Topic topic);

    /// <summary>Calls <paramref name="heard"/>, which must be quick, when another node tells of <paramref name="topic"/>; never for this node's own words.</summary>
    public abstract void Listen(Topic topic, Action heard);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of the connection, if there is one.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>What nodes tell each other.</summary>
public enum Topic
{
    /// <summary>Messages have become due.</summary>
    OutboxDue = 0,

    /// <summary>A provider has pushed something.</summary>
    Inbound = 1,

    /// <summary>A run was made, paused, let go or cancelled.</summary>
    RunsChanged = 2,
}

/// <summary>How the common state stands.</summary>
public enum ClusterCondition
{
    /// <summary>There is no Redis: each node has its own token and its share of the budgets.</summary>
    InProcess,

    /// <summary>Redis answers.</summary>
    Shared,

    /// <summary>There should be a Redis and it does not answer: as <see cref="InProcess"/> until it does.</summary>
    Degraded,
}

/// <summary>An access token as one fetch returned it.</summary>
/// <param name="Stamp">Which fetch it was: two fetches make two tokens, even with the same text.</param>
/// <param name="Value">The token. Never logged.</param>
/// <param name="ExpiresAt">When it stops working.</param>
public sealed record SharedToken(string Stamp, string Value, DateTimeOffset ExpiresAt)
{
    /// <summary>Shows no token.</summary>
    public override string ToString() => $"SharedToken {{ ExpiresAt = {ExpiresAt:O} }}";
}
