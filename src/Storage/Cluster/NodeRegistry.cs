namespace Engagement.Storage.Cluster;

/// <summary>The processes of this installation, by their heartbeats in the database. Needs no Redis. Thread-safe.</summary>
/// <remarks>
/// A node counts as alive while its row changes, measured on this process's running time: after the first look no clock of
/// another machine, and no step of our own, decides it. What is wrong for some seconds costs fairness only, never truth.
/// </remarks>
public sealed class NodeRegistry(Database database, Clocks clocks)
{
    /// <summary>How often a node beats.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    /// <summary>How long after its last heartbeat a node counts as alive.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_forgotten = TimeSpan.FromDays(1);

    private const string Insert = "INSERT INTO cluster_node (id, roles, started_at, seen_at) VALUES (@id, @roles, @now, @now)";

    private const string Select = "SELECT id AS Id, roles AS Roles, seen_at AS SeenAt FROM cluster_node";

    private const string Forget = "DELETE FROM cluster_node WHERE id IN @ids AND seen_at < @before";

    private const string Remove = "DELETE FROM cluster_node WHERE id = @id";

    private readonly Lock _lock = new();
    private Dictionary<string, Sight> _sights = [];
    private int _liveWorkers = 1;

    /// <summary>This process, among all that ever were.</summary>
    public string NodeId { get; } = Guid.CreateVersion7().ToString("N");

    /// <summary>How many workers were alive at the last look; at least 1, so that it can divide a share.</summary>
    public int LiveWorkers => Volatile.Read(ref _liveWorkers);

    /// <summary>Looks now; what it finds is also the next <see cref="LiveWorkers"/>.</summary>
    public async Task<int> LiveWorkersAsync(CancellationToken ct)
    {
        var rows = await database.ReadAsync(session => session.QueryAsync<NodeRow>(Select), ct).ConfigureAwait(false);
        return Learn(rows);
    }

    /// <summary>Says that this process lives and what it does, and looks who else does. Rows of nodes that are gone for a day are removed.</summary>
    public async Task BeatAsync(Role role, CancellationToken ct)
    {
        var rows = await database.WriteAsync(async tx =>
        {
            var now = clocks.System.NowMs();
            var update = $"{tx.Dialect.OnConflictUpdate("id")} roles = {tx.Dialect.New("roles")}, seen_at = {tx.Dialect.New("seen_at")}";
            await tx.ExecuteAsync($"{Insert} {update}", new { id = NodeId, roles = (int)role, now }).ConfigureAwait(false);
            var all = await tx.QueryAsync<NodeRow>(Select).ConfigureAwait(false);
            var before = now - (long)s_forgotten.TotalMilliseconds;
            var ids = all.Where(node => node.SeenAt < before).Select(node => node.Id).ToList();
            if (ids.Count > 0) await tx.ExecuteAsync(Forget, new { ids, before }).ConfigureAwait(false);
            return all;
        }, ct).ConfigureAwait(false);
        Learn(rows);
    }

    /// <summary>Takes this process off the list, so that the others need not wait for its life to run out.</summary>
    public Task LeaveAsync() => database.WriteAsync(tx => tx.ExecuteAsync(Remove, new { id = NodeId }), CancellationToken.None);

    private int Learn(List<NodeRow> rows)
    {
        lock (_lock)
        {
            _sights = rows.ToDictionary(row => row.Id, See);
            var alive = rows.Count(row => (row.Roles & (int)Role.Worker) != 0 && Age(_sights[row.Id]) < Life);
            _liveWorkers = Math.Max(1, alive);
            return _liveWorkers;
        }
    }

    // Of a row that is new to us only its own clock can tell the age. From then on what counts is when we saw it change.
    private Sight See(NodeRow row)
    {
        if (!_sights.TryGetValue(row.Id, out var known)) return new Sight(row.SeenAt, clocks.System.GetTimestamp(), TimeSpan.FromMilliseconds(Math.Abs(clocks.System.NowMs() - row.SeenAt)));
        return known.SeenAt == row.SeenAt ? known : new Sight(row.SeenAt, clocks.System.GetTimestamp(), TimeSpan.Zero);
    }

    private TimeSpan Age(Sight sight) => sight.AgeThen + clocks.System.GetElapsedTime(sight.At);

    private readonly record struct Sight(long SeenAt, long At, TimeSpan AgeThen);

    private sealed class NodeRow
    {
        public string Id { get; init; } = "";
        public long Roles { get; init; }
        public long SeenAt { get; init; }
    }
}
