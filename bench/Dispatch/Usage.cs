using System.Diagnostics;
using System.Runtime;

namespace Engagement.Bench.Dispatch;

/// <summary>What processes use.</summary>
internal static class Usage
{
    /// <summary>The CPU time of this process.</summary>
    public static TimeSpan Cpu => Environment.CpuUsage.TotalTime;

    /// <summary>The most memory that this process ever held, in MB, pages of mapped files included.</summary>
    public static double PeakMegabytes => Status("VmHWM:");

    /// <summary>What it holds now of its own: without pages of files, which the system may take back.</summary>
    public static double OwnMegabytes => Status("RssAnon:");

    /// <summary>The CPU time of another process.</summary>
    public static TimeSpan CpuOf(int process)
    {
        using var other = Process.GetProcessById(process);
        return other.TotalProcessorTime;
    }

    /// <summary>Waits until the compiler has finished with what the warm-up made hot: it works in the background, on the same cores.</summary>
    public static async Task CompiledAsync(CancellationToken ct)
    {
        var (compiled, quiet) = (-1L, 0);
        for (var looks = 0; quiet < 4 && looks < 60; looks++)
        {
            quiet = compiled == JitInfo.GetCompiledMethodCount() ? quiet + 1 : 0;
            compiled = JitInfo.GetCompiledMethodCount();
            await Task.Delay(200, ct);
        }
    }

    private static double Status(string name)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal)) / 1024;
    }
}
