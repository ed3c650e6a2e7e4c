using System.Text;
using Engagement.Members.Cases;
using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Content;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Receipts;
using Engagement.Storage;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Receipts;

/// <summary>What people answer by SMS: what stops, what stays, what they are told, and that nothing is lost.</summary>
public abstract class SmsReplyContract(TestDatabase test) : IAsyncLifetime
{
    private const string Phone = "19900000001";

    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;
    private int _count;

    public Task InitializeAsync() => OpenAsync(confirm: false);

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseTheory]
    [InlineData("106901212", Promotion, SuppressionScope.Commercial, SuppressionScope.Reminders)]
    [InlineData("12", Promotion, SuppressionScope.Commercial, SuppressionScope.Reminders)]
    [InlineData("106901213", Recall, SuppressionScope.Commercial, null)]
    [InlineData("", Recall, SuppressionScope.Commercial, SuppressionScope.Reminders)]
    [InlineData("999", Promotion, SuppressionScope.Commercial, null)]
    public async Task The_number_that_was_answered_tells_what_stops_and_else_the_last_SMS(string destination, MessageKind last, SuppressionScope first, SuppressionScope? second)
    {
        var member = await _house.JoinAsync("陈敏", Phone, "", Purpose.MarketingSms, Purpose.Reminder, Purpose.MarketingWeChat);
        var message = await _house.EnqueueAsync(member, Recall);
        await _house.RoundAsync();
        if (last == Promotion) await _house.ExecuteAsync("UPDATE message SET class = 3 WHERE id = @id", new { id = message.Value });

        await ReplyAsync("aliyun", "R", destination);

        Assert.Equal(second is null ? [(long)first] : [(long)first, (long)second], await _house.QueryAsync<long>("SELECT scope FROM suppression ORDER BY scope"));
        Assert.Equal([(long)Purpose.Reminder, (long)Purpose.MarketingWeChat], await _house.QueryAsync<long>("SELECT purpose FROM consent WHERE granted = 1 ORDER BY purpose"));
    }

    [DatabaseFact]
    public async Task A_refusal_by_Tencent_counts_as_much()
    {
        await _house.JoinAsync("陈敏", Phone, "", Purpose.MarketingSms);

        await ReplyAsync("tencent", "ｔｄ。", "13");

        Assert.Equal([(long)SuppressionScope.Commercial], await _house.QueryAsync<long>("SELECT scope FROM suppression"));
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM consent WHERE granted = 1"));
    }

    [DatabaseFact]
    public async Task Everybody_on_the_phone_is_told_in_the_inbox_once_a_day_and_by_no_SMS()
    {
        await ApproveAsync("sms_opt_out", "sms_opt_out_by_sms");
        await _house.JoinAsync("陈敏", Phone, "", Purpose.Membership, Purpose.MarketingSms);
        await _house.JoinAsync("周芳", Phone, "", Purpose.Membership);

        await ReplyAsync("aliyun", "R", "13");
        await ReplyAsync("aliyun", "退订", "13");
        await TellAsync();

        Assert.Equal(2, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM message"));
        Assert.Equal(2, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM message JOIN message_text ON message_id = id WHERE state = 6 AND reason = 'inbox_only' AND inbox_cipher IS NOT NULL"));
        Assert.Empty(await _house.TakenAsync());
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM event"));
    }

    [DatabaseFact]
    public async Task Where_it_is_switched_on_one_SMS_says_so_too_though_the_number_takes_no_commercial_ones()
    {
        await _house.DisposeAsync();
        await OpenAsync(confirm: true);
        await ApproveAsync("sms_opt_out", "sms_opt_out_by_sms");
        await _house.JoinAsync("陈敏", Phone, "", Purpose.Membership, Purpose.MarketingSms);
        await _house.JoinAsync("周芳", Phone, "", Purpose.Membership);

        await ReplyAsync("aliyun", "R", "13");
        await TellAsync();

        var taken = Assert.Single(await _house.TakenAsync());
        Assert.Equal(Phone, taken.To);
        Assert.Equal(2, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM message_text WHERE inbox_cipher IS NOT NULL"));
    }

    [DatabaseFact]
    public async Task Without_a_template_a_refusal_counts_all_the_same()
    {
        await _house.JoinAsync("陈敏", Phone, "", Purpose.Membership, Purpose.MarketingSms);

        await ReplyAsync("aliyun", "R", "13");
        await TellAsync();

        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM suppression"));
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM event"));
    }

    [DatabaseFact]
    public async Task Anything_else_is_heard_once_in_a_case_of_the_member_whose_phone_it_is()
    {
        var member = await _house.JoinAsync("陈敏", Phone);

        await PushAsync("aliyun", $$"""[{"phone_number":"{{Phone}}","content":"药吃完了，想咨询一下","sequence_id":"81","dest_code":"12"}]""");
        await PushAsync("aliyun", $$"""[{"phone_number":"{{Phone}}","content":"药吃完了，想咨询一下","sequence_id":"81","dest_code":"12"},{"phone_number":"{{Phone}}","content":"在吗","sequence_id":"82"}]""");

        var desk = _house.Get<CaseDesk>();
        var opened = Assert.Single(await desk.ListAsync(member, null, 10, None));
        Assert.Equal(["药吃完了，想咨询一下", "在吗"], (await desk.ReadAsync(member, opened.Id, None)).Thread.Select(entry => entry.Text));
        Assert.Equal((CaseChannel.Sms, 0L), (opened.Source, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM sms_reply WHERE state = 1")));
    }

    [DatabaseFact]
    public async Task What_comes_from_a_phone_that_two_share_is_kept_for_staff_once_and_not_to_be_read_in_the_table()
    {
        await _house.JoinAsync("陈敏", Phone);
        await _house.JoinAsync("陈强", Phone);
        const string said = "药吃完了，想咨询一下";

        await PushAsync("aliyun", $$"""[{"phone_number":"{{Phone}}","content":"{{said}}","sequence_id":"81","dest_code":"12"}]""");
        await PushAsync("aliyun", $$"""[{"phone_number":"{{Phone}}","content":"{{said}}","sequence_id":"81","dest_code":"12"},{"phone_number":"{{Phone}}","content":"在吗","sequence_id":"82"}]""");

        var kept = await _house.QueryAsync<ReplyRow>("SELECT id AS Id, text_cipher AS Text FROM sms_reply WHERE state = 1 ORDER BY sequence");
        Assert.Equal([said, "在吗"], kept.Select(row => _house.Get<FieldCipher>().Decrypt(ReplyDesk.Text, row.Id, row.Text)));
        Assert.DoesNotContain(said, Encoding.UTF8.GetString(kept[0].Text), StringComparison.Ordinal);
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM suppression"));
    }

    private async Task OpenAsync(bool confirm) => _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?>
    {
        ["Sms:Aliyun:ReminderExtendCode"] = "12", ["Sms:Aliyun:PromotionExtendCode"] = "13",
        ["Sms:Tencent:ReminderExtendCode"] = "12", ["Sms:Tencent:PromotionExtendCode"] = "13", ["Sms:ConfirmOptOut"] = confirm ? "true" : "false",
    });

    private Task ReplyAsync(string provider, string text, string destination) => PushAsync(provider, provider == "aliyun"
        ? $$"""[{"phone_number":"{{Phone}}","content":"{{text}}","sequence_id":"{{++_count}}","dest_code":"{{destination}}","send_time":"2026-03-10 10:00:00"}]"""
        : $$"""{"extend":"{{destination}}","mobile":"{{Phone}}","nationcode":"86","sign":"康宁大药房","text":"{{text}}","time":{{1773108000 + ++_count}}}""");

    private async Task PushAsync(string provider, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var seen = SmsPushDoor.See(provider, bytes);
        await _house.Get<InboundStore>().AddAsync(seen.Source, seen.Key, bytes, None);
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE state = 1") == 0);
    }

    private async Task TellAsync()
    {
        while (await _house.Get<EventApplier>().ApplyAsync(None) > 0) continue;
        await _house.RoundAsync();
    }

    private async Task ApproveAsync(params string[] codes)
    {
        foreach (var code in codes)
            await _house.Get<TemplateStore>().ApproveAsync(TemplateFile.Parse(await File.ReadAllTextAsync(Repository.Path("samples", "templates", code + ".json"))), None);
    }

    private sealed class ReplyRow
    {
        public long Id { get; init; }
        public byte[] Text { get; init; } = [];
    }
}

public sealed class SmsRepliesOnSqlite(SqliteTestDatabase database) : SmsReplyContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class SmsRepliesOnMySql(MySqlTestDatabase database) : SmsReplyContract(database), IClassFixture<MySqlTestDatabase>;
