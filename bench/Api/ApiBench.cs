using System.Net.Http.Headers;
using Engagement.Bench.Dispatch;

namespace Engagement.Bench.Api;

/// <summary>What members and tills wait for, driven by wrk from a process of its own, next to a bare Kestrel endpoint that returns the same bytes in the same run.</summary>
internal static class ApiBench
{
    private const int Rounds = 5;
    private const int Seconds = 5;
    private const double LeastHome = 0.35;
    private const double MostHomeWait = 5;
    private const double MostLookUp = 20;

    /// <summary>Runs all rows, or the one that is named.</summary>
    public static async Task<BenchReport> RunAsync(string scale, string? only, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("engagement-bench-api-").FullName;
        try
        {
            var table = new BenchTable();
            Console.Error.WriteLine("api: the world …");
            await LedgerAsync(folder, scale == "small" ? 50_000 : 1_000_000, table, ct);
            await using var ours = RoundProcess.Start("api:serve", folder);
            var address = (await ours.HearAsync<Ready>(ct)).Address!;
            foreach (var name in ApiRequests.Names) await AnswerAsync(folder, address, name, ct);
            await using var bare = RoundProcess.Start("api:bare", folder);
            var ceiling = (await bare.HearAsync<Ready>(ct)).Address!;
            foreach (var name in ApiRequests.Names.Where(name => only is null || name == only)) await RowAsync(folder, name, address, ceiling, table, ct);
            return table.Report("api");
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static async Task LedgerAsync(string folder, int members, BenchTable table, CancellationToken ct)
    {
        var rate = await ApiWorld.MakeAsync(folder, members, ct);
        var ceiling = rate.Earned / await LedgerCeiling.SecondsAsync(folder, rate, ct);
        table.Add(Figure.Of($"ledger: tickets booked, {members:N0} members", "tickets/s", [rate.PerSecond]));
        table.Add(Figure.Of("ledger: bare inserts of the same rows", "tickets/s", [ceiling]));
        table.Add(Figure.Of("ledger against bare inserts", "×", [rate.PerSecond / ceiling]));
    }

    // The bytes that the bare endpoint will return: what the program answered to the first request of the row.
    private static async Task AnswerAsync(string folder, string address, string name, CancellationToken ct)
    {
        var line = File.ReadLines(ApiRequests.FileOf(folder, name)).First().Split('\t', 4);
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        using var request = new HttpRequestMessage(new HttpMethod(line[0]), line[1]);
        request.Headers.TryAddWithoutValidation("Authorization", line[2]);
        if (line[3].Length > 0) request.Content = new StringContent(Wrk.Numbered(line[3], 0), new MediaTypeHeaderValue("application/json"));
        using var answer = await http.SendAsync(request, ct);
        var text = await answer.Content.ReadAsByteArrayAsync(ct);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{name}: {(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(text)}");
        await File.WriteAllBytesAsync(Path.Combine(folder, name + ".answer"), text, ct);
        await File.WriteAllLinesAsync(ApiRequests.FileOf(folder, name + "-bare"), File.ReadLines(ApiRequests.FileOf(folder, name)).Select(row => string.Join('\t', [row.Split('\t')[0], "/" + name, .. row.Split('\t')[2..]])), ct);
    }

    private static async Task RowAsync(string folder, string name, string address, string ceiling, BenchTable table, CancellationToken ct)
    {
        Console.Error.WriteLine($"api: {name} …");
        var (requests, bareRequests) = (ApiRequests.FileOf(folder, name), ApiRequests.FileOf(folder, name + "-bare"));
        // Compiled and cached, as in a process that lives for days.
        await Wrk.RunAsync(address, requests, Seconds, null, ct);
        await Wrk.RunAsync(ceiling, bareRequests, Seconds, null, ct);
        var (ours, bare) = (new List<WrkResult>(), new List<WrkResult>());
        for (var i = 0; i < Rounds; i++)
        {
            if (i % 2 == 0) bare.Add(await Wrk.RunAsync(ceiling, bareRequests, Seconds, null, ct));
            ours.Add(await Wrk.RunAsync(address, requests, Seconds, null, ct));
            if (i % 2 == 1) bare.Add(await Wrk.RunAsync(ceiling, bareRequests, Seconds, null, ct));
        }

        var share = Figure.Of($"{name} against bare", "×", ours.Zip(bare, (o, b) => o.PerSecond / b.PerSecond));
        var wait = Figure.Of($"{name}: p99 against bare", "×", ours.Zip(bare, (o, b) => o.P99 / b.P99));
        Console.Error.WriteLine($"  ours {ours[^1].PerSecond:N0}/s, p99 {ours[^1].P99:N1} ms; bare {bare[^1].PerSecond:N0}/s, {bare[^1].P99:N1} ms; {share.Median:0.00} of it");
        Add(name, ours);
        Add($"{name}, bare", bare);
        table.Add(share);
        table.Add(wait);
        if (name == ApiRequests.Home)
        {
            table.Add(Ratio.AtLeast(share.Name, share.Median, LeastHome));
            table.Add(Ratio.AtMost(wait.Name, wait.Median, MostHomeWait));
        }

        if (name == ApiRequests.LookUp)
        {
            var half = new List<WrkResult>();
            for (var i = 0; i < Rounds; i++) half.Add(await Wrk.RunAsync(address, requests, Seconds, ours.Average(r => r.PerSecond) / 2, ct));
            Add($"{name} at half of that", half);
            table.Add(Ratio.AtMost($"{name} at half of saturation: p99, ms", Figure.Of("", "", half.Select(r => r.P99)).Median, MostLookUp));
        }

        void Add(string row, List<WrkResult> results)
        {
            table.Add(Figure.Of(row, "requests/s", results.Select(r => r.PerSecond)));
            table.Add(Figure.Of($"{row}: p50", "ms", results.Select(r => r.P50)));
            table.Add(Figure.Of($"{row}: p99", "ms", results.Select(r => r.P99)));
        }
    }
}
