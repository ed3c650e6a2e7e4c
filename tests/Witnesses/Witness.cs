using System.Diagnostics;
using System.Text.Json;
using Engagement.Tests.Support;

namespace Engagement.Witnesses;

/// <summary>A test that needs Node and the packages of package-lock.json: missing, it is shown as skipped, and in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class WitnessFactAttribute : FactAttribute
{
    public WitnessFactAttribute() => Skip = Witness.Missing;
}

/// <inheritdoc cref="WitnessFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class WitnessTheoryAttribute : TheoryAttribute
{
    public WitnessTheoryAttribute() => Skip = Witness.Missing;
}

/// <summary>A third party's SDK in a Node process of its own. It runs one scenario and prints what it made of it.</summary>
internal sealed class Witness : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly string s_folder = Repository.Path("tests", "Witnesses");

    private readonly Process _process;

    private Witness(Process process) => _process = process;

    /// <summary>What is not installed, or <c>null</c>. In CI nothing may be missing, and the test itself says what is.</summary>
    public static string? Missing { get; } =
        Environment.GetEnvironmentVariable("CI") is "true" or "1" || File.Exists(Path.Combine(s_folder, "node_modules", ".package-lock.json"))
            ? null
            : "npm ci in tests/Witnesses has not been run; ./test.sh does it";

    /// <summary>What the SDK gave back; an error that it threw fails the test.</summary>
    public static async Task<JsonElement> ResultAsync(string script, string scenario, object arguments)
    {
        var said = await RunAsync(script, scenario, arguments);
        return said.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{script} {scenario}: {said}");
    }

    /// <summary>The error that the SDK threw.</summary>
    public static async Task<JsonElement> ErrorAsync(string script, string scenario, object arguments)
    {
        var said = await RunAsync(script, scenario, arguments);
        return said.TryGetProperty("error", out var error) ? error : throw new InvalidOperationException($"{script} {scenario} threw nothing: {said}");
    }

    /// <summary>A process that goes on; what it says is read line by line.</summary>
    public static Witness Start(string script, string scenario, object arguments)
    {
        var start = new ProcessStartInfo("node", ["--no-deprecation", Path.Combine(s_folder, script), scenario, JsonSerializer.Serialize(arguments)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = s_folder,
        };
        return new Witness(Process.Start(start)!);
    }

    /// <summary>The next line that it says.</summary>
    public async Task<JsonElement> HearAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        var line = await _process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("The witness ended without a word.");
        return JsonDocument.Parse(line).RootElement;
    }

    public async Task SayAsync(string line) => await _process.StandardInput.WriteLineAsync(line);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5))) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<JsonElement> RunAsync(string script, string scenario, object arguments)
    {
        await using var witness = Start(script, scenario, arguments);
        return await witness.HearAsync();
    }
}
