using System.Text;
using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>A worker that is gone in the middle of a wave: its flight record tells what never left.</summary>
public abstract class LostOwnerContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TempFolder _flight = new();
    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?> { ["Dispatch:FlightFolder"] = _flight["flight"] });

    public async Task DisposeAsync()
    {
        await _house.DisposeAsync();
        _flight.Dispose();
    }

    [DatabaseFact]
    public async Task What_never_left_waits_again_with_its_subscription_and_what_may_have_left_is_in_doubt()
    {
        var (waits, left) = (await IntendedAsync("oWang"), await IntendedAsync("oLi"));
        _house.Get<FlightRecorder>().Leaving(3, left.Send.Message.Id, left.Send.AttemptNo);
        Die();

        var (leases, other) = _house.AnotherWorker();
        var owned = await leases.HoldAsync(None);

        var (again, doubt) = (await _house.MessageAsync(waits.Send.Message.Id), await _house.MessageAsync(left.Send.Message.Id));
        Assert.Equal((MessageState.Pending, "never_left", _house.Clock.NowMs()), (again.State, again.Code, again.ReadyAt));
        Assert.Equal((MessageState.InDoubt, "owner_lost"), (doubt.State, doubt.Code));
        Assert.Equal(1, await _house.GrantsLeftAsync(waits.Member, Recall));
        Assert.Equal(0, await _house.GrantsLeftAsync(left.Member, Recall));

        Assert.Equal(1, await other.RoundAsync(owned, None));
        Assert.Equal((MessageState.Sent, 2), ((await _house.MessageAsync(waits.Send.Message.Id)).State, (await _house.MessageAsync(waits.Send.Message.Id)).Attempt));
        Assert.Equal("oWang", Assert.Single(await _house.TakenAsync()).To);
    }

    [DatabaseFact]
    public async Task What_was_answered_and_not_written_down_is_neither_in_doubt_nor_sent_again()
    {
        var (accepted, refused, unknown) = (await IntendedAsync("oWang"), await IntendedAsync("oLi"), await IntendedAsync("oZhao"));
        var recorder = _house.Get<FlightRecorder>();
        Answer(0, accepted.Send, SendResult.Ok("0", "msg-1"));
        Answer(1, refused.Send, SendResult.Refused(ErrorClass.Retry, "-1"));
        Answer(2, unknown.Send, SendResult.InDoubt("timeout"));
        Die();

        await _house.AnotherWorker().Leases.HoldAsync(None);

        var row = await _house.MessageAsync(accepted.Send.Message.Id);
        Assert.Equal((MessageState.Sent, "msg-1", "recorded"), (row.State, row.ProviderRef, row.Code));
        Assert.Equal(MessageState.Pending, (await _house.MessageAsync(refused.Send.Message.Id)).State);
        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(unknown.Send.Message.Id)).State);
        Assert.Equal((0, 1), (await _house.GrantsLeftAsync(accepted.Member, Recall), await _house.GrantsLeftAsync(refused.Member, Recall)));

        void Answer(int slot, SendDecision send, SendResult result)
        {
            recorder.Leaving(slot, send.Message.Id, send.AttemptNo);
            recorder.Answered(slot, result);
        }
    }

    [DatabaseFact]
    public async Task A_record_is_not_believed_while_its_process_lives()
    {
        var message = (await IntendedAsync("oWang")).Send.Message.Id;

        await _house.AnotherWorker().Leases.HoldAsync(None);

        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(message)).State);
    }

    [DatabaseFact]
    public async Task A_record_of_an_earlier_boot_or_none_at_all_is_not_believed()
    {
        var first = (await IntendedAsync("oWang")).Send.Message.Id;
        Die(file =>
        {
            file[20] = file[20] == (byte)'0' ? (byte)'1' : (byte)'0';
        });
        var (leases, _) = _house.AnotherWorker();
        await leases.HoldAsync(None);
        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(first)).State);

        var second = (await IntendedAsync("oLi", leases)).Send.Message.Id;
        foreach (var file in Directory.GetFiles(_flight["flight"], "*.flight")) File.Delete(file);
        await _house.AnotherWorker().Leases.HoldAsync(None);
        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(second)).State);
    }

    [DatabaseFact]
    public async Task Records_of_the_dead_are_kept_until_their_shards_are_taken_and_then_deleted()
    {
        await _house.Leases.HoldAsync(None);
        var dead = Path.Combine(_flight["flight"], _house.Get<FlightRecorder>().Owner + ".flight");
        Die();
        Assert.True(File.Exists(dead));

        var (leases, _) = _house.AnotherWorker();
        await leases.HoldAsync(None);
        await leases.HoldAsync(None);

        Assert.False(File.Exists(dead));
        Assert.Single(Directory.GetFiles(_flight["flight"], "*.flight"));
    }

    [DatabaseFact]
    public async Task A_stop_in_order_takes_the_record_along()
    {
        var dispatcher = _house.Get<Dispatcher>();
        await dispatcher.StartAsync(None);
        await Eventually.True(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM shard WHERE owner <> ''") == Shards.Count);
        Assert.Single(Directory.GetFiles(_flight["flight"], "*.flight"));

        await dispatcher.StopAsync(None);
        _house.Get<FlightRecorder>().Dispose();

        Assert.Empty(Directory.GetFiles(_flight["flight"], "*.flight"));
    }

    [DatabaseFact]
    public async Task A_stop_whose_time_is_up_leaves_the_record_of_what_is_not_written_down()
    {
        var dispatcher = _house.Get<Dispatcher>();
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", "19900000001"), Recall);
        await _house.FaultsAsync(new { latencyMs = (int[])[2000, 2000] });
        await dispatcher.StartAsync(None);
        await Eventually.True(async () => (await _house.MessageAsync(message)).State == MessageState.Sending);

        // The host waits no longer, and disposes of everything.
        await dispatcher.StopAsync(new CancellationToken(canceled: true));
        _house.Get<FlightRecorder>().Dispose();

        Assert.Equal(MessageState.Sending, (await _house.MessageAsync(message)).State);
        Assert.Single(Directory.GetFiles(_flight["flight"], "*.flight"));
    }

    [DatabaseFact]
    public async Task A_wave_that_began_long_ago_is_still_found_whatever_was_renewed_since()
    {
        var message = (await IntendedAsync("oWang")).Send.Message.Id;
        var wave = _house.Clock.NowMs();
        _house.Leases.OldestWave = () => wave;
        _house.Clock.Advance(TimeSpan.FromHours(5));
        await _house.Leases.HoldAsync(None);

        await _house.AnotherWorker().Leases.HoldAsync(None);

        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(message)).State);
    }

    // ------------------------------------------------------------------ an older database

    [DatabaseFact]
    public async Task A_restored_backup_sends_nothing_commercial_until_a_person_says_so()
    {
        var member = await _house.JoinAsync("王秀兰", "19900000001", "oWang", Engagement.Members.Consents.Purpose.Membership);
        await _house.GrantAsync(member, Recall);
        for (var i = 0; i < 3; i++) await _house.Leases.HoldAsync(None);
        var (recall, transaction) = (await _house.EnqueueAsync(member, Recall), await _house.EnqueueAsync(member, Transaction));
        await _house.ExecuteAsync("UPDATE setting SET value = '1' WHERE name = 'outbox.epoch'");

        var (leases, dispatcher) = _house.AnotherWorker();
        var owned = await leases.HoldAsync(None);
        while (await dispatcher.RoundAsync(owned, None) > 0) { }

        Assert.Equal((MessageState.Pending, 0), ((await _house.MessageAsync(recall)).State, (await _house.MessageAsync(recall)).Attempt));
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(transaction)).State);
        Assert.Equal(["restored"], await _house.QueryAsync<string>("SELECT paused FROM run WHERE paused IS NOT NULL"));

        // Said once; what the person lets go on is not held again.
        await _house.ExecuteAsync("UPDATE run SET paused = NULL");
        await Eventually.True(async () =>
            await dispatcher.RoundAsync(await leases.HoldAsync(None), None) >= 0 && (await _house.MessageAsync(recall)).State == MessageState.Sent);
    }

    // ------------------------------------------------------------------ a folder that cannot be used

    [DatabaseFact]
    public async Task A_mark_that_cannot_be_written_costs_no_shard()
    {
        // A directory in the mark's place; rights would not stop an administrator.
        Directory.CreateDirectory(_flight["flight/epoch"]);

        await SendsAsync(_house);
    }

    [DatabaseFact]
    public async Task A_folder_that_cannot_even_be_made_costs_no_shard()
    {
        await File.WriteAllTextAsync(_flight["file"], "");
        await using var house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?> { ["Dispatch:FlightFolder"] = _flight["file/flight"] });

        await SendsAsync(house);
    }

    private static async Task SendsAsync(MessagingHouse house)
    {
        var message = await house.EnqueueAsync(await house.JoinAsync("王秀兰", "19900000001"), Recall);

        Assert.Equal(Shards.Count, (await house.Leases.HoldAsync(None)).Count);
        Assert.Equal(1, await house.RoundAsync());

        Assert.Equal(MessageState.Sent, (await house.MessageAsync(message)).State);
    }

    // ------------------------------------------------------------------ many workers

    [DatabaseFact]
    public async Task Workers_own_equal_parts_and_one_that_comes_gets_its_part()
    {
        _house.Leases.Alone = false;
        var (second, _) = _house.AnotherWorker();
        second.Alone = false;
        Assert.Equal(64, (await _house.Leases.HoldAsync(None)).Count);
        Assert.Empty(await second.HoldAsync(None));

        var workers = 1;
        _house.Leases.Workers = second.Workers = () => Volatile.Read(ref workers);
        var first = _house.Get<Dispatcher>();
        await first.StartAsync(None);
        try
        {
            Volatile.Write(ref workers, 2);
            IReadOnlyList<OwnedShard> owned = [];
            await Eventually.True(async () => (owned = await second.HoldAsync(None)).Count == 32);
            Assert.Equal(32, (await _house.Leases.HoldAsync(None)).Count);
            Assert.Equal(2, owned.Select(shard => shard.Fence).Distinct().Single());
        }
        finally
        {
            await first.StopAsync(None);
        }

        // An orderly stop gives everything back at once.
        Volatile.Write(ref workers, 1);
        Assert.Equal(64, (await second.HoldAsync(None)).Count);
    }

    private async Task<(MemberId Member, SendDecision Send)> IntendedAsync(string openId, ShardLeases? leases = null)
    {
        var member = await _house.JoinAsync("王秀兰", openId: openId);
        await _house.GrantAsync(member, Recall);
        await _house.EnqueueAsync(member, Recall);
        var shard = (await (leases ?? _house.Leases).HoldAsync(None)).Single(s => s.Id == Shards.Of(member));
        var decisions = await _house.Get<WavePlanner>().PlanAsync(new Lane(0, 1), [shard.Id], None);
        var intents = await _house.Database.WriteAsync(tx => IntentStore.WriteAsync(tx, [shard], decisions, _house.Clock.NowMs()), None);
        return (member, Assert.Single(intents.Sends));
    }

    // A kill: the file stays as it is and nobody holds it.
    private void Die(Action<byte[]>? change = null)
    {
        var recorder = _house.Get<FlightRecorder>();
        recorder.Dispose();
        var file = Path.Combine(_flight["flight"], recorder.Owner + ".flight");
        var bytes = File.ReadAllBytes(file);
        Assert.StartsWith("ENGFLT02", Encoding.ASCII.GetString(bytes));
        change?.Invoke(bytes);
        File.WriteAllBytes(file, bytes);
    }
}

public sealed class LostOwnersOnSqlite(SqliteTestDatabase database) : LostOwnerContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class LostOwnersOnMySql(MySqlTestDatabase database) : LostOwnerContract(database), IClassFixture<MySqlTestDatabase>;
