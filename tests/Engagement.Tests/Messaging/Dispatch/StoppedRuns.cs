using Engagement.Messaging;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Dispatch;
using Engagement.Storage;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>A run that is paused or cancelled while its messages are on their way out.</summary>
public abstract class StoppedRunContract(TestDatabase test) : IAsyncLifetime
{
    private const string Pause = "UPDATE run SET paused = 'staff'";

    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(test);

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task A_paused_run_is_not_even_read_and_goes_on_when_it_is_resumed()
    {
        var message = await EnqueueAsync();
        await _house.ExecuteAsync(Pause);

        Assert.Equal(0, await _house.RoundAsync());
        Assert.Equal(MessageState.Pending, (await _house.MessageAsync(message)).State);

        await _house.ExecuteAsync("UPDATE run SET paused = NULL");
        Assert.Equal(1, await _house.RoundAsync());
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(message)).State);
    }

    [DatabaseTheory]
    [InlineData(Pause)]
    [InlineData("UPDATE run SET state = 4")]
    public async Task Stopped_between_plan_and_intent_nothing_is_intended(string stop)
    {
        var message = await EnqueueAsync();
        var (shards, decisions) = await PlanAsync();
        await _house.ExecuteAsync(stop);

        Assert.Empty((await IntendAsync(shards, decisions)).Sends);
        Assert.Equal((MessageState.Pending, 0), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).Attempt));
    }

    [DatabaseTheory]
    [InlineData(Pause, MessageState.Sent)]
    [InlineData("UPDATE run SET state = 4", MessageState.Suppressed)]
    public async Task Stopped_between_intent_and_send_nothing_leaves_and_what_the_intent_took_is_given_back(string stop, MessageState atLast)
    {
        var message = await EnqueueAsync();
        var member = await _house.ScalarAsync<long>("SELECT member_id FROM message");
        var (shards, decisions) = await PlanAsync();
        var intents = await IntendAsync(shards, decisions);
        Assert.Equal(0, await _house.GrantsLeftAsync(new(member), Recall));
        intents.Sends[0].IntendedAt = TimeProvider.System.GetUtcNow();
        await _house.ExecuteAsync(stop);

        var outcomes = System.Threading.Channels.Channel.CreateUnbounded<Outcome>();
        await _house.Get<Sender>().SendAllAsync(intents.Sends, outcomes.Writer);
        var outcome = Assert.Single(await outcomes.Reader.ReadAllAsync().ToListAsync());
        await _house.Database.WriteAsync(tx => OutcomeStore.RecordAsync(tx, [outcome], _house.Clock.NowMs(), 1), None);

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Pending, "withheld", _house.Clock.NowMs()), (row.State, row.Code, row.ReadyAt));
        Assert.Equal(1, await _house.GrantsLeftAsync(new(member), Recall));
        Assert.Empty(await _house.TakenAsync());

        await _house.ExecuteAsync("UPDATE run SET paused = NULL");
        // What the senders know may be half a second old.
        await Eventually.True(async () => await _house.RoundAsync() >= 0 && (await _house.MessageAsync(message)).State == atLast);
    }

    [DatabaseTheory]
    [InlineData(4, true)]
    [InlineData(6, false)]
    public async Task A_process_that_stood_still_after_the_intent_lets_the_message_be(int minutes, bool leaves)
    {
        await EnqueueAsync();
        var (shards, decisions) = await PlanAsync();
        var send = Assert.Single((await IntendAsync(shards, decisions)).Sends);
        send.IntendedAt = TimeProvider.System.GetUtcNow().AddMinutes(-minutes);

        var outcomes = System.Threading.Channels.Channel.CreateUnbounded<Outcome>();
        await _house.Get<Sender>().SendAllAsync([send], outcomes.Writer);

        Assert.Equal(leaves, Assert.Single(await outcomes.Reader.ReadAllAsync().ToListAsync()).Result != Sender.Withheld);
        Assert.Equal(leaves ? 1 : 0, (await _house.TakenAsync()).Count);
    }

    [DatabaseFact]
    public async Task Whether_a_run_goes_on_is_known_anew_within_two_seconds()
    {
        await EnqueueAsync();
        var run = new RunId(await _house.ScalarAsync<long>("SELECT id FROM run"));
        var watch = _house.Get<RunWatch>();
        Assert.True(await watch.MaySendAsync(run));
        var started = TimeProvider.System.GetTimestamp();
        await _house.ExecuteAsync(Pause);

        await Eventually.True(async () => !await watch.MaySendAsync(run));

        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [DatabaseFact]
    public async Task Stopped_after_the_first_of_a_call_that_goes_one_by_one_the_others_stay()
    {
        const int Numbers = 5;
        List<MessageId> messages = [];
        for (var i = 0; i < Numbers; i++) messages.Add(await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", $"1990000000{i}"), Recall));
        await _house.TogetherAsync([.. messages]);
        var watch = _house.Get<RunWatch>();
        var provider = new StopsAfterFirst(async () =>
        {
            await _house.ExecuteAsync(Pause);
            var run = new RunId(await _house.ScalarAsync<long>("SELECT MIN(id) FROM run"));
            await Eventually.True(async () => !await watch.MaySendAsync(run));
        });

        var (leases, dispatcher) = _house.AnotherWorker(provider);
        Assert.Equal(Numbers, await dispatcher.RoundAsync(await leases.HoldAsync(None), None));

        Assert.Equal([Numbers, 1], provider.Calls);
        var rows = await Task.WhenAll(messages.Select(_house.MessageAsync));
        Assert.Single(rows, row => row.State == MessageState.Sent);
        Assert.Equal(Numbers - 1, rows.Count(row => (row.State, row.Code) == (MessageState.Pending, "withheld")));
    }

    private async Task<MessageId> EnqueueAsync()
    {
        var member = await _house.JoinAsync("王秀兰", openId: "oWang");
        await _house.GrantAsync(member, Recall);
        return await _house.EnqueueAsync(member, Recall);
    }

    private async Task<(IReadOnlyList<OwnedShard>, IReadOnlyList<Decision>)> PlanAsync()
    {
        var shards = await _house.Leases.HoldAsync(None);
        return (shards, await _house.Get<WavePlanner>().PlanAsync(new Lane(0, 1), [.. shards.Select(shard => shard.Id)], None));
    }

    private Task<Intents> IntendAsync(IReadOnlyList<OwnedShard> shards, IReadOnlyList<Decision> decisions) =>
        _house.Database.WriteAsync(tx => IntentStore.WriteAsync(tx, shards, decisions, _house.Clock.NowMs()), None);
}

public sealed class StoppedRunsOnSqlite(SqliteTestDatabase database) : StoppedRunContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class StoppedRunsOnMySql(MySqlTestDatabase database) : StoppedRunContract(database), IClassFixture<MySqlTestDatabase>;

/// <summary>Refuses a call of many for one number's fault and takes each that comes by itself; after the first of those, somebody stops the run.</summary>
file sealed class StopsAfterFirst(Func<Task> stop) : ISmsProvider
{
    /// <summary>How many numbers each call had.</summary>
    public List<int> Calls { get; } = [];

    public string Name => "aliyun";

    public bool IsConfigured => true;

    public SmsCapabilities Capabilities => SmsCapabilities.ByProvider[Name];

    public async ValueTask<CallAnswer> SendAsync(IReadOnlyList<SmsMessage> call, CancellationToken ct)
    {
        Calls.Add(call.Count);
        if (call.Count > 1) return CallAnswer.ForAll(SendResult.Refused(ErrorClass.PermanentRecipient, "isv.MOBILE_NUMBER_ILLEGAL"));
        if (Calls.Count == 2) await stop();
        return CallAnswer.ForAll(SendResult.Ok("OK", $"biz-{Calls.Count}"));
    }

    public ValueTask<SmsFinding> AskAsync(SmsSend send, CancellationToken ct) => throw new NotSupportedException("Nothing is in doubt here.");
}
