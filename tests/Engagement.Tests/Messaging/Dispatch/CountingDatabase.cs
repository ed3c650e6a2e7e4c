using System.Globalization;
using Engagement.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>What the work on one connection cost: statements, and rows written.</summary>
internal sealed class Cost
{
    public int Transactions { get; set; }

    /// <summary>Without BEGIN and COMMIT.</summary>
    public long Statements { get; set; }

    /// <summary>By table where the database says so; else all of them under no name.</summary>
    public SortedDictionary<string, long> Rows { get; } = [];

    public long AllRows => Rows.Values.Sum();

    public override string ToString() => $"{Transactions} transactions, {Statements} statements, {AllRows} rows ({string.Join(", ", Rows.Select(r => $"{r.Key} {r.Value}"))})";
}

/// <summary>Counts on the connection itself, so that nothing else on the server is counted with it.</summary>
internal sealed class CountingDatabase(Database inner) : Database(inner.Dialect)
{
    private const string Status = """
        SHOW SESSION STATUS WHERE Variable_name IN ('Questions', 'Handler_write', 'Handler_update', 'Handler_delete')
        """;

    private readonly Lock _lock = new();

    public Cost Reads { get; private set; } = new();

    public Cost Writes { get; private set; } = new();

    public override string Driver => inner.Driver;

    /// <summary>What it cost since the last time.</summary>
    public (Cost Reads, Cost Writes) Take()
    {
        lock (_lock)
        {
            var taken = (Reads, Writes);
            (Reads, Writes) = (new Cost(), new Cost());
            return taken;
        }
    }

    public override Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken ct) => inner.ReadAsync(session => CountedAsync(session, () => work(session), () => Reads), ct);

    public override Task<T> WriteAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct) => inner.WriteAsync(tx => CountedAsync(tx, () => work(tx), () => Writes), ct);

    internal override Task<T> MigrateAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct) => inner.MigrateAsync(work, ct);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<T> CountedAsync<T>(Session session, Func<Task<T>> work, Func<Cost> cost) =>
        session.Connection is SqliteConnection sqlite ? OnSqliteAsync(sqlite.Handle!, work, cost) : OnMySqlAsync(session, work, cost);

    private async Task<T> OnSqliteAsync<T>(sqlite3 handle, Func<Task<T>> work, Func<Cost> cost)
    {
        var (statements, rows, before) = (0L, new Dictionary<string, long>(), raw.sqlite3_total_changes(handle));
        raw.sqlite3_trace(handle, (strdelegate_trace)((_, _) => statements++), null);
        raw.sqlite3_update_hook(handle, (_, _, _, table, _) =>
        {
            var name = table.utf8_to_string();
            rows[name] = rows.GetValueOrDefault(name) + 1;
        }, null);
        try
        {
            return await work();
        }
        finally
        {
            raw.sqlite3_trace(handle, (strdelegate_trace?)null, null);
            raw.sqlite3_update_hook(handle, (strdelegate_update?)null, null);
            // The hook passes over tables whose rows have no number of their own.
            var others = raw.sqlite3_total_changes(handle) - before - rows.Values.Sum();
            if (others > 0) rows["others"] = others;
            Add(cost, statements, rows);
        }
    }

    private async Task<T> OnMySqlAsync<T>(Session session, Func<Task<T>> work, Func<Cost> cost)
    {
        var before = await StatusAsync(session);
        var value = await work();
        var after = await StatusAsync(session);
        var written = after.Where(name => name.Key != "Questions").Sum(name => name.Value - before[name.Key]);
        // The second question after the status is counted in its own answer.
        Add(cost, after["Questions"] - before["Questions"] - 1, written == 0 ? [] : new Dictionary<string, long> { [""] = written });
        return value;
    }

    private static async Task<Dictionary<string, long>> StatusAsync(Session session) =>
        (await session.QueryAsync<(string, string)>(Status)).ToDictionary(row => row.Item1, row => long.Parse(row.Item2, CultureInfo.InvariantCulture));

    private void Add(Func<Cost> cost, long statements, Dictionary<string, long> rows)
    {
        lock (_lock)
        {
            var to = cost();
            to.Transactions++;
            to.Statements += statements;
            foreach (var (table, count) in rows) to.Rows[table] = to.Rows.GetValueOrDefault(table) + count;
        }
    }
}
