using System.Text;
using System.Text.Json;
using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Settling;
using Engagement.Storage;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Receipts;

/// <summary>Receipts of sends that were in doubt: WeChat's events without a reference of ours, and words about an attempt of the past.</summary>
public abstract class LateReceiptContract(TestDatabase test) : IAsyncLifetime
{
    private const string Phone = "19900000001";

    private MessagingHouse _house = null!;
    private int _pushes;

    public async Task InitializeAsync()
    {
        _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?> { ["WeChat:SendTimeout"] = "00:00:03" });
        await _house.ReceiptsAsync(false);
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    private static string Template => MessagingHouse.Template(Recall).Contents.WeChatSubscribe!.TemplateId;

    // ------------------------------------------------------------------ WeChat: openid, template and time

    [DatabaseFact]
    public async Task The_event_of_a_send_in_doubt_settles_it_as_WeChat_pushes_it()
    {
        await _house.ReceiptsAsync(true);
        var message = await DoubtfulAsync("oWang");

        await _house.BecomesAsync(message, MessageState.Delivered);

        var row = await _house.MessageAsync(message);
        Assert.Equal((Assert.Single(await _house.TakenAsync()).ProviderRef, null), (row.ProviderRef, row.ReadyAt));
        Assert.Equal(1, await CountedAsync("settled_by_event"));
    }

