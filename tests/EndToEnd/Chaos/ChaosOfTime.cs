namespace Engagement.EndToEnd.Chaos;

/// <summary>Clocks that are set, backups that are put back, and campaigns that want everything at once.</summary>
public sealed class ChaosOfTime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_clock_that_is_set_back_and_forward_by_an_hour_costs_time_only()
    {
        await using var machine = await ChaosMachine.EmbeddedAsync();
        await (await ChaosWorld.MakeAsync(machine, 600)).MixAsync();
        await machine.FaultsAsync(new { latencyMs = (int[])[20, 60] });
        var process = machine.Serve("all", "Api,Worker");

        // What is on the wire when the clock is set falls in doubt under one time and is looked at under another. An hour back, nothing is due.
        (int Accepted, TimeSpan Step)[] steps = [(150, -s_hour), (150, s_hour), (400, s_hour)];
        foreach (var (accepted, step) in steps)
        {
            await machine.UntilAsync("some have left", s_patience, async () => await machine.AcceptedAsync() >= accepted);
            await machine.MoveClockAsync(step);
            var fence = await FenceAsync();
            await process.KillAsync();
            await machine.UntilAsync("the shards are taken over", s_patience, async () => await FenceAsync() > fence);
        }

        await machine.DrainedAsync();
        await machine.SettleAsync();
        Assert.Equal(steps.Length, machine.Kills);
        await machine.HoldsAsync();

        Task<long> FenceAsync() => machine.ScalarAsync<long>("SELECT MIN(fence) FROM shard");
    }

    [Fact]
    public async Task After_an_old_backup_nothing_leaves_until_a_person_says_yes()
    {
        await using var machine = await ChaosMachine.EmbeddedAsync();
        var run = await (await ChaosWorld.MakeAsync(machine, 400)).PromotionAsync("chaos_promotion", 0, 400);
        var before = machine.Serve("before", "Api,Worker");
        await machine.UntilAsync("some have left", s_patience, async () => await machine.AcceptedAsync() >= 50);
        await before.StopAsync();
        await CopyAsync(machine, "engagement.db", "backup.db");

        var after = machine.Serve("after", "Api,Worker");
        await machine.DrainedAsync();
        await after.StopAsync();
        var accepted = await machine.AcceptedAsync();
        await CopyAsync(machine, "backup.db", "engagement.db");

        var restored = machine.Serve("restored", "Api,Worker");
        await machine.UntilAsync("it notices", s_patience, () => Task.FromResult(restored.Said().Any(line => line.Contains("a backup was restored", StringComparison.Ordinal))));
        Assert.Equal("restored", await machine.ScalarAsync<string>("SELECT paused FROM run WHERE id = @id", new { id = run.Id.Value }));
        // Long enough for many waves: the leases have been renewed twice.
        var epoch = await EpochAsync();
        await machine.UntilAsync("the leases are renewed", s_patience, async () => await EpochAsync() >= epoch + 2);
        Assert.Equal(accepted, await machine.AcceptedAsync());

        Assert.Equal(0, (await machine.EngageAsync("outbox", "resume", $"{run.Id.Value}")).ExitCode);
        await machine.UntilAsync("they leave", s_patience, async () => await machine.AcceptedAsync() > accepted);
        await machine.DrainedAsync();

        async Task<long> EpochAsync() => long.Parse(await machine.ScalarAsync<string>("SELECT value FROM setting WHERE name = 'outbox.epoch'"));
    }

    [Fact]
    public async Task A_campaign_of_seven_times_the_size_does_not_stand_before_a_small_one()
    {
        const int Small = 200;
        await using var machine = await ChaosMachine.EmbeddedAsync();
        var world = await ChaosWorld.MakeAsync(machine, Small * 8);
        var big = await world.PromotionAsync("chaos_big", 0, Small * 7);
        var small = await world.PromotionAsync("chaos_small", Small * 7, Small * 8);
        machine.Serve("all", "Api,Worker");

        await machine.DrainedAsync();
        await machine.SettleAsync();

        // When the last of the small one left, the big one had left about as often, and not seven times.
        var last = await machine.ScalarAsync<long>("SELECT MAX(intent_at) FROM message WHERE run_id = @run", new { run = small.Id.Value });
        var ahead = await machine.ScalarAsync<long>("SELECT COUNT(*) FROM message WHERE run_id = @run AND intent_at <= @last", new { run = big.Id.Value, last });
        Assert.InRange(ahead, 1, Small * 3);
        await machine.HoldsAsync();
    }

    // With everything closed: a copy of a database that is open is none.
    private static async Task CopyAsync(ChaosMachine machine, string from, string to)
    {
        await machine.CloseAsync();
        foreach (var side in (string[])["-wal", "-shm"]) File.Delete(Path.Combine(machine.Folder, to + side));
        File.Copy(Path.Combine(machine.Folder, from), Path.Combine(machine.Folder, to), overwrite: true);
        await machine.OpenAsync();
    }
}
