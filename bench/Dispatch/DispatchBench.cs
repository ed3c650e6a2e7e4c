namespace Engagement.Bench.Dispatch;

/// <summary>What the delivery engine does a second and what it takes for it, with gate, rendering and durable recording, next to what the machine can do at all.</summary>
internal static class DispatchBench
{
    private static readonly (string Name, Func<Arena, Scale, BenchTable, CancellationToken, Task> RunAsync)[] s_parts =
    [
        ("sqlite", SpeedParts.SqliteAsync), ("mysql", SpeedParts.MariaDbAsync), ("sms", SpeedParts.SmsAsync), ("latency", SpeedParts.LatencyAsync),
        ("expansion", ExpansionPart.RunAsync), ("memory", MemoryPart.RunAsync),
    ];

    /// <summary>The names of its parts.</summary>
    public static IEnumerable<string> Parts => s_parts.Select(part => part.Name);

    /// <summary>Runs it.</summary>
    /// <param name="scale"><c>small</c> measures the first part only, unless another is asked for.</param>
    /// <param name="only">One part; <c>null</c> for all.</param>
    /// <param name="ct">Stops it.</param>
    public static async Task<BenchReport> RunAsync(string scale, string? only, CancellationToken ct)
    {
        var size = scale == Scale.Small.Name ? Scale.Small : Scale.Full;
        var table = new BenchTable();
        await using var arena = await Arena.OpenAsync(ct);
        foreach (var part in s_parts.Where(part => only is null ? !size.IsSmall || part == s_parts[0] : part.Name == only))
        {
            await Console.Error.WriteLineAsync($"dispatch: {part.Name} …");
            await part.RunAsync(arena, size, table, ct);
        }

        return table.Report("dispatch");
    }
}
