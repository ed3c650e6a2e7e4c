using Engagement.Storage;

namespace Engagement.Messaging.Settling.Sweeps;

/// <summary>How often something was mended or decided without anybody asking.</summary>
/// <param name="Name">What.</param>
/// <param name="RanAt">When it last ran (business time, Unix milliseconds).</param>
/// <param name="MendedLast">How many that time.</param>
/// <param name="MendedTotal">How many since the installation began.</param>
public sealed record SweepCount(string Name, long RanAt, long MendedLast, long MendedTotal);

/// <summary>The counters of the settler and the sweeps, over all nodes.</summary>
public static class SweepStore
{
    private const string Insert = "INSERT INTO sweep (name, ran_at, mended_last, mended_total)";

    private const string Select = "SELECT name AS Name, ran_at AS RanAt, mended_last AS MendedLast, mended_total AS MendedTotal FROM sweep ORDER BY name";

    /// <summary>Counts in the transaction of what is counted.</summary>
    public static Task CountAsync(Tx tx, string name, long mended, long now) => tx.InsertManyAsync(
        Insert, [mended], (count, v) => (v[0], v[1], v[2], v[3]) = (name, now, count, count),
        $"""
        {tx.Dialect.OnConflictUpdate("name")} ran_at = {tx.Dialect.New("ran_at")}, mended_last = {tx.Dialect.New("mended_last")},
            mended_total = mended_total + {tx.Dialect.New("mended_last")}
        """);

    /// <summary>All counters by name.</summary>
    public static async Task<IReadOnlyList<SweepCount>> AllAsync(Session session) =>
        [.. (await session.QueryAsync<CountRow>(Select).ConfigureAwait(false)).Select(row => new SweepCount(row.Name, row.RanAt, row.MendedLast, row.MendedTotal))];

    private sealed class CountRow
    {
        public string Name { get; init; } = "";
        public long RanAt { get; init; }
        public long MendedLast { get; init; }
        public long MendedTotal { get; init; }
    }
}
