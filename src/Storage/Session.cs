using System.Data.Common;
using Dapper;

namespace Engagement.Storage;

/// <summary>An open connection, for reading. Every statement is parameterised and passes the caller's token on.</summary>
/// <remarks>Not thread-safe: one statement at a time.</remarks>
public class Session
{
    private readonly Dictionary<string, DbCommand> _prepared = [];

    internal Session(DbConnection connection, DbTransaction? transaction, Dialect dialect, bool driverTakesTokens)
    {
        Connection = connection;
        Transaction = transaction;
        Dialect = dialect;
        _driverTakesTokens = driverTakesTokens;
    }

    private readonly bool _driverTakesTokens;

    /// <summary>The words in which this database's SQL differs.</summary>
    public Dialect Dialect { get; }

    /// <summary>Stops work between statements.</summary>
    public CancellationToken Ct { get; internal set; }

    /// <summary>Seconds that a statement may take; <c>null</c> means the connection's own limit, 0 none.</summary>
    internal int? CommandTimeout { get; init; }

    internal DbConnection Connection { get; }

    internal DbTransaction? Transaction { get; }

    /// <summary>All rows of a SELECT; parameters are the properties of <paramref name="parameters"/>, lists expand in <c>IN @list</c>.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        (await Connection.QueryAsync<T>(Command(sql, parameters)).ConfigureAwait(false)).AsList();

    /// <summary>The only row of a SELECT, or <c>default</c>; more than one row is an error.</summary>
    public Task<T?> SingleOrDefaultAsync<T>(string sql, object? parameters = null) =>
        Connection.QuerySingleOrDefaultAsync<T>(Command(sql, parameters));

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql, object? parameters = null) =>
        (await Connection.ExecuteScalarAsync<T>(Command(sql, parameters)).ConfigureAwait(false))!;

    /// <summary>Hands each row to <paramref name="row"/> without building objects: for hot paths.</summary>
    /// <param name="sql">A SELECT whose parameters are named <c>@p0</c>, <c>@p1</c> … in the order of <paramref name="values"/>.</param>
    /// <param name="row">Reads the current row; must not keep the reader.</param>
    /// <param name="values">The parameter values.</param>
    public async Task ReadRowsAsync(string sql, Action<DbDataReader> row, params object?[] values)
    {
        Ct.ThrowIfCancellationRequested();
        var command = Prepared(sql, values.Length);
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        await using var reader = await command.ExecuteReaderAsync(DriverToken).ConfigureAwait(false);
        while (await reader.ReadAsync(DriverToken).ConfigureAwait(false)) row(reader);
    }

    /// <summary>The text <c>(@p0,@p1,…)</c> for an IN list of a statement given to <see cref="ReadRowsAsync"/>.</summary>
    internal static string InList(int count, int first = 0) =>
        "(" + string.Join(',', Enumerable.Range(first, count).Select(i => "@p" + i)) + ")";

    private protected CancellationToken DriverToken => _driverTakesTokens ? Ct : CancellationToken.None;

    private protected CommandDefinition Command(string sql, object? parameters)
    {
        Ct.ThrowIfCancellationRequested();
        return new CommandDefinition(sql, parameters, Transaction, CommandTimeout, cancellationToken: DriverToken);
    }

    // Statements of hot paths are few and fixed, so they are kept prepared for as long as the connection is ours.
    private protected DbCommand Prepared(string sql, int parameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < parameters; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = "@p" + i;
                command.Parameters.Add(parameter);
            }

            _prepared.Add(sql, command);
        }

        command.Transaction = Transaction;
        return command;
    }

    internal virtual void DropPrepared()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        _prepared.Clear();
    }
}
