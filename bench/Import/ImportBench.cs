using System.Diagnostics;
using System.Text.Json;
using Engagement.Storage;

namespace Engagement.Bench.Import;

/// <summary>How fast purchase lines come in, next to what SQLite can do at all, and whether memory grows with the file.</summary>
internal static class ImportBench
{
    private const int Rounds = 3;

    public static async Task<BenchReport> RunAsync(string scale, CancellationToken ct)
    {
        var (less, more) = scale == "small" ? (20_000, 200_000) : (100_000, 1_000_000);
        var folder = Directory.CreateTempSubdirectory("engagement-bench-csv-").FullName;
        try
        {
            var results = new Dictionary<int, List<double[]>> { [less] = [], [more] = [] };
            foreach (var lines in results.Keys) await PurchaseCsv.WriteAsync(Csv(folder, lines), lines, ChinaTime.DateOf(TimeProvider.System.GetUtcNow()), ct);
            // The sizes take turns, so that whatever else the machine does meets both.
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var (lines, rounds) in results) rounds.Add(await RoundAsync(lines, Csv(folder, lines), ct));
            }

            return Report(less, results[less], more, results[more]);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static BenchReport Report(int less, List<double[]> small, int more, List<double[]> large)
    {
        var figures = new List<Figure>();
        foreach (var (lines, rounds) in new[] { (less, small), (more, large) })
        {
            figures.Add(Figure.Of($"import of {lines:N0} lines", "rows/s", rounds.Select(r => r[0])));
            figures.Add(Figure.Of($"bare inserts of {lines:N0} lines", "rows/s", rounds.Select(r => r[1])));
            figures.Add(Figure.Of($"processor, import of {lines:N0} lines", "µs/row", rounds.Select(r => r[3])));
            figures.Add(Figure.Of($"processor, bare inserts of {lines:N0} lines", "µs/row", rounds.Select(r => r[4])));
            figures.Add(Figure.Of($"peak memory at {lines:N0} lines", "MB", rounds.Select(r => r[2])));
        }

        return new BenchReport("import", figures,
        [
            Ratio.AtLeast($"import / bare inserts, {more:N0} lines", figures[5].Median / figures[6].Median, 0.25),
            Ratio.AtMost($"peak memory, {more:N0} / {less:N0} lines", figures[9].Median / figures[4].Median, 1.2),
        ]);
    }

    private static string Csv(string folder, int lines) => Path.Combine(folder, $"{lines}.csv");

    private static async Task<double[]> RoundAsync(int lines, string csv, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(ImportBench).Assembly.Location, $"import:{lines}@{csv}"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? JsonSerializer.Deserialize<double[]>(output)! : throw new InvalidOperationException($"A round of {lines} lines failed.");
    }
}
