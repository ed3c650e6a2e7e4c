using System.Diagnostics;
using Engagement.Messaging;
using Engagement.Storage;

namespace Engagement.Bench.Dispatch;

/// <summary>How fast messages leave, next to the bare loop of the same rounds. Each part is the rows of one world; its bars are those of the issue.</summary>
internal static class SpeedParts
{
    private const int LatencyMs = 100;
    private const int LatencyInFlight = 500;
    private const int BareSmsFactor = 20;

    /// <summary>SQLite, one worker.</summary>
    public static Task SqliteAsync(Arena arena, Scale scale, BenchTable table, CancellationToken ct)
    {
        var plan = DispatchPlan.Today(arena.Sandbox.Url, scale.WarmUp[0], scale.WarmUp[1], scale.Messages);
        var off = new Row("SQLite, one worker", plan) { LeastShare = 0.5, MostCpu = 2.7 };
        return RowsAsync(arena, scale, table, DatabaseProvider.Sqlite, plan, scale.IsSmall ? [off] : [off, off.WithReceipts()], ct);
    }

    /// <summary>MariaDB, one worker and two.</summary>
    public static Task MariaDbAsync(Arena arena, Scale scale, BenchTable table, CancellationToken ct)
    {
        var plan = DispatchPlan.Today(arena.Sandbox.Url, scale.WarmUp[0], scale.WarmUp[1], scale.Messages);
        var one = new Row("MariaDB, one worker", plan) { LeastShare = 0.3, MostCpu = 4 };
        // A shorter lease only makes them share the shards sooner.
        var two = one with { Name = "MariaDB, two workers", Plan = With(plan with { Workers = 2 }, ("Dispatch:Lease", "00:00:10")) };
        return RowsAsync(arena, scale, table, DatabaseProvider.MySql, plan, [one, one.WithReceipts(), two, two.WithReceipts()], ct);
    }

    /// <summary>SMS, a hundred in a call.</summary>
    public static Task SmsAsync(Arena arena, Scale scale, BenchTable table, CancellationToken ct)
    {
        var plan = With(
            DispatchPlan.Today(arena.Sandbox.Url, scale.WarmUp[0], scale.WarmUp[1], scale.Messages) with { Channel = Channel.Sms, InFlight = 16 },
            ("Rates:Aliyun", "0"), ("Sms:Aliyun:TakesPromotions", "true"));
        // A bare call carries a hundred: as many messages would be sent before anything could be measured.
        var bare = plan with { Phases = [.. plan.Phases.Select(messages => messages * BareSmsFactor)] };
        return RowsAsync(arena, scale, table, DatabaseProvider.Sqlite, bare, [new Row("SMS by batch, SQLite", plan) { LeastShare = 0.5 }], ct);
    }

    /// <summary>A provider that takes 100 ms, and 500 requests in flight.</summary>
    public static Task LatencyAsync(Arena arena, Scale scale, BenchTable table, CancellationToken ct)
    {
        var plan = With(
            DispatchPlan.Today(arena.Sandbox.Url, scale.WarmUp[0], scale.WarmUp[1], scale.LatencyMessages) with { InFlight = LatencyInFlight },
            ("Dispatch:InFlight", $"{LatencyInFlight}"), ("Dispatch:Lanes", "16"), ("WeChat:MaxConnections", $"{LatencyInFlight}"));
        var row = new Row($"{LatencyMs} ms latency, {LatencyInFlight} in flight, SQLite", plan) { LatencyMs = LatencyMs, LeastSteady = 0.9 * LatencyInFlight * 1000 / LatencyMs };
        return RowsAsync(arena, scale, table, DatabaseProvider.Sqlite, plan, [row], ct);
    }

    private static async Task RowsAsync(Arena arena, Scale scale, BenchTable table, DatabaseProvider provider, DispatchPlan barePlan, IReadOnlyList<Row> rows, CancellationToken ct)
    {
        var (world, filled) = await arena.MakeAsync(provider, rows[0].Plan, ct);
        await using var made = world;
        var bare = new List<RoundFigures>();
        var measured = rows.ToDictionary(row => row, _ => new List<RoundFigures>());
        for (var round = 0; round < scale.Rounds; round++)
        {
            // Each goes first in its turn, so that whatever else the machine does meets all.
            for (var turn = 0; turn <= rows.Count; turn++)
            {
                var at = (turn + round) % (rows.Count + 1);
                var started = Stopwatch.GetTimestamp();
                var figures = at == 0 ? await arena.BareAsync(barePlan, rows[0].LatencyMs, ct) : await arena.WorkersAsync(world, filled.As(rows[at - 1].Plan), rows[at - 1].LatencyMs, ct);
                (at == 0 ? bare : measured[rows[at - 1]]).Add(figures);
                await Console.Error.WriteLineAsync(
                    $"  round {round + 1}: {(at == 0 ? "bare" : rows[at - 1].Name)}: {figures.PerSecond:N0} messages/s, {figures.CpuPerThousand:0.000} s of CPU per 1,000; took {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
            }
        }

        table.AddBare(rows[0].Name, bare);
        foreach (var row in rows) table.AddRow(row, measured[row], bare);
    }

    private static DispatchPlan With(DispatchPlan plan, params IEnumerable<(string Key, string Value)> settings) =>
        plan with { Settings = settings.ToDictionary(s => s.Key, s => (string?)s.Value) };
}

/// <summary>One row of a table: how the worker is set up, and what is promised of it.</summary>
internal sealed record Row(string Name, DispatchPlan Plan)
{
    public int LatencyMs { get; init; }

    /// <summary>The least share of the bare loop's messages a second.</summary>
    public double? LeastShare { get; init; }

    /// <summary>The most CPU time, as a multiple of the bare loop's.</summary>
    public double? MostCpu { get; init; }

    /// <summary>The least messages a second in the steady state.</summary>
    public double? LeastSteady { get; init; }

    /// <summary>The same with receipts; what is promised holds without them.</summary>
    public Row WithReceipts() => new($"{Name}, receipts", Plan with { Receipts = true });
}
