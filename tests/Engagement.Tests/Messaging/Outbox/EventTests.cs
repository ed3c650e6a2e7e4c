using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Storage.Events;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Outbox;

/// <summary>What happens to members reaches the messages that wait for them.</summary>
public abstract class EventContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;
    private MemberId _member;

    public async Task InitializeAsync()
    {
        _house = await MessagingHouse.OpenAsync(test);
        _member = await _house.JoinAsync("王秀兰", "19900000001", "", Purpose.Membership, Purpose.Health, Purpose.Reminder);
        await _house.ExecuteAsync("DELETE FROM event");
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    private EventStore Events => _house.Get<EventStore>();

    [DatabaseFact]
    public async Task A_refill_that_was_bought_meanwhile_ends_at_once_and_others_wait_for_their_hour()
    {
        var (bought, other) = (await _house.TakesAsync(_member, "氨氯地平", 2), await _house.TakesAsync(_member, "二甲双胍", 2));
        var (done, waits) = (await TomorrowAsync(bought), await TomorrowAsync(other));
        await _house.ExecuteAsync("UPDATE therapy_line SET coverage_end = coverage_end + 28 WHERE id = @bought", new { bought });
        await AppendAsync(EventKind.TherapyChanged, _member.Value);

        Assert.Equal(1, await ApplyAsync());
        await _house.RoundAsync();

        Assert.Equal((MessageState.Suppressed, Reason.Refilled), ((await _house.MessageAsync(done)).State, (await _house.MessageAsync(done)).Reason));
        Assert.Equal(MessageState.Pending, (await _house.MessageAsync(waits)).State);
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM event"));
    }

    [DatabaseFact]
    public async Task A_withdrawn_consent_ends_what_rests_on_it_and_nothing_else()
    {
        var refill = await TomorrowAsync(await _house.TakesAsync(_member, "氨氯地平", 2));
        var recall = await _house.EnqueueAsync(_member, Recall);
        await _house.ExecuteAsync("UPDATE message SET ready_at = ready_at + 3600000 WHERE id = @id", new { id = recall.Value });

        await _house.WithdrawAsync(_member, Purpose.Reminder);
        Assert.Equal(1, await ApplyAsync());
        await _house.RoundAsync();

        Assert.Equal((MessageState.Suppressed, Reason.NoReminderConsent), ((await _house.MessageAsync(refill)).State, (await _house.MessageAsync(refill)).Reason));
        Assert.Equal(MessageState.Pending, (await _house.MessageAsync(recall)).State);
    }

    [DatabaseFact]
    public async Task An_erased_member_gets_nothing_any_more()
    {
        var recall = await _house.EnqueueAsync(_member, Recall);
        await _house.ExecuteAsync("UPDATE message SET ready_at = ready_at + 3600000");
        await _house.ExecuteAsync("UPDATE member SET erased_at = 1, gate_version = gate_version + 1");
        await AppendAsync(EventKind.ConsentWithdrawn, _member.Value);

        await ApplyAsync();
        await _house.RoundAsync();

        Assert.Equal((MessageState.Suppressed, Reason.Erased), ((await _house.MessageAsync(recall)).State, (await _house.MessageAsync(recall)).Reason));
    }

    [DatabaseFact]
    public async Task A_yes_is_no_event_and_many_members_are_one_row()
    {
        await _house.JoinAsync("李强", "19900000002", "", Purpose.Reminder);
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM event"));

        await AppendAsync(EventKind.TherapyChanged, [.. Enumerable.Range(0, 2000).Select(i => long.MaxValue - i), long.MaxValue]);

        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM event"));
        Assert.True(await _house.ScalarAsync<long>("SELECT LENGTH(body) FROM event") < 65_000);
        Assert.Equal(1, await ApplyAsync());
    }

    [DatabaseTheory]
    [InlineData(EventKind.ConsentWithdrawn, "{}")]
    [InlineData(EventKind.TherapyChanged, "no json")]
    [InlineData(EventKind.TherapyChanged, "[\"x\"]")]
    public async Task What_cannot_be_consumed_is_tried_again_given_up_and_kept_and_stops_nobody(string kind, string body)
    {
        await _house.Database.WriteAsync(tx => Events.AppendAsync(tx, kind, body), None);
        await AppendAsync(EventKind.TherapyChanged, _member.Value);

        Assert.Equal(2, await ApplyAsync());
        Assert.Equal(0, await ApplyAsync());
        for (var i = 0; i < 9; i++)
        {
            await _house.ExecuteAsync("UPDATE event SET next_at = 0");
            Assert.Equal(1, await ApplyAsync());
        }

        Assert.Equal((10L, null), (await _house.ScalarAsync<long>("SELECT attempts FROM event"), await _house.ScalarAsync<long?>("SELECT next_at FROM event")));
    }

    [DatabaseFact]
    public async Task What_is_for_another_consumer_is_left_to_it()
    {
        await AppendAsync(EventKind.PurchasesRecorded, _member.Value);

        Assert.Equal(0, await ApplyAsync());

        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM event"));
    }

    [DatabaseFact]
    public async Task An_event_is_there_if_and_only_if_its_change_is()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _house.Database.WriteAsync(async tx =>
        {
            await Events.AppendAsync(tx, EventKind.TherapyChanged, [_member.Value]);
            throw new InvalidOperationException();
        }, None));

        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM event"));
    }

    private async Task<MessageId> TomorrowAsync(long line)
    {
        var end = await _house.ScalarAsync<int>("SELECT coverage_end FROM therapy_line WHERE id = @line", new { line });
        var message = await _house.EnqueueAsync(_member, Refill, new RefillParams([new RefillLine(line, end)]).ToJson());
        await _house.ExecuteAsync("UPDATE message SET ready_at = ready_at + 3600000 WHERE id = @id", new { id = message.Value });
        return message;
    }

    private Task AppendAsync(string kind, params long[] members) => _house.Database.WriteAsync(tx => Events.AppendAsync(tx, kind, members), None);

    private Task<int> ApplyAsync() => _house.Get<EventApplier>().ApplyAsync(None);
}

public sealed class EventsOnSqlite(SqliteTestDatabase database) : EventContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class EventsOnMySql(MySqlTestDatabase database) : EventContract(database), IClassFixture<MySqlTestDatabase>;