    [DatabaseTheory]
    [InlineData("oLi", true, 0)]
    [InlineData("oWang", false, 0)]
    [InlineData("oWang", true, -3)]
    [InlineData("oWang", true, 62)]
    public async Task An_event_about_somebody_or_something_else_or_of_another_time_settles_nothing(string openId, bool template, int minutes)
    {
        await _house.JoinAsync("李强", openId: "oLi");
        var message = await DoubtfulAsync("oWang");

        await PushAsync(openId, template ? Template : "another", minutes);
        await LookedAtAsync();

        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(message)).State);
    }

    [DatabaseFact]
    public async Task An_event_that_may_mean_two_sends_settles_neither_and_is_counted()
    {
        var messages = (MessageId[])[await DoubtfulAsync("oWang"), await DoubtfulAsync("oWang")];

        await PushAsync("oWang", Template);
        for (var i = 0; i < 12; i++)
        {
            await _house.ExecuteAsync("UPDATE inbound SET next_at = 0 WHERE next_at IS NOT NULL");
            await _house.Get<InboundApplier>().ApplyAsync(CancellationToken.None);
        }

        foreach (var message in messages) Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(message)).State);
        Assert.Equal(1, await CountedAsync("ambiguous_events"));
    }

    [DatabaseFact]
    public async Task A_bad_end_settles_it_too_and_the_same_event_twice_changes_once()
    {
        var message = await DoubtfulAsync("oWang");

        await PushAsync("oWang", Template, code: "1", msgId: "77");
        await PushAsync("oWang", Template, code: "1", msgId: "77");
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 2") == 2);

        Assert.Equal((MessageState.Undelivered, "77"), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).ProviderRef));
    }

    [DatabaseFact]
    public async Task An_event_that_comes_after_the_doubt_moved_on_keeps_it_from_going_out_again()
    {
        var message = await DoubtfulAsync("oWang");
        await MoveOnAsync(looks: 1);
        Assert.Equal(MessageState.Pending, (await _house.MessageAsync(message)).State);

        await PushAsync("oWang", Template, minutes: 15);
        await _house.BecomesAsync(message, MessageState.Delivered);
        await _house.RoundAsync();

        Assert.Single(await _house.TakenAsync());
    }

    // ------------------------------------------------------------------ SMS: our reference

    [DatabaseTheory]
    [InlineData(true, MessageState.Delivered, 0)]
    [InlineData(false, MessageState.Sent, 1)]
    public async Task A_receipt_of_the_attempt_that_was_given_up_ends_the_message_before_it_is_sent_again(bool delivered, MessageState expected, int sent)
    {
        var (message, reference) = await LostAsync();

        await _house.SmsReceiptAsync(Phone, "biz-1", delivered, "X:1", reference);
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 2") == 1);
        await _house.RoundAsync();

        Assert.Equal(expected, (await _house.MessageAsync(message)).State);
        Assert.Equal(sent, (await _house.TakenAsync()).Count);
    }

    [DatabaseTheory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task After_it_was_sent_again_the_state_is_that_of_the_newer_attempt_and_a_yes_makes_it_known_twice(bool delivered, int twice)
    {
        var (message, reference) = await LostAsync();
        await _house.RoundAsync();

        await _house.SmsReceiptAsync(Phone, "biz-1", delivered, "X:1", reference);
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 2") == 1);

        Assert.Equal((MessageState.Sent, 2), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).Attempt));
        Assert.Equal(twice, await _house.ScalarAsync<long>("SELECT possibly_twice FROM message WHERE id = @id", new { id = message.Value }));
    }

    [DatabaseTheory]
    [InlineData(6)]
    [InlineData(7)]
    public async Task What_arrived_has_arrived_although_the_message_ended_otherwise_meanwhile(int state)
    {
        var (message, reference) = await LostAsync();
        await _house.ExecuteAsync("UPDATE message SET state = @state, reason = 'expired', ready_at = NULL, attempt_no = 2, reference = 'newer' WHERE id = @id", new { state, id = message.Value });

        await _house.SmsReceiptAsync(Phone, "biz-1", delivered: true, outId: reference);
        await _house.BecomesAsync(message, MessageState.Delivered);

        Assert.Equal((null, reference, Channel.Sms), ((await _house.MessageAsync(message)).Reason, (await _house.MessageAsync(message)).Reference, (await _house.MessageAsync(message)).Channel));
    }

    [DatabaseTheory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Receipts_of_a_call_that_was_repeated_each_find_the_message_of_their_number(bool first, bool second)
    {
        string[] phones = [Phone, "19900000002"];
        MessageId[] messages = [await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", phones[0]), Recall), await _house.EnqueueAsync(await _house.JoinAsync("李强", phones[1]), Recall)];
        await _house.TogetherAsync(messages);
        var reference = await LoseAsync(messages);
        await _house.RoundAsync();

        await _house.Get<InboundStore>().AddAsync(InboundSource.AliyunReport, "both", JsonSerializer.SerializeToUtf8Bytes(phones.Zip((bool[])[first, second], (phone, delivered) => new
        {
            phone_number = phone, biz_id = "biz-1", out_id = reference, success = delivered, err_code = delivered ? "DELIVERED" : "X:1", sms_size = "1", report_time = "2026-03-10 10:00:05",
        })), CancellationToken.None);
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 2") == 1);

        foreach (var (message, delivered) in messages.Zip((bool[])[first, second]))
        {
            Assert.Equal(delivered ? 1 : 0, await _house.ScalarAsync<long>("SELECT possibly_twice FROM message WHERE id = @id", new { id = message.Value }));
        }
    }

    // ------------------------------------------------------------------ a push that breaks

    [DatabaseFact]
    public async Task A_push_that_breaks_its_batch_costs_only_itself()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        await _house.RoundAsync();
        var bizId = (await _house.MessageAsync(message)).ProviderRef!;
        await _house.SmsReceiptAsync(Phone, bizId, delivered: true);
        await PushAsync("oWang", Template);
        // More of it than a date has room for: it breaks where it is applied, not where it is read.
        await _house.Get<InboundStore>().AddAsync(InboundSource.WeChat, "far", Encoding.UTF8.GetBytes(
            """{"ToUserName":"gh","FromUserName":"oWang","CreateTime":253402300000,"MsgType":"event","Event":"subscribe_msg_sent_event","List":{"TemplateId":"T","MsgID":"9","ErrorCode":"0","ErrorStatus":"success"}}"""), CancellationToken.None);

        await _house.BecomesAsync(message, MessageState.Delivered);
    }

    private async Task<MessageId> DoubtfulAsync(string openId)
    {
        var known = await _house.QueryAsync<long>("SELECT member_id FROM member_identity WHERE openid = @openId", new { openId });
        var member = known.Count > 0 ? new MemberId(known[0]) : await _house.JoinAsync("王秀兰", Phone, openId);
        await _house.GrantAsync(member, Recall, 2);
        var message = await _house.EnqueueAsync(member, Recall);
        await _house.FaultsAsync(new { acceptThenTimeoutShare = 1 });
        await _house.RoundAsync();
        await _house.FaultsAsync(new { });
        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(message)).State);
        await AttendAsync();
        return message;
    }

    // A reminder by SMS that the provider never had, and has said so twice.
    private async Task<(MessageId Message, string Reference)> LostAsync()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        return (message, await LoseAsync(message));
    }

    // The reference of the one call that they shared.
    private async Task<string> LoseAsync(params MessageId[] messages)
    {
        await _house.FaultsAsync(new { errorShare = new Dictionary<string, double> { ["isv.SOMETHING_NEW"] = 1 } });
        await _house.RoundAsync();
        await _house.FaultsAsync(new { });
        await AttendAsync();
        await MoveOnAsync(looks: 2);
        Assert.Equal([MessageState.Pending], (await Task.WhenAll(messages.Select(_house.MessageAsync))).Select(row => row.State).Distinct());
        return (await Task.WhenAll(messages.Select(_house.MessageAsync))).Select(row => row.Reference!).Distinct().Single();
    }

    private Task AttendAsync() => _house.ExecuteAsync($"UPDATE message SET ready_at = {DoubtPolicy.FirstLookSql("@now")} WHERE state = 8", new { now = _house.Clock.NowMs() });

    private async Task MoveOnAsync(int looks)
    {
        for (var look = 0; look < looks; look++)
        {
            _house.Clock.Advance(DoubtPolicy.Wait);
            await _house.Get<Settler>().RoundAsync(CancellationToken.None);
        }
    }

    // The event's time is WeChat's: minutes after the send that is in doubt.
    private async Task PushAsync(string openId, string template, int minutes = 0, string code = "0", string? msgId = null)
    {
        var intent = await _house.QueryAsync<long>("SELECT intent_at FROM message ORDER BY intent_at DESC LIMIT 1");
        var at = DateTimeOffset.FromUnixTimeMilliseconds(intent[0]) - (_house.Clock.GetUtcNow() - TimeProvider.System.GetUtcNow()) + TimeSpan.FromMinutes(minutes);
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            ToUserName = "gh_1", FromUserName = openId, CreateTime = at.ToUnixTimeSeconds(), MsgType = "event", Event = "subscribe_msg_sent_event",
            List = new { TemplateId = template, MsgID = msgId ?? $"m{++_pushes}", ErrorCode = code, ErrorStatus = "success" },
        });
        await _house.Get<InboundStore>().AddAsync(InboundSource.WeChat, $"event:{++_pushes}", body, CancellationToken.None);
    }

    private Task LookedAtAsync() => _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT MIN(attempts) FROM inbound") >= 2);

    private Task<long> CountedAsync(string name) => _house.ScalarAsync<long>("SELECT COALESCE(SUM(mended_total), 0) FROM sweep WHERE name = @name", new { name });
}

public sealed class LateReceiptsOnSqlite(SqliteTestDatabase database) : LateReceiptContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class LateReceiptsOnMySql(MySqlTestDatabase database) : LateReceiptContract(database), IClassFixture<MySqlTestDatabase>;
