using Engagement.Storage;

namespace Engagement.Bench.Dispatch;

/// <summary>Whether a worker's memory and speed depend on how many rows there are: it expands and sends to a few, and to very many.</summary>
internal static class MemoryPart
{
    private const double MostGrowth = 1.2;
    private const double MostMegabytes = 250;
    private const double LeastSpeed = 0.9;

    public static async Task RunAsync(Arena arena, Scale scale, BenchTable table, CancellationToken ct)
    {
        // The last messages of the large table are measured in turn with those of the small one.
        var measured = scale.Few / 2;
        var (small, few) = await MakeAsync(arena, scale.Few - measured, [measured], ct);
        await using var smallWorld = small;
        var (large, many) = await MakeAsync(arena, scale.Many - scale.Rounds * measured, [.. Enumerable.Repeat(measured, scale.Rounds)], ct);
        await using var largeWorld = large;
        await using var copy = await large.CopyAsync(arena.NewFolder(), many, ct);
        await using var round = await arena.WorkersOnAsync(copy, many, 0, ct);
        var expansion = await round.ExpandAsync(ct);
        var most = await round.PhaseAsync(ct);

        var (ofFew, ofMany) = (new List<RoundFigures>(), new List<RoundFigures>());
        for (var i = 0; i < scale.Rounds; i++)
        {
            if (i % 2 == 0) ofMany.Add(await round.PhaseAsync(ct));
            ofFew.Add(await SmallAsync(arena, small, few, ct));
            if (i % 2 == 1) ofMany.Add(await round.PhaseAsync(ct));
        }

        Report(scale, table, expansion, most, ofFew, ofMany);
    }

    private static Task<(World World, DispatchPlan Plan)> MakeAsync(Arena arena, int first, IEnumerable<int> others, CancellationToken ct) =>
        arena.MakeAsync(DatabaseProvider.Sqlite, DispatchPlan.Today(arena.Sandbox.Url, [first, .. others]) with { ExpandsInWorker = true }, ct);

    private static async Task<RoundFigures> SmallAsync(Arena arena, World world, DispatchPlan plan, CancellationToken ct)
    {
        await using var copy = await world.CopyAsync(arena.NewFolder(), plan, ct);
        await using var round = await arena.WorkersOnAsync(copy, plan, 0, ct);
        await round.ExpandAsync(ct);
        return await round.ToTheEndAsync(ct);
    }

    private static void Report(
        Scale scale, BenchTable table, RoundFigures expansion, RoundFigures most, IReadOnlyList<RoundFigures> ofFew, IReadOnlyList<RoundFigures> ofMany)
    {
        var (few, many) = ($"{scale.Few:N0} recipients", $"{scale.Many:N0} recipients");
        var speed = Figure.Of($"messages/s with {scale.Many:N0} rows against {scale.Few:N0}", "×", ofMany.Zip(ofFew, (m, f) => m.PerSecond / f.PerSecond));
        var (peakFew, peakMany) = (Figure.Of($"peak memory, {few}", "MB", ofFew.Select(r => r.PeakMegabytes)), Figure.Of($"peak memory, {many}", "MB", [ofMany[^1].PeakMegabytes]));
        table.Add(Figure.Of($"expansion in the worker, {many}", "members/s", [expansion.PerSecond]));
        table.Add(Figure.Of($"dispatch of most of {many}", "messages/s", [most.PerSecond]));
        table.Add(Figure.Of($"dispatch, {scale.Few:N0} rows in the table", "messages/s", ofFew.Select(r => r.PerSecond)));
        table.Add(Figure.Of($"dispatch, {scale.Many:N0} rows in the table", "messages/s", ofMany.Select(r => r.PerSecond)));
        table.Add(speed);
        table.Add(peakFew);
        table.Add(peakMany);
        table.Add(Figure.Of($"own memory at the end, {few}", "MB", ofFew.Select(r => r.OwnMegabytes)));
        table.Add(Figure.Of($"own memory at the end, {many}", "MB", ofMany.Select(r => r.OwnMegabytes)));
        table.Add(Ratio.AtMost($"peak memory, {many} / {few}", peakMany.Median / peakFew.Median, MostGrowth));
        table.Add(Ratio.AtMost(peakMany.Name, peakMany.Median, MostMegabytes));
        table.Add(Ratio.AtLeast(speed.Name, speed.Median, LeastSpeed));
    }
}
