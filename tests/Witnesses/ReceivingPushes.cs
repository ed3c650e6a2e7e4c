using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Engagement.Tests.Sandbox;
using Engagement.Tests.Support;

namespace Engagement.Witnesses;

/// <summary>co-wechat 2.4.0, wechat-crypto 0.0.2 and @wecom/crypto 1.0.1 on the receiving end of the sandbox's pushes.</summary>
public sealed class ReceivingPushes
{
    private const string Token = "push-token";

    private static readonly string s_key = new('K', 43);
    private static readonly string s_otherKey = new('X', 43);

    [WitnessTheory]
    [InlineData("plain")]
    [InlineData("compatible")]
    [InlineData("safe")]
    public async Task CoWeChat_understands_texts_follows_and_subscribe_events(string mode)
    {
        await using var receiver = Receiver(mode);
        await using var apps = await StartAsync(await UrlAsync(receiver), mode);
        await apps.DoAsync(new { @do = "text", account = "mini", openid = "oWang", content = "在吗" });
        var text = (await receiver.HearAsync()).GetProperty("push");
        await apps.DoAsync(new { @do = "follow", openid = "oaWang", key = "store-7" });
        var follow = (await receiver.HearAsync()).GetProperty("push");
        object[] choices = [new { templateId = "T1", status = "accept" }, new { templateId = "T2", status = "reject" }];
        await apps.DoAsync(new { @do = "popup", openid = "oWang", choices });
        var popup = (await receiver.HearAsync()).GetProperty("push");

        Assert.Equal(("text", "oWang", "在吗"), (Text(text, "MsgType"), Text(text, "FromUserName"), Text(text, "Content")));
        Assert.Equal(("subscribe", "qrscene_store-7"), (Text(follow, "Event"), Text(follow, "EventKey")));
        Assert.Equal(["T1", "T2"], popup.GetProperty("SubscribeMsgPopupEvent").GetProperty("List").EnumerateArray().Select(entry => Text(entry, "TemplateId")));
        await Eventually.True(async () => (await apps.Sandbox.GetAsync("/_sandbox/stats")).GetProperty("pushed").GetInt32() == 3);
        Assert.Equal(0, (await apps.Sandbox.GetAsync("/_sandbox/stats")).GetProperty("pushFailed").GetInt32());
    }

    [WitnessTheory]
    [InlineData("plain", "other-token")]
    [InlineData("safe", "other-token")]
    public async Task CoWeChat_turns_a_wrong_signature_away_and_the_sandbox_gives_up_after_three_times(string mode, string token)
    {
        await using var receiver = Receiver(mode, token);
        await using var apps = await StartAsync(await UrlAsync(receiver), mode);
        await apps.DoAsync(new { @do = "follow", openid = "oaWang" });

        await Eventually.True(async () => (await apps.Sandbox.GetAsync("/_sandbox/stats")).GetProperty("pushFailed").GetInt32() == 1);

        Assert.False((await apps.Sandbox.PostAsync("/_sandbox/url-check?account=official", new { })).GetProperty("ok").GetBoolean());
    }

    [WitnessFact]
    public async Task CoWeChat_passes_the_URL_check()
    {
        await using var receiver = Receiver("plain");
        await using var apps = await StartAsync(await UrlAsync(receiver), "plain");
        Assert.True((await apps.Sandbox.PostAsync("/_sandbox/url-check", new { })).GetProperty("ok").GetBoolean());
        Assert.True((await apps.Sandbox.PostAsync("/_sandbox/url-check?account=official", new { })).GetProperty("ok").GetBoolean());
    }

