using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Engagement.Storage;

namespace Engagement.Bench.Dispatch;

/// <summary>A MariaDB of our own on a data folder, with its durable defaults: a commit is on disk before it is answered.</summary>
/// <remarks>A small shell holds the other end of a pipe and ends the server with this process, however it ends.</remarks>
internal sealed class MariaDb : IAsyncDisposable
{
    private const string Watch = "read -r line; kill -9 \"$1\" 2>/dev/null";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly Process _server;
    private readonly Process _watch;
    private readonly int _port;

    private MariaDb(Process server, int port)
    {
        (_server, _port) = (server, port);
        _watch = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Watch, "watch", server.Id.ToString()]) { RedirectStandardInput = true })!;
    }

    /// <summary>How to reach its one database.</summary>
    public string ConnectionString => Address("engagement");

    /// <summary>The CPU time that it has taken.</summary>
    public TimeSpan Cpu => Usage.CpuOf(_server.Id);

    /// <summary>Makes the data folder of an empty server.</summary>
    public static async Task InstallAsync(string folder, CancellationToken ct)
    {
        using var install = Start(folder, Find("mariadb-install-db"), ["--no-defaults", $"--datadir={folder}", "--auth-root-authentication-method=normal", "--skip-test-db", .. AsUser()]);
        var output = await Task.WhenAll(install.StandardOutput.ReadToEndAsync(ct), install.StandardError.ReadToEndAsync(ct));
        await install.WaitForExitAsync(ct);
        if (install.ExitCode != 0) throw new InvalidOperationException($"MariaDB was not installed:\n{string.Concat(output)}");
    }

    /// <summary>Starts it on a data folder that nobody else uses.</summary>
    public static async Task<MariaDb> StartAsync(string folder, CancellationToken ct)
    {
        var port = FreePort();
        var server = Start(folder, Find("mariadbd"), [
            "--no-defaults", $"--datadir={folder}", $"--socket={folder}/s", $"--pid-file={folder}/pid", $"--log-error={folder}/log.err", "--bind-address=127.0.0.1", $"--port={port}",
            "--skip-name-resolve", "--innodb-buffer-pool-size=256M", .. AsUser(),
        ]);
        var started = new MariaDb(server, port);
        if (!await started.AnswersAsync(ct)) throw new InvalidOperationException($"MariaDB did not start:\n{await File.ReadAllTextAsync($"{folder}/log.err", ct)}");
        await using var source = MySqlDriver.CreateDataSource(started.Address(""), 2);
        await using var create = source.CreateCommand("CREATE DATABASE IF NOT EXISTS engagement CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        await create.ExecuteNonQueryAsync(ct);
        return started;
    }

    /// <summary>Shuts it down so that its folder can be copied.</summary>
    public async Task ShutDownAsync(CancellationToken ct)
    {
        await using var source = MySqlDriver.CreateDataSource(Address(""), 2);
        await using (var shutdown = source.CreateCommand("SHUTDOWN")) await shutdown.ExecuteNonQueryAsync(ct);
        await _server.WaitForExitAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        // What a round leaves is thrown away, so it need not be tidy.
        if (!_server.HasExited) _server.Kill();
        await _server.WaitForExitAsync();
        _watch.StandardInput.Close();
        await _watch.WaitForExitAsync();
        _server.Dispose();
        _watch.Dispose();
    }

    private string Address(string database) => $"Server=127.0.0.1;Port={_port};User ID=root;Database={database};SslMode=None";

    private async Task<bool> AnswersAsync(CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        while (!_server.HasExited && Stopwatch.GetElapsedTime(started) < s_patience)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, _port, ct);
                // The server speaks first.
                if (await client.GetStream().ReadAsync(new byte[1], ct) == 1) return true;
            }
            catch (SocketException)
            {
                await Task.Delay(50, ct);
            }
        }

        return false;
    }

    // A server that starts clears the temporary tables out of its temporary folder, and those of every other server there.
    private static Process Start(string folder, string file, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(file, arguments)
    {
        RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["TMPDIR"] = folder },
    })!;

    // MariaDB refuses to run as root unless told to.
    private static string[] AsUser() => Environment.UserName == "root" ? ["--user=root"] : [];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"There is no {name} on this machine: install mariadb-server.");
}
