using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Engagement.EndToEnd.Chaos;

/// <summary>A real MariaDB or Redis in a folder and on a port of its own, which is killed and started again.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private const int KeptLines = 40;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly Guardian _guardian = new();
    private readonly string _folder;
    private readonly Func<string, int, ProcessStartInfo> _how;
    private readonly byte[] _greeting;
    private readonly Queue<string> _said = [];
    private Process? _process;

    private RealServer(string folder, byte[] greeting, Func<string, int, ProcessStartInfo> how) => (_folder, _greeting, _how) = (folder, greeting, how);

    public int Port { get; private set; }

    /// <summary>An empty MariaDB with its durable defaults.</summary>
    public static async Task<RealServer> MariaDbAsync()
    {
        var folder = Directory.CreateTempSubdirectory("engagement-chaos-mariadb-").FullName;
        string[] user = Environment.UserName == "root" ? ["--user=root"] : [];
        using (var install = Process.Start(new ProcessStartInfo(Find("mariadb-install-db"),
            ["--no-defaults", $"--datadir={folder}/data", "--auth-root-authentication-method=normal", "--skip-test-db", .. user])
            { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["TMPDIR"] = folder } })!)
        {
            var said = await Task.WhenAll(install.StandardOutput.ReadToEndAsync(), install.StandardError.ReadToEndAsync());
            await install.WaitForExitAsync();
            if (install.ExitCode != 0) throw new InvalidOperationException($"mariadb-install-db failed:\n{string.Concat(said)}");
        }

        // It speaks first.
        return await new RealServer(folder, [], (at, port) => new ProcessStartInfo(Find("mariadbd"),
        [
            "--no-defaults", $"--datadir={at}/data", $"--socket={at}/s", $"--pid-file={at}/pid", "--bind-address=127.0.0.1", $"--port={port}",
            "--skip-name-resolve", "--max-connections=500", "--innodb-buffer-pool-size=128M", "--innodb-log-file-size=96M", .. user,
        ])).BeginAsync();
    }

    /// <summary>An empty Redis that keeps nothing.</summary>
    public static Task<RealServer> RedisAsync() =>
        new RealServer(Directory.CreateTempSubdirectory("engagement-chaos-redis-").FullName, "PING\r\n"u8.ToArray(), (at, port) => new ProcessStartInfo(
            Find("redis-server"), ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", at, "--save", "", "--appendonly", "no"])).BeginAsync();

    /// <summary>Kills it as the end of a machine would.</summary>
    public void Kill()
    {
        if (Interlocked.Exchange(ref _process, null) is not { } process) return;
        process.Kill();
        process.WaitForExit();
        _guardian.Forget(process);
    }

    /// <summary>Starts it again where it was.</summary>
    public async Task StartAsync()
    {
        if (!await TryStartAsync(Port)) throw new InvalidOperationException($"The server in {_folder} did not come back.");
    }

    /// <summary>Sends one line to a Redis and reads the answer.</summary>
    public async Task<string> TellAsync(string line)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        return await AskAsync(client, Encoding.ASCII.GetBytes(line + "\r\n"), CancellationToken.None);
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _guardian.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<RealServer> BeginAsync()
    {
        // Somebody may take the port between our look and the server's.
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Port = Until.FreePort();
            if (await TryStartAsync(Port)) return this;
        }

        throw new InvalidOperationException($"No server started in {_folder}.");
    }

    private async Task<bool> TryStartAsync(int port)
    {
        var start = _how(_folder, port);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        // A MariaDB that starts clears the temporary tables out of its temporary folder, and those of every other server there.
        start.Environment["TMPDIR"] = _folder;
        var process = _process = _guardian.Start(start);
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (await Until.HeldAsync(s_patience, async () => process.HasExited || await AnswersAsync(port)) && !process.HasExited)
        {
            _ = WatchAsync(process);
            return true;
        }

        Kill();
        return false;
    }

    // A server that breaks down by itself is started again, as a machine's own keeper of services does.
    private async Task WatchAsync(Process process)
    {
        await process.WaitForExitAsync();
        if (Interlocked.CompareExchange(ref _process, null, process) != process) return;
        _guardian.Forget(process);
        await Console.Error.WriteLineAsync($"The server on port {Port} ended by itself with {process.ExitCode} and is started again:\n{Said()}");
        process.Dispose();
        await StartAsync();
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (_said)
        {
            _said.Enqueue(line);
            if (_said.Count > KeptLines) _said.Dequeue();
        }
    }

    private string Said()
    {
        lock (_said) return string.Join('\n', _said);
    }

    private async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
            return (await AskAsync(client, _greeting, patience.Token)).Length > 0;
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<string> AskAsync(TcpClient client, byte[] words, CancellationToken ct)
    {
        var answer = new byte[4096];
        if (words.Length > 0) await client.GetStream().WriteAsync(words, ct);
        return Encoding.Latin1.GetString(answer, 0, await client.GetStream().ReadAsync(answer, ct));
    }

    private static string Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/usr/local/sbin")
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"These tests need {program}: ./test.sh installs it.");
}
