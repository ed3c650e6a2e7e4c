using System.Diagnostics;
using Engagement.Storage.Cluster;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage.Cluster;

/// <summary>Nodes take from one budget: together never more than the rate, and never nothing for ever.</summary>
public sealed class SharingBudgets : SharedRedis
{
    private static readonly Budget Slow = new("慢", 1, 10);

    [RedisFact]
    public async Task Two_nodes_together_never_take_more_than_the_rate_and_a_burst()
    {
        var nodes = new[] { await NodeAsync(), await NodeAsync() };
        Budget[] budgets = [new("aliyun", 500, 50), new("aliyun:template:短信_1", 200, 20), new("campaign:7", 90, 9)];
        var taken = new long[budgets.Length];
        var started = Stopwatch.GetTimestamp();

        await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, 3).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(1.5))
            {
                var wanted = Enumerable.Range(0, random.Next(1, 4))
                    .Select(_ => new BudgetRequest([.. budgets.Where((_, i) => i == 0 || random.Next(2) == 0)], random.Next(0, 80))).ToList();
                var grants = await node.TakeAsync(wanted);
                for (var i = 0; i < wanted.Count; i++)
                {
                    Assert.InRange(grants[i].Count, 0, wanted[i].Count);
                    Assert.Equal(grants[i].Count == wanted[i].Count, grants[i].Pause == TimeSpan.Zero);
                    foreach (var budget in wanted[i].Budgets) Interlocked.Add(ref taken[Array.IndexOf(budgets, budget)], grants[i].Count);
                }
            }
        }))));

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        for (var i = 0; i < budgets.Length; i++) Assert.True(taken[i] <= budgets[i].PerSecond * seconds + budgets[i].Burst, $"{budgets[i]}: {taken[i]} in {seconds} s");
        // The one that holds the others back was not left unused.
        Assert.True(taken[0] >= budgets[0].PerSecond * 0.5 * seconds, $"{taken[0]} in {seconds} s");
    }

    [RedisFact]
    public async Task A_permit_is_one_of_each_budget()
    {
        var node = await NodeAsync();
        var (wide, narrow) = (new Budget("宽", 1, 100), new Budget("窄", 1, 3));

        Assert.Equal(3, (await TakeAsync(node, 50, wide, narrow)).Count);
        // The wide one gave no more than the narrow one let through.
        Assert.Equal(97, (await TakeAsync(node, 100, wide)).Count);
    }

    [RedisFact]
    public async Task What_comes_first_in_the_list_is_served_first()
    {
        var node = await NodeAsync();

        var grants = await node.TakeAsync([new([Slow], 7), new([Slow], 7), new([], 5)]);

        Assert.Equal([7, 3, 5], grants.Select(grant => grant.Count));
        Assert.Equal(TimeSpan.Zero, grants[0].Pause);
        Assert.InRange(grants[1].Pause.TotalSeconds, 3.5, 4.1);
        Assert.Equal(TimeSpan.Zero, grants[2].Pause);
    }

    [RedisFact]
    public async Task A_refused_node_is_told_how_long_until_there_is_more()
    {
        var node = await NodeAsync();
        var quick = new Budget("快", 100, 5);
        Assert.Equal(5, (await TakeAsync(node, 5, quick)).Count);

        var refused = await TakeAsync(node, 5, quick);

        Assert.InRange(refused.Pause.TotalMilliseconds, 1, 50);
        await Eventually.True(async () => (await TakeAsync(node, 1, quick)).Count == 1, TimeSpan.FromSeconds(5));
    }

    [RedisFact]
    public async Task Redis_killed_in_the_middle_leaves_each_node_its_share_within_a_second_and_it_comes_back_by_itself()
    {
        var (node, other) = (await NodeAsync(), await NodeAsync());
        Assert.Equal(10, (await TakeAsync(node, 10, Slow)).Count);
        Assert.Equal(0, (await TakeAsync(other, 1, Slow)).Count);

        Redis.Kill();
        var started = Stopwatch.GetTimestamp();
        var shares = await Task.WhenAll(TakeAsync(node, 100, Slow), TakeAsync(other, 100, Slow));
        await IsAsync(node, ClusterCondition.Degraded);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 1);

        // Two workers: half of the burst each, at half the rate.
        Assert.Equal([5, 5], shares.Select(share => share.Count));
        Assert.InRange(shares[0].Pause.TotalSeconds, 9, 10);
        await Logs[0].SaidAsync(2);

        // While it is away nobody waits for it.
        started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 1000; i++) await TakeAsync(node, 1, Slow);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 1);

        await Redis.StartAsync();
        await IsAsync(node, ClusterCondition.Shared);
        await IsAsync(other, ClusterCondition.Shared);
        Assert.Equal(10, (await TakeAsync(node, 9, Slow)).Count + (await TakeAsync(other, 9, Slow)).Count);
        Assert.Equal(["1202", "1201", "1202"], Logs[0].Lines.Select(line => line[..4]));
        Assert.Contains("one of 2", Logs[0].Lines[1]);
    }

    [RedisFact]
    public async Task A_Redis_that_answers_no_more_costs_half_a_second_once()
    {
        var node = OpenNode(limit: RedisLine.Limit);
        await IsAsync(node, ClusterCondition.Shared);
        Redis.Freeze(true);

        // Twenty who waited would need ten seconds.
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 20; i++) await TakeAsync(node, 1, Slow);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 5);
        Assert.Equal(ClusterCondition.Degraded, node.Condition);

        Redis.Freeze(false);
        await IsAsync(node, ClusterCondition.Shared);
    }

    [RedisFact]
    public async Task A_node_that_starts_without_its_Redis_works_with_its_share_and_finds_it_later()
    {
        Redis.Kill();
        var node = OpenNode();
        Assert.Equal(5, (await TakeAsync(node, 100, Slow)).Count);
        await Logs[0].SaidAsync(1);
        Assert.StartsWith("1201", Logs[0].Lines[0]);

        await Redis.StartAsync();

        await IsAsync(node, ClusterCondition.Shared);
        Assert.Equal(10, (await TakeAsync(node, 100, Slow)).Count);
    }

    [RedisFact]
    public async Task A_node_may_be_let_go_at_any_moment_and_leaves_no_connection_behind()
    {
        var before = await ConnectionsAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
        {
            var node = OpenNode();
            if (i % 2 == 0) await IsAsync(node, ClusterCondition.Shared);
            var asked = TakeAsync(node, 1, Slow);
            node.Dispose();
            Assert.InRange((await asked).Count, 0, 1);
            Assert.InRange((await TakeAsync(node, 1, Slow)).Count, 0, 1);
        })));

        await Eventually.True(async () => await ConnectionsAsync() <= before);
    }

    [RedisTheory]
    [InlineData("FLUSHALL")]
    [InlineData("SCRIPT FLUSH")]
    [InlineData("SET {engagement}:rate:慢 什么🐟")]
    public async Task Whatever_happens_to_the_data_the_budget_goes_on(string command)
    {
        var node = await NodeAsync();
        await TakeAsync(node, 10, Slow);
        Assert.StartsWith("+OK", await Redis.CommandAsync(command));

        var grant = await TakeAsync(node, 100, Slow);

        Assert.InRange(grant.Count, 0, 10);
        Assert.Equal(ClusterCondition.Shared, node.Condition);
        Assert.Single(Logs[0].Lines);
    }

    [RedisFact]
    public async Task A_clock_of_Redis_that_is_set_back_does_not_stop_the_sending()
    {
        var node = await NodeAsync();
        var quick = new Budget("快", 1000, 10);
        var inAnHour = DateTimeOffset.UnixEpoch.AddYears(300).ToUnixTimeMilliseconds() * 1000;
        await Redis.CommandAsync($"SET {{engagement}}:rate:快 {inAnHour}");
        Assert.Equal(0, (await TakeAsync(node, 10, quick)).Count);

        await Eventually.True(async () => (await TakeAsync(node, 5, quick)).Count == 5, TimeSpan.FromSeconds(5));
    }

    private async Task<int> ConnectionsAsync() => (await Redis.CommandAsync("CLIENT LIST")).Split('\n').Count(line => line.StartsWith("id=", StringComparison.Ordinal));

    private static async Task<BudgetGrant> TakeAsync(ClusterState node, int count, params Budget[] budgets) => (await node.TakeAsync([new(budgets, count)]))[0];
}
