using System.CommandLine;
using Engagement.Api.Hosting;
using Engagement.Storage;
using Engagement.Storage.Cluster;

namespace Engagement.Api.Cli;

/// <summary><c>engage serve</c>: API and worker, as <c>Roles</c> says.</summary>
internal static class ServeVerb
{
    private static readonly Option<string> s_url = new("--url")
    {
        Description = Speech.Say("监听地址", "where to listen"),
        DefaultValueFactory = _ => "http://127.0.0.1:5080",
    };

    public static Command Create()
    {
        var command = new WorkerCommand("serve", Speech.Say("运行接口和发送进程", "run the API and the worker")) { s_url };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetRequiredValue(EngageCommand.Data), parsed.GetRequiredValue(s_url), ct));
        return command;
    }

    private static async Task<int> RunAsync(string data, string url, CancellationToken ct)
    {
        var settings = Settings.Read(data);
        var role = Roles(settings["Roles"]);
        var embedded = Settings.Database(settings).Provider == DatabaseProvider.Sqlite;
        if (embedded && role != Role.All)
        {
            throw new StorageException("roles_embedded", new(
                "SQLite 只支持单进程：Roles 必须是 Api,Worker；分角色部署请用 MySQL。",
                "SQLite is for one process: Roles must be Api,Worker; split roles need MySQL."));
        }

        using var single = embedded ? ServerLock.Take(data) : null;
        await using var installation = await Installation.OpenAsync(settings, migrate: embedded, ct);
        await using var app = EngagementApp.Build(installation, url, role, schedule: true);
        var downfall = Downfall.Watch(app);
        await EngagementApp.StartAsync(app, ct);
        Console.WriteLine(Speech.Say(
            $"已启动：{EngagementApp.Address(app)}，数据库驱动 {installation.Database.Driver}",
            $"Listening on {EngagementApp.Address(app)}, database driver {installation.Database.Driver}"));
        await app.WaitForShutdownAsync(ct);
        return downfall.Failed ? 1 : 0;
    }

    private static Role Roles(string? named)
    {
        if (string.IsNullOrWhiteSpace(named)) return Role.All;
        return Enum.TryParse<Role>(named, ignoreCase: true, out var role) && role != 0 ? role : throw new StorageException("roles_invalid", new(
            $"Roles 只能是 Api、Worker 或 Api,Worker，现在是“{named}”。", $"Roles is Api, Worker or Api,Worker, not \"{named}\"."));
    }
}
