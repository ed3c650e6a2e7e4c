using System.Data;
using System.Data.Common;

namespace Engagement.Storage;

/// <summary>MySQL: a transaction for each write, run again after a deadlock; a gate in front of the pool.</summary>
internal sealed class MySqlDatabase : Database
{
    private const int DeadlockRetries = 8;

    // Names of locks hold for the whole server and are short, so the database's name goes in as a hash.
    private const string MigrationLock = "CONCAT('engagement_', SHA1(DATABASE()))";

    private readonly DbDataSource _source;
    private readonly SemaphoreSlim _gate;

    public MySqlDatabase(string connectionString, int maxConnections) : base(Dialect.MySql)
    {
        _source = MySqlDriver.CreateDataSource(connectionString, maxConnections);
        // The stand-in driver's pool times out instead of queueing, so the queue is ours.
        _gate = new SemaphoreSlim(maxConnections);
    }

    public override string Driver => MySqlDriver.Description;

    public override Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken ct) =>
        OnConnectionAsync(connection =>
        {
            var session = new Session(connection, null, Dialect, MySqlDriver.TakesTokens) { Ct = ct };
            return FinishAsync(session, work(session));
        }, ct);

    public override async Task<T> WriteAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OnConnectionAsync(connection => TransactAsync(connection, work, ct), ct).ConfigureAwait(false);
            }
            catch (DbException failure) when (attempt < DeadlockRetries && MySqlDriver.ErrorNumber(failure) is 1213 or 1205)
            {
                await Task.Delay(Random.Shared.Next(1, 10 * attempt), ct).ConfigureAwait(false);
            }
        }
    }

    internal override Task<T> MigrateAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct) =>
        OnConnectionAsync(async connection =>
        {
            // Building an index on a large table takes as long as it takes.
            var tx = new Tx(connection, null, Dialect, MySqlDriver.TakesTokens) { Ct = ct, CommandTimeout = 0 };
            if (await tx.ScalarAsync<long?>($"SELECT GET_LOCK({MigrationLock}, 60)").ConfigureAwait(false) != 1)
            {
                throw new StorageException("migration_locked", new(
                    "另一个程序正在升级数据库结构，请等它结束后再试。",
                    "Another program is migrating this database: wait for it to end, then try again."));
            }

            try
            {
                // utf8mb4 must be the default before the first table: a fresh server may refuse Chinese text otherwise.
                await tx.ExecuteAsync("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin").ConfigureAwait(false);
                return await FinishAsync(tx, work(tx)).ConfigureAwait(false);
            }
            finally
            {
                // A broken connection has rolled back and let go of the lock by itself.
                if (connection.State == ConnectionState.Open)
                {
                    tx.Ct = CancellationToken.None;
                    await tx.ExecuteAsync("ROLLBACK").ConfigureAwait(false);
                    await tx.ExecuteAsync($"DO RELEASE_LOCK({MigrationLock})").ConfigureAwait(false);
                }
            }
        }, ct);

    public override async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        _gate.Dispose();
    }

    private async Task<T> TransactAsync<T>(DbConnection connection, Func<Tx, Task<T>> work, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, CancellationToken.None).ConfigureAwait(false);
        var tx = new Tx(connection, transaction, Dialect, MySqlDriver.TakesTokens) { Ct = ct };
        var value = await FinishAsync(tx, work(tx)).ConfigureAwait(false);
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        foreach (var action in tx.TakeAfterCommit() ?? []) action();
        return value;
    }

    private static async Task<T> FinishAsync<T>(Session session, Task<T> work)
    {
        try
        {
            return await work.ConfigureAwait(false);
        }
        finally
        {
            session.DropPrepared();
        }
    }

    private async Task<T> OnConnectionAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken ct)
    {
        await _gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            await using var connection = await OpenAsync().ConfigureAwait(false);
            return await work(connection).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<DbConnection> OpenAsync()
    {
        try
        {
            return await _source.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DbException failure)
        {
            throw new StorageException("database_unreachable", new(
                $"连接不上 MySQL 数据库（错误号 {MySqlDriver.ErrorNumber(failure)}），请检查 Database:ConnectionString 和服务器是否在运行。",
                $"The MySQL database cannot be reached (error {MySqlDriver.ErrorNumber(failure)}): check Database:ConnectionString and that the server is running."), failure);
        }
    }
}
