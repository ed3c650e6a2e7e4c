using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Engagement.Tests.Support;

/// <summary>One real MariaDB for the test process, in a folder and on a port of its own.</summary>
/// <remarks>
/// A small shell holds the other end of a pipe: when this process ends, however it ends, the pipe closes and the shell
/// kills the server and removes its folder. The server keeps its default character set, which is not utf8mb4, so that the
/// tests show what our migrations do about it.
/// </remarks>
internal sealed class MariaDbServer
{
    private const string Watch = """
        exec >/dev/null 2>&1
        read -r line
        kill -9 "$1"
        for again in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$2" && exit; sleep 0.2; done
        """;

    private static readonly Lazy<Task<MariaDbServer>> s_shared = new(() => Task.Run(StartAsync));
    private static readonly string? s_server = Find("mariadbd", "mysqld");
    private static readonly string? s_install = Find("mariadb-install-db", "mysql_install_db");

    private readonly StringBuilder _log = new();
    private readonly Process _process;
    private Process? _watch;

    private MariaDbServer(string folder, int port)
    {
        Port = port;
        _process = Start(folder, s_server!, [
            "--no-defaults", $"--datadir={folder}/data", $"--socket={folder}/s", $"--pid-file={folder}/pid",
            "--bind-address=127.0.0.1", $"--port={port}", "--skip-name-resolve", "--max-connections=500", "--back-log=500", "--connect-timeout=120",
            "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--innodb-flush-log-at-trx-commit=2", .. AsUser(),
        ]);
        Collect(_process);
    }

    /// <summary>Why there is no server on this machine, or <c>null</c>.</summary>
    public static string? Missing { get; } = s_server is not null && s_install is not null
        ? null : "needs a MariaDB server (mariadbd, mariadb-install-db): ./test.sh installs it";

    public int Port { get; }

    /// <summary>The server; started when first asked for.</summary>
    public static Task<MariaDbServer> SharedAsync() => s_shared.Value;

    /// <summary>How to reach one of its databases; with an empty name, the server itself.</summary>
    public string ConnectionString(string database) =>
        $"Server=127.0.0.1;Port={Port};User ID=root;Database={database};SslMode=None";

    private static async Task<MariaDbServer> StartAsync()
    {
        if (Missing is not null) throw new InvalidOperationException($"This test {Missing}.");
        var folder = Directory.CreateTempSubdirectory("engagement-mariadb-").FullName;
        await InstallAsync(folder);
        for (var attempt = 1; ; attempt++)
        {
            // Another process may take the port between our look and the server's: then it ends, and we try another.
            var server = new MariaDbServer(folder, FreePort());
            server._watch = Start(folder, "/bin/sh", ["-c", Watch, "watch", server._process.Id.ToString(), folder]);
            if (await server.AnswersAsync()) return server;
            if (attempt == 3 || !server._process.HasExited) throw new InvalidOperationException($"MariaDB did not start:\n{server._log}");
        }
    }

    private static async Task InstallAsync(string folder)
    {
        using var install = Start(folder, s_install!, [
            "--no-defaults", $"--datadir={folder}/data", "--auth-root-authentication-method=normal", "--skip-test-db", .. AsUser(),
        ]);
        var output = await Task.WhenAll(install.StandardOutput.ReadToEndAsync(), install.StandardError.ReadToEndAsync());
        await install.WaitForExitAsync();
        if (install.ExitCode == 0) return;
        Directory.Delete(folder, recursive: true);
        throw new InvalidOperationException($"{s_install} failed:\n{string.Concat(output)}");
    }

    private async Task<bool> AnswersAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!_process.HasExited && !timeout.IsCancellationRequested)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, timeout.Token);
                // The server speaks first: whoever answers without a greeting is somebody else.
                if (await client.GetStream().ReadAsync(new byte[1], timeout.Token) == 1) return !_process.HasExited;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        return false;
    }

    private void Collect(Process process)
    {
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        void Append(string? line)
        {
            lock (_log) _log.AppendLine(line);
        }
    }

    // A server that starts clears the temporary tables out of its temporary folder, and those of every other server there.
    private static Process Start(string folder, string file, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["TMPDIR"] = folder },
        }) ?? throw new InvalidOperationException($"{file} did not start.");

    // MariaDB refuses to run as root unless told to.
    private static string[] AsUser() => Environment.UserName == "root" ? ["--user=root"] : [];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Find(params string[] names) => OperatingSystem.IsWindows() ? null :
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/usr/local/sbin")
         from name in names
         let path = Path.Combine(folder, name)
         where File.Exists(path)
         select path).FirstOrDefault();
}
