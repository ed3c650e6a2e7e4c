using System.Diagnostics;
using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>The sandbox beside the demo: a process of its own, which ends with this one.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private SandboxProcess(Process process, Uri url) => (_process, Url) = (process, url);

    /// <summary>Where it answers.</summary>
    public Uri Url { get; }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="port">Its port; 0 picks a free one.</param>
    /// <param name="folder">Where its address file and log go.</param>
    /// <param name="fast">Whether it leaves out what a benchmark does not measure; see the sandbox's README.</param>
    /// <param name="ct">Stops the wait; the process is ended.</param>
    /// <exception cref="StorageException">It could not be started.</exception>
    public static async Task<SandboxProcess> StartAsync(int port, string folder, bool fast, CancellationToken ct)
    {
        var ready = Path.Combine(folder, "sandbox.url");
        File.Delete(ready);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Program(), "--urls", $"http://127.0.0.1:{port}", "--ready-file", ready, "--exit-with", Environment.ProcessId.ToString()])
        {
            start.ArgumentList.Add(argument);
        }

        if (fast) start.ArgumentList.Add("--fast");

        var process = Process.Start(start)!;
        var log = File.CreateText(Path.Combine(folder, "sandbox.log"));
        _ = DrainAsync(process, log);
        try
        {
            return new SandboxProcess(process, await AddressAsync(process, ready, port, ct));
        }
        catch
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<Uri> AddressAsync(Process process, string ready, int port, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(s_patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        while (!File.Exists(ready))
        {
            if (process.HasExited)
            {
                throw new StorageException("sandbox_not_started", new(
                    $"沙箱没有启动成功（端口 {port} 可能被占用），详见数据文件夹中的 sandbox.log；可用 --sandbox-port 换一个端口。",
                    $"The sandbox did not start (port {port} may be in use); see sandbox.log in the data folder, or choose another port with --sandbox-port."));
            }

            await Task.Delay(50, either.Token);
        }

        return new Uri((await File.ReadAllTextAsync(ready, ct)).Trim());
    }

    // Both stand in the same build output; a packaged installation names the sandbox itself.
    private static string Program() => Environment.GetEnvironmentVariable("ENGAGEMENT_SANDBOX") is { Length: > 0 } named
        ? named
        : Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Sandbox", new DirectoryInfo(AppContext.BaseDirectory).Name, "Engagement.Sandbox.dll"));

    private static async Task DrainAsync(Process process, StreamWriter log)
    {
        await using (log)
        {
            await Task.WhenAll(CopyAsync(process.StandardOutput), CopyAsync(process.StandardError));
        }

        async Task CopyAsync(StreamReader from)
        {
            while (await from.ReadLineAsync() is { } line)
            {
                lock (log) log.WriteLine(line);
            }
        }
    }
}
