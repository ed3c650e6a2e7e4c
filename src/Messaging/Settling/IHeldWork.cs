namespace Engagement.Messaging.Settling;

/// <summary>What the dispatcher of this process has in hand: whose rows the settler looks after, and which it must leave alone.</summary>
/// <remarks>Saves work and noise; nothing depends on it being right, for every change is guarded by state and attempt number.</remarks>
internal interface IHeldWork
{
    /// <summary>The shards that this process owns now.</summary>
    IReadOnlyList<int> Shards { get; }

    /// <summary>Whether this process has the message on the wire, or knows an outcome of it that is not written yet.</summary>
    bool Contains(MessageId message);
}

/// <summary>A process that sends nothing itself: it looks after every shard.</summary>
internal sealed class NothingHeld : IHeldWork
{
    public IReadOnlyList<int> Shards { get; } = [.. Enumerable.Range(0, Outbox.Shards.Count)];

    public bool Contains(MessageId message) => false;
}
