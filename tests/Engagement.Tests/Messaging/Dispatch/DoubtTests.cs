using Engagement.Messaging;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>A provider that takes the message and never answers: nobody can say, so nobody repeats it.</summary>
public abstract class DoubtContract(TestDatabase test) : IAsyncLifetime
{
    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?>
    {
        ["WeChat:SendTimeout"] = "00:00:03", ["Sms:Aliyun:SendTimeout"] = "00:00:03",
    });

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseTheory]
    [InlineData("acceptThenTimeoutShare", "timeout")]
    [InlineData("dropAfterAcceptShare", "reset")]
    public async Task A_lost_answer_is_in_doubt_and_never_sent_again(string fault, string code)
    {
        await _house.ReceiptsAsync(false);
        var member = await _house.JoinAsync("王秀兰", "19900000001", "oWang");
        await _house.GrantAsync(member, Recall, 5);
        var byWeChat = await _house.EnqueueAsync(member, Recall);
        var bySms = await _house.EnqueueAsync(await _house.JoinAsync("陈敏", "19900000002"), Recall);
        await _house.FaultsAsync(new Dictionary<string, double> { [fault] = 1 });

        Assert.Equal(2, await _house.RoundAsync());

        foreach (var message in (MessageId[])[byWeChat, bySms])
        {
            var row = await _house.MessageAsync(message);
            Assert.Equal((MessageState.InDoubt, code, 1), (row.State, row.Code, row.Attempt));
            // The settler's time, not the dispatcher's.
            Assert.Equal(_house.Clock.GetUtcNow().AddMinutes(10).ToUnixTimeMilliseconds(), row.ReadyAt);
        }

        // WeChat may have used the subscription up: it is not given back.
        Assert.Equal(4, await _house.GrantsLeftAsync(member, Recall));
        await _house.FaultsAsync(new { });
        _house.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, await _house.RoundAsync());
        Assert.Equal(2, (await _house.TakenAsync()).Count);
    }

    [DatabaseFact]
    public async Task A_receipt_that_names_our_reference_and_the_number_settles_the_doubt()
    {
        var (one, two) = (await _house.JoinAsync("王秀兰", "19900000001"), await _house.JoinAsync("李强", "19900000404"));
        MessageId[] messages = [await _house.EnqueueAsync(one, Recall), await _house.EnqueueAsync(two, Recall)];
        await _house.TogetherAsync(messages);
        await _house.FaultsAsync(new { dropAfterAcceptShare = 1 });

        await _house.RoundAsync();

        await _house.BecomesAsync(messages[0], MessageState.Delivered);
        await _house.BecomesAsync(messages[1], MessageState.Undelivered);
        Assert.All(await _house.TakenAsync(), taken => Assert.NotNull(taken.ProviderRef));
        Assert.Equal((await _house.TakenAsync())[0].ProviderRef, (await _house.MessageAsync(messages[0])).ProviderRef);
    }

    [DatabaseFact]
    public async Task A_reference_of_an_earlier_attempt_or_another_number_settles_nothing()
    {
        await _house.ReceiptsAsync(false);
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", "19900000001"), Recall);
        await _house.JoinAsync("李强", "19900000002");
        await _house.FaultsAsync(new { dropAfterAcceptShare = 1 });
        await _house.RoundAsync();
        var reference = (await _house.MessageAsync(message)).Reference!;
        var earlier = _house.Get<Engagement.Storage.OpaqueRef>().Of(message.Value, 0);

        await _house.SmsReceiptAsync("19900000002", "biz-1", delivered: true, outId: reference);
        await _house.SmsReceiptAsync("19900000001", "biz-2", delivered: true, outId: earlier);
        await _house.SmsReceiptAsync("19900000001", "biz-3", delivered: true, outId: "");
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM inbound WHERE attempts >= 2") == 3);

        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(message)).State);
    }
}

public sealed class DoubtOnSqlite(SqliteTestDatabase database) : DoubtContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class DoubtOnMySql(MySqlTestDatabase database) : DoubtContract(database), IClassFixture<MySqlTestDatabase>;
