using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Engagement.Bench.Dispatch;

/// <summary>A process of a round: its CPU time and memory are its own. It says a line when it is ready, then one for each step it was told to take.</summary>
internal sealed class RoundProcess : IAsyncDisposable
{
    private const string Mark = "> ";
    private const string Go = "next";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _what;
    private readonly StringBuilder _log = new();

    private RoundProcess(Process process, string what) => (_process, _what) = (process, what);

    /// <summary>Starts one on the folder of a world.</summary>
    /// <param name="what">What it is, as <see cref="BenchProcess"/> and the program know it.</param>
    /// <param name="folder">The world.</param>
    public static RoundProcess Start(string what, string folder) => new(
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(RoundProcess).Assembly.Location, $"{(what.Contains(':') ? what : "dispatch:" + what)}@{folder}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
            Environment = { ["DOTNET_GCgen0size"] = "0x1000000", ["DOTNET_GCConserveMemory"] = "7" },   // as ./engage does
        })!, what);

    /// <summary>What it says next; whatever else it prints is kept for the case that it fails.</summary>
    public async Task<T> HearAsync<T>(CancellationToken ct)
    {
        while (await _process.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            if (line.StartsWith(Mark, StringComparison.Ordinal)) return JsonSerializer.Deserialize<T>(line[Mark.Length..])!;
            _log.AppendLine(line);
        }

        throw new InvalidOperationException($"A round of {_what} failed: {_log}");
    }

    /// <summary>Tells it to take its next step, and hears what came of it.</summary>
    public async Task<T> StepAsync<T>(CancellationToken ct)
    {
        await _process.StandardInput.WriteLineAsync(Go.AsMemory(), ct);
        await _process.StandardInput.FlushAsync(ct);
        return await HearAsync<T>(ct);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            // Read to its end, or it might wait for somebody who reads.
            await _process.StandardOutput.ReadToEndAsync(patience.Token);
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>In the process: says something to who started it.</summary>
    public static void Say<T>(T what) => Console.WriteLine(Mark + JsonSerializer.Serialize(what));

    /// <summary>In the process: waits for the word; <c>false</c> when nobody wants any more.</summary>
    public static async Task<bool> ToldAsync(CancellationToken ct) => await Console.In.ReadLineAsync(ct) == Go;
}

/// <summary>Where a process answers, once it is ready.</summary>
internal sealed record Ready(string? Address);
