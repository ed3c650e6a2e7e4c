using System.Data.Common;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Engagement.Storage;

/// <summary>An open write. What is done through it is committed as a whole, or not at all.</summary>
/// <remarks>
/// The feature that owns the use case opens it with <see cref="Database.WriteAsync{T}"/>; others take it as a parameter.
/// On SQLite the work must await nothing but statements of this object: it runs on the one writer, and everybody waits.
/// The work may run again after a deadlock, so it changes nothing outside the database.
/// </remarks>
public sealed class Tx : Session
{
    private readonly Dictionary<string, SqliteStatement> _statements = [];
    private List<Action>? _afterCommit;

    internal Tx(DbConnection connection, DbTransaction? transaction, Dialect dialect, bool driverTakesTokens)
        : base(connection, transaction, dialect, driverTakesTokens)
    {
    }

    /// <summary>Runs one statement; returns the number of rows that it changed.</summary>
    public Task<int> ExecuteAsync(string sql, object? parameters = null) =>
        Connection.ExecuteAsync(Command(sql, parameters));

    /// <summary>Inserts many rows in the way this database likes best; returns the number of rows inserted.</summary>
    /// <remarks>With an <paramref name="onConflict"/> clause the number tells nothing: on MySQL an updated row counts twice and a
    /// kept one once. Who must know which rows were new looks first, in the same write.</remarks>
    /// <param name="into">The statement up to VALUES, for example <c>INSERT INTO store (id, code)</c>.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="fill">Puts the values of one row into the array, in the order of the columns.</param>
    /// <param name="onConflict">What follows VALUES: an upsert or keep clause of <see cref="Dialect"/>, or nothing.</param>
    public async Task<int> InsertManyAsync<T>(string into, IReadOnlyList<T> rows, Action<T, object?[]> fill, string onConflict = "")
    {
        var columns = into[(into.IndexOf('(') + 1)..into.LastIndexOf(')')].Split(',').Length;
        var changed = 0;
        if (Connection is SqliteConnection sqlite)
        {
            RunEach(sqlite, InsertText(into, columns, 1, onConflict), columns, rows, fill, (_, one) => changed += one);
            return changed;
        }

        var buffer = new object?[columns];
        DbCommand? command = null;
        for (int start = 0, prepared = 0; start < rows.Count;)
        {
            var count = Math.Min(Dialect.RowsPerInsert, rows.Count - start);
            if (command is null || count != prepared) command = Prepared(InsertText(into, columns, prepared = count, onConflict), columns * count);
            for (var i = 0; i < count; i++)
            {
                fill(rows[start + i], buffer);
                for (var c = 0; c < columns; c++) command.Parameters[i * columns + c].Value = buffer[c] ?? DBNull.Value;
            }

            Ct.ThrowIfCancellationRequested();
            changed += await command.ExecuteNonQueryAsync(DriverToken).ConfigureAwait(false);
            start += count;
        }

        return changed;
    }

    /// <summary>Runs one statement for each row, prepared; tells which rows changed something.</summary>
    /// <param name="sql">The statement with parameters <c>@p0</c>, <c>@p1</c> …</param>
    /// <param name="parameters">How many parameters it has.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="fill">Puts the values of one row into the array.</param>
    /// <param name="done">Called after each row with the number of database rows changed; may be <c>null</c>.</param>
    public async Task ExecuteManyAsync<T>(
        string sql, int parameters, IReadOnlyList<T> rows, Action<T, object?[]> fill, Action<T, int>? done = null)
    {
        if (Connection is SqliteConnection sqlite)
        {
            RunEach(sqlite, sql, parameters, rows, fill, done);
            return;
        }

        var buffer = new object?[parameters];
        var command = Prepared(sql, parameters);
        foreach (var row in rows)
        {
            fill(row, buffer);
            for (var c = 0; c < parameters; c++) command.Parameters[c].Value = buffer[c] ?? DBNull.Value;
            Ct.ThrowIfCancellationRequested();
            var changed = await command.ExecuteNonQueryAsync(DriverToken).ConfigureAwait(false);
            done?.Invoke(row, changed);
        }
    }

