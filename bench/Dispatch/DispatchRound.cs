using System.Diagnostics;
using System.Runtime;
using System.Text.Json;

namespace Engagement.Bench.Dispatch;

/// <summary>What one process did.</summary>
/// <param name="PerSecond">Messages a second.</param>
/// <param name="CpuPerThousand">CPU seconds of the process for 1,000 messages.</param>
/// <param name="PeakMegabytes">The most memory that it held, from its start.</param>
internal sealed record RoundFigures(double PerSecond, double CpuPerThousand, double PeakMegabytes)
{
    /// <summary>The figures of this process.</summary>
    /// <param name="messages">What it sent.</param>
    /// <param name="seconds">In what time.</param>
    /// <param name="cpuBefore">The CPU time that it had taken before.</param>
    public static RoundFigures Of(int messages, double seconds, TimeSpan cpuBefore) =>
        new(messages / seconds, (Cpu() - cpuBefore).TotalSeconds * 1000 / messages, PeakMemory());

    public static TimeSpan Cpu()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    /// <summary>Waits until the compiler has finished with what the warm-up made hot: it works in the background, on the same cores.</summary>
    public static async Task WarmAsync(CancellationToken ct)
    {
        var (compiled, quiet) = (-1L, 0);
        for (var looks = 0; quiet < 4 && looks < 60; looks++)
        {
            quiet = compiled == JitInfo.GetCompiledMethodCount() ? quiet + 1 : 0;
            compiled = JitInfo.GetCompiledMethodCount();
            await Task.Delay(250, ct);
        }
    }

    private static double PeakMemory()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal)) / 1024;
    }
}

/// <summary>One round in a process of its own, so that CPU time and peak memory are its own.</summary>
internal static class DispatchRound
{
    public const string Worker = "worker";
    public const string Bare = "bare";

    /// <summary>Runs a round on a folder in a child process.</summary>
    public static async Task<RoundFigures> StartAsync(string what, string folder, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(DispatchRound).Assembly.Location, $"dispatch:{what}@{folder}"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? JsonSerializer.Deserialize<RoundFigures>(output)! : throw new InvalidOperationException($"A round of {what} failed: {output}");
    }

    /// <summary>The child process: runs the round that <paramref name="part"/> describes (WHAT@FOLDER) and prints its figures.</summary>
    public static async Task<int> RunAsync(string part, CancellationToken ct)
    {
        var (what, folder) = (part[..part.IndexOf('@')], part[(part.IndexOf('@') + 1)..]);
        var plan = DispatchPlan.Load(folder);
        Console.WriteLine(JsonSerializer.Serialize(what == Worker ? await WorkerRound.RunAsync(folder, plan, ct) : await BareRound.RunAsync(plan, ct)));
        return 0;
    }
}
