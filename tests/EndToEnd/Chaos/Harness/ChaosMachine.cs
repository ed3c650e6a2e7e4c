using System.Net.Http.Json;
using System.Text.Json;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Messaging;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.EndToEnd.Chaos;

/// <summary>An installation on which everything is real: the database, Redis, the sandbox, and the processes that work on it.</summary>
/// <remarks>
/// Processes are killed while they work. What only time can settle afterwards is settled by the same host in this process, whose business clock
/// leaps from one moment that matters to the next: three days are not waited for.
/// </remarks>
internal sealed class ChaosMachine : IAsyncDisposable
{
    private const int MostLeaps = 24;
    private const int LastLines = 25;
    private const int LongestLine = 300;
    private const long OneLook = 30L * 60 * 1000;

    private static readonly CancellationToken None = CancellationToken.None;
    // Of a push that nobody took, the sandbox's Aliyun repeats the last 48 s after the first, and each may wait five seconds for an answer: a minute is not enough.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static int s_count;

    private readonly Guardian _guardian = new();
    private readonly List<EngageProcess> _processes = [];
    private readonly Dictionary<string, string> _settings;
    private readonly SandboxProcess _sandbox;
    private readonly HttpClient _control;
    private readonly int _port = Until.FreePort();

    private ChaosMachine(string folder, SandboxProcess sandbox, Dictionary<string, string> settings)
    {
        (Folder, _sandbox, _settings) = (folder, sandbox, settings);
        _control = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = sandbox.Url };
        Sandbox = new SandboxClient(sandbox.Url);
    }

    /// <summary>The data folder.</summary>
    public string Folder { get; }

    /// <summary>Where the webhooks answer.</summary>
    public string Url => $"http://127.0.0.1:{_port}";

    public SandboxClient Sandbox { get; }

    /// <summary>The installation as this process has opened it.</summary>
    public Installation Installation { get; private set; } = null!;

    public ServiceProvider Services { get; private set; } = null!;

    /// <summary>How often a process was killed.</summary>
    public int Kills => _processes.Sum(process => process.Kills);

    /// <summary>One process on SQLite.</summary>
    public static Task<ChaosMachine> EmbeddedAsync(params (string Key, string Value)[] settings) => StartAsync([], settings, null);

    /// <summary>Any number of processes on MySQL and Redis.</summary>
    public static Task<ChaosMachine> ClusterAsync(RealServer mariaDb, RealServer redis, params (string Key, string Value)[] settings)
    {
        var database = $"chaos_{Environment.ProcessId}_{Interlocked.Increment(ref s_count)}";
        return StartAsync(
        [
            ("Database:Provider", "MySql"), ("Database:ConnectionString", $"Server=127.0.0.1;Port={mariaDb.Port};User ID=root;Database={database};SslMode=None"),
            ("Cluster:Redis", $"127.0.0.1:{redis.Port}"),
        ], settings, (mariaDb, database));
    }

    /// <summary>Starts <c>engage serve</c> on it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="roles">What it does.</param>
    /// <param name="crashes">Steps at which it kills itself, one in each life.</param>
    /// <param name="prefix">A program that starts it.</param>
    public EngageProcess Serve(string name, string roles, IEnumerable<string>? crashes = null, IReadOnlyList<string>? prefix = null)
    {
        // The webhooks stay where the providers know them.
        var url = roles.Contains("Api", StringComparison.Ordinal) ? Url : "http://127.0.0.1:0";
        var process = new EngageProcess(_guardian, new EngageStart(name, Folder, url, new Dictionary<string, string>(_settings) { ["Roles"] = roles }, prefix ?? []), crashes ?? []);
        _processes.Add(process);
        return process;
    }

    /// <summary>Runs a verb to its end.</summary>
    public async Task<(int ExitCode, string Said)> EngageAsync(params string[] verb)
    {
        var start = EngageProcess.Command(_settings, ["dotnet", EngageProcess.Program(), "--data", Folder, .. verb]);
        using var process = _guardian.Start(start);
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        _guardian.Forget(process);
        return (process.ExitCode, string.Concat(said));
    }

    /// <summary>Stops every process that was started so far.</summary>
    public Task StopAsync(bool orderly = true) => Task.WhenAll(_processes.Select(process => process.StopAsync(orderly)));

    /// <summary>Sets the sandbox's faults; an empty object ends them.</summary>
    public async Task FaultsAsync(object faults)
    {
        using var answer = await _control.PostAsJsonAsync("/_sandbox/faults", faults);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Somebody allows a template once in WeChat; the sandbox pushes it to the webhook.</summary>
    public async Task TapAsync(string openId, string templateId)
    {
        using var answer = await _control.PostAsJsonAsync("/_sandbox/taps", new { openid = openId, templateId, accept = true });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>How many messages the sandbox has taken.</summary>
    public async Task<long> AcceptedAsync() => (await Sandbox.StatsAsync(None)).Accepted;

    /// <summary>Everything that the sandbox has taken.</summary>
    public async Task<IReadOnlyList<LedgerLine>> LedgerAsync()
    {
        var all = new List<LedgerLine>();
        while (true)
        {
            var page = (await _control.GetFromJsonAsync<LedgerPage>($"/_sandbox/messages?since={(all.Count == 0 ? 0 : all[^1].Seq)}&limit=5000"))!;
            if (page.Messages.Count == 0) return all;
            all.AddRange(page.Messages);
        }
    }

    public Task<T> ScalarAsync<T>(string sql, object? parameters = null) => Installation.Database.ReadAsync(session => session.ScalarAsync<T>(sql, parameters), None);

    public Task ExecuteAsync(string sql, object? parameters = null) => Installation.Database.WriteAsync(tx => tx.ExecuteAsync(sql, parameters), None);

    /// <summary>Moves the business clock; a process learns of it when it starts.</summary>
    public async Task MoveClockAsync(TimeSpan by)
    {
        Installation.Business.Offset += by;
        await Installation.Database.WriteAsync(tx => tx.SetSettingAsync(
            Installation.ClockOffset, ((long)Installation.Business.Offset.TotalMilliseconds).ToString()), None);
    }

    /// <summary>Opens the installation in this process, or opens it again after its file was changed.</summary>
    public async Task OpenAsync()
    {
        Installation = await Installation.OpenAsync(Settings.Read(Folder, _settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))), migrate: true, None);
        Services = Installation.Services();
    }

    /// <summary>Closes the installation in this process.</summary>
    public async Task CloseAsync()
    {
        await Services.DisposeAsync();
        await Installation.DisposeAsync();
    }

    /// <summary>Waits for a condition; when it does not come, says how things stand then.</summary>
    public Task UntilAsync(string what, TimeSpan patience, Func<Task<bool>> condition) => Until.HoldsAsync(what, patience, condition, StandingAsync);

    /// <summary>Waits until nothing is due and nothing is on the wire.</summary>
    public Task DrainedAsync() => DrainedAsync(s_patience);

    /// <inheritdoc cref="DrainedAsync()"/>
    public Task DrainedAsync(TimeSpan patience) => UntilAsync("the outbox drains", patience, async () => await TryAsync(async () =>
        await ScalarAsync<long>("SELECT COUNT(*) FROM message WHERE (state = 1 AND ready_at <= @now) OR state = 2", new { now = Installation.Business.NowMs() }) == 0
        && await ScalarAsync<long>("SELECT COUNT(*) FROM run WHERE state = 1") == 0));

    /// <summary>Stops the processes and lets time settle the rest, until no row wants attention any more.</summary>
    public async Task SettleAsync(bool orderly = true)
    {
        await StopAsync(orderly);
        await using var app = EngagementApp.Build(Installation, Url, Role.All, schedule: true, quiet: true);
        await app.StartAsync(None);
        for (var leap = 0; leap < MostLeaps; leap++)
        {
            // Pushes that nothing is known of yet are tried again on the system's clock, which cannot leap: their time comes with each leap as well.
            await ExecuteAsync("UPDATE inbound SET next_at = 0 WHERE state = 1");
            await UntilAsync("what is due is settled", s_patience, QuietAsync);
            if (await ScalarAsync<long?>("SELECT MIN(ready_at) FROM message WHERE ready_at IS NOT NULL") is not { } first) break;
            var next = await ScalarAsync<long>("SELECT MAX(ready_at) FROM message WHERE ready_at <= @until", new { until = first + OneLook });
            Installation.Business.Offset += TimeSpan.FromMilliseconds(Math.Max(1, next - Installation.Business.NowMs() + 1));
        }

        await app.StopAsync(None);
    }

    /// <summary>What the processes said last.</summary>
    public string Tail() => string.Join('\n', _processes.SelectMany(process => process.Said().TakeLast(LastLines).Select(line => $"{process.Name}: {(line.Length > LongestLine ? line[..LongestLine] : line)}")));

    private async Task<string> StandingAsync()
    {
        try
        {
            var states = await Installation.Database.ReadAsync(session => session.QueryAsync<(long State, long Count)>("SELECT state, COUNT(*) FROM message GROUP BY state"), None);
            return $"{await AcceptedAsync()} were accepted; messages by state: {string.Join(", ", states.Select(s => $"{(MessageState)s.State} {s.Count}"))}; "
                + $"{await ScalarAsync<long>("SELECT COUNT(*) FROM run WHERE paused IS NOT NULL")} runs are paused; "
                + $"{await ScalarAsync<long>("SELECT COUNT(*) FROM message WHERE ready_at <= @now", new { now = Installation.Business.NowMs() })} messages are due, {await PushPendingAsync()} pushes wait at the sandbox and "
                + $"{await ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 1")} with us, {await ScalarAsync<long>("SELECT COUNT(DISTINCT owner) FROM shard")} nodes own shards\n{Tail()}";
        }
        catch (Exception failure) when (failure is System.Data.Common.DbException or StorageException)
        {
            return $"{failure.Message}\n{Tail()}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(orderly: false);
        try
        {
            if (Services is not null) await CloseAsync();
        }
        catch (StorageException failure)
        {
            // Its database is away, for whatever reason brought us here: that one is to be seen.
            await Console.Error.WriteLineAsync(failure.Message);
        }

        _guardian.Dispose();
        _control.Dispose();
        Sandbox.Dispose();
        await _sandbox.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<ChaosMachine> StartAsync(
        IReadOnlyList<(string Key, string Value)> arrangement, IReadOnlyList<(string Key, string Value)> more, (RealServer Server, string Name)? database)
    {
        var folder = Directory.CreateTempSubdirectory("engagement-chaos-").FullName;
        if (database is { } wanted) await CreateAsync(wanted.Server, wanted.Name);
        KeyRing.Create(Path.Combine(folder, "keys"), demo: false);
        var sandbox = await SandboxProcess.StartAsync(0, folder, fast: false, None);
        var settings = DemoSettings.For(sandbox.Url).ToDictionary(s => s.Key, s => s.Value!);
        foreach (var (key, value) in ((string, string)[])
        [
            ("Dispatch:Lease", "00:00:05"), ("Dispatch:IdleDelay", "00:00:00.2"), ("Dispatch:WaveSize", "64"), ("Dispatch:InFlight", "32"),
            ("Dispatch:FlightFolder", Path.Combine(folder, "flight")), ("Settling:Interval", "00:00:00.2"), ("Schedule:ResumeAfter", "00:00:01"), .. arrangement, .. more,
        ]) settings[key] = value;

        var machine = new ChaosMachine(folder, sandbox, settings);
        try
        {
            await machine.OpenAsync();
            await DemoClock.StartAsync(machine.Installation, null, None);
            await machine.SetUpAsync();
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    // The providers as they are, but patient: who is killed for a living is away for longer than WeChat tries, and Aliyun's minutes are too long for a test.
    private async Task SetUpAsync()
    {
        var setup = JsonSerializer.SerializeToNode(DemoTemplates.Setup(Url), DemoJson.Default.SandboxSetup)!;
        (setup["wechat"]!["push"]!["attempts"], setup["wechat"]!["push"]!["retryDelayMs"]) = (600, 200);
        setup["aliyun"]!["push"]!["retryScale"] = 0.05;
        using var answer = await _control.PutAsJsonAsync("/_sandbox/setup", setup);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task CreateAsync(RealServer server, string name)
    {
        await using var database = Database.Open(new DatabaseOptions
        {
            Provider = DatabaseProvider.MySql, ConnectionString = $"Server=127.0.0.1;Port={server.Port};User ID=root;Database=;SslMode=None",
        });
        await database.WriteAsync(tx => tx.ExecuteAsync($"CREATE DATABASE {name}"), None);
    }

    private async Task<bool> QuietAsync() =>
        await ScalarAsync<long>("SELECT COUNT(*) FROM message WHERE ready_at <= @now OR state = 2", new { now = Installation.Business.NowMs() }) == 0
        && await PushPendingAsync() == 0
        && await ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 1 AND next_at <= @now", new { now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() }) == 0;

    private async Task<long> PushPendingAsync() => (await _control.GetFromJsonAsync<SandboxCounters>("/_sandbox/stats"))!.PushPending;

    // The database may be away for the moment.
    private static async Task<bool> TryAsync(Func<Task<bool>> look)
    {
        try
        {
            return await look();
        }
        catch (Exception failure) when (failure is System.Data.Common.DbException or StorageException)
        {
            return false;
        }
    }

    private sealed record LedgerPage(IReadOnlyList<LedgerLine> Messages);

    private sealed record SandboxCounters(long PushPending);
}

/// <summary>A message in the sandbox's ledger.</summary>
internal sealed record LedgerLine(long Seq, string Channel, string To, string TemplateId, string Reference, string ProviderRef, string Status);
