using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Engagement.Storage;

/// <summary>A prepared statement of the SQLite writer, run once for each of many rows.</summary>
/// <remarks>
/// The driver makes a reader, an enumerator and a look-up by name for each parameter of each row. Bound by position, without them,
/// a row of fifteen columns costs half (see <c>bench.sh import</c>) and leaves nothing for the garbage collector.
/// </remarks>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _positions;
    private byte[] _text = ArrayPool<byte>.Shared.Rent(1024);

    /// <summary>Prepares <paramref name="sql"/>, whose parameters are <c>@p0</c> to <c>@p(parameters − 1)</c>.</summary>
    public SqliteStatement(SqliteConnection connection, string sql, int parameters)
    {
        _connection = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
        _positions = [.. Enumerable.Range(0, parameters).Select(i => raw.sqlite3_bind_parameter_index(_statement, "@p" + i))];
    }

    /// <summary>Runs it with these values; returns the number of rows that it changed.</summary>
    public int Execute(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < _positions.Length; i++) Bind(_positions[i], values[i]);
        try
        {
            int outcome;
            do outcome = raw.sqlite3_step(_statement);
            while (outcome == raw.SQLITE_ROW);
            if (outcome != raw.SQLITE_DONE) Check(outcome);
            return raw.sqlite3_changes(_connection);
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);   // repeats the outcome of the step
        }
    }

    public void Dispose()
    {
        _statement.Dispose();
        ArrayPool<byte>.Shared.Return(_text);
    }

    private void Bind(int position, object? value) => Check(value switch
    {
        null or DBNull => raw.sqlite3_bind_null(_statement, position),
        long number => raw.sqlite3_bind_int64(_statement, position, number),
        int number => raw.sqlite3_bind_int64(_statement, position, number),
        // Nothing is not NULL: an empty span has no address, which SQLite would take for NULL.
        "" => raw.sqlite3_bind_text(_statement, position, ""),
        string text => BindText(position, text),
        byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_statement, position, 0),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, position, bytes),
        bool truth => raw.sqlite3_bind_int64(_statement, position, truth ? 1 : 0),
        double number => raw.sqlite3_bind_double(_statement, position, number),
        Enum name => raw.sqlite3_bind_int64(_statement, position, Convert.ToInt64(name)),
        byte or short or ushort or uint => raw.sqlite3_bind_int64(_statement, position, Convert.ToInt64(value)),
        _ => throw new NotSupportedException($"A value of type {value.GetType()} has no form in our tables."),
    });

    private int BindText(int position, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_text.Length < most)
        {
            ArrayPool<byte>.Shared.Return(_text);
            _text = ArrayPool<byte>.Shared.Rent(most);
        }

        return raw.sqlite3_bind_text(_statement, position, _text.AsSpan(0, Encoding.UTF8.GetBytes(text, _text)));
    }

    private void Check(int outcome) => SqliteException.ThrowExceptionForRC(outcome, _connection);
}
