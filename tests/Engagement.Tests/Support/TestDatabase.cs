using System.Reflection;
using Engagement.Storage;

namespace Engagement.Tests.Support;

/// <summary>An empty, migrated database of its own for a test class.</summary>
/// <remarks>
/// Every SQL runs on both databases: the tests stand in an abstract class, and two one-line classes inherit them.
/// <code>
/// public abstract class CouponStoreContract(TestDatabase database) { [DatabaseFact] public async Task A_coupon_is_redeemed_once() … }
/// public sealed class CouponStoreOnSqlite(SqliteTestDatabase database) : CouponStoreContract(database), IClassFixture&lt;SqliteTestDatabase&gt;;
/// public sealed class CouponStoreOnMySql(MySqlTestDatabase database) : CouponStoreContract(database), IClassFixture&lt;MySqlTestDatabase&gt;;
/// </code>
/// </remarks>
public abstract class TestDatabase : IAsyncLifetime, IAsyncDisposable
{
    /// <summary>The schema of this build: what the migrations embedded in these projects add up to.</summary>
    public static IReadOnlyList<Migration> Schema { get; } = Migration.In(
        [.. from project in (string[])["Storage", "Members", "Messaging"] select Assembly.Load($"Engagement.{project}")]);

    private Database? _database;

    /// <summary>How to open it: a second <see cref="Engagement.Storage.Database"/> with these stands for another process.</summary>
    public DatabaseOptions Options { get; private set; } = new();

    /// <summary>Whether the schema is there from the start.</summary>
    public bool Migrated { get; init; } = true;

    public Database Database => _database ?? throw new InvalidOperationException("The test database was not initialised.");

    /// <summary>Opens it once more, as another process would.</summary>
    public Database OpenAnother() => Database.Open(Options);

    public async Task InitializeAsync()
    {
        Options = await CreateAsync();
        _database = OpenAnother();
        if (Migrated) await new Migrator(_database, Schema, TimeProvider.System).ApplyAsync(CancellationToken.None);
    }

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        await DropAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract Task<DatabaseOptions> CreateAsync();

    protected abstract ValueTask DropAsync();
}

/// <inheritdoc/>
public sealed class SqliteTestDatabase : TestDatabase
{
    private readonly TempFolder _folder = new();

    public string File => _folder["engagement.db"];

    protected override Task<DatabaseOptions> CreateAsync() => Task.FromResult(new DatabaseOptions { ConnectionString = $"Data Source={File}" });

    protected override ValueTask DropAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <inheritdoc/>
public sealed class MySqlTestDatabase : TestDatabase
{
    private static int s_count;

    private readonly string _name = $"test_{Interlocked.Increment(ref s_count)}";

    protected override async Task<DatabaseOptions> CreateAsync()
    {
        await OnServerAsync(tx => tx.ExecuteAsync($"CREATE DATABASE {_name}"));
        var server = await MariaDbServer.SharedAsync();
        return new DatabaseOptions { Provider = DatabaseProvider.MySql, ConnectionString = server.ConnectionString(_name) };
    }

    protected override async ValueTask DropAsync()
    {
        if (MariaDbServer.Missing is not null) return;
        await OnServerAsync(async tx =>
        {
            // The driver's pool keeps its connections; over many test classes the server would run out of them.
            foreach (var connection in await tx.QueryAsync<long>($"SELECT id FROM information_schema.processlist WHERE db = '{_name}'"))
            {
                await tx.ExecuteAsync($"KILL {connection}");
            }

            await tx.ExecuteAsync($"DROP DATABASE {_name}");
        });
    }

    private static async Task OnServerAsync(Func<Tx, Task> work)
    {
        var server = await MariaDbServer.SharedAsync();
        await using var database = Database.Open(new DatabaseOptions
        {
            Provider = DatabaseProvider.MySql, ConnectionString = server.ConnectionString(""),
        });
        await database.WriteAsync(work, CancellationToken.None);
    }
}
