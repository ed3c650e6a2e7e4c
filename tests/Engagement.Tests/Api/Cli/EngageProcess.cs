using System.Diagnostics;

namespace Engagement.Tests.Api.Cli;

/// <summary>What a command line said and how it ended.</summary>
internal sealed record Spoken(int ExitCode, string Output, string Error);

/// <summary>The executable, called as people call it.</summary>
internal static class EngageProcess
{
    /// <summary>Runs one command line in English, or in Chinese.</summary>
    public static async Task<Spoken> RunAsync(IEnumerable<string> arguments, bool chinese = false)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Engagement.Api.dll"), .. arguments]) start.ArgumentList.Add(argument);
        start.Environment["LANG"] = chinese ? "zh_CN.UTF-8" : "C.UTF-8";
        start.Environment.Remove("LC_ALL");
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new Spoken(process.ExitCode, await output, await error);
    }

    /// <inheritdoc cref="RunAsync(IEnumerable{string}, bool)"/>
    public static Task<Spoken> RunAsync(params string[] arguments) => RunAsync(arguments, chinese: false);
}
