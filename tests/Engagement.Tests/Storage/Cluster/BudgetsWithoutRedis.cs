using System.Diagnostics;
using Engagement.Storage.Cluster;

namespace Engagement.Tests.Storage.Cluster;

/// <summary>Without Redis each node keeps to its share: the rate divided by the workers that are alive.</summary>
public sealed class BudgetsWithoutRedis
{
    private int _workers = 1;

    [Fact]
    public async Task Over_any_time_a_node_takes_no_more_than_its_rate_and_a_burst()
    {
        using var cluster = new LocalCluster(() => _workers);
        var budget = new Budget("aliyun", 300, 30);
        var (taken, started) = (0, Stopwatch.GetTimestamp());

        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(1))
            {
                Interlocked.Add(ref taken, (await cluster.TakeAsync([new([budget], random.Next(1, 60))]))[0].Count);
                await Task.Yield();
            }
        })));

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Assert.True(taken <= 300 * seconds + 30, $"{taken} in {seconds} s");
        // How far beyond the burst is for the machine's load to say; that it is filled up again is not.
        Assert.True(taken > 30, $"{taken} in {seconds} s");
    }

    [Fact]
    public async Task The_share_shrinks_and_grows_with_the_workers_without_a_new_burst()
    {
        using var cluster = new LocalCluster(() => _workers);
        var slow = new Budget("慢", 0.01, 12);
        Assert.Equal(6, await TakeAsync(cluster, 6, slow));

        _workers = 3;
        Assert.Equal(4, await TakeAsync(cluster, 100, slow));
        _workers = 1;
        Assert.Equal(0, await TakeAsync(cluster, 100, slow));
    }

    [Fact]
    public async Task A_permit_is_one_of_each_budget_and_the_first_is_served_first()
    {
        using var cluster = new LocalCluster(() => _workers);
        var (wide, narrow) = (new Budget("宽", 0.01, 100), new Budget("窄", 0.01, 3));

        var grants = await cluster.TakeAsync([new([wide, narrow], 2), new([narrow, wide], 9), new([wide], 200)]);

        Assert.Equal([2, 1, 97], grants.Select(grant => grant.Count));
        Assert.Equal(TimeSpan.Zero, grants[0].Pause);
        Assert.InRange(grants[1].Pause.TotalSeconds, 200, 301);
    }

    [Fact]
    public async Task Budgets_of_campaigns_long_gone_are_forgotten()
    {
        using var cluster = new LocalCluster(() => _workers);
        for (var i = 0; i < 3000; i++) await cluster.TakeAsync([new([new Budget($"campaign:{i}", 100_000, 1)], 1)]);

        Assert.Equal(1, await TakeAsync(cluster, 5, new Budget("campaign:1", 100_000, 1)));
    }

    [Fact]
    public void What_nodes_would_tell_each_other_stays_in_the_process()
    {
        using var cluster = new LocalCluster(() => _workers);
        cluster.Listen(Topic.OutboxDue, () => Assert.Fail("There is no other node."));

        cluster.Tell(Topic.OutboxDue);

        Assert.Equal(ClusterCondition.InProcess, cluster.Condition);
    }

    private static async Task<int> TakeAsync(LocalCluster cluster, int count, Budget budget) => (await cluster.TakeAsync([new([budget], count)]))[0].Count;
}
