namespace Engagement.Storage;

/// <summary>Makes ids of 63 bits that rise with time: 41 bits of milliseconds since 2025, 10 of node, 12 of sequence.</summary>
/// <remarks>
/// A node number is leased from the database. No id carries a time at or after the end of its lease, so that end is the
/// high-water mark for whoever leases the number next, and a clock that is set back cannot make an id again. Thread-safe.
/// </remarks>
public sealed class IdGenerator : IAsyncDisposable
{
    internal static readonly long Epoch = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
    internal static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);
    private const int NodeBits = 10;
    private const int SequenceBits = 12;
    private const int Nodes = 1 << NodeBits;

    private const string SelectNodes = "SELECT id, lease_until FROM node ORDER BY id";
    private const string InsertNode = "INSERT INTO node (id, lease_until) VALUES (@id, @until)";
    private const string Renew = "UPDATE node SET lease_until = @until WHERE id = @id AND lease_until = @before";
    private const string SelectEnd = "SELECT lease_until FROM node WHERE id = @id";

    // What earlier renewals asked for while nobody else could take the number. One that failed may have been committed, and only its acknowledgement lost.
    private readonly HashSet<long> _attempts = [];

    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _renewing = new(1);
    private readonly int _node;
    private long _until;
    private long _last;
    private int _sequence;

    private IdGenerator(Database database, TimeProvider clock, int node, long until, long floor)
    {
        (_database, _clock, _node, _until, _last) = (database, clock, node, until, floor);
    }

    /// <summary>Leases a node number for this process.</summary>
    /// <param name="database">A migrated database.</param>
    /// <param name="systemClock">The system clock; never the business clock, whose demo offset jumps.</param>
    /// <param name="ct">Stops the wait.</param>
    public static async Task<IdGenerator> LeaseAsync(Database database, TimeProvider systemClock, CancellationToken ct)
    {
        var (node, until, floor) = await database.WriteAsync(async tx =>
        {
            var now = systemClock.GetUtcNow().ToUnixTimeMilliseconds();
            var end = now + (long)Lease.TotalMilliseconds;
            var nodes = await tx.QueryAsync<(long Id, long Until)>($"{SelectNodes} {tx.Dialect.ForUpdate}").ConfigureAwait(false);
            foreach (var (id, before) in nodes.Where(n => n.Until <= now))
            {
                if (await tx.ExecuteAsync(Renew, new { until = end, id, before }).ConfigureAwait(false) == 1) return ((int)id, end, Math.Max(now, before));
            }

            if (nodes.Count >= Nodes) throw new InvalidOperationException($"All {Nodes} node numbers are leased; the oldest comes free within {Lease}.");
            await tx.ExecuteAsync(InsertNode, new { id = nodes.Count, until = end }).ConfigureAwait(false);
            return (nodes.Count, end, now);
        }, ct).ConfigureAwait(false);
        return new IdGenerator(database, systemClock, node, until, floor - 1);
    }

    /// <summary>The next id.</summary>
    /// <exception cref="InvalidOperationException">The lease has run out: <see cref="RenewAsync"/> was not called in time.</exception>
    public long Next()
    {
        lock (_lock)
        {
            var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
            if (now > _last) (_last, _sequence) = (now, 0);
            else if (++_sequence == 1 << SequenceBits) (_last, _sequence) = (_last + 1, 0);   // borrows from the next millisecond
            if (_last >= _until) throw new InvalidOperationException("The lease of this node's number has run out; no id can be made.");
            return ((_last - Epoch) << (NodeBits + SequenceBits)) | ((long)_node << SequenceBits) | (uint)_sequence;
        }
    }

    /// <summary>When the id was made, in Unix milliseconds.</summary>
    public static long TimeOf(long id) => (id >> (NodeBits + SequenceBits)) + Epoch;

    /// <summary>No id that was made at or after this moment (Unix milliseconds) is smaller.</summary>
    public static long FloorOf(long time) => Math.Max(0, time - Epoch) << (NodeBits + SequenceBits);

    /// <summary>Extends the lease when half of it is over; cheap to call often.</summary>
    /// <exception cref="NodeTakenException">Another process has taken the number: this one must stop.</exception>
    public async Task RenewAsync(CancellationToken ct)
    {
        await _renewing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            for (; ; )
            {
                var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
                var before = Volatile.Read(ref _until);
                if (before - Math.Max(now, Volatile.Read(ref _last)) > Lease.TotalMilliseconds / 2) return;
                var until = Math.Max(now, Volatile.Read(ref _last)) + (long)Lease.TotalMilliseconds;
                if (now < before) _attempts.Add(until);
                var (renewed, end) = await _database.WriteAsync(async tx => await tx.ExecuteAsync(Renew, new { until, id = _node, before }).ConfigureAwait(false) == 1
                    ? (true, until) : (false, await tx.ScalarAsync<long>(SelectEnd, new { id = _node }).ConfigureAwait(false)), ct).ConfigureAwait(false);
                if (!renewed && !_attempts.Contains(end)) throw new NodeTakenException(_node);
                _attempts.Clear();
                Volatile.Write(ref _until, end);
            }
        }
        finally
        {
            _renewing.Release();
        }
    }

    /// <summary>Gives the number back, so that a short-lived process does not keep it. No id can be made afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        long before, until;
        lock (_lock) (before, until, _until) = (_until, _last + 1, 0);
        if (before != 0) await _database.WriteAsync(tx => tx.ExecuteAsync(Renew, new { until, id = _node, before }), CancellationToken.None).ConfigureAwait(false);
        _renewing.Dispose();
    }
}

/// <summary>Another process has leased the number that a process made ids with: it has to stop, or ids would be made twice.</summary>
public sealed class NodeTakenException(int node) : InvalidOperationException($"Another process has taken node number {node}.");
