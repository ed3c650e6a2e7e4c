using Engagement.Api.Demo;
using Engagement.Messaging;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Settling;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Settling;

/// <summary>What becomes of a send that nobody answered for: the promise of its class, kept against the real sandbox.</summary>
public abstract class SettlerContract(TestDatabase test) : IAsyncLifetime
{
    private const string Phone = "19900000001";

    private static readonly TimeSpan s_wait = DoubtPolicy.Wait + TimeSpan.FromSeconds(1);

    private MessagingHouse _house = null!;

    public async Task InitializeAsync()
    {
        _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?>
        {
            ["WeChat:SendTimeout"] = "00:00:03", ["Sms:Aliyun:SendTimeout"] = "00:00:03",
        });
        await _house.ReceiptsAsync(false);
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    // ------------------------------------------------------------------ receipts that never come

    [DatabaseFact]
    public async Task A_message_without_a_receipt_for_three_days_is_undelivered()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        await SentAsync(message);

        _house.Clock.Advance(TimeSpan.FromDays(3) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await SettleAsync());
        _house.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await SettleAsync());

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Undelivered, Reason.NoReceipt, null), (row.State, row.Reason, row.ReadyAt));
        Assert.Equal(1, await CountedAsync("no_receipt"));
    }

    [DatabaseTheory]
    [InlineData(Phone, MessageState.Delivered)]
    [InlineData("19900000404", MessageState.Undelivered)]
    public async Task Before_a_receipt_is_given_up_the_provider_is_asked(string phone, MessageState expected)
    {
        await _house.ReceiptsAsync(true);
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", phone), Recall);
        await SentAsync(message);
        // The push came while nobody kept it.
        await Eventually.True(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound") == 1);
        await _house.ExecuteAsync("DELETE FROM inbound");
        _house.Clock.Advance(TimeSpan.FromDays(3));

        Assert.Equal(1, await SettleAsync());

        var row = await _house.MessageAsync(message);
        Assert.Equal((expected, null, null), (row.State, row.Reason, row.ReadyAt));
        Assert.Equal((1, 0), (await CountedAsync("settled_by_query"), await CountedAsync("no_receipt")));
    }

    [DatabaseFact]
    public async Task A_provider_that_does_not_answer_is_asked_for_a_receipt_again_for_a_day()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        await SentAsync(message);
        var setup = DemoTemplates.Setup(null);
        await _house.Provider.SetUpAsync(setup with { Aliyun = setup.Aliyun with { AccessKeySecret = "another secret" } }, CancellationToken.None);
        _house.Clock.Advance(TimeSpan.FromDays(3));

        await SettleAsync();
        var waiting = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Sent, _house.Clock.GetUtcNow().AddHours(6).ToUnixTimeMilliseconds()), (waiting.State, waiting.ReadyAt));

        _house.Clock.Advance(TimeSpan.FromDays(1));
        await SettleAsync();
        Assert.Equal((MessageState.Undelivered, Reason.NoReceipt), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).Reason));
    }

    [DatabaseTheory]
    [InlineData(true, MessageState.Delivered)]
    [InlineData(false, MessageState.Undelivered)]
    public async Task A_receipt_after_that_still_counts(bool delivered, MessageState expected)
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        await SentAsync(message);
        _house.Clock.Advance(TimeSpan.FromDays(3));
        await SettleAsync();

        await _house.SmsReceiptAsync(Phone, (await _house.MessageAsync(message)).ProviderRef!, delivered, "X:1");
        await _house.AppliedAsync(async () => (await _house.MessageAsync(message)).Code == "X:1");

        var row = await _house.MessageAsync(message);
        Assert.Equal((expected, null), (row.State, row.Reason));
    }

    [DatabaseFact]
    public async Task A_send_that_is_overdue_on_the_wire_is_in_doubt()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        await SentAsync(message);
        await _house.ExecuteAsync("UPDATE message SET state = 2, ready_at = 0 WHERE id = @id", new { id = message.Value });

        Assert.Equal(1, await SettleAsync());

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.InDoubt, "stuck", _house.Clock.GetUtcNow().AddMinutes(10).ToUnixTimeMilliseconds()), (row.State, row.Code, row.ReadyAt));
    }

    // ------------------------------------------------------------------ SMS in doubt: the provider is asked

    [DatabaseTheory]
    [InlineData(DeliveryClass.Reminder, Phone, MessageState.Sent)]
    [InlineData(DeliveryClass.Promotional, "19900000404", MessageState.Undelivered)]
    [InlineData(DeliveryClass.Service, Phone, MessageState.Delivered)]
    public async Task What_the_provider_knows_settles_a_doubt_of_any_class(DeliveryClass deliveryClass, string phone, MessageState expected)
    {
        if (expected != MessageState.Sent) await _house.ReceiptsAsync(true);
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", phone), Recall);
        await _house.ExecuteAsync("UPDATE message SET class = @c WHERE id = @id", new { c = (int)deliveryClass, id = message.Value });
        await InDoubtAsync(message, new { dropAfterAcceptShare = 1 });
        _house.Clock.Advance(s_wait);

        // The carrier may take a moment; the provider says that it waits until then.
        await Eventually.True(async () =>
        {
            await _house.ExecuteAsync("UPDATE message SET state = 8, ready_at = 0 WHERE id = @id", new { id = message.Value });
            await SettleAsync();
            return (await _house.MessageAsync(message)).State == expected;
        });

        var row = await _house.MessageAsync(message);
        Assert.Equal(expected == MessageState.Sent ? await OverdueAtAsync(message) : null, row.ReadyAt);
        Assert.Single(await _house.TakenAsync());
        Assert.True(await CountedAsync("settled_by_query") > 0);
    }

    [DatabaseFact]
    public async Task A_receipt_finds_what_a_query_has_settled()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        await InDoubtAsync(message, new { dropAfterAcceptShare = 1 });
        _house.Clock.Advance(s_wait);
        await SettleAsync();
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(message)).State);

        await _house.SmsReceiptAsync(Phone, "biz-9", delivered: true, outId: (await _house.MessageAsync(message)).Reference!);

        await _house.BecomesAsync(message, MessageState.Delivered);
        Assert.Equal("biz-9", (await _house.MessageAsync(message)).ProviderRef);
    }

    [DatabaseFact]
    public async Task A_reminder_that_the_provider_twice_does_not_know_is_sent_again()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        await LostAsync(message);

        Assert.Equal(0, await SettleAsync());
        _house.Clock.Advance(s_wait);
        Assert.Equal(1, await SettleAsync());
        Assert.Equal((MessageState.InDoubt, 1), ((await _house.MessageAsync(message)).State, await QueriesAsync(message)));
        Assert.Equal(0, await SettleAsync());
        _house.Clock.Advance(s_wait);
        Assert.Equal(1, await SettleAsync());

        Assert.Equal(MessageState.Pending, (await _house.MessageAsync(message)).State);
        Assert.Equal((1, "unknown_to_provider"), (await AttemptAsync(message)));
        await _house.RoundAsync();
        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Sent, 2, 0), (row.State, row.Attempt, await TwiceAsync(message)));
        Assert.Single(await _house.TakenAsync());
        Assert.Equal(1, await CountedAsync("sent_again"));
    }

    [DatabaseFact]
    public async Task Past_its_last_moment_a_reminder_is_closed_in_doubt()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall, _house.Clock.GetUtcNow().AddMinutes(15).ToUnixTimeMilliseconds());
        await LostAsync(message);
        _house.Clock.Advance(s_wait);
        await SettleAsync();
        _house.Clock.Advance(s_wait);
        await SettleAsync();

        Assert.Equal((MessageState.InDoubt, null), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).ReadyAt));
        Assert.Equal(1, await CountedAsync("closed_in_doubt"));
    }

    [DatabaseTheory]
    [InlineData(3, 3 * 24 * 60)]
    [InlineData(1, 10 * 60)]
    public async Task Promotional_and_Service_are_never_sent_again_and_closed_in_the_end(int deliveryClass, int closedAfterMinutes)
    {
        var member = await _house.JoinAsync("王秀兰", Phone);
        var message = await _house.EnqueueAsync(member, Recall);
        await _house.ExecuteAsync("UPDATE message SET class = @deliveryClass WHERE id = @id", new { deliveryClass, id = message.Value });
        await LostAsync(message);
        _house.Clock.Advance(s_wait);
        Assert.Equal(1, await SettleAsync());
        Assert.NotNull((await _house.MessageAsync(message)).ReadyAt);

        _house.Clock.Advance(TimeSpan.FromMinutes(closedAfterMinutes));
        Assert.Equal(1, await SettleAsync());

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.InDoubt, 1, null), (row.State, row.Attempt, row.ReadyAt));
        Assert.Equal(0, await _house.RoundAsync());
    }

    [DatabaseFact]
    public async Task A_provider_that_cannot_be_asked_proves_nothing_however_often()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        await LostAsync(message);
        var setup = DemoTemplates.Setup(null);
        await _house.Provider.SetUpAsync(setup with { Aliyun = setup.Aliyun with { AccessKeySecret = "another secret" } }, CancellationToken.None);
        var pauses = new List<long>();
        for (var asked = 0; asked < 8; asked++)
        {
            var due = (await _house.MessageAsync(message)).ReadyAt!.Value;
            _house.Clock.Set(DateTimeOffset.FromUnixTimeMilliseconds(due));
            Assert.Equal(1, await SettleAsync());
            pauses.Add((await _house.MessageAsync(message)).ReadyAt!.Value - due);
        }

        Assert.Equal((MessageState.InDoubt, 0), ((await _house.MessageAsync(message)).State, await QueriesAsync(message)));
        Assert.Equal(pauses.Order(), pauses);
        Assert.True(pauses[^1] > 10 * pauses[0]);
    }

    [DatabaseFact]
    public async Task Who_has_another_number_by_now_cannot_be_asked_about()
    {
        var member = await _house.JoinAsync("王秀兰", Phone);
        var message = await _house.EnqueueAsync(member, Recall);
        await LostAsync(message);
        await _house.ExecuteAsync("UPDATE message SET address_index = 'of another number' WHERE id = @id", new { id = message.Value });
        _house.Clock.Advance(s_wait);
        await SettleAsync();

        // As where no query exists: by another channel, and perhaps twice.
        Assert.Equal((MessageState.Pending, 1), ((await _house.MessageAsync(message)).State, await TwiceAsync(message)));
        await _house.RoundAsync();
        Assert.NotEqual(MessageState.Sent, (await _house.MessageAsync(message)).State);
    }

    // ------------------------------------------------------------------ WeChat in doubt: nobody can be asked

    [DatabaseFact]
    public async Task A_reminder_in_doubt_at_WeChat_goes_by_the_next_channel_and_says_that_it_may_be_twice()
    {
        var member = await _house.JoinAsync("王秀兰", Phone, "oWang");
        await _house.GrantAsync(member, Recall, 3);
        var message = await _house.EnqueueAsync(member, Recall);
        await InDoubtAsync(message, new { acceptThenTimeoutShare = 1 });

        _house.Clock.Advance(s_wait);
        Assert.Equal(1, await SettleAsync());
        Assert.Equal((MessageState.Pending, 1), ((await _house.MessageAsync(message)).State, await TwiceAsync(message)));
        await _house.RoundAsync();

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Sent, Channel.Sms, 2), (row.State, row.Channel, row.Attempt));
        Assert.Equal((1, "timeout"), await AttemptAsync(message));
        Assert.Equal(2, await _house.GrantsLeftAsync(member, Recall));
    }

    [DatabaseFact]
    public async Task A_promotion_in_doubt_at_WeChat_waits_three_days_and_is_closed()
    {
        var member = await _house.JoinAsync("王秀兰", Phone, "oWang");
        await _house.GrantAsync(member, Recall, 3);
        var message = await _house.EnqueueAsync(member, Recall);
        await _house.ExecuteAsync("UPDATE message SET class = 3 WHERE id = @id", new { id = message.Value });
        await InDoubtAsync(message, new { acceptThenTimeoutShare = 1 });

        _house.Clock.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(1));
        Assert.Equal(0, await SettleAsync());
        _house.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await SettleAsync());

        Assert.Equal((MessageState.InDoubt, null), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).ReadyAt));
    }

    // ------------------------------------------------------------------ runs, shards, outcomes that overtake

    [DatabaseFact]
    public async Task Of_a_cancelled_run_nothing_is_sent_again()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        await LostAsync(message);
        await _house.ExecuteAsync("UPDATE run SET state = 4, closing = 2");
        _house.Clock.Advance(s_wait);
        await SettleAsync();
        _house.Clock.Advance(s_wait);
        await SettleAsync();

        Assert.Equal((MessageState.InDoubt, null), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).ReadyAt));
    }

    [DatabaseFact]
    public async Task A_step_that_was_decided_before_the_row_moved_changes_nothing()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        await LostAsync(message);
        var seen = new OpenMessage { Id = message, State = MessageState.InDoubt, Class = DeliveryClass.Reminder, AttemptNo = 1, IntentAt = 0, NotAfter = long.MaxValue };
        await _house.ExecuteAsync("UPDATE message SET attempt_no = 2 WHERE id = @id", new { id = message.Value });

        foreach (var step in Enum.GetValues<SettlingStep>())
        {
            Assert.Equal(0, await _house.Database.WriteAsync(tx => SettlingStore.ApplyAsync(tx, [(seen, new Settlement(step, "X", 1))], 1), CancellationToken.None));
        }

        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM attempt"));
        // The provider's answer itself was one that nobody knows.
        Assert.Equal(["unknown_provider_codes"], await _house.QueryAsync<string>("SELECT name FROM sweep"));
    }

    [DatabaseFact]
    public async Task The_first_look_is_the_same_in_sql()
    {
        var member = await _house.JoinAsync("王秀兰", Phone);
        var message = await _house.EnqueueAsync(member, Recall);
        foreach (var deliveryClass in Enum.GetValues<DeliveryClass>())
        foreach (var channel in Enum.GetValues<Channel>())
        foreach (var (now, notAfter) in ((long, long)[])[(5_000, 9_000), (9_000, 5_000)])
        {
            await _house.ExecuteAsync("UPDATE message SET class = @c, channel = @ch, not_after = @notAfter, intent_at = 1000 WHERE id = @id",
                new { c = (int)deliveryClass, ch = (int)channel, notAfter, id = message.Value });
            Assert.Equal(DoubtPolicy.FirstLookAt(deliveryClass, channel, now, 1000, notAfter),
                await _house.ScalarAsync<long>($"SELECT {DoubtPolicy.FirstLookSql("@now")} FROM message WHERE id = @id", new { now, id = message.Value }));
        }
    }

    // The present attempt gets the attention that intent and outcome give it.
    private async Task SentAsync(MessageId message)
    {
        await _house.RoundAsync();
        await _house.ExecuteAsync("UPDATE message SET ready_at = @at WHERE id = @id AND state = 3", new { at = await OverdueAtAsync(message), id = message.Value });
    }

    private async Task InDoubtAsync(MessageId message, object faults)
    {
        await _house.FaultsAsync(faults);
        await _house.RoundAsync();
        await _house.FaultsAsync(new { });
        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(message)).State);
        await _house.ExecuteAsync($"UPDATE message SET ready_at = {DoubtPolicy.FirstLookSql("@now")} WHERE id = @id", new { now = _house.Clock.GetUtcNow().ToUnixTimeMilliseconds(), id = message.Value });
    }

    // In doubt, and the provider never had it.
    private Task LostAsync(MessageId message) => InDoubtAsync(message, new { errorShare = new Dictionary<string, double> { ["isv.SOMETHING_NEW"] = 1 } });

    private Task<int> SettleAsync() => _house.Get<Settler>().RoundAsync(CancellationToken.None);

    private async Task<long?> OverdueAtAsync(MessageId message) =>
        DoubtPolicy.ReceiptDueAt(await _house.ScalarAsync<long>("SELECT intent_at FROM message WHERE id = @id", new { id = message.Value }));

    private Task<long> CountedAsync(string name) => _house.ScalarAsync<long>("SELECT COALESCE(SUM(mended_total), 0) FROM sweep WHERE name = @name", new { name });

    private Task<long> QueriesAsync(MessageId message) => _house.ScalarAsync<long>("SELECT queries FROM message WHERE id = @id", new { id = message.Value });

    private Task<long> TwiceAsync(MessageId message) => _house.ScalarAsync<long>("SELECT possibly_twice FROM message WHERE id = @id", new { id = message.Value });

    private async Task<(long, string)> AttemptAsync(MessageId message) => (await _house.QueryAsync<(long, string)>(
        "SELECT attempt_no, outcome_code FROM attempt WHERE message_id = @id ORDER BY attempt_no", new { id = message.Value }))[0];
}

public sealed class SettlerOnSqlite(SqliteTestDatabase database) : SettlerContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class SettlerOnMySql(MySqlTestDatabase database) : SettlerContract(database), IClassFixture<MySqlTestDatabase>;
