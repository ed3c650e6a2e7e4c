using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Engagement.Sandbox.WeChat;
using Engagement.Tests.Support;

namespace Engagement.Tests.Sandbox;

public sealed class PushingWhatPeopleDo
{
    private static readonly string s_key = new('K', 43);

    [Theory]
    [InlineData("follow", null, "subscribe", "")]
    [InlineData("follow", "store-7", "subscribe", "qrscene_store-7")]
    [InlineData("unfollow", null, "unsubscribe", "")]
    [InlineData("scan", "store-7", "SCAN", "store-7")]
    [InlineData("click", "MENU_POINTS", "CLICK", "MENU_POINTS")]
    [InlineData("view", "https://example.com", "VIEW", "https://example.com")]
    public async Task What_a_follower_does_is_an_event_with_its_key(string what, string? key, string name, string eventKey)
    {
        await using var listener = await PushListener.StartAsync();
        await using var apps = await StartAsync(listener, "officialAccount");

        await apps.DoAsync(new { @do = what, openid = "oaWang", key });
        await Eventually.True(() => listener.Pushes.Count == 1);

        var xml = XDocument.Parse(listener.Pushes[0].Body).Root!;
        Assert.Equal(("gh_0000000000a2", "oaWang", "event"), (xml.Element("ToUserName")!.Value, xml.Element("FromUserName")!.Value, xml.Element("MsgType")!.Value));
        Assert.Equal((name, eventKey), (xml.Element("Event")!.Value, xml.Element("EventKey")!.Value));
        Assert.Equal(eventKey.StartsWith("qrscene_", StringComparison.Ordinal) || what == "scan", xml.Element("Ticket") is not null);
    }

    [Fact]
    public async Task Texts_and_pictures_carry_a_number_and_a_choice_from_a_menu_its_id()
    {
        await using var listener = await PushListener.StartAsync();
        await using var apps = await StartAsync(listener, "officialAccount");
        await apps.DoAsync(new { @do = "text", openid = "oaWang", content = "在吗<&]]>" });
        await Eventually.True(() => listener.Pushes.Count == 1);
        await apps.DoAsync(new { @do = "text", openid = "oaWang", content = "满意", key = "101" });
        await Eventually.True(() => listener.Pushes.Count == 2);
        await apps.DoAsync(new { @do = "image", openid = "oaWang" });
        await Eventually.True(() => listener.Pushes.Count == 3);

        var pushes = listener.Pushes.Select(push => XDocument.Parse(push.Body).Root!).ToList();
        Assert.Equal(("text", "在吗<&]]>"), (pushes[0].Element("MsgType")!.Value, pushes[0].Element("Content")!.Value));
        Assert.Equal("101", pushes[1].Element("bizmsgmenuid")!.Value);
        Assert.Equal("image", pushes[2].Element("MsgType")!.Value);
        Assert.NotEmpty(pushes[2].Element("PicUrl")!.Value);
        Assert.Equal(3, pushes.Select(push => long.Parse(push.Element("MsgId")!.Value)).Distinct().Count());
    }

    [Fact]
    public async Task A_panel_with_two_templates_is_a_list_of_two_and_grants_what_was_accepted()
    {
        await using var listener = await PushListener.StartAsync();
        await using var apps = await StartAsync(listener, "wechat", push => push["format"] = "json");
        object[] choices = [new { templateId = SandboxServer.OneTime, status = "accept" }, new { templateId = SandboxServer.LongTerm, status = "reject" }];
        await apps.DoAsync(new { @do = "popup", openid = "oWang", choices });
        await Eventually.True(() => listener.Pushes.Count == 1);

        var list = JsonDocument.Parse(listener.Pushes[0].Body).RootElement.GetProperty("List");
        Assert.Equal(["accept", "reject"], list.EnumerateArray().Select(entry => entry.GetProperty("SubscribeStatusString").GetString()));
        Assert.Equal(0, await apps.Sandbox.SendAsync("oWang"));
        Assert.Equal(43101, await apps.Sandbox.SendAsync("oWang", SandboxServer.LongTerm));
    }

    [Theory]
    [InlineData("compatible", "json")]
    [InlineData("safe", "json")]
    [InlineData("safe", "xml")]
    public async Task A_chat_of_the_mini_program_travels_in_every_mode(string mode, string format)
    {
        await using var listener = await PushListener.StartAsync();
        await using var apps = await StartAsync(listener, "wechat", push => (push["mode"], push["format"], push["encodingAesKey"]) = (mode, format, s_key));
        await apps.DoAsync(new { @do = "text", account = "mini", openid = "oWang", content = "你好" });
        await Eventually.True(() => listener.Pushes.Count == 1);

        var push = listener.Pushes[0];
        var encrypted = format == "xml" ? XDocument.Parse(push.Body).Root!.Element("Encrypt")!.Value : JsonNode.Parse(push.Body)!["Encrypt"]!.GetValue<string>();
        Assert.Equal(PushEnvelope.Sign("AAAAA", push.Query["timestamp"]!, push.Query["nonce"]!, encrypted), push.Query["msg_signature"]);
        Assert.Equal(mode == "compatible", push.Body.Contains("你好", StringComparison.Ordinal));
        Assert.Equal(0, SandboxServer.Code(await apps.MiniAsync("/cgi-bin/message/custom/send", new { touser = "oWang", msgtype = "text", text = new { content = "您好" } })));
    }

    [Theory]
    [InlineData("""{"do":"fly","openid":"o"}""")]
    [InlineData("""{"do":"popup","openid":"o"}""")]
    [InlineData("""{"do":"text","openid":"o","account":"shop"}""")]
    [InlineData("""{"do":"event","openid":"o"}""")]
    public async Task An_act_that_nobody_knows_is_refused(string act)
    {
        await using var apps = await TwoApps.StartAsync();
        using var answer = await apps.Sandbox.Http.PostAsync("/_sandbox/acts", SandboxServer.Json(act));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task An_event_that_is_in_no_list_can_be_told_too()
    {
        await using var listener = await PushListener.StartAsync();
        await using var apps = await StartAsync(listener, "wechat");
        await apps.DoAsync(new { @do = "event", account = "mini", openid = "oWang", @event = "wxa_punish_event", fields = new { appid = "wx1" } });
        await Eventually.True(() => listener.Pushes.Count == 1);
        await apps.DoAsync(new { @do = "revoke", openid = "oWang", key = "8" });
        await Eventually.True(() => listener.Pushes.Count == 2);

        Assert.Equal("wx1", XDocument.Parse(listener.Pushes[0].Body).Root!.Element("appid")!.Value);
        var revoked = XDocument.Parse(listener.Pushes[1].Body).Root!;
        Assert.Equal(("user_authorization_revoke", "8"), (revoked.Element("Event")!.Value, revoked.Element("RevokeInfo")!.Value));
    }

    private static Task<TwoApps> StartAsync(PushListener listener, string account, Action<JsonObject>? change = null) => TwoApps.StartAsync(setup =>
    {
        var push = new JsonObject { ["url"] = listener.Url, ["token"] = "AAAAA" };
        change?.Invoke(push);
        setup[account]!["push"] = push;
    });
}
