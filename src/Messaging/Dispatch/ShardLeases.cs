using Engagement.Messaging.Outbox;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Dispatch;

/// <summary>A shard that this process owns, with the fence that every intent shows.</summary>
/// <param name="Id">The shard.</param>
/// <param name="Fence">Rises with each change of owner: an intent with an older one changes nothing.</param>
internal readonly record struct OwnedShard(int Id, long Fence);

/// <summary>Which shards this process owns. Leases live on the system clock; they decide when, the fence decides whether.</summary>
internal sealed class ShardLeases(Database database, Clocks clocks, FlightRecorder recorder, Takeover takeover, RunDesk runs, NodeRegistry nodes, IOptions<DispatchOptions> options, ILogger<ShardLeases> logger)
{
    private const string Select = "SELECT id AS Id, owner AS Owner, fence AS Fence, lease_until AS Until, intents_from AS IntentsFrom FROM shard ORDER BY id";

    private const string Insert = "INSERT INTO shard (id, owner, fence, lease_until, intents_from)";

    private const string Take = "UPDATE shard SET owner = @owner, fence = fence + 1, lease_until = @until, intents_from = @from WHERE id = @id AND fence = @fence";

    private const string Renew = "UPDATE shard SET lease_until = @until, intents_from = @from WHERE owner = @owner";

    // The moment stays: it tells a later start how long nobody was at work.
    private const string Release = "UPDATE shard SET owner = '', lease_until = @now WHERE owner = @owner";

    private const string GiveUp = Release + " AND id IN @ids";

    private readonly TimeMark _mark = new(recorder.Folder);

    /// <summary>Whether no other process can be at work on this database, so that a lease of an earlier one need not be waited out: an embedded database has one.</summary>
    public bool Alone { get; set; } = database.Dialect == Dialect.Sqlite;

    /// <summary>How many workers are alive, this one included: each owns its part.</summary>
    public Func<int> Workers { get; set; } = () => nodes.LiveWorkers;

    /// <summary>When the oldest wave that is under way was decided on (business time); <c>null</c> when none is.</summary>
    public Func<long?> OldestWave { get; set; } = static () => null;

    /// <summary>The most shards that this process should own now.</summary>
    public int Share => Alone ? Shards.Count : (Shards.Count + Math.Max(1, Workers()) - 1) / Math.Max(1, Workers());

    /// <summary>Renews what this process owns and takes what is free, up to its share; returns all that it owns now.</summary>
    public async Task<IReadOnlyList<OwnedShard>> HoldAsync(CancellationToken ct)
    {
        var held = await database.WriteAsync(HoldAsync, ct).ConfigureAwait(false);
        CrashPoint.Reach("taken");
        Beside(() => _mark.Keep(held.Epoch));
        if (held.RunsHeld > 0) Log.WentBack(logger, held.RunsHeld);
        foreach (var taken in held.Taken) Log.ShardTaken(logger, taken.Shard, taken.NeverLeft, taken.Accepted, taken.InDoubt);
        Beside(() => recorder.Forget(held.Owners));
        return held.Owned;
    }

    /// <summary>Gives shards back for others; no wave of theirs may be under way.</summary>
    public Task GiveUpAsync(IEnumerable<OwnedShard> shards) =>
        database.WriteAsync(tx => tx.ExecuteAsync(GiveUp, new { owner = recorder.Owner, now = clocks.System.NowMs(), ids = shards.Select(shard => shard.Id) }), CancellationToken.None);

    /// <summary>Gives all shards back, so that another process need not wait for the lease to end; everything that was sent is written down.</summary>
    public async Task ReleaseAsync()
    {
        await database.WriteAsync(tx => tx.ExecuteAsync(Release, new { owner = recorder.Owner, now = clocks.System.NowMs() }), CancellationToken.None).ConfigureAwait(false);
        recorder.Finish();
    }

    // The shards are ours, whatever becomes of the files beside the database: who does not learn of it would hold them and send nothing.
    private void Beside(Action write)
    {
        try
        {
            write();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.FlightFolderUnusable(logger, recorder.Folder, failure);
        }
    }

    private async Task<Held> HoldAsync(Tx tx)
    {
        var now = clocks.System.NowMs();
        var until = now + (long)options.Value.Lease.TotalMilliseconds;
        var from = Math.Min(OldestWave() ?? long.MaxValue, clocks.Business.NowMs());
        var shards = await ShardsAsync(tx).ConfigureAwait(false);
        var (epoch, wentBack) = await _mark.AdvanceAsync(tx).ConfigureAwait(false);
        var runsHeld = wentBack ? await runs.HoldRestoredAsync(tx, PauseReason.Restored).ConfigureAwait(false) : 0;
        await tx.ExecuteAsync(Renew, new { owner = recorder.Owner, until, from }).ConfigureAwait(false);

        var owned = shards.Where(shard => shard.Owner == recorder.Owner).Select(shard => new OwnedShard((int)shard.Id, shard.Fence)).ToList();
        var taken = new List<TakenShard>();
        foreach (var shard in shards.Where(shard => shard.Owner != recorder.Owner && (Alone || shard.Until <= now)))
        {
            if (owned.Count >= Share) break;
            if (await tx.ExecuteAsync(Take, new { owner = recorder.Owner, until, from, id = shard.Id, fence = shard.Fence }).ConfigureAwait(false) != 1) continue;
            // What came out of a backup says nothing of what left since.
            var record = wentBack ? null : recorder.Of(shard.Owner);
            var settled = await takeover.SettleAsync(tx, (int)shard.Id, shard.IntentsFrom, record).ConfigureAwait(false);
            if (settled is not { NeverLeft: 0, Accepted: 0, InDoubt: 0 }) taken.Add(settled);
            owned.Add(new OwnedShard((int)shard.Id, shard.Fence + 1));
        }

        return new Held(owned, taken, epoch, runsHeld, shards.Select(shard => shard.Owner).ToHashSet());
    }

    private static async Task<List<ShardRow>> ShardsAsync(Tx tx)
    {
        var shards = await tx.QueryAsync<ShardRow>($"{Select} {tx.Dialect.ForUpdate}").ConfigureAwait(false);
        if (shards.Count == Shards.Count) return shards;
        await tx.InsertManyAsync(Insert, [.. Enumerable.Range(0, Shards.Count)],
            static (id, v) => (v[0], v[1], v[2], v[3], v[4]) = (id, "", 0L, 0L, 0L), tx.Dialect.OnConflictKeep("id")).ConfigureAwait(false);
        return await tx.QueryAsync<ShardRow>($"{Select} {tx.Dialect.ForUpdate}").ConfigureAwait(false);
    }

    private sealed record Held(IReadOnlyList<OwnedShard> Owned, IReadOnlyList<TakenShard> Taken, long Epoch, int RunsHeld, IReadOnlySet<string> Owners);

    private sealed class ShardRow
    {
        public long Id { get; init; }
        public string Owner { get; init; } = "";
        public long Fence { get; init; }
        public long Until { get; init; }
        public long IntentsFrom { get; init; }
    }
}
