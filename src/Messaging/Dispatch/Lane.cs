namespace Engagement.Messaging.Dispatch;

/// <summary>A loop's share of the shards, which it works through wave by wave.</summary>
/// <remarks>A shard never changes its lane and a lane has one wave at a time: so no member ever has two messages under way.</remarks>
/// <param name="number">Which of the lanes.</param>
/// <param name="lanes">How many there are.</param>
internal sealed class Lane(int number, int lanes)
{
    // Shards that had more than they were asked for. Their number, and so the quota, follows where the work is.
    private int _full;

    /// <summary>Its part of what this process owns.</summary>
    public IReadOnlyList<OwnedShard> ShareOf(IReadOnlyList<OwnedShard> owned) => [.. owned.Where(shard => shard.Id % lanes == number)];

    /// <summary>How many messages of each shard are looked at, so that together they make one wave.</summary>
    public int Quota(int waveSize, int shards) => Math.Max(1, waveSize / (_full == 0 ? shards : Math.Min(_full, shards)));

    /// <summary>Learns from a wave that was planned with <paramref name="quota"/>.</summary>
    public void Learn(IReadOnlyList<Decision> decisions, int quota) =>
        _full = decisions.CountBy(decision => decision.Message.Shard).Count(shard => shard.Value >= quota);
}
