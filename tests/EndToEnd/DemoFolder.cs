using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Engagement.EndToEnd;

/// <summary>One data folder and the real commands that work on it: <c>run.sh</c> and <c>engage</c>, as a newcomer types them.</summary>
public sealed class DemoFolder : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    public string Path { get; } = Directory.CreateTempSubdirectory("engagement-e2e-").FullName;

    /// <summary>The root of the repository, found by its solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file of the shared data beside a development checkout; a clone has none.</summary>
    public static string? Shared(string file)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(Root, "..", "shared", "data", file));
        return File.Exists(path) ? path : null;
    }

    /// <summary>Does the main job once, on free ports.</summary>
    public Task<Finished> OnceAsync(params string[] options) => OnceOnAsync("0", "0", options);

    /// <summary>Does the main job once, on these ports.</summary>
    public Task<Finished> OnceOnAsync(string port, string sandboxPort, params string[] options) =>
        RunAsync("run.sh", ["--data", Path, "--port", port, "--sandbox-port", sandboxPort, "--once", .. options]);

    /// <summary>Runs a verb.</summary>
    public Task<Finished> EngageAsync(params string[] verb) => RunAsync("engage", ["--data", Path, .. verb]);

    /// <summary>Runs a verb with a setting of its own.</summary>
    public Task<Finished> EngageAsync((string Name, string Value) setting, params string[] verb) => RunAsync("engage", ["--data", Path, .. verb], setting);

    /// <summary>What the last run wrote.</summary>
    public JsonElement Summary() => JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(Path, "summary.json"))).RootElement;

    /// <summary>Starts a process of ours with English output.</summary>
    public static Process Start(string script, IEnumerable<string> arguments, params (string Name, string Value)[] settings)
    {
        // Who runs the tests in the background of a shell has Ctrl-C ignored, and would hand that down.
        var start = new ProcessStartInfo("env") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add("--default-signal=INT");
        start.ArgumentList.Add("bash");
        start.ArgumentList.Add(System.IO.Path.Combine(Root, script));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment.Remove("LC_ALL");
        foreach (var (name, value) in settings) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static async Task<Finished> RunAsync(string script, IEnumerable<string> arguments, params (string Name, string Value)[] settings)
    {
        using var process = Start(script, arguments, settings);
        using var patience = new CancellationTokenSource(s_patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return new Finished(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{script} did not end within {s_patience}.");
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Engagement.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The repository's root was not found.");
    }
}

/// <summary>How a command ended.</summary>
public sealed record Finished(int ExitCode, string Output, string Errors)
{
    /// <summary>Everything that it said, for messages of failing tests.</summary>
    public override string ToString() => new StringBuilder().Append("exit code ").Append(ExitCode).Append('\n').Append(Output).Append(Errors).ToString();
}
