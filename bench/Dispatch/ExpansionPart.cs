using Engagement.Storage;

namespace Engagement.Bench.Dispatch;

/// <summary>How fast a run's audience becomes rows, next to bare batched inserts of the same rows.</summary>
internal static class ExpansionPart
{
    private const double LeastShare = 0.7;

    public static async Task RunAsync(Arena arena, Scale scale, BenchTable table, CancellationToken ct)
    {
        foreach (var (provider, name) in new[] { (DatabaseProvider.Sqlite, "SQLite"), (DatabaseProvider.MySql, "MariaDB") })
        {
            var plan = DispatchPlan.Today(arena.Sandbox.Url, scale.Expanded / 5, scale.Expanded);
            await using var world = await EmptyAsync(arena, provider, plan, ct);
            var (ours, bare) = (new List<RoundFigures>(), new List<RoundFigures>());
            for (var round = 0; round < scale.Rounds; round++)
            {
                if (round % 2 == 0) bare.Add(await OneAsync(arena, world, plan, BenchProcess.BareInserts, ct));
                ours.Add(await OneAsync(arena, world, plan, BenchProcess.Expansion, ct));
                if (round % 2 == 1) bare.Add(await OneAsync(arena, world, plan, BenchProcess.BareInserts, ct));
            }

            var share = Figure.Of($"expansion, {name}: members/s against bare inserts", "×", ours.Zip(bare, (o, b) => o.PerSecond / b.PerSecond));
            table.Add(Figure.Of($"expansion, {name}", "members/s", ours.Select(r => r.PerSecond)));
            table.Add(Figure.Of($"bare inserts, {name}", "members/s", bare.Select(r => r.PerSecond)));
            table.Add(share);
            table.Add(Figure.Of($"expansion, {name}: CPU per 1,000", "s", ours.Select(r => r.CpuPerThousand)));
            table.Add(Figure.Of($"bare inserts, {name}: CPU per 1,000", "s", bare.Select(r => r.CpuPerThousand)));
            table.Add(Ratio.AtLeast(share.Name, share.Median, LeastShare));
        }
    }

    private static async Task<World> EmptyAsync(Arena arena, DatabaseProvider provider, DispatchPlan plan, CancellationToken ct)
    {
        var world = await World.CreateAsync(arena.NewFolder(), provider, ct);
        await (await DispatchWorld.OpenAsync(world.Folder, world.With(plan), migrate: true, ct)).DisposeAsync();
        await world.CloseAsync(ct);
        return world;
    }

    private static async Task<RoundFigures> OneAsync(Arena arena, World world, DispatchPlan plan, string what, CancellationToken ct)
    {
        await using var copy = await world.CopyAsync(arena.NewFolder(), plan, ct);
        await using var process = RoundProcess.Start(what, copy.Folder);
        await process.HearAsync<Ready>(ct);
        await process.StepAsync<PhaseFigures>(ct);
        return RoundFigures.Of(plan.Phases[^1], [await process.StepAsync<PhaseFigures>(ct)]);
    }
}
