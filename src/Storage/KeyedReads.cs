using System.Collections.Concurrent;
using System.Data.Common;
using System.Text;

namespace Engagement.Storage;

/// <summary>Reads the rows of many keys with few statements: for hot paths.</summary>
/// <remarks>
/// Keys go in chunks of a few sizes, the rest of a chunk being NULL, which matches nothing: so a hot path has as many prepared
/// statements as there are sizes, however many keys come. Longer lists are a loss: drivers look each parameter up by its name.
/// </remarks>
public static class KeyedReads
{
    private static readonly int[] s_sizes = [8, 32, 128];

    private static readonly ConcurrentDictionary<(string Sql, int First, int Size), string> s_lists = new();
    private static readonly ConcurrentDictionary<(string Dialect, string Sql, string Column, int Size), string> s_tuples = new();

    /// <summary>Puts the values of a key into a span.</summary>
    /// <typeparam name="T">The key.</typeparam>
    public delegate void Filler<in T>(T key, Span<object?> values);

    /// <summary>Reads the rows in which one column is among the keys.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="sql">A SELECT that ends before the list: <c>… WHERE since > @p0 AND member_id IN</c>.</param>
    /// <param name="keys">The keys; any number.</param>
    /// <param name="row">Reads the current row; must not keep the reader.</param>
    /// <param name="values">The values of its own parameters, <c>@p0</c> … in their order.</param>
    public static async Task ReadInAsync<T>(this Session session, string sql, IReadOnlyList<T> keys, Action<DbDataReader> row, params object?[] values)
    {
        for (var start = 0; start < keys.Count; start += s_sizes[^1])
        {
            var count = Math.Min(s_sizes[^1], keys.Count - start);
            var size = SizeFor(count);
            var all = new object?[values.Length + size];
            values.CopyTo(all, 0);
            for (var i = 0; i < count; i++) all[values.Length + i] = keys[start + i];
            var text = s_lists.GetOrAdd((sql, values.Length, size), static key => $"{key.Sql} {Session.InList(key.Size, key.First)}");
            await session.ReadRowsAsync(text, row, all).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the rows in which several columns together are among the keys.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="select">A SELECT without WHERE; the columns are of the first table that it names.</param>
    /// <param name="columns">The columns of the key, in the order of an index.</param>
    /// <param name="keys">The keys; any number.</param>
    /// <param name="fill">Puts the values of one key into the span.</param>
    /// <param name="row">Reads the current row; must not keep the reader.</param>
    public static async Task ReadInAsync<T>(
        this Session session, string select, string[] columns, IReadOnlyList<T> keys, Filler<T> fill, Action<DbDataReader> row)
    {
        for (var start = 0; start < keys.Count; start += s_sizes[^1])
        {
            var count = Math.Min(s_sizes[^1], keys.Count - start);
            var size = SizeFor(count);
            var values = new object?[size * columns.Length];
            for (var i = 0; i < count; i++) fill(keys[start + i], values.AsSpan(i * columns.Length, columns.Length));
            var text = s_tuples.GetOrAdd((session.Dialect.Name, select, columns[0], size), _ => TupleText(session.Dialect, select, columns, size));
            await session.ReadRowsAsync(text, row, values).ConfigureAwait(false);
        }
    }

    private static int SizeFor(int count) => Array.Find(s_sizes, size => size >= count);

    // SQLite scans the table for (a, b) IN (VALUES …) but searches its index when the list is the outer side of a join;
    // MySQL searches for a row constructor. Both were looked at with EXPLAIN.
    private static string TupleText(Dialect dialect, string select, string[] columns, int size)
    {
        var list = new StringBuilder();
        for (var i = 0; i < size; i++) list.Append(i == 0 ? "" : ",").Append(Session.InList(columns.Length, i * columns.Length));
        if (dialect == Dialect.MySql) return $"{select} WHERE ({string.Join(", ", columns)}) IN ({list})";
        var names = columns.Select((_, i) => "k" + i);
        var match = columns.Select((column, i) => $"{column} = k{i}");
        var from = select.IndexOf("FROM ", StringComparison.Ordinal) + "FROM ".Length;
        return $"WITH wanted ({string.Join(", ", names)}) AS (VALUES {list}) {select[..from]} wanted CROSS JOIN {select[from..]} WHERE {string.Join(" AND ", match)}";
    }
}
