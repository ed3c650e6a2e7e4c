using Engagement.Storage;

namespace Engagement.Bench.Dispatch;

/// <summary>An installation on disk: its keys, its plan, and its database (a SQLite file, or a MariaDB with a server of its own while it is open).</summary>
/// <remarks>Made once and copied for each round, so that every round begins with the same pages.</remarks>
internal sealed class World : IAsyncDisposable
{
    private World(string folder, DatabaseProvider provider) => (Folder, Provider) = (folder, provider);

    public string Folder { get; }

    public DatabaseProvider Provider { get; }

    /// <summary>Its server while it is open; <c>null</c> for SQLite.</summary>
    public MariaDb? Server { get; private set; }

    private string ServerFolder => Path.Combine(Folder, "mariadb");

    /// <summary>A new one, open.</summary>
    public static async Task<World> CreateAsync(string folder, DatabaseProvider provider, CancellationToken ct)
    {
        var world = new World(Directory.CreateDirectory(folder).FullName, provider);
        KeyRing.Create(Path.Combine(folder, "keys"), demo: provider == DatabaseProvider.Sqlite);
        if (provider == DatabaseProvider.MySql) await MariaDb.InstallAsync(world.ServerFolder, ct);
        await world.OpenAsync(ct);
        return world;
    }

    /// <summary>A copy, open, that carries out <paramref name="plan"/>; this one must be closed.</summary>
    public async Task<World> CopyAsync(string folder, DispatchPlan plan, CancellationToken ct)
    {
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var world = new World(folder, Provider);
        await world.OpenAsync(ct);
        world.With(plan).Save(folder);
        return world;
    }

    /// <summary>The plan with the way to this world's database.</summary>
    public DispatchPlan With(DispatchPlan plan) => Server is null ? plan : plan with
    {
        Settings = new Dictionary<string, string?>(plan.Settings) { ["Database:Provider"] = nameof(DatabaseProvider.MySql), ["Database:ConnectionString"] = Server.ConnectionString },
    };

    /// <summary>Closes it so that it can be copied.</summary>
    public async Task CloseAsync(CancellationToken ct)
    {
        if (Server is null) return;
        await Server.ShutDownAsync(ct);
        await Server.DisposeAsync();
        Server = null;
    }

    /// <summary>Throws it away.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        if (Provider == DatabaseProvider.MySql) Server = await MariaDb.StartAsync(ServerFolder, ct);
    }
}
