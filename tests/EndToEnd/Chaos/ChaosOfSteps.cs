namespace Engagement.EndToEnd.Chaos;

/// <summary>Processes that kill themselves at each named step of the way of a message.</summary>
public sealed class ChaosOfSteps(ChaosServers servers) : IClassFixture<ChaosServers>
{
    // In an order in which each comes while there is work for it.
    private static readonly string[] s_steps =
        ["planned:2", "intended:2", "leaving:40", "answered:2", "recorded:3", "received:40", "applying:3", "taken:2"];

    [Fact]
    public async Task A_process_on_SQLite_that_dies_at_each_step_in_turn_loses_nothing_and_doubles_nothing()
    {
        await using var machine = await ChaosMachine.EmbeddedAsync();
        await (await ChaosWorld.MakeAsync(machine, 800)).MixAsync();
        var process = machine.Serve("all", "Api,Worker", s_steps);

        await process.CrashedAsync();
        await machine.DrainedAsync();
        await machine.SettleAsync();

        Assert.Equal(s_steps.Length, machine.Kills);
        await machine.HoldsAsync();
    }

    [Fact]
    public async Task Processes_on_MariaDB_that_die_at_each_step_in_turn_lose_nothing_and_double_nothing()
    {
        await using var machine = await ChaosMachine.ClusterAsync(servers.MariaDb, servers.Redis);
        await (await ChaosWorld.MakeAsync(machine, 800)).MixAsync();
        EngageProcess[] processes =
        [
            machine.Serve("api", "Api", ["received:40"]),
            machine.Serve("one", "Worker", ["planned:2", "leaving:40", "recorded:2"]),
            machine.Serve("two", "Worker", ["intended:2", "answered:2", "applying:3", "taken:3"]),
        ];

        await Task.WhenAll(processes.Select(process => process.CrashedAsync()));
        await machine.DrainedAsync();
        await machine.SettleAsync();

        await machine.HoldsAsync();
    }
}
