namespace Engagement.EndToEnd.Chaos;

/// <summary>Processes that kill themselves at each named step of the way of a message.</summary>
public sealed class ChaosOfSteps(ChaosServers servers) : IClassFixture<ChaosServers>
{
    [Fact]
    public async Task A_process_on_SQLite_that_dies_at_each_step_in_turn_loses_nothing_and_doubles_nothing()
    {
        // In an order in which each comes while there is work for it; twice one dies just when it has taken over from another that did.
        string[] steps = ["planned:2", "intended:2", "taken:1", "leaving:40", "taken:1", "answered:2", "recorded:3", "received:40", "applying:3"];
        await using var machine = await ChaosMachine.EmbeddedAsync();
        await (await ChaosWorld.MakeAsync(machine, 700)).MixAsync();
        var process = machine.Serve("all", "Api,Worker", steps);

        await process.CrashedAsync();
        await machine.DrainedAsync();
        await machine.SettleAsync();

        Assert.Equal(steps.Length, machine.Kills);
        await machine.HoldsAsync();
    }

    [Fact]
    public async Task A_kill_leaves_in_doubt_what_was_on_the_wire_and_nothing_else()
    {
        const int InFlight = 8;
        await using var machine = await ChaosMachine.EmbeddedAsync(("Dispatch:Lanes", "1"), ("Dispatch:InFlight", $"{InFlight}"));
        await (await ChaosWorld.MakeAsync(machine, 500)).PromotionAsync("chaos_promotion", 0, 500);

        // An intent is durable and nothing has begun to leave.
        var process = machine.Serve("intended", "Api,Worker", ["intended:1"]);
        await process.CrashedAsync();
        await machine.UntilAsync("the shards are taken over", TimeSpan.FromMinutes(1), () => Task.FromResult(process.TakenOver != default));
        Assert.Equal(0, process.TakenOver.InDoubt);
        await process.StopAsync();

        // The twentieth send begins to leave.
        process = machine.Serve("leaving", "Api,Worker", ["leaving:20"]);
        await process.CrashedAsync();
        await machine.UntilAsync("the shards are taken over", TimeSpan.FromMinutes(1), () => Task.FromResult(process.TakenOver != default));
        await machine.DrainedAsync();
        await machine.SettleAsync();

        // At least the one that was leaving, and no more than were on the wire: answers are in the record.
        Assert.InRange(process.TakenOver.InDoubt, 1, InFlight);
        Assert.InRange((await machine.HoldsAsync()).InDoubt, 1, InFlight);
    }

    [Fact]
    public async Task A_tap_counts_once_when_the_process_dies_while_it_is_applied()
    {
        await using var machine = await ChaosMachine.EmbeddedAsync();
        await ChaosWorld.MakeAsync(machine, 3);
        var process = machine.Serve("all", "Api,Worker", ["applying:1"]);
        await process.ReadyAsync();

        await machine.TapAsync(ChaosWorld.OpenId(1), "TMPL-REFILL-0001");
        await process.CrashedAsync();
        await machine.UntilAsync("it is applied", TimeSpan.FromMinutes(1), async () => await machine.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 2") == 1);

        Assert.Equal((1, 1), (process.Kills, await machine.ScalarAsync<long>("SELECT SUM(remaining) FROM wechat_grant")));
    }

    [Fact]
    public async Task Two_schedulers_that_die_while_they_write_down_the_same_campaign_make_one_run_of_it()
    {
        const int Members = 2600;
        await using var machine = await ChaosMachine.ClusterAsync(servers.MariaDb, servers.Redis);
        var campaign = await (await ChaosWorld.MakeAsync(machine, Members)).ScheduledAsync("chaos_scheduled");
        machine.Serve("api", "Api");
        EngageProcess[] schedulers = [machine.Serve("one", "Worker", ["expanded:1"]), machine.Serve("two", "Worker", ["expanded:1"])];

        await machine.UntilAsync("the audience is complete", TimeSpan.FromMinutes(2),
            async () => await machine.ScalarAsync<long>("SELECT COUNT(*) FROM run WHERE campaign_id = @id AND state = 2", new { id = campaign.Value }) == 1);
        await machine.DrainedAsync();
        await machine.SettleAsync();

        Assert.InRange(schedulers.Sum(scheduler => scheduler.Kills), 1, 2);
        Assert.Equal(1, await machine.ScalarAsync<long>("SELECT COUNT(*) FROM run WHERE campaign_id = @id", new { id = campaign.Value }));
        Assert.Equal(Members, await machine.ScalarAsync<long>("SELECT audience FROM run WHERE campaign_id = @id", new { id = campaign.Value }));
        await machine.HoldsAsync();
    }
}
