namespace Engagement.EndToEnd.Chaos;

/// <summary>Many nodes, any of which may go, and the servers behind them.</summary>
public sealed class ChaosOfServers(ChaosServers servers) : IClassFixture<ChaosServers>
{
    // Who asks InnoDB for its transactions more than ten times a second is shown the same ones again and again.
    private const int TurnsBetweenLooks = 4;
    private const int LooksAtLocks = 12;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_kill_at_each_step_and_a_dozen_at_random_moments_lose_nothing_and_double_nothing()
    {
        const int Kills = 12;
        await using var machine = await ChaosMachine.ClusterAsync(servers.MariaDb, servers.Redis);
        await (await ChaosWorld.MakeAsync(machine, 1200)).MixAsync();
        await machine.FaultsAsync(new { latencyMs = (int[])[5, 40] });
        EngageProcess[] processes =
        [
            machine.Serve("api", "Api", ["received:40"]),
            machine.Serve("one", "Worker", ["planned:2", "leaving:20", "recorded:1"]),
            machine.Serve("two", "Worker", ["intended:2", "answered:1", "applying:3", "taken:2"]),
        ];

        await Task.WhenAll([ChaosMonkey.KillAsync(machine, processes, Kills, 2000, seed: 20261122), .. processes.Select(process => process.CrashedAsync())]);
        await machine.DrainedAsync();
        await machine.SettleAsync();

        Assert.Equal(Kills + 8, machine.Kills);
        await machine.HoldsAsync();
    }

    [Fact]
    public async Task MariaDB_may_die_in_the_middle_and_come_back()
    {
        await using var machine = await ChaosMachine.ClusterAsync(servers.MariaDb, servers.Redis);
        await (await ChaosWorld.MakeAsync(machine, 600)).MixAsync();
        await machine.FaultsAsync(new { latencyMs = (int[])[20, 60] });
        machine.Serve("api", "Api");
        machine.Serve("one", "Worker");
        machine.Serve("two", "Worker");

        foreach (var accepted in (int[])[150, 500])
        {
            await machine.UntilAsync("some have left", s_patience, async () => await machine.AcceptedAsync() >= accepted);
            servers.MariaDb.Kill();
            await servers.MariaDb.StartAsync();
        }

        await machine.DrainedAsync();
        await machine.SettleAsync();
        await machine.HoldsAsync();
    }

    [Fact]
    public async Task Redis_may_forget_everything_die_and_come_back()
    {
        await using var machine = await ChaosMachine.ClusterAsync(servers.MariaDb, servers.Redis, ("Rates:WeChat", "600"), ("Rates:Aliyun", "600"));
        await (await ChaosWorld.MakeAsync(machine, 600)).MixAsync();
        machine.Serve("api", "Api");
        machine.Serve("one", "Worker");
        machine.Serve("two", "Worker");

        await machine.UntilAsync("some have left", s_patience, async () => await machine.AcceptedAsync() >= 100);
        Assert.StartsWith("+OK", await servers.Redis.TellAsync("FLUSHALL"), StringComparison.Ordinal);
        await machine.UntilAsync("more have left", s_patience, async () => await machine.AcceptedAsync() >= 300);
        servers.Redis.Kill();
        await machine.UntilAsync("they leave without it", s_patience, async () => await machine.AcceptedAsync() >= 500);
        await servers.Redis.StartAsync();

        await machine.DrainedAsync();
        await machine.SettleAsync();
        Assert.Equal(0, (await machine.HoldsAsync()).InDoubt);
    }

    [Fact]
    public async Task A_node_that_stood_still_past_its_lease_leaves_its_shards_to_their_new_owner()
    {
        await using var machine = await ChaosMachine.ClusterAsync(servers.MariaDb, servers.Redis, ("Dispatch:Lanes", "1"));
        await (await ChaosWorld.MakeAsync(machine, 600)).MixAsync();
        machine.Serve("api", "Api");
        var frozen = machine.Serve("frozen", "Worker", ["planned:2:stand"]);

        await StandsWithNoLockAsync(machine, frozen);
        var fence = await machine.ScalarAsync<long>("SELECT MAX(fence) FROM shard");
        machine.Serve("other", "Worker");
        await machine.UntilAsync("the other has taken over", s_patience, async () => await machine.ScalarAsync<long>("SELECT MAX(fence) FROM shard") > fence);
        frozen.Thaw();
        await machine.UntilAsync("it has left them alone", s_patience,
            () => Task.FromResult(frozen.Said().Any(line => line.Contains("has another owner; its messages were left alone", StringComparison.Ordinal))));

        await machine.DrainedAsync();
        await machine.SettleAsync();
        await machine.HoldsAsync();
    }

    // If another of its loops stood still inside a transaction, its locks would stay until the server ends its connection, and nobody could take over before:
    // that life is given up for the next.
    private static Task StandsWithNoLockAsync(ChaosMachine machine, EngageProcess process)
    {
        var turns = 0;
        return machine.UntilAsync($"{process.Name} stands still with no lock", s_patience, async () =>
        {
            if (!process.StandsStill || ++turns % TurnsBetweenLooks != 0) return false;
            if (await machine.ScalarAsync<long>("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_rows_locked > 0") == 0) return true;
            // What others lock they let go by themselves.
            if (turns / TurnsBetweenLooks % LooksAtLocks != 0) return false;
            process.Thaw();
            await process.KillAsync();
            return false;
        });
    }
}
