using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Dispatch;
using Engagement.Storage;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>The connection breaks while intents are committed: whether they stand, the worker is not told.</summary>
public abstract class LostCommitContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private BreakingDatabase _connection = null!;
    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(
        test, new Dictionary<string, string?> { ["Dispatch:Lanes"] = "1" }, database => _connection = new BreakingDatabase(database));

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseTheory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task Whether_the_intent_stands_or_not_the_message_goes_out_once_and_its_subscription_is_used_once(bool stands, int attempt)
    {
        var message = await EnqueueAsync();
        var shards = await _house.Leases.HoldAsync(None);
        _connection.BreakNextWrite(stands);

        Assert.Equal(1, await _house.Get<Dispatcher>().RoundAsync(shards, None));

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Sent, attempt), (row.State, row.Attempt));
        Assert.Equal("oWang", Assert.Single(await _house.TakenAsync()).To);
        Assert.Equal(1, await _house.GrantsLeftAsync(await MemberAsync(), Recall));
    }

    [DatabaseFact]
    public async Task A_database_that_stays_away_is_asked_again_until_it_answers()
    {
        var message = await EnqueueAsync();
        var shards = await _house.Leases.HoldAsync(None);
        _connection.BreakNextWrite(stands: true, thenAwayFor: 2);

        Assert.Equal(1, await _house.Get<Dispatcher>().RoundAsync(shards, None));

        Assert.Equal((MessageState.Sent, 0), ((await _house.MessageAsync(message)).State, _connection.AwayFor));
        Assert.Single(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task What_another_worker_has_doubted_meanwhile_waits_again_and_goes_out_once()
    {
        var message = await EnqueueAsync();
        var (shards, other, owned) = (await _house.Leases.HoldAsync(None), _house.AnotherWorker(), (IReadOnlyList<OwnedShard>)[]);
        _connection.BreakNextWrite(stands: true, async () =>
        {
            owned = await other.Leases.HoldAsync(None);
            Assert.Equal((MessageState.InDoubt, "owner_lost"), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).Code));
        });

        await _house.Get<Dispatcher>().RoundAsync(shards, None);

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Pending, "never_left", _house.Clock.NowMs()), (row.State, row.Code, row.ReadyAt));
        Assert.Equal(2, await _house.GrantsLeftAsync(await MemberAsync(), Recall));
        Assert.Equal(1, await other.Dispatcher.RoundAsync(owned, None));
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(message)).State);
        Assert.Single(await _house.TakenAsync());
    }

    [DatabaseTheory]
    [InlineData(MessageState.Sending)]
    [InlineData(MessageState.InDoubt)]
    public async Task What_another_worker_has_on_the_wire_or_in_doubt_under_the_same_number_is_left_to_it(MessageState state)
    {
        var message = await EnqueueAsync();
        var (shards, other) = (await _house.Leases.HoldAsync(None), _house.AnotherWorker());
        _connection.BreakNextWrite(stands: false, async () =>
        {
            var owned = await other.Leases.HoldAsync(None);
            var plan = await _house.Get<WavePlanner>().PlanAsync(new Lane(0, 1), [.. owned.Select(shard => shard.Id)], None);
            var send = Assert.Single((await _house.Database.WriteAsync(tx => IntentStore.WriteAsync(tx, owned, plan, _house.Clock.NowMs()), None)).Sends);
            if (state == MessageState.InDoubt) await _house.Database.WriteAsync(tx => OutcomeStore.RecordAsync(tx, [new Outcome(send, SendResult.InDoubt("timeout"))], _house.Clock.NowMs(), 6), None);
        });

        await _house.Get<Dispatcher>().RoundAsync(shards, None);

        var row = await _house.MessageAsync(message);
        Assert.Equal((state, 1), (row.State, row.Attempt));
        Assert.Equal(1, await _house.GrantsLeftAsync(await MemberAsync(), Recall));
        Assert.Empty(await _house.TakenAsync());
    }

    private async Task<MessageId> EnqueueAsync()
    {
        var member = await _house.JoinAsync("王秀兰", openId: "oWang");
        await _house.GrantAsync(member, Recall, 2);
        return await _house.EnqueueAsync(member, Recall);
    }

    private async Task<MemberId> MemberAsync() => new(await _house.ScalarAsync<long>("SELECT member_id FROM message"));

    /// <summary>Breaks one write at its commit.</summary>
    private sealed class BreakingDatabase(Database inner) : Database(inner.Dialect)
    {
        private bool _breaks;
        private bool _stands;
        private Func<Task>? _meanwhile;

        public int AwayFor { get; private set; }

        public override string Driver => inner.Driver;

        public void BreakNextWrite(bool stands, Func<Task>? meanwhile = null, int thenAwayFor = 0) => (_breaks, _stands, _meanwhile, AwayFor) = (true, stands, meanwhile, thenAwayFor);

        public override Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken ct) => inner.ReadAsync(work, ct);

        public override async Task<T> WriteAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct)
        {
            if (!_breaks)
            {
                if (AwayFor == 0) return await inner.WriteAsync(work, ct);
                AwayFor--;
                throw Gone();
            }

            _breaks = false;
            if (_stands) await inner.WriteAsync(work, ct);
            if (_meanwhile is { } meanwhile) await meanwhile();
            throw Gone();
        }

        internal override Task<T> MigrateAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct) => inner.MigrateAsync(work, ct);

        public override ValueTask DisposeAsync() => inner.DisposeAsync();

        private static StorageException Gone() => new("database_unreachable", new("连接断开。", "The connection broke."));
    }
}

public sealed class LostCommitsOnSqlite(SqliteTestDatabase database) : LostCommitContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class LostCommitsOnMySql(MySqlTestDatabase database) : LostCommitContract(database), IClassFixture<MySqlTestDatabase>;
