using System.Collections.Concurrent;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage.Cluster;

/// <summary>One refresh for all nodes, and a word that reaches every node: what is lost of it costs time only.</summary>
public sealed class SharingTokensAndSignals : SharedRedis
{
    private const string Name = "wechat:wx1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private int _fetches;

    [RedisFact]
    public async Task Two_nodes_that_ask_at_once_fetch_one_token()
    {
        var nodes = new[] { await NodeAsync(), await NodeAsync() };

        var tokens = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => nodes[i % 2].TokenAsync(Name, null, Patience, SlowlyAsync))));

        Assert.Equal(1, _fetches);
        Assert.Single(tokens.Distinct());
        Assert.Equal("令牌-1", tokens[0]!.Value);
    }

    [RedisFact]
    public async Task A_node_that_brings_the_refused_token_gets_a_new_one_and_the_next_node_gets_the_same()
    {
        var nodes = new[] { await NodeAsync(), await NodeAsync() };
        var first = await nodes[0].TokenAsync(Name, null, Patience, SlowlyAsync);

        var second = await Task.WhenAll(nodes.Select(node => node.TokenAsync(Name, first!.Stamp, Patience, SlowlyAsync)));

        Assert.Equal(2, _fetches);
        Assert.Equal(second[0], second[1]);
        Assert.NotEqual(first, second[0]);
    }

    [RedisFact]
    public async Task A_fetch_that_gives_none_leaves_the_next_node_its_turn()
    {
        var nodes = new[] { await NodeAsync(), await NodeAsync() };

        Assert.Null(await nodes[0].TokenAsync(Name, null, Patience, () => Task.FromResult<SharedToken?>(null)));
        Assert.Equal("令牌-1", (await nodes[1].TokenAsync(Name, null, Patience, SlowlyAsync))!.Value);
    }

    [RedisFact]
    public async Task A_node_that_dies_while_it_fetches_holds_nobody_up_for_longer_than_the_patience()
    {
        var (dead, living) = (await NodeAsync(), await NodeAsync());
        var never = new TaskCompletionSource<SharedToken?>();
        _ = dead.TokenAsync(Name, null, TimeSpan.FromSeconds(1), () =>
        {
            Interlocked.Increment(ref _fetches);
            return never.Task;
        });
        await Eventually.True(() => _fetches == 1);

        var token = await living.TokenAsync(Name, null, TimeSpan.FromSeconds(1), SlowlyAsync).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.NotNull(token);
        never.SetResult(null);
    }

    [RedisFact]
    public async Task Without_Redis_each_node_fetches_by_itself()
    {
        var nodes = new[] { await NodeAsync(), await NodeAsync() };
        Redis.Kill();

        var tokens = await Task.WhenAll(nodes.Select(node => node.TokenAsync(Name, null, Patience, SlowlyAsync))).WaitAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(2, _fetches);
        Assert.All(tokens, Assert.NotNull);
    }

    [RedisFact]
    public async Task Nobody_reads_the_token_out_of_Redis_and_a_node_with_other_keys_fetches_its_own()
    {
        using var keys = new TempFolder();
        var node = await NodeAsync();
        await node.TokenAsync(Name, null, Patience, SlowlyAsync);
        Assert.DoesNotContain("令牌", await Redis.CommandAsync($"GET engagement:token:{Name}"));

        var stranger = OpenNode(new FieldCipher(KeyRing.Create(keys["keys"], demo: true)));
        await IsAsync(stranger, ClusterCondition.Shared);
        Assert.Equal("令牌-2", (await stranger.TokenAsync(Name, null, Patience, SlowlyAsync))!.Value);
        Assert.Contains(Logs[1].Lines, line => line.StartsWith("1203", StringComparison.Ordinal));
    }

    [RedisFact]
    public async Task A_word_reaches_the_other_node_once_told_and_never_comes_back()
    {
        var (speaker, listener) = (await NodeAsync(), await NodeAsync());
        var heard = new ConcurrentQueue<string>();
        speaker.Listen(Topic.OutboxDue, () => heard.Enqueue("own"));
        listener.Listen(Topic.OutboxDue, () => heard.Enqueue("due"));
        listener.Listen(Topic.Inbound, () => heard.Enqueue("inbound"));

        speaker.Tell(Topic.OutboxDue);
        await Eventually.True(() => heard.Contains("due"));
        speaker.Tell(Topic.Inbound);
        await Eventually.True(() => heard.Contains("inbound"));

        Assert.DoesNotContain("own", heard);
    }

    [RedisFact]
    public async Task What_is_enqueued_on_one_node_wakes_the_loops_of_another_and_still_does_after_an_outage()
    {
        var clocks = new Clocks(TimeProvider.System, TimeProvider.System);
        var (api, worker) = (await NodeAsync(), await NodeAsync());
        var (here, there) = (new OutboxSignals(clocks, api), new OutboxSignals(clocks, worker));
        var next = there.Due.Next;
        here.Due.Set();
        await next.WaitAsync(TimeSpan.FromSeconds(10));

        Redis.Kill();
        await IsAsync(api, ClusterCondition.Degraded);
        here.Due.Set();
        await Redis.StartAsync();
        await IsAsync(api, ClusterCondition.Shared);
        await IsAsync(worker, ClusterCondition.Shared);

        next = there.Due.Next;
        await Eventually.True(() =>
        {
            here.Due.Set();
            return next.IsCompleted;
        });
    }

    [RedisFact]
    public async Task Ten_thousand_words_at_once_are_few_on_the_wire_and_the_last_is_heard()
    {
        var (speaker, listener) = (await NodeAsync(), await NodeAsync());
        var (said, heardAt, heard) = (0, -1, 0);
        listener.Listen(Topic.RunsChanged, () =>
        {
            Interlocked.Increment(ref heard);
            Volatile.Write(ref heardAt, Volatile.Read(ref said));
        });

        for (var i = 1; i <= 10_000; i++)
        {
            Volatile.Write(ref said, i);
            speaker.Tell(Topic.RunsChanged);
        }

        await Eventually.True(() => Volatile.Read(ref heardAt) == 10_000);
        Assert.InRange(heard, 1, 5_000);
    }

    private async Task<SharedToken?> SlowlyAsync()
    {
        var number = Interlocked.Increment(ref _fetches);
        await Task.Delay(200);
        return new SharedToken($"{number}", $"令牌-{number}", TimeProvider.System.GetUtcNow().AddHours(2));
    }
}
