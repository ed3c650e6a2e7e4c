using System.Text.Json;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Content;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Receipts;
using Engagement.Storage;
using Engagement.Tests.Support;
using Xunit.Abstractions;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>What a thousand messages by WeChat cost the database, exactly: whoever adds a statement or a row to the way of a message sees it here.</summary>
public abstract class StatementCountContract(TestDatabase test, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Messages = 1000;
    private const int Wave = 250;
    private const int Shards = 50;

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly SortedDictionary<string, Cost> _costs = [];
    private CountingDatabase _counting = null!;
    private MessagingHouse _house = null!;

    private protected (int Transactions, long Statements, long Rows) Of(string step) => (_costs[step].Transactions, _costs[step].Statements, _costs[step].AllRows);

    private protected long Rows(string step, string table) => _costs[step].Rows.GetValueOrDefault(table);

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(
        test, new Dictionary<string, string?> { ["Dispatch:Lanes"] = "1", ["Dispatch:WaveSize"] = $"{Wave}" }, database => _counting = new CountingDatabase(database));

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task A_thousand_messages_cost_exactly_this()
    {
        var members = await _house.CrowdAsync("Count", Messages, Recall);
        await _house.Get<TemplateStore>().ApproveAsync(MessagingHouse.Template(Recall), None);
        // Read once in half a minute, by whichever wave comes then.
        await _house.Get<SmsApprovals>().RefreshAsync(None);
        _counting.Take();
        await _house.SayAsync(members, Recall);
        Counted("1 insert");

        // As many in each of fifty shards, so that every wave is full: with others it takes a few more.
        var ids = await _house.QueryAsync<long>("SELECT id FROM message ORDER BY id");
        await _house.Database.WriteAsync(tx => tx.ExecuteManyAsync("UPDATE message SET shard = @p1 WHERE id = @p0", 2, [.. ids.Index()], (row, v) => (v[0], v[1]) = (row.Item, row.Index % Shards)), None);
        var shards = (await _house.Leases.HoldAsync(None)).Where(shard => shard.Id < Shards).ToList();
        _counting.Take();
        var sent = new List<(string OpenId, string MsgId)>();
        var lane = new Lane(0, 1);
        while (await WaveAsync(lane, shards) is { Count: > 0 } wave) sent.AddRange(wave);
        Assert.Equal(Messages, sent.Count);

        await ReceiveAsync(sent);
        foreach (var (step, cost) in _costs) output.WriteLine($"{step}: {cost}");
        Assert.Equal(Messages, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM message WHERE state = 4"));
        CheckCounts();
    }

    private protected abstract void CheckCounts();

    // As the dispatcher does it, without the wire; the outcomes of a wave in one commit, which is the most that it makes.
    private async Task<List<(string, string)>> WaveAsync(Lane lane, IReadOnlyList<OwnedShard> shards)
    {
        lane.Wake();
        var decisions = SmsBatches.Arrange(await _house.Get<WavePlanner>().PlanAsync(lane, [.. shards.Select(shard => shard.Id)], None));
        Counted("2 plan");
        if (decisions.Count == 0) return [];
        Assert.Equal(Wave, decisions.Count);
        var now = _house.Clock.NowMs();
        var intents = await _counting.WriteAsync(tx => IntentStore.WriteAsync(tx, shards, decisions, now), None);
        Counted("3 intent");
        await _counting.WriteAsync(tx => OutcomeStore.RecordAsync(tx, [.. intents.Sends.Select(send => new Outcome(send, SendResult.Ok("0", "m" + send.Message.Id)))], now, 6), None);
        Counted("4 outcome");
        return [.. intents.Sends.Select(send => (send.Address, "m" + send.Message.Id))];
    }

    private async Task ReceiveAsync(List<(string OpenId, string MsgId)> sent)
    {
        var at = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        foreach (var (openId, msgId) in sent)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new
            {
                ToUserName = "gh_1", FromUserName = openId, CreateTime = at, MsgType = "event", Event = "subscribe_msg_sent_event",
                List = new { MessagingHouse.Template(Recall).Contents.WeChatSubscribe!.TemplateId, MsgID = msgId, ErrorCode = "0", ErrorStatus = "success" },
            });
            await _house.Get<InboundStore>().AddAsync(InboundSource.WeChat, msgId, body, None);
        }

        Counted("5 receive");
        while (await _house.Get<InboundApplier>().ApplyAsync(None) > 0) Counted("6 apply");
    }

    private void Counted(string step)
    {
        var (reads, writes) = _counting.Take();
        if (!_costs.TryGetValue(step, out var cost)) _costs[step] = cost = new Cost();
        foreach (var one in (Cost[])[reads, writes])
        {
            cost.Transactions += one == writes ? one.Transactions : 0;
            cost.Statements += one.Statements;
            foreach (var (table, rows) in one.Rows) cost.Rows[table] = cost.Rows.GetValueOrDefault(table) + rows;
        }
    }
}

public sealed class StatementCountsOnSqlite(SqliteTestDatabase database, ITestOutputHelper output) : StatementCountContract(database, output), IClassFixture<SqliteTestDatabase>
{
    private protected override void CheckCounts()
    {
        // A prepared statement a row, without a journey: rows are what it costs.
        Assert.Equal((4, 3010, 3003), Of("1 insert"));
        Assert.Equal((1000, 1000), (Rows("1 insert", "message"), Rows("1 insert", "message_key")));
        Assert.Equal((0, 35, 0), Of("2 plan"));
        Assert.Equal((4, 3016, 3000), Of("3 intent"));
        Assert.Equal((1000, 2000), (Rows("3 intent", "message"), Rows("3 intent", "message_text") + Rows("3 intent", "others")));
        Assert.Equal((4, 1000, 1000), Of("4 outcome"));
        Assert.Equal((1000, 1000, 1000), Of("5 receive"));
        Assert.Equal((5, 2020, 2000), Of("6 apply"));
        Assert.Equal((1000, 1000), (Rows("6 apply", "message"), Rows("6 apply", "inbound")));
    }
}

public sealed class StatementCountsOnMySql(MySqlTestDatabase database, ITestOutputHelper output) : StatementCountContract(database, output), IClassFixture<MySqlTestDatabase>
{
    private protected override void CheckCounts()
    {
        Assert.Equal((4, 31, 3003), Of("1 insert"));
        Assert.Equal((0, 35, 0), Of("2 plan"));
        // A wave: fences, members twice, runs; 100 grants and 54 messages a statement, each with its savepoint; 150 texts.
        Assert.Equal((4, 4 * 22, 3000), Of("3 intent"));
        Assert.Equal((4, 4 * 6, 1000), Of("4 outcome"));
        Assert.Equal((1000, 1000, 1000), Of("5 receive"));
        Assert.Equal((5, 2020, 2000), Of("6 apply"));
    }
}
