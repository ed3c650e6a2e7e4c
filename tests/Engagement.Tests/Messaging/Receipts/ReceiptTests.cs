using System.Text;
using Engagement.Api.Demo;
using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Receipts;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Receipts;

/// <summary>What providers push: receipts in any order, replies, taps, and what nobody asked for.</summary>
public abstract class ReceiptContract(TestDatabase test) : IAsyncLifetime
{
    private const string Phone = "19900000001";

    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(test);

    public async Task DisposeAsync() => await _house.DisposeAsync();

    // ------------------------------------------------------------------ receipts

    [DatabaseFact]
    public async Task A_late_yes_corrects_a_no_and_nothing_corrects_a_yes()
    {
        var (message, bizId) = await SentAsync();

        await _house.SmsReceiptAsync(Phone, bizId, delivered: false, "MK:0001");
        await _house.BecomesAsync(message, MessageState.Undelivered);
        await _house.SmsReceiptAsync(Phone, bizId, delivered: true);
        await _house.BecomesAsync(message, MessageState.Delivered);
        await _house.SmsReceiptAsync(Phone, bizId, delivered: false, "MK:0002");
        await _house.SmsReceiptAsync(Phone, bizId, delivered: true);
        await AllAppliedAsync();

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Delivered, "DELIVERED"), (row.State, row.Code));
    }

    [DatabaseFact]
    public async Task Both_words_in_one_batch_and_in_either_order_end_as_delivered()
    {
        var (message, bizId) = await SentAsync();
        await _house.SmsReceiptAsync(Phone, bizId, delivered: true);
        await _house.SmsReceiptAsync(Phone, bizId, delivered: false, "MK:0001");
        await AllAppliedAsync();
        Assert.Equal(MessageState.Delivered, (await _house.MessageAsync(message)).State);
    }

    [DatabaseFact]
    public async Task The_same_push_twice_is_one_push()
    {
        var (message, bizId) = await SentAsync();

        await _house.SmsReceiptAsync(Phone, bizId, delivered: true, key: "same");
        await _house.SmsReceiptAsync(Phone, bizId, delivered: true, key: "same");
        await AllAppliedAsync();

        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound"));
        Assert.Equal(MessageState.Delivered, (await _house.MessageAsync(message)).State);
    }

    [DatabaseFact]
    public async Task A_receipt_that_comes_before_the_answer_waits_for_it()
    {
        var (message, bizId) = await SentAsync();
        // The provider has pushed before our outcome was written.
        await _house.ExecuteAsync("UPDATE message SET state = 2, provider_ref = NULL, reference = 'none' WHERE id = @id", new { id = message.Value });
        await _house.SmsReceiptAsync(Phone, bizId, delivered: true);
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT attempts FROM inbound") >= 2);
        Assert.Equal((MessageState.Sending, (long)InboundState.New), ((await _house.MessageAsync(message)).State, await _house.ScalarAsync<long>("SELECT state FROM inbound")));

        await _house.ExecuteAsync("UPDATE message SET state = 3, provider_ref = @bizId WHERE id = @id", new { bizId, id = message.Value });

        await _house.BecomesAsync(message, MessageState.Delivered);
        await AllAppliedAsync();
    }

    [DatabaseFact]
    public async Task A_receipt_of_an_earlier_attempt_is_ours_and_changes_nothing()
    {
        var (message, _) = await SentAsync();
        await _house.ExecuteAsync("""
            INSERT INTO attempt (message_id, attempt_no, channel, provider, reference, provider_ref, outcome_code, intent_at)
            VALUES (@id, 0, 2, 'aliyun', 'r', 'earlier', 'x', 1)
            """, new { id = message.Value });

        await _house.SmsReceiptAsync(Phone, "earlier", delivered: false, "MK:0001");
        await AllAppliedAsync();

        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(message)).State);
    }

    [DatabaseFact]
    public async Task A_receipt_for_another_number_of_the_same_call_is_not_this_ones()
    {
        var (message, bizId) = await SentAsync();

        await _house.SmsReceiptAsync("19900000009", bizId, delivered: false, "MK:0001");
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT attempts FROM inbound") >= 2);

        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(message)).State);
    }

    [DatabaseFact]
    public async Task A_receipt_of_a_send_that_is_not_ours_is_given_up_in_the_end()
    {
        await _house.SmsReceiptAsync(Phone, "stranger", delivered: true);
        for (var i = 0; i < 12; i++)
        {
            await _house.ExecuteAsync("UPDATE inbound SET next_at = 0");
            await _house.Get<InboundApplier>().ApplyAsync(CancellationToken.None);
        }

        Assert.Equal(((long)InboundState.NotOurs, null), await InboundAsync());
    }

    [DatabaseTheory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("[{}]")]
    public async Task What_nobody_understands_is_kept_and_stops_nothing(string body)
    {
        var (message, bizId) = await SentAsync();
        await PushAsync(InboundSource.AliyunReport, body);
        await _house.SmsReceiptAsync(Phone, bizId, delivered: true);

        await _house.BecomesAsync(message, MessageState.Delivered);

        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 4"));
    }

    [DatabaseFact]
    public async Task A_push_that_cannot_be_opened_stops_nothing()
    {
        var (message, bizId) = await SentAsync();
        await PushAsync(InboundSource.AliyunReport, "[]");
        await _house.ExecuteAsync("UPDATE inbound SET body_cipher = @broken", new { broken = (byte[])[1, 2, 3] });
        await _house.SmsReceiptAsync(Phone, bizId, delivered: true);

        await _house.BecomesAsync(message, MessageState.Delivered);

        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 4"));
    }

    [DatabaseFact]
    public async Task A_code_or_a_number_of_any_length_stops_nothing()
    {
        var (message, bizId) = await SentAsync();
        await _house.SmsReceiptAsync(Phone, bizId, delivered: false, new string('X', 500));
        await PushAsync(InboundSource.AliyunReply, $$"""[{"phone_number":"{{Phone}}","content":"R","sequence_id":"{{new string('9', 500)}}"}]""");

        await _house.BecomesAsync(message, MessageState.Undelivered);
        await AllAppliedAsync();

        Assert.Equal(64, (await _house.MessageAsync(message)).Code!.Length);
    }

    // ------------------------------------------------------------------ replies

    [DatabaseFact]
    public async Task R_after_a_promotion_stops_promotions_and_leaves_reminders()
    {
        var member = await _house.JoinAsync("陈敏", Phone, "", Purpose.MarketingSms, Purpose.Reminder, Purpose.MarketingWeChat);
        await _house.ExecuteAsync("UPDATE member SET gate_version = 1");
        var message = await _house.EnqueueAsync(member, Recall);
        await _house.RoundAsync();
        await _house.ExecuteAsync("UPDATE message SET class = 3 WHERE id = @id", new { id = message.Value });

        await _house.ReplyAsync(Phone, "r ");
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM suppression") > 0);

        Assert.Equal([(long)SuppressionScope.Commercial], await _house.QueryAsync<long>("SELECT scope FROM suppression"));
        Assert.Equal([(long)Purpose.Reminder, (long)Purpose.MarketingWeChat],
            await _house.QueryAsync<long>("SELECT purpose FROM consent WHERE granted = 1 ORDER BY purpose"));
        var change = (await _house.Database.ReadAsync(session => ConsentStore.HistoryAsync(session, member), CancellationToken.None))[^1];
        Assert.Equal((Purpose.MarketingSms, false, "sms_reply"), (change.Purpose, change.Granted, change.Source));
        Assert.True(await _house.ScalarAsync<long>("SELECT gate_version FROM member") > 1);
    }

    [DatabaseFact]
    public async Task R_after_a_reminder_stops_reminders_by_sms_too_for_everybody_on_that_phone()
    {
        var mother = await _house.JoinAsync("陈敏", Phone, "", Purpose.Health, Purpose.Reminder);
        var daughter = await _house.JoinAsync("周芳", Phone, "", Purpose.MarketingSms);
        await _house.EnqueueAsync(mother, Recall);
        await _house.RoundAsync();
        var before = await VersionsAsync();

        await _house.ReplyAsync(Phone, "退订");
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM suppression") == 2);

        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM consent WHERE granted = 1 AND member_id = @id", new { id = daughter.Value }));
        Assert.Equal(2, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM consent WHERE granted = 1 AND member_id = @id", new { id = mother.Value }));
        Assert.All(before.Zip(await VersionsAsync()), pair => Assert.True(pair.Second > pair.First));
        var next = await _house.EnqueueAsync(mother, Recall);
        await _house.RoundAsync();
        Assert.Equal("wechat_subscribe=no_openid,sms=opted_out", (await _house.MessageAsync(next)).Verdicts);
    }

    [DatabaseFact]
    public async Task The_same_reply_pushed_twice_changes_once()
    {
        var member = await _house.JoinAsync("陈敏", Phone, "", Purpose.MarketingSms);
        const string reply = """[{"phone_number":"19900000001","content":"R","sequence_id":"77"}]""";

        await PushAsync(InboundSource.AliyunReply, reply);
        await AllAppliedAsync();
        await PushAsync(InboundSource.AliyunReply, reply);
        await AllAppliedAsync();

        Assert.Equal(2, (await _house.Database.ReadAsync(session => ConsentStore.HistoryAsync(session, member), CancellationToken.None)).Count);
    }

    [DatabaseTheory]
    [InlineData("谢谢")]
    [InlineData("Really?")]
    public async Task Any_other_reply_changes_nothing(string content)
    {
        await _house.JoinAsync("陈敏", Phone, "", Purpose.MarketingSms);

        await PushAsync(InboundSource.AliyunReply, $$"""[{"phone_number":"{{Phone}}","content":"{{content}}","sequence_id":"78"}]""");
        await AllAppliedAsync();

        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM suppression"));
        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM consent WHERE granted = 1"));
    }

    [DatabaseFact]
    public async Task A_strangers_R_bars_the_number_for_whoever_comes_with_it()
    {
        await PushAsync(InboundSource.AliyunReply, $$"""[{"phone_number":"{{Phone}}","content":"R","sequence_id":"79"}]""");
        await AllAppliedAsync();

        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM suppression"));
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM consent_change"));
    }

    // ------------------------------------------------------------------ taps

    [DatabaseFact]
    public async Task A_yes_in_the_panel_is_one_message_more_and_a_no_in_the_settings_none_at_all()
    {
        var member = await _house.JoinAsync("王秀兰", openId: "oWang");
        var template = MessagingHouse.Template(Refill).Contents.WeChatSubscribe!.TemplateId;

        await _house.TapAsync("oWang", template, accept: true);
        await _house.AppliedAsync(async () => await _house.GrantsLeftAsync(member, Refill) == 1);
        await _house.GrantAsync(member, Refill, 2);
        var version = await _house.ScalarAsync<long>("SELECT gate_version FROM member");
        await _house.TapAsync("oWang", template, accept: false);
        await _house.AppliedAsync(async () => await _house.GrantsLeftAsync(member, Refill) == 0);

        Assert.True(await _house.ScalarAsync<long>("SELECT gate_version FROM member") > version);
    }

    [DatabaseFact]
    public async Task Taps_of_strangers_and_of_another_account_count_for_nobody()
    {
        var member = await _house.JoinAsync("王秀兰", openId: "oWang");
        await _house.TapAsync("oStranger", MessagingHouse.Template(Refill).Contents.WeChatSubscribe!.TemplateId, accept: true);
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 2") == 1);
        await _house.Database.WriteAsync(tx => _house.Get<GrantBook>().ApplyAsync(tx, new SubscriptionTap("another", "oWang", "T", Accepted: true, Popup: true)), CancellationToken.None);
        // WeChat pushes refusals only from the settings; a yes there is no subscription.
        await _house.Database.WriteAsync(tx => _house.Get<GrantBook>().ApplyAsync(tx, new SubscriptionTap(DemoSettings.AppId, "oWang", "T", Accepted: true, Popup: false)), CancellationToken.None);

        Assert.Equal(0, await _house.GrantsLeftAsync(member, Refill));
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM wechat_grant"));
    }

    private async Task<(MessageId Message, string BizId)> SentAsync()
    {
        await _house.ReceiptsAsync(false);
        var message = await _house.EnqueueAsync(await _house.JoinAsync("陈敏", Phone), Recall);
        await _house.RoundAsync();
        return (message, (await _house.MessageAsync(message)).ProviderRef!);
    }

    private Task PushAsync(string source, string body) =>
        _house.Get<InboundStore>().AddAsync(source, InboundStore.KeyOf(Encoding.UTF8.GetBytes(body)), Encoding.UTF8.GetBytes(body), CancellationToken.None);

    private Task AllAppliedAsync() => _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 1") == 0);

    private async Task<(long, long?)> InboundAsync() =>
        (await _house.ScalarAsync<long>("SELECT state FROM inbound"), await _house.ScalarAsync<long?>("SELECT next_at FROM inbound"));

    private Task<List<long>> VersionsAsync() => _house.QueryAsync<long>("SELECT gate_version FROM member ORDER BY id");
}

public sealed class ReceiptsOnSqlite(SqliteTestDatabase database) : ReceiptContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class ReceiptsOnMySql(MySqlTestDatabase database) : ReceiptContract(database), IClassFixture<MySqlTestDatabase>;
