namespace Engagement.Storage;

/// <summary>The one door to the database: reads on their own connections, writes as closures that commit or vanish.</summary>
public abstract class Database(Dialect dialect) : IAsyncDisposable
{
    /// <summary>The words in which this database's SQL differs.</summary>
    public Dialect Dialect { get; } = dialect;

    /// <summary>What stands between us and the database, for people: the default build's MySQL driver is a stand-in and says so.</summary>
    public abstract string Driver { get; }

    /// <summary>Opens the database that <paramref name="options"/> names; connects when first used.</summary>
    /// <exception cref="StorageException">The provider or the connection string is not usable.</exception>
    public static Database Open(DatabaseOptions options)
    {
        try
        {
            return options.Provider switch
            {
                DatabaseProvider.Sqlite => new SqliteDatabase(options.ConnectionString),
                DatabaseProvider.MySql => new MySqlDatabase(options.ConnectionString, options.MaxConnections),
            };
        }
        catch (ArgumentException failure)
        {
            throw new StorageException("connection_string_invalid", new(
                $"Database:ConnectionString 不可用：{options.Provider} 不认识其中的内容。",
                $"Database:ConnectionString cannot be used: {options.Provider} does not understand it."), failure);
        }
    }

    /// <summary>Runs <paramref name="work"/> on a connection for reading. It sees what was committed when each statement starts.</summary>
    public abstract Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken ct);

    /// <summary>Runs <paramref name="work"/> as one transaction and returns when it is durable.</summary>
    /// <remarks>See <see cref="Tx"/> for what the work may do. An exception in it undoes all of it, and of nobody else's work.</remarks>
    public abstract Task<T> WriteAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct);

    /// <inheritdoc cref="WriteAsync{T}(Func{Tx, Task{T}}, CancellationToken)"/>
    public Task WriteAsync(Func<Tx, Task> work, CancellationToken ct) =>
        WriteAsync(async tx =>
        {
            await work(tx).ConfigureAwait(false);
            return true;
        }, ct);

    /// <summary>Runs <paramref name="work"/> while no other process can migrate: schema changes commit statement by statement on MySQL.</summary>
    internal abstract Task<T> MigrateAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