    [WitnessFact]
    public async Task CoWeChat_reads_the_end_of_a_template_message_and_of_a_subscribe_message()
    {
        await using var receiver = Receiver("safe");
        await using var apps = await StartAsync(await UrlAsync(receiver), "safe");
        await apps.AddAsync(new { officialOpenid = "oaWang", follows = true, blocks = true });
        await apps.OfficialAsync("/cgi-bin/message/template/send", new
        {
            touser = "oaWang",
            template_id = TwoApps.Template,
            data = new { thing1 = new { value = "药" }, time2 = new { value = "15:01" }, remark = new { value = "a" } },
        });
        var finish = (await receiver.HearAsync()).GetProperty("push");
        await apps.Sandbox.GrantAsync("oWang", SandboxServer.OneTime);
        await apps.Sandbox.SendAsync("oWang");
        var sent = (await receiver.HearAsync()).GetProperty("push");

        var references = (await apps.Sandbox.MessagesAsync()).Select(message => Text(message, "providerRef")).ToList();
        Assert.Equal(("TEMPLATESENDJOBFINISH", references[0], "failed:user block"), (Text(finish, "Event"), Text(finish, "MsgID"), Text(finish, "Status")));
        var entry = sent.GetProperty("SubscribeMsgSentEvent").GetProperty("List");
        Assert.Equal((references[1], "0"), (Text(entry, "MsgID"), Text(entry, "ErrorCode")));
    }

    [WitnessTheory]
    [InlineData("wechat-crypto", "xml")]
    [InlineData("wechat-crypto", "json")]
    [InlineData("@wecom/crypto", "xml")]
    [InlineData("@wecom/crypto", "json")]
    public async Task The_crypto_packages_open_what_the_sandbox_has_sealed(string package, string format)
    {
        await using var listener = await PushListener.StartAsync();
        await using var apps = await StartAsync(listener.Url, "safe", format);
        await apps.DoAsync(new { @do = "text", account = "mini", openid = "oWang", content = "你好🎂" });
        await Eventually.True(() => listener.Pushes.Count == 1);
        var push = listener.Pushes[0];
        var encrypted = format == "xml" ? XDocument.Parse(push.Body).Root!.Element("Encrypt")!.Value : JsonNode.Parse(push.Body)!["Encrypt"]!.GetValue<string>();
        var (timestamp, nonce) = (push.Query["timestamp"].ToString(), push.Query["nonce"].ToString());

        var opened = await Witness.ResultAsync("push-crypto.cjs", package, new { token = Token, key = s_key, appId = SandboxServer.AppId, timestamp, nonce, encrypted });
        Assert.Equal(push.Query["msg_signature"], Text(opened, "signature"));
        Assert.Equal(SandboxServer.AppId, Text(opened, "id"));
        Assert.Contains("你好🎂", Text(opened, "message"), StringComparison.Ordinal);

        // With another key nothing sensible comes out: an error, or a text that is not ours.
        await using var wrong = Witness.Start("push-crypto.cjs", package, new { token = "wrong", key = s_otherKey, appId = SandboxServer.AppId, timestamp, nonce, encrypted });
        var said = await wrong.HearAsync();
        Assert.True(said.TryGetProperty("error", out _)
            || (Text(said.GetProperty("result"), "signature") != push.Query["msg_signature"] && Text(said.GetProperty("result"), "id") != SandboxServer.AppId));
    }

    private static Witness Receiver(string mode, string token = Token) => Witness.Start("co-wechat.cjs", "receive",
        mode == "plain" ? new { token, appid = "", encodingAESKey = "" } : new { token, appid = SandboxServer.AppId, encodingAESKey = s_key });

    private static async Task<string> UrlAsync(Witness receiver) => Text(await receiver.HearAsync(), "url")!;

    private static string? Text(JsonElement from, string name) => from.GetProperty(name).GetString();

    private static Task<TwoApps> StartAsync(string url, string mode, string format = "xml") => TwoApps.StartAsync(setup =>
    {
        setup["wechat"]!["push"] = Push(format);
        setup["officialAccount"]!["push"] = Push("xml");
        setup["receipts"] = new JsonObject { ["minDelayMs"] = 0, ["maxDelayMs"] = 1 };

        JsonObject Push(string wanted) => new()
        {
            ["url"] = url, ["token"] = Token, ["mode"] = mode, ["format"] = wanted, ["encodingAesKey"] = s_key, ["retryDelayMs"] = 10,
        };
    });
}
