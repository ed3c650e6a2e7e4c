using Engagement.Members;
using Engagement.Messaging;
using Engagement.Storage;

namespace Engagement.Api.Hosting;

/// <summary>An opened installation: its database at this build's schema, its keys, its ids and its clocks.</summary>
internal sealed class Installation : IAsyncDisposable
{
    /// <summary>Where the demo keeps how far its business clock is ahead, in milliseconds.</summary>
    public const string ClockOffset = "demo.clock_offset_ms";

    /// <summary>Every migration of this build.</summary>
    public static readonly IReadOnlyList<Migration> Schema =
        Migration.In(typeof(Database).Assembly, typeof(MemberId).Assembly, typeof(MessageId).Assembly);

    private Installation(IConfiguration settings, Database database, KeyRing keys, IdGenerator ids, OffsetClock business)
    {
        (Settings, Database, Keys, Ids, Business) = (settings, database, keys, ids, business);
        Clocks = new Clocks(business, TimeProvider.System);
    }

    public IConfiguration Settings { get; }

    public Database Database { get; }

    public KeyRing Keys { get; }

    public IdGenerator Ids { get; }

    public OffsetClock Business { get; }

    public Clocks Clocks { get; }

    /// <summary>Opens it.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="migrate">Whether a database that is behind is brought up; else it is refused.</param>
    /// <param name="ct">Stops the wait for the database.</param>
    /// <exception cref="StorageException">It cannot be used; the message is for people.</exception>
    public static async Task<Installation> OpenAsync(IConfiguration settings, bool migrate, CancellationToken ct)
    {
        var options = Hosting.Settings.Database(settings);
        var keys = KeyRing.Load(settings["Keys:Folder"]!);
        if (options.Provider == DatabaseProvider.MySql && keys.Demo)
        {
            throw new StorageException("demo_keys", new(
                "演示用密钥不能用于 MySQL 安装，请用 engage keys create 生成正式密钥（Keys:Folder）。",
                "Demo keys are refused for a MySQL installation: make real ones with engage keys create (Keys:Folder)."));
        }

        var database = Database.Open(options);
        try
        {
            var migrator = new Migrator(database, Schema, TimeProvider.System);
            if (migrate) await migrator.ApplyAsync(ct);
            else if (await migrator.PendingAsync(ct) is > 0 and var pending)
            {
                throw new StorageException("not_migrated", new(
                    $"数据库还差 {pending} 个结构升级，请先运行 engage migrate。", $"The database lacks {pending} migration(s): run engage migrate first."));
            }

            var business = new OffsetClock(TimeProvider.System);
            var installation = new Installation(settings, database, keys, await IdGenerator.LeaseAsync(database, TimeProvider.System, ct), business);
            await installation.FollowClockAsync(ct);
            return installation;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes over how far the demo's clock is ahead, which another process may have changed.</summary>
    public async Task FollowClockAsync(CancellationToken ct)
    {
        var offset = await Database.ReadAsync(session => session.SettingAsync(ClockOffset), ct);
        Business.Offset = TimeSpan.FromMilliseconds(offset is null ? 0 : long.Parse(offset));
    }

    /// <summary>Registers what every host and verb stands on.</summary>
    public IServiceCollection Register(IServiceCollection services)
    {
        services.AddSingleton(Settings);
        services.AddStorage(Database, Keys, Ids, Clocks).AddMembers().AddMessaging();
        return services;
    }

    /// <summary>The services of a verb, without a web host.</summary>
    public ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning));
        return Register(services).BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await Ids.DisposeAsync();
        await Database.DisposeAsync();
    }
}
