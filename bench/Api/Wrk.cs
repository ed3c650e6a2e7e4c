using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Engagement.Bench.Api;

/// <summary>What wrk measured.</summary>
/// <param name="PerSecond">Requests a second.</param>
/// <param name="P50">Half of them were answered within so many milliseconds.</param>
/// <param name="P99">All but one in a hundred.</param>
internal sealed record WrkResult(double PerSecond, double P50, double P99);

/// <summary>Drives an address with wrk: one thread, keep-alive connections, requests from a file that go round.</summary>
internal static partial class Wrk
{
    public const int Connections = 32;

    /// <summary>Stands in a body for a number that no other request has.</summary>
    public const string Number = "0123456789";

    private static int s_round;

    // The requests: METHOD, path, authorization, body, one a line, divided by tabs. Each connection takes the next of all.
    private const string Script = """
        local requests, n, pause, round, numbered = {}, 0, 0, "00", false
        function init(args)
          pause, round = tonumber(args[2]), args[3]
          for line in io.lines(args[1]) do
            local method, path, auth, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
            numbered = numbered or body:find("0123456789", 1, true) ~= nil
            local headers = { ["Authorization"] = auth }
            if body ~= "" then headers["Content-Type"] = "application/json" end
            requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
          end
        end
        function request()
          n = n + 1
          local request = requests[(n - 1) % #requests + 1]
          if not numbered then return request end
          -- Ten characters for ten: the length that was announced stays true.
          return (request:gsub("0123456789", string.format("%s%08d", round, n)))
        end
        -- As people come: by chance, not all at once.
        function delay() return math.floor(0.5 - math.log(1 - math.random()) * pause) end
        """;

    /// <summary>Runs it for some seconds.</summary>
    /// <param name="address">The server.</param>
    /// <param name="requests">The file of requests.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="rate">How many requests a second at most; <c>null</c> as many as it takes.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <exception cref="InvalidOperationException">wrk is not there, or an answer was no 2xx.</exception>
    public static async Task<WrkResult> RunAsync(string address, string requests, int seconds, double? rate, CancellationToken ct)
    {
        var script = requests + ".lua";
        await File.WriteAllTextAsync(script, Script, ct);
        var pause = rate is { } most ? (int)Math.Round(Connections * 1000 / most) : 0;
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true };
        foreach (var argument in (string[])["-t1", $"-c{Connections}", $"-d{seconds}s", "--latency", "-s", script, address, "--", requests, $"{pause}", $"{Interlocked.Increment(ref s_round):00}"]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("wrk did not start.");
        var said = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0 || said.Contains("Non-2xx", StringComparison.Ordinal)) throw new InvalidOperationException($"wrk on {Path.GetFileName(requests)}: {said}");
        return new WrkResult(double.Parse(Rate().Match(said).Groups[1].Value, CultureInfo.InvariantCulture), Milliseconds(said, "50"), Milliseconds(said, "99"));
    }

    /// <summary>A body with its number.</summary>
    public static string Numbered(string body, int number) => body.Replace(Number, $"99{number:00000000}", StringComparison.Ordinal);

    private static double Milliseconds(string said, string percent)
    {
        var line = Regex.Match(said, $@"^\s+{percent}%\s+([\d.]+)(us|ms|s)\s*$", RegexOptions.Multiline);
        var value = double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture);
        return line.Groups[2].Value switch { "us" => value / 1000, "ms" => value, _ => value * 1000 };
    }

    [GeneratedRegex(@"^Requests/sec:\s+([\d.]+)", RegexOptions.Multiline)]
    private static partial Regex Rate();
}
