using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Dispatch;

/// <summary>A shard that this process owns, with the fence that every intent shows.</summary>
/// <param name="Id">The shard.</param>
/// <param name="Fence">Rises with each change of owner: an intent with an older one changes nothing.</param>
internal readonly record struct OwnedShard(int Id, long Fence);

/// <summary>Which shards this process owns. Leases live on the system clock; they decide when, the fence decides whether.</summary>
public sealed class ShardLeases(Database database, Clocks clocks, IOptions<DispatchOptions> options)
{
    private const string Select = "SELECT id AS Id, owner AS Owner, fence AS Fence, lease_until AS Until FROM shard ORDER BY id";

    private const string Insert = "INSERT INTO shard (id, owner, fence, lease_until)";

    private const string Take = "UPDATE shard SET owner = @owner, fence = fence + 1, lease_until = @until WHERE id = @id AND fence = @fence";

    private const string Renew = "UPDATE shard SET lease_until = @until WHERE owner = @owner AND lease_until > 0";

    private const string Release = "UPDATE shard SET lease_until = 0 WHERE owner = @owner";

    // What an owner that is gone had on the wire: nobody can say whether it arrived.
    private const string Doubt = """
        UPDATE message
        SET    state = 8, outcome_code = 'owner_lost', outcome_at = @now, ready_at = NULL
        WHERE  shard = @id AND class IN (1, 2, 3) AND ready_at IS NOT NULL AND state = 2
        """;

    private readonly string _owner = Guid.CreateVersion7().ToString("N");

    /// <summary>Whether no other process can be at work on this database, so that a lease of an earlier one need not be waited out.</summary>
    public bool Alone { get; set; }

    /// <summary>Renews what this process owns and takes what is free; returns all that it owns now.</summary>
    internal Task<IReadOnlyList<OwnedShard>> HoldAsync(CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var now = clocks.System.NowMs();
        var until = now + (long)options.Value.Lease.TotalMilliseconds;
        var shards = await ShardsAsync(tx).ConfigureAwait(false);
        await tx.ExecuteAsync(Renew, new { owner = _owner, until }).ConfigureAwait(false);
        var owned = new List<OwnedShard>();
        foreach (var shard in shards)
        {
            if (shard.Owner == _owner && shard.Until > 0) owned.Add(new OwnedShard((int)shard.Id, shard.Fence));
            else if ((Alone || shard.Until <= now) && await tx.ExecuteAsync(Take, new { owner = _owner, until, id = shard.Id, fence = shard.Fence }).ConfigureAwait(false) == 1)
            {
                await tx.ExecuteAsync(Doubt, new { id = shard.Id, now = clocks.Business.NowMs() }).ConfigureAwait(false);
                owned.Add(new OwnedShard((int)shard.Id, shard.Fence + 1));
            }
        }

        return (IReadOnlyList<OwnedShard>)owned;
    }, ct);

    /// <summary>Gives the shards back, so that another process need not wait for the lease to end.</summary>
    internal Task ReleaseAsync() => database.WriteAsync(tx => tx.ExecuteAsync(Release, new { owner = _owner }), CancellationToken.None);

    private static async Task<List<ShardRow>> ShardsAsync(Tx tx)
    {
        var shards = await tx.QueryAsync<ShardRow>($"{Select} {tx.Dialect.ForUpdate}").ConfigureAwait(false);
        if (shards.Count == Shards.Count) return shards;
        await tx.InsertManyAsync(Insert, [.. Enumerable.Range(0, Shards.Count)],
            static (id, v) => (v[0], v[1], v[2], v[3]) = (id, "", 0L, 0L), tx.Dialect.OnConflictKeep("id")).ConfigureAwait(false);
        return await tx.QueryAsync<ShardRow>($"{Select} {tx.Dialect.ForUpdate}").ConfigureAwait(false);
    }

    private sealed class ShardRow
    {
        public long Id { get; init; }
        public string Owner { get; init; } = "";
        public long Fence { get; init; }
        public long Until { get; init; }
    }
}
