using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Engagement.Tests.Support;

/// <summary>A real Redis in a folder and on a port of its own; it can be killed and started again on the same port.</summary>
/// <remarks>A small shell holds the other end of a pipe: when this process ends, however it ends, the shell kills the server.</remarks>
public sealed class RedisServer : IAsyncLifetime
{
    private const string Watch = """
        exec >/dev/null 2>&1
        read -r line
        kill -9 "$1"
        """;

    private static readonly bool s_ci = Environment.GetEnvironmentVariable("CI") is "true" or "1";
    private static readonly string? s_server = OperatingSystem.IsWindows() ? null :
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);

    private readonly TempFolder _folder = new();
    private Process? _process;
    private Process? _watch;

    /// <summary>Why a test that needs the server is not run here, or <c>null</c>; in CI it runs, and fails.</summary>
    public static string? Skip => s_server is not null || s_ci ? null : "needs redis-server: ./test.sh installs it";

    public int Port { get; private set; }

    /// <summary>How to reach it.</summary>
    public string ConnectionString => $"127.0.0.1:{Port}";

    public async Task InitializeAsync()
    {
        if (Skip is null) await StartAsync();
    }

    public Task DisposeAsync()
    {
        Kill();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Starts it: the first time on a free port, afterwards on the same one.</summary>
    public async Task StartAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = Port == 0 ? FreePort() : Port;
            Launch(port);
            if (await AnswersAsync(port))
            {
                Port = port;
                return;
            }

            Kill();
            if (attempt == 3) throw new InvalidOperationException($"redis-server did not start: {File.ReadAllText(_folder["log"])}");
        }
    }

    /// <summary>Kills it as a power cut would; nothing is kept.</summary>
    public void Kill()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _watch!.Kill();
        _watch.WaitForExit();
        _process.Dispose();
        _watch.Dispose();
        (_process, _watch) = (null, null);
    }

    /// <summary>Stops or lets go on the whole process, as a machine does that swaps: the connections stay and nothing answers.</summary>
    public void Freeze(bool frozen)
    {
        using var kill = Process.Start("kill", [frozen ? "-STOP" : "-CONT", _process!.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>Sends one command in plain words.</summary>
    public async Task<string> CommandAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        return await AskAsync(client, command);
    }

    private static async Task<string> AskAsync(TcpClient client, string command)
    {
        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(command + "\r\n"));
        var answer = new byte[4096];
        return System.Text.Encoding.UTF8.GetString(answer, 0, await stream.ReadAsync(answer));
    }

    private void Launch(int port)
    {
        if (s_server is null) throw new InvalidOperationException("This test needs redis-server: ./test.sh installs it.");
        _process = Start(s_server, ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", _folder.Path, "--save", "", "--appendonly", "no", "--logfile", _folder["log"]]);
        _watch = Start("/bin/sh", ["-c", Watch, "watch", $"{_process.Id}"]);
    }

    private async Task<bool> AnswersAsync(int port)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!_process!.HasExited && !timeout.IsCancellationRequested)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, timeout.Token);
                // Whoever has another process id took the port before us.
                if ((await AskAsync(client, "INFO server")).Contains($"process_id:{_process.Id}\r")) return true;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }

    private static Process Start(string file, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })
        ?? throw new InvalidOperationException($"{file} did not start.");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A test against a real Redis: shown as skipped on a machine without it, failing in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = RedisServer.Skip;
}

/// <inheritdoc cref="RedisFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() => Skip = RedisServer.Skip;
}
