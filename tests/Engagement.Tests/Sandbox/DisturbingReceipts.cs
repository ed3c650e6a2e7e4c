using System.Text.Json.Nodes;
using Engagement.Tests.Support;

namespace Engagement.Tests.Sandbox;

public sealed class DisturbingReceipts
{
    private const string Tencent = "tencent_sms";
    private const string Official = "official_account";

    [Theory]
    [InlineData(Tencent)]
    [InlineData(Official)]
    public async Task A_receipt_may_come_twice_and_before_its_answer(string channel)
    {
        await using var listener = await PushListener.StartAsync(Answer(channel));
        await using var apps = await StartAsync(listener);
        await apps.Sandbox.PostAsync("/_sandbox/faults", new { channel, receiptBeforeResponse = true, duplicateReceiptsShare = 1 });

        await SendAsync(apps, channel);

        Assert.NotEmpty(listener.Pushes);
        await Eventually.True(() => listener.Pushes.Count == 2);
    }

    [Theory]
    [InlineData(Tencent)]
    [InlineData(Official)]
    public async Task A_receipt_may_be_lost_although_the_provider_knows_the_outcome(string channel)
    {
        await using var listener = await PushListener.StartAsync(Answer(channel));
        await using var apps = await StartAsync(listener);
        await apps.Sandbox.PostAsync("/_sandbox/faults", new { channel, lostReceiptsShare = 1 });

        await SendAsync(apps, channel);

        await Eventually.True(async () => (await apps.Sandbox.MessagesAsync())[0].GetProperty("status").GetString() == "delivered");
        Assert.Empty(listener.Pushes);
    }

    [Theory]
    [InlineData(Tencent, "13800000000", "receipt:MK:0001")]
    [InlineData(Official, "oaWang", "receipt:user block")]
    public async Task A_recipient_may_have_an_outcome_of_its_own(string channel, string to, string outcome)
    {
        await using var listener = await PushListener.StartAsync(Answer(channel));
        await using var apps = await StartAsync(listener);
        await apps.Sandbox.PostAsync("/_sandbox/faults", new { channel, recipients = new Dictionary<string, string> { [to] = outcome } });

        await SendAsync(apps, channel);
        await Eventually.True(() => listener.Pushes.Count == 1);

        Assert.Contains(outcome["receipt:".Length..], listener.Pushes[0].Body, StringComparison.Ordinal);
        Assert.Equal("undelivered", (await apps.Sandbox.MessagesAsync())[0].GetProperty("status").GetString());
    }

    private static string Answer(string channel) => channel == Tencent ? """{"result":0,"errmsg":"OK"}""" : "success";

    private static async Task SendAsync(TwoApps apps, string channel)
    {
        if (channel == Tencent)
        {
            Assert.Equal(["Ok"], await new TencentCaller(apps.Sandbox).SendAsync(["13800000000"]));
            return;
        }
        await apps.AddAsync(new { officialOpenid = "oaWang", follows = true });
        var data = new { thing1 = new { value = "药" }, time2 = new { value = "15:01" }, remark = new { value = "a" } };
        Assert.Equal(0, SandboxServer.Code(await apps.OfficialAsync("/cgi-bin/message/template/send", new { touser = "oaWang", template_id = TwoApps.Template, data })));
    }

    private static Task<TwoApps> StartAsync(PushListener listener) => TwoApps.StartAsync(setup =>
    {
        setup["tencent"] = TencentCaller.Account();
        setup["tencent"]!["push"] = new JsonObject { ["reportUrl"] = listener.Url };
        setup["officialAccount"]!["push"] = new JsonObject { ["url"] = listener.Url, ["token"] = "AAAAA" };
        setup["receipts"] = new JsonObject { ["minDelayMs"] = 0, ["maxDelayMs"] = 1 };
    });
}
