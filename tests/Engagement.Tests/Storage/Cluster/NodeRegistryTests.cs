using Engagement.Storage;
using Engagement.Storage.Cluster;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engagement.Tests.Storage.Cluster;

/// <summary>Who is alive: by heartbeats in the database, on both databases, with no Redis.</summary>
public abstract class NodeRegistryContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ManualClock _clock = new();

    public Task InitializeAsync() => test.Database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM cluster_node"), None);

    public Task DisposeAsync() => Task.CompletedTask;

    [DatabaseFact]
    public async Task Every_worker_that_beats_is_counted_and_an_api_is_not()
    {
        var nodes = new[] { Node(), Node(), Node() };
        await nodes[0].BeatAsync(Role.Worker, None);
        await nodes[1].BeatAsync(Role.All, None);
        await nodes[2].BeatAsync(Role.Api, None);

        Assert.Equal(2, nodes[2].LiveWorkers);
        Assert.Equal(1, nodes[0].LiveWorkers);
        Assert.Equal(2, await nodes[0].LiveWorkersAsync(None));
        Assert.Equal(2, nodes[0].LiveWorkers);
    }

    [DatabaseFact]
    public async Task Before_the_first_beat_and_without_any_worker_the_count_is_one()
    {
        var node = Node();

        Assert.Equal(1, node.LiveWorkers);
        await node.BeatAsync(Role.Api, None);
        Assert.Equal(1, node.LiveWorkers);
    }

    [DatabaseFact]
    public async Task A_node_that_falls_silent_is_dead_after_fifteen_seconds()
    {
        var (living, killed) = (Node(), Node());
        await killed.BeatAsync(Role.Worker, None);
        await living.BeatAsync(Role.Worker, None);

        _clock.Advance(TimeSpan.FromSeconds(14));
        await living.BeatAsync(Role.Worker, None);
        Assert.Equal(2, living.LiveWorkers);

        _clock.Advance(TimeSpan.FromSeconds(2));
        await living.BeatAsync(Role.Worker, None);
        Assert.Equal(1, living.LiveWorkers);

        await killed.BeatAsync(Role.Worker, None);
        Assert.Equal(2, await living.LiveWorkersAsync(None));
    }

    [DatabaseFact]
    public async Task A_row_that_a_node_left_long_ago_does_not_count_for_a_newcomer()
    {
        await Node().BeatAsync(Role.Worker, None);
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, await Beaten(Node()));
    }

    [DatabaseFact]
    public async Task A_node_that_stops_in_order_is_gone_at_once()
    {
        var (staying, leaving) = (Node(), Node());
        await leaving.BeatAsync(Role.Worker, None);
        Assert.Equal(2, await Beaten(staying));

        await leaving.LeaveAsync();

        Assert.Equal(1, await Beaten(staying));
    }

    [DatabaseFact]
    public async Task Rows_of_nodes_that_are_gone_for_a_day_are_removed()
    {
        await Node().BeatAsync(Role.Worker, None);
        _clock.Advance(TimeSpan.FromHours(25));
        await Node().BeatAsync(Role.Worker, None);

        Assert.Equal(1, await test.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM cluster_node"), None));
    }

    [DatabaseFact]
    public async Task A_clock_that_is_set_forward_or_back_kills_nobody()
    {
        var stepped = new OffsetClock(_clock);
        var (other, ours) = (Node(), new NodeRegistry(test.Database, new Clocks(stepped, stepped)));
        await other.BeatAsync(Role.Worker, None);
        await ours.BeatAsync(Role.Worker, None);

        foreach (var hour in new[] { 1, -1 })
        {
            stepped.Offset = TimeSpan.FromHours(hour);
            _clock.Advance(NodeRegistry.Beat);
            await other.BeatAsync(Role.Worker, None);
            await ours.BeatAsync(Role.Worker, None);
            Assert.Equal(2, ours.LiveWorkers);
            Assert.Equal(2, await other.LiveWorkersAsync(None));
        }

        // A dead one does not live on because its clock was ahead.
        _clock.Advance(NodeRegistry.Life);
        await other.BeatAsync(Role.Worker, None);
        Assert.Equal(1, other.LiveWorkers);
    }

    [DatabaseFact]
    public async Task The_heartbeat_beats_every_five_seconds_and_takes_its_row_away_when_it_stops()
    {
        var node = Node();
        using var heartbeat = new Heartbeat(node, Role.Worker, new Clocks(_clock, _clock), NullLogger<Heartbeat>.Instance);
        await heartbeat.StartAsync(None);
        var first = await SeenAsync();

        await Eventually.True(() => _clock.Waiting == 1);
        _clock.Advance(NodeRegistry.Beat);
        await Eventually.True(async () => await SeenAsync() == first + 5000);
        await heartbeat.StopAsync(None);

        Assert.Null(await SeenAsync());
    }

    [DatabaseFact]
    public async Task Many_nodes_that_beat_at_once_do_not_disturb_each_other()
    {
        var nodes = Enumerable.Range(0, 12).Select(_ => Node()).ToList();

        for (var round = 0; round < 3; round++) await Task.WhenAll(nodes.Select(node => Task.Run(() => node.BeatAsync(Role.Worker, None))));

        Assert.Equal(12, await nodes[0].LiveWorkersAsync(None));
    }

    private NodeRegistry Node() => new(test.Database, new Clocks(_clock, _clock));

    private static async Task<int> Beaten(NodeRegistry node)
    {
        await node.BeatAsync(Role.Worker, None);
        return node.LiveWorkers;
    }

    private Task<long?> SeenAsync() => test.Database.ReadAsync(session => session.SingleOrDefaultAsync<long?>("SELECT seen_at FROM cluster_node"), None);
}

public sealed class NodeRegistryOnSqlite(SqliteTestDatabase database) : NodeRegistryContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class NodeRegistryOnMySql(MySqlTestDatabase database) : NodeRegistryContract(database), IClassFixture<MySqlTestDatabase>;
