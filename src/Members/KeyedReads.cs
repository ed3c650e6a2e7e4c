using System.Collections.Concurrent;
using System.Data.Common;
using System.Text;
using Engagement.Storage;

namespace Engagement.Members;

/// <summary>Reads the rows of many keys with few statements.</summary>
/// <remarks>
/// Keys go in chunks of two sizes, the rest of a chunk being NULL, which matches nothing: so a hot path has two prepared
/// statements, however many keys come. Two hundred is what the MySQL driver takes well and no worse on SQLite.
/// </remarks>
internal static class KeyedReads
{
    private const int Small = 8;
    private const int Large = 200;

    private static readonly ConcurrentDictionary<(string, int), string> s_texts = new();

    /// <summary>Reads the rows in which one column is among the keys.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="sql">A SELECT that ends before the list: <c>… WHERE member_no IN</c>.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="row">Reads the current row.</param>
    public static async Task ReadInAsync<T>(this Session session, string sql, IReadOnlyList<T> keys, Action<DbDataReader> row)
    {
        for (var start = 0; start < keys.Count; start += Large)
        {
            var count = Math.Min(Large, keys.Count - start);
            var values = new object?[count <= Small ? Small : Large];
            for (var i = 0; i < count; i++) values[i] = keys[start + i];
            var text = s_texts.GetOrAdd((sql, values.Length), static key => $"{key.Item1} {Session.InList(key.Item2)}");
            await session.ReadRowsAsync(text, row, values).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the rows in which several columns together are among the keys.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="select">A SELECT without WHERE; the columns are of the first table that it names.</param>
    /// <param name="columns">The columns of the key, in the order of an index.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="fill">Puts the values of one key into the span.</param>
    /// <param name="row">Reads the current row.</param>
    public static async Task ReadInAsync<T>(
        this Session session, string select, string[] columns, IReadOnlyList<T> keys, Filler<T> fill, Action<DbDataReader> row)
    {
        for (var start = 0; start < keys.Count; start += Large)
        {
            var count = Math.Min(Large, keys.Count - start);
            var rows = count <= Small ? Small : Large;
            var values = new object?[rows * columns.Length];
            for (var i = 0; i < count; i++) fill(keys[start + i], values.AsSpan(i * columns.Length, columns.Length));
            var text = s_texts.GetOrAdd((string.Concat(session.Dialect.Name, columns[0], select), rows), _ => TupleText(session.Dialect, select, columns, rows));
            await session.ReadRowsAsync(text, row, values).ConfigureAwait(false);
        }
    }

    /// <summary>Puts the values of a key into a span.</summary>
    public delegate void Filler<in T>(T key, Span<object?> values);

    // SQLite scans the table for (a, b) IN (VALUES …) but searches its index when the list is the outer side of a join;
    // MySQL searches for a row constructor. Both were looked at with EXPLAIN.
    private static string TupleText(Dialect dialect, string select, string[] columns, int rows)
    {
        var list = new StringBuilder();
        for (var i = 0; i < rows; i++) list.Append(i == 0 ? "" : ",").Append(Session.InList(columns.Length, i * columns.Length));
        if (dialect == Dialect.MySql) return $"{select} WHERE ({string.Join(", ", columns)}) IN ({list})";
        var names = columns.Select((_, i) => "k" + i);
        var match = columns.Select((column, i) => $"{column} = k{i}");
        var from = select.IndexOf("FROM ", StringComparison.Ordinal) + "FROM ".Length;
        return $"WITH wanted ({string.Join(", ", names)}) AS (VALUES {list}) {select[..from]} wanted CROSS JOIN {select[from..]} WHERE {string.Join(" AND ", match)}";
    }
}
