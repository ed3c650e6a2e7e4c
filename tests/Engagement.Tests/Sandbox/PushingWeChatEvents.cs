using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Engagement.Sandbox.WeChat;
using Engagement.Tests.Support;

namespace Engagement.Tests.Sandbox;

public sealed class PushingWeChatEvents
{
    private const string Token = "AAAAA";

    // 43 characters, as the console makes them.
    private static readonly string Key = new('A', 43);

    [Theory]
    [InlineData("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696")]
    [InlineData("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78")]
    [InlineData("1714112445", "415670741", "6c5c811b55cc85e0e1b54100749188c20beb3f5d")]
    public void The_official_signatures_are_computed(string timestamp, string nonce, string signature) =>
        Assert.Equal(signature, PushEnvelope.Sign(Token, timestamp, nonce));

    [Fact]
    public void The_official_encrypted_messages_are_made()
    {
        const string Debug = """{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}""";
        var encrypted = PushEnvelope.Encrypt(Debug, Key, "wxba5fad812f8e6fb9", "a8eedb185eb2fecf"u8);
        Assert.Equal(
            "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=",
            encrypted);
        Assert.Equal("046e02f8204d34f8ba5fa3b1db94908f3df2e9b3", PushEnvelope.Sign(Token, "1714112445", "415670741", encrypted));
        Assert.Equal(
            "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
            PushEnvelope.Encrypt("""{"demo_resp":"good luck"}""", Key, "wxba5fad812f8e6fb9", "707722b803182950"u8));
        Assert.Equal(
            "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
            PushEnvelope.Encrypt("我是中文abcd123", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wxb11529c136998cb6", "aaaabbbbccccdddd"u8));
    }

    [Fact]
    public async Task An_accepted_message_is_followed_by_its_signed_sent_event_as_XML()
    {
        await using var listener = await PushListener.StartAsync();
        await using var sandbox = await StartAsync(listener);
        await sandbox.GrantAsync("oWang", SandboxServer.OneTime);
        await sandbox.SendAsync("oWang");

        await Eventually.True(async () => (await Message(sandbox)).GetProperty("status").GetString() == "delivered" && listener.Pushes.Count == 1);

        var push = listener.Pushes[0];
        AssertSigned(push);
        var xml = XDocument.Parse(push.Body).Root!;
        Assert.Equal("oWang", xml.Element("FromUserName")!.Value);
        Assert.Equal("event", xml.Element("MsgType")!.Value);
        Assert.Equal("subscribe_msg_sent_event", xml.Element("Event")!.Value);
        Assert.InRange(long.Parse(xml.Element("CreateTime")!.Value), 1_700_000_000, 4_000_000_000);
        var entry = xml.Element("SubscribeMsgSentEvent")!.Element("List")!;
        Assert.Equal(SandboxServer.OneTime, entry.Element("TemplateId")!.Value);
        Assert.Equal((await Message(sandbox)).GetProperty("providerRef").GetString(), entry.Element("MsgID")!.Value);
        Assert.Equal(("0", "success"), (entry.Element("ErrorCode")!.Value, entry.Element("ErrorStatus")!.Value));
        await Eventually.True(async () => Count(await sandbox.GetAsync("/_sandbox/stats"), "pushed") == 1);
    }

    [Fact]
    public async Task JSON_has_no_container_one_entry_is_an_object_and_its_numbers_are_text()
    {
        await using var listener = await PushListener.StartAsync();
        await using var sandbox = await StartAsync(listener, push => push["format"] = "json");
        await sandbox.PostAsync("/_sandbox/taps", new { openid = "oWang", templateId = SandboxServer.OneTime, accept = true });
        await Eventually.True(() => listener.Pushes.Count == 1);
        await sandbox.PostAsync("/_sandbox/taps", new { openid = "oWang", templateId = SandboxServer.OneTime, accept = false });
        await Eventually.True(() => listener.Pushes.Count == 2);

        Assert.All(listener.Pushes, AssertSigned);
        Assert.All(listener.Pushes, push => Assert.Equal("text/xml", push.ContentType));
        var popup = JsonDocument.Parse(listener.Pushes[0].Body).RootElement;
        Assert.Equal("subscribe_msg_popup_event", popup.GetProperty("Event").GetString());
        Assert.Equal(JsonValueKind.Number, popup.GetProperty("CreateTime").ValueKind);
        Assert.Equal(
            $$"""{"TemplateId":"{{SandboxServer.OneTime}}","SubscribeStatusString":"accept","PopupScene":"0"}""", popup.GetProperty("List").GetRawText());
        var change = JsonDocument.Parse(listener.Pushes[1].Body).RootElement;
        Assert.Equal("subscribe_msg_change_event", change.GetProperty("Event").GetString());
        Assert.Equal($$"""{"TemplateId":"{{SandboxServer.OneTime}}","SubscribeStatusString":"reject"}""", change.GetProperty("List").GetRawText());
    }

    [Fact]
    public void Several_entries_are_an_array_in_JSON_and_repeated_in_XML()
    {
        IReadOnlyList<EventField> entry = [new("TemplateId", "T"), new("PopupScene", "0", IsNumber: true)];
        var pushed = new WeChatEvent("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "o", DateTimeOffset.UnixEpoch, [entry, entry]);

        Assert.EndsWith(
            """:[{"TemplateId":"T","PopupScene":"0"},{"TemplateId":"T","PopupScene":"0"}]}""",
            pushed.Write("gh", Engagement.Sandbox.Control.PushFormat.Json), StringComparison.Ordinal);
        Assert.Contains(
            "<SubscribeMsgPopupEvent><List><TemplateId><![CDATA[T]]></TemplateId><PopupScene>0</PopupScene></List><List>",
            pushed.Write("gh", Engagement.Sandbox.Control.PushFormat.Xml), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("safe", "xml")]
    [InlineData("safe", "json")]
    [InlineData("compatible", "xml")]
    [InlineData("compatible", "json")]
    public async Task In_the_encrypted_modes_the_message_signature_covers_the_encrypted_text(string mode, string format)
    {
        await using var listener = await PushListener.StartAsync();
        await using var sandbox = await StartAsync(listener, push => (push["mode"], push["format"], push["encodingAesKey"]) = (mode, format, Key));
        await sandbox.PostAsync("/_sandbox/taps", new { openid = "oWang", templateId = SandboxServer.OneTime, accept = true });
        await Eventually.True(() => listener.Pushes.Count == 1);

        var push = listener.Pushes[0];
        AssertSigned(push);
        var (encrypted, plainEvent) = format == "xml"
            ? (XDocument.Parse(push.Body).Root!.Element("Encrypt")!.Value, XDocument.Parse(push.Body).Root!.Element("Event")?.Value)
            : (JsonNode.Parse(push.Body)!["Encrypt"]!.GetValue<string>(), JsonNode.Parse(push.Body)!["Event"]?.GetValue<string>());
        Assert.Equal("aes", push.Query["encrypt_type"]);
        Assert.Equal(PushEnvelope.Sign(Token, push.Query["timestamp"]!, push.Query["nonce"]!, encrypted), push.Query["msg_signature"]);
        Assert.Equal(mode == "safe" ? null : "subscribe_msg_popup_event", plainEvent);
    }

    [Fact]
    public async Task A_push_that_is_not_taken_is_repeated_with_a_fresh_signature_up_to_three_times_in_all()
    {
        await using var listener = await PushListener.StartAsync();
        listener.Answer = async (count, http) =>
        {
            if (count == 1) http.Response.StatusCode = 500;
            else await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, count == 2 ? "nonsense" : "success");
        };
        await using var sandbox = await StartAsync(listener);
        await sandbox.PostAsync("/_sandbox/taps", new { openid = "oWang", templateId = SandboxServer.OneTime, accept = true });

        await Eventually.True(async () => Count(await sandbox.GetAsync("/_sandbox/stats"), "pushed") == 1);

        Assert.Equal(3, listener.Pushes.Count);
        Assert.All(listener.Pushes, AssertSigned);
        Assert.Equal(3, listener.Pushes.Select(push => push.Query["nonce"].ToString()).Distinct().Count());
        Assert.Single(listener.Pushes.Select(push => push.Body).Distinct());
    }

    [Fact]
    public async Task After_the_third_failure_and_when_nobody_answers_in_time_a_push_is_given_up()
    {
        await using var listener = await PushListener.StartAsync();
        listener.Answer = (_, http) => Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        await using var sandbox = await StartAsync(listener, push => push["timeoutMs"] = 100);
        await sandbox.PostAsync("/_sandbox/taps", new { openid = "oWang", templateId = SandboxServer.OneTime, accept = true });

        await Eventually.True(async () => Count(await sandbox.GetAsync("/_sandbox/stats"), "pushFailed") == 1);

        Assert.Equal(3, listener.Pushes.Count);
        Assert.Equal(0, Count(await sandbox.GetAsync("/_sandbox/stats"), "pushPending"));
    }

    [Fact]
    public async Task A_recipient_that_ends_in_0404_is_never_reached()
    {
        await using var listener = await PushListener.StartAsync();
        await using var sandbox = await StartAsync(listener);
        await sandbox.GrantAsync("oWang0404", SandboxServer.OneTime);
        Assert.Equal(0, await sandbox.SendAsync("oWang0404"));
        await Eventually.True(() => listener.Pushes.Count == 1);

        var entry = XDocument.Parse(listener.Pushes[0].Body).Root!.Element("SubscribeMsgSentEvent")!.Element("List")!;
        Assert.Equal(("1", "failed: system failed"), (entry.Element("ErrorCode")!.Value, entry.Element("ErrorStatus")!.Value));
        Assert.Equal("undelivered", (await Message(sandbox)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_URL_check_expects_its_echo_back()
    {
        await using var listener = await PushListener.StartAsync();
        await using var sandbox = await StartAsync(listener);
        Assert.False((await sandbox.PostAsync("/_sandbox/url-check", new { })).GetProperty("ok").GetBoolean());

        listener.Answer = (_, http) => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, http.Request.Query["echostr"]!);
        Assert.True((await sandbox.PostAsync("/_sandbox/url-check", new { })).GetProperty("ok").GetBoolean());
        Assert.All(listener.Pushes, push => Assert.Equal("GET", push.Method));
        Assert.All(listener.Pushes, AssertSigned);
    }

    private static Task<SandboxServer> StartAsync(PushListener listener, Action<JsonObject>? change = null) => SandboxServer.StartAsync(setup =>
    {
        var push = new JsonObject { ["url"] = listener.Url, ["token"] = Token, ["retryDelayMs"] = 1 };
        change?.Invoke(push);
        setup["wechat"]!["push"] = push;
        setup["receipts"] = new JsonObject { ["minDelayMs"] = 0, ["maxDelayMs"] = 5 };
    });

    private static void AssertSigned(Push push) =>
        Assert.Equal(PushEnvelope.Sign(Token, push.Query["timestamp"]!, push.Query["nonce"]!), push.Query["signature"]);

    private static async Task<JsonElement> Message(SandboxServer sandbox) => Assert.Single(await sandbox.MessagesAsync());

    private static int Count(JsonElement stats, string name) => stats.GetProperty(name).GetInt32();
}
