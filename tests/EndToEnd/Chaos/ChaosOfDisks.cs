namespace Engagement.EndToEnd.Chaos;

/// <summary>A disk without space.</summary>
public sealed class ChaosOfDisks
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_disk_that_fills_up_is_said_and_costs_nothing_once_there_is_space_again()
    {
        await using var machine = await ChaosMachine.EmbeddedAsync();
        await (await ChaosWorld.MakeAsync(machine, 600)).MixAsync();
        await machine.FaultsAsync(new { latencyMs = (int[])[20, 60] });
        var process = machine.Serve("all", "Api,Worker", prefix: ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
        await machine.UntilAsync("some have left", s_patience, async () => await machine.AcceptedAsync() >= 50);
        process.LimitFiles(100_000);

        await machine.UntilAsync("it says so", s_patience,
            () => Task.FromResult(process.Said().Any(line => line.Contains("disk", StringComparison.OrdinalIgnoreCase))));
        var accepted = await machine.AcceptedAsync();
        process.LimitFiles(null);
        await machine.UntilAsync("it goes on by itself", s_patience, async () => await machine.AcceptedAsync() > accepted);

        await machine.DrainedAsync();
        await machine.SettleAsync();
        await machine.HoldsAsync();
    }
}
