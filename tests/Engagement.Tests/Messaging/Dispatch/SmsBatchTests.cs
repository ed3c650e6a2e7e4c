using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>Many SMS in one call: what they share, and what they must not.</summary>
public abstract class SmsBatchContract(TestDatabase test) : IAsyncLifetime
{
    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?> { ["Sms:Aliyun:TakesPromotions"] = "true" });

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task One_call_has_one_reference_and_its_receipts_settle_each_number_for_itself()
    {
        var messages = await QueueAsync("19900000001", "19900000404", "19900000003");

        Assert.Equal(3, await _house.RoundAsync());

        var rows = await RowsAsync(messages);
        Assert.Single(rows.Select(row => row.ProviderRef).Distinct());
        Assert.Single(rows.Select(row => row.Reference).Distinct());
        Assert.Equal(3, (await _house.TakenAsync()).Count);
        await _house.BecomesAsync(messages[1], MessageState.Undelivered);
        await _house.BecomesAsync(messages[0], MessageState.Delivered);
        await _house.BecomesAsync(messages[2], MessageState.Delivered);
    }

    [DatabaseFact]
    public async Task Two_people_with_one_phone_never_share_a_call()
    {
        await _house.ReceiptsAsync(false);
        var messages = await QueueAsync("19900000001", "19900000001", "19900000002");

        await _house.RoundAsync();

        var rows = await RowsAsync(messages);
        Assert.NotEqual(rows[0].ProviderRef, rows[1].ProviderRef);
        Assert.NotEqual(rows[0].Reference, rows[1].Reference);
        Assert.Contains(rows[2].ProviderRef, rows.Take(2).Select(row => row.ProviderRef));

        await _house.SmsReceiptAsync("19900000001", rows[1].ProviderRef!, delivered: false, "MK:0001");
        await _house.BecomesAsync(messages[1], MessageState.Undelivered);
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(messages[0])).State);
    }

    [DatabaseTheory]
    [InlineData("isv.MOBILE_NUMBER_ILLEGAL", MessageState.Pending, 1)]
    [InlineData("isv.BUSINESS_LIMIT_CONTROL", MessageState.Pending, 1)]
    public async Task A_number_that_is_refused_does_not_take_the_others_of_its_call_with_it(string code, MessageState state, int attempts)
    {
        await _house.FaultsAsync(new { channel = "aliyun_sms", recipients = new Dictionary<string, string> { ["19900000002"] = code } });
        var messages = await QueueAsync("19900000001", "19900000002", "19900000003");

        Assert.Equal(3, await _house.RoundAsync());

        var rows = await RowsAsync(messages);
        Assert.Equal([MessageState.Sent, state, MessageState.Sent], rows.Select(row => row.State));
        Assert.Equal((code, attempts), (rows[1].Code, rows[1].Attempt));
        Assert.Equal(["19900000001", "19900000003"], (await _house.TakenAsync()).Select(m => m.To).Order());
        await _house.BecomesAsync(messages[0], MessageState.Delivered);
        await _house.BecomesAsync(messages[2], MessageState.Delivered);

        await _house.RoundAsync();
        Assert.Equal(2, (await _house.TakenAsync()).Count);
    }

    [DatabaseFact]
    public async Task A_whole_call_that_is_refused_for_the_account_is_not_broken_up()
    {
        await _house.FaultsAsync(new { channel = "aliyun_sms", errorShare = new Dictionary<string, double> { ["isv.AMOUNT_NOT_ENOUGH"] = 1 } });
        var messages = await QueueAsync("19900000001", "19900000002");

        await _house.RoundAsync();

        Assert.Equal(1, (await _house.Provider.StatsAsync(CancellationToken.None)).Refused);
        Assert.All(await RowsAsync(messages), row => Assert.Equal((MessageState.Pending, "isv.AMOUNT_NOT_ENOUGH"), (row.State, row.Code)));
    }

    [DatabaseFact]
    public async Task A_third_commercial_sms_in_a_week_stays_in_the_inbox()
    {
        var member = await _house.JoinAsync("周芳", "19900000001", "", Purpose.MarketingSms);
        var campaign = await _house.CampaignAsync(smsFallback: true);
        var states = new List<(MessageState, string?)>();
        for (var day = 0; day < 4; day++)
        {
            if (day == 3) _house.Clock.Advance(TimeSpan.FromDays(5));
            var message = await _house.EnqueueAsync(member, Promotion, campaign: campaign.Id);
            await _house.RoundAsync();
            var row = await _house.MessageAsync(message);
            states.Add((row.State, row.Verdicts));
            _house.Clock.Advance(TimeSpan.FromDays(1));
        }

        const string noWeChat = "wechat_subscribe=no_channel_consent";
        Assert.Equal(
        [
            (MessageState.Sent, noWeChat), (MessageState.Sent, noWeChat), (MessageState.Suppressed, noWeChat + ",sms=sms_cap_reached"), (MessageState.Sent, noWeChat),
        ], states);
    }

    private async Task<MessageId[]> QueueAsync(params string[] phones)
    {
        var messages = new List<MessageId>();
        string[] names = ["王秀兰", "李强", "陈敏"];
        foreach (var (name, phone) in names.Zip(phones)) messages.Add(await _house.EnqueueAsync(await _house.JoinAsync(name, phone), Recall));
        await _house.TogetherAsync([.. messages]);
        return [.. messages];
    }

    private async Task<List<MessageRow>> RowsAsync(MessageId[] messages)
    {
        var rows = new List<MessageRow>();
        foreach (var message in messages) rows.Add(await _house.MessageAsync(message));
        return rows;
    }
}

public sealed class SmsBatchOnSqlite(SqliteTestDatabase database) : SmsBatchContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class SmsBatchOnMySql(MySqlTestDatabase database) : SmsBatchContract(database), IClassFixture<MySqlTestDatabase>;