    /// <summary>Updates many rows, each with values of its own; tells which were changed.</summary>
    /// <param name="update">What to do.</param>
    /// <param name="rows">The rows; no key twice.</param>
    /// <param name="fill">Puts the values of one row into the array, in the order of <paramref name="update"/>; the key first, a whole number.</param>
    /// <param name="done">Called once for each row, with whether it was changed; may be <c>null</c>.</param>
    public async Task UpdateManyAsync<T>(BatchUpdate update, IReadOnlyList<T> rows, Action<T, object?[]> fill, Action<T, bool>? done = null)
    {
        if (Connection is SqliteConnection sqlite)
        {
            RunEach(sqlite, update.Single, update.Values, rows, fill, done is null ? null : (row, changed) => done(row, changed > 0));
            return;
        }

        for (var start = 0; start < rows.Count; start += update.RowsPerStatement)
        {
            await UpdateJoinedAsync(update, [.. rows.Skip(start).Take(update.RowsPerStatement)], fill, done).ConfigureAwait(false);
        }
    }

    // Mostly every row is changed, and then their number says so. When not, it is undone, and done again for those that will be.
    private async Task UpdateJoinedAsync<T>(BatchUpdate update, T[] rows, Action<T, object?[]> fill, Action<T, bool>? done)
    {
        if (done is not null) await ExecuteAsync("SAVEPOINT many").ConfigureAwait(false);
        var changed = await Filled(update.Joined(rows.Length), update, rows, fill).ExecuteNonQueryAsync(DriverToken).ConfigureAwait(false);
        if (done is null) return;
        var changing = rows;
        if (changed != rows.Length)
        {
            await ExecuteAsync("ROLLBACK TO SAVEPOINT many").ConfigureAwait(false);
            var keys = new HashSet<long>();
            await using (var reader = await Filled(update.Probe(rows.Length), update, rows, fill).ExecuteReaderAsync(DriverToken).ConfigureAwait(false))
            {
                while (await reader.ReadAsync(DriverToken).ConfigureAwait(false)) keys.Add(reader.GetInt64(0));
            }

            var values = new object?[update.Values];
            changing = [.. rows.Where(row =>
            {
                fill(row, values);
                return keys.Contains(Convert.ToInt64(values[0]));
            })];
            if (changing.Length > 0) await Filled(update.Joined(changing.Length), update, changing, fill).ExecuteNonQueryAsync(DriverToken).ConfigureAwait(false);
        }

        var were = changing.Length == rows.Length ? null : new HashSet<T>(changing);
        foreach (var row in rows) done(row, were is null || were.Contains(row));
    }

    private DbCommand Filled<T>(string sql, BatchUpdate update, T[] rows, Action<T, object?[]> fill)
    {
        Ct.ThrowIfCancellationRequested();
        var command = Prepared(sql, update.Values * rows.Length);
        var values = new object?[update.Values];
        for (var row = 0; row < rows.Length; row++)
        {
            fill(rows[row], values);
            for (var i = 0; i < values.Length; i++) command.Parameters[row * values.Length + i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    /// <summary>Runs <paramref name="action"/> once the write is durable: wake-up signals, never truth.</summary>
    /// <remarks>What it throws reaches the caller of the write, which stands all the same.</remarks>
    public void AfterCommit(Action action) => (_afterCommit ??= []).Add(action);

    /// <summary>Begins, ends or marks a transaction.</summary>
    internal void Control(string sql) => Prepared(sql, 0).ExecuteNonQuery();

    internal List<Action>? TakeAfterCommit()
    {
        var actions = _afterCommit;
        _afterCommit = null;
        return actions;
    }

    internal override void DropPrepared()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _statements.Clear();
        base.DropPrepared();
    }

    private void RunEach<T>(SqliteConnection connection, string sql, int parameters, IReadOnlyList<T> rows, Action<T, object?[]> fill, Action<T, int>? done)
    {
        if (rows.Count == 0) return;
        if (!_statements.TryGetValue(sql, out var statement)) _statements.Add(sql, statement = new SqliteStatement(connection, sql, parameters));
        var values = new object?[parameters];
        foreach (var row in rows)
        {
            Ct.ThrowIfCancellationRequested();
            fill(row, values);
            var changed = statement.Execute(values);
            done?.Invoke(row, changed);
        }
    }

    private static string InsertText(string into, int columns, int rows, string onConflict)
    {
        var text = new StringBuilder(into).Append(" VALUES ");
        for (var row = 0; row < rows; row++)
        {
            if (row > 0) text.Append(',');
            text.Append(InList(columns, row * columns));
        }

        return text.Append(' ').Append(onConflict).ToString();
    }
}
