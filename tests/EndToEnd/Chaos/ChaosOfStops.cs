namespace Engagement.EndToEnd.Chaos;

/// <summary>A process that is told to stop while it works.</summary>
public sealed class ChaosOfStops
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_orderly_stop_waits_for_the_wave_and_leaves_nothing_in_doubt()
    {
        await using var machine = await SlowAsync();
        var process = machine.Serve("stopped", "Api,Worker");
        await process.ReadyAsync();

        await StopInTheMiddleAsync(machine, process);

        await machine.FaultsAsync(new { });
        var next = machine.Serve("next", "Api,Worker");
        await machine.DrainedAsync();
        await machine.SettleAsync();
        Assert.Equal(((0, 0), 0), (next.TakenOver, machine.Kills));
        Assert.Equal(0, (await machine.HoldsAsync()).InDoubt);
    }

    [Fact]
    public async Task A_stop_that_comes_while_it_starts_waits_for_the_wave_as_well()
    {
        await using var machine = await SlowAsync();

        // The worker may be sending before the port is open.
        await StopInTheMiddleAsync(machine, machine.Serve("stopped", "Api,Worker"));
    }

    // All are on the wire at once, for longer than an impatient caller would wait.
    private static async Task<ChaosMachine> SlowAsync()
    {
        var machine = await ChaosMachine.EmbeddedAsync(("Dispatch:InFlight", "256"), ("WeChat:SendTimeout", "00:00:20"), ("Sms:Aliyun:SendTimeout", "00:00:20"));
        await (await ChaosWorld.MakeAsync(machine, 40)).MixAsync();
        await machine.FaultsAsync(new { latencyMs = (int[])[3500, 3500] });
        return machine;
    }

    private static async Task StopInTheMiddleAsync(ChaosMachine machine, EngageProcess process)
    {
        await machine.UntilAsync("a wave is on the wire", s_patience, async () => await machine.ScalarAsync<long>("SELECT COUNT(*) FROM message WHERE state = 2") >= 20);

        await process.StopAsync();

        Assert.Equal(0, await machine.ScalarAsync<long>("SELECT COUNT(*) FROM message WHERE state IN (2, 8)"));
        Assert.Equal(0, await machine.ScalarAsync<long>("SELECT COUNT(*) FROM shard WHERE owner <> ''"));
        Assert.Empty(Directory.GetFiles(Path.Combine(machine.Folder, "flight"), "*.flight"));
        Assert.InRange(await machine.AcceptedAsync(), 20, long.MaxValue);
    }
}
