using System.Text;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Channels.WeChat.Push;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>What WeChat pushes to us: who is let in, what it says, when it is the same push again.</summary>
public sealed class ReadingWeChatPushes
{
    private const string OpenId = "oOpenIdOfChenMin000000000000";
    private static readonly string s_officialKey = new('A', 43);
    private static readonly DateTimeOffset s_at = DateTimeOffset.FromUnixTimeSeconds(1767225600);

    // The vectors of WeChat's documentation.
    private const string OfficialEncrypt = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";

    private static readonly WeChatPushQuery s_officialQuery =
        new("1714112445", "415670741", "6c5c811b55cc85e0e1b54100749188c20beb3f5d", "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3");

    private static WeChatOptions Official => new() { AppId = "wxba5fad812f8e6fb9", AppSecret = "s", PushToken = "AAAAA", EncodingAesKey = s_officialKey };

    [Theory]
    [InlineData("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696")]
    [InlineData("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78")]
    [InlineData("1714112445", "415670741", "6c5c811b55cc85e0e1b54100749188c20beb3f5d")]
    public void The_official_signatures_hold(string timestamp, string nonce, string signature)
    {
        Assert.True(WeChatPush.VerifySignature("AAAAA", timestamp, nonce, signature));
        Assert.False(WeChatPush.VerifySignature("AAAAB", timestamp, nonce, signature));
        Assert.False(WeChatPush.VerifySignature("AAAAA", timestamp + "1", nonce, signature));
        Assert.False(WeChatPush.VerifySignature("AAAAA", timestamp, nonce, signature[..39] + "x"));
        Assert.False(WeChatPush.VerifySignature("AAAAA", timestamp, nonce, null));
    }

    [Fact]
    public void An_empty_token_lets_nobody_in()
    {
        // The signature of an empty token is one that everybody can make.
        const string ofEmptyToken = "7b52009b64fd0a2a49e6d8a939753077792b0554";

        Assert.False(WeChatPush.VerifySignature("", "1", "2", ofEmptyToken));
        Assert.False(WeChatPush.VerifySignature("", "", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"));
    }

    [Theory]
    [InlineData("""{"ToUserName":"gh_97417a04a28d","Encrypt":"$"}""")]
    [InlineData("<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName><Encrypt><![CDATA[$]]></Encrypt></xml>")]
    public void The_official_safe_push_opens(string body)
    {
        var opened = WeChatPush.Open(Official, s_officialQuery, Bytes(body.Replace("$", OfficialEncrypt)));

        Assert.Null(opened.Problem);
        Assert.Equal(
            """{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}""",
            Encoding.UTF8.GetString(opened.Body.Span));
        var push = Assert.IsType<UnknownPush>(Assert.Single(WeChatPush.Parse(opened.Body).Events));
        Assert.Equal(("event", "debug_demo", "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"), (push.MsgType, push.Event, push.OpenId));
    }

    [Fact]
    public void The_official_reply_and_the_old_sample_come_out_byte_for_byte()
    {
        Assert.Equal(
            "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
            PushCipher.Encrypt(s_officialKey, "707722b803182950"u8, """{"demo_resp":"good luck"}"""u8, "wxba5fad812f8e6fb9"));
        Assert.Equal(
            "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
            PushCipher.Encrypt("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "aaaabbbbccccdddd"u8, "我是中文abcd123"u8, "wxb11529c136998cb6"));
    }

    [Fact]
    public void What_is_encrypted_opens_again_at_every_length_of_padding()
    {
        for (var length = 0; length < 70; length++)
        {
            var message = Encoding.UTF8.GetBytes(new string('x', length));
            var encrypt = PushCipher.Encrypt(s_officialKey, "0123456789abcdef"u8, message, "wx1");

            Assert.True(PushCipher.TryDecrypt(s_officialKey, encrypt, out var plain, out var appId));
            Assert.Equal(message, plain.ToArray());
            Assert.Equal("wx1", appId);
        }
    }

    [Fact]
    public void A_wrong_signature_another_account_and_a_broken_cipher_are_told_apart()
    {
        var body = Bytes($$"""{"Encrypt":"{{OfficialEncrypt}}"}""");
        var other = Official;
        other.AppId = "wx0000000000000001";
        var wrongKey = Official;
        wrongKey.EncodingAesKey = new string('B', 43);

        Assert.Equal("bad_signature", WeChatPush.Open(Official, s_officialQuery with { MessageSignature = s_officialQuery.Signature }, body).Problem);
        Assert.Equal("bad_signature", WeChatPush.Open(Official, s_officialQuery with { MessageSignature = null }, body).Problem);
        Assert.Equal("other_account", WeChatPush.Open(other, s_officialQuery, body).Problem);
        Assert.Equal("bad_cipher", WeChatPush.Open(wrongKey, s_officialQuery, body).Problem);
        Assert.Equal("too_large", WeChatPush.Open(Official, s_officialQuery, new byte[70_000]).Problem);
    }

    [Fact]
    public void Where_pushes_are_encrypted_a_plain_one_stays_out()
    {
        var plain = Bytes("""{"FromUserName":"o1","CreateTime":1,"MsgType":"event"}""");

        Assert.Equal("not_encrypted", WeChatPush.Open(Official, s_officialQuery, plain).Problem);

        var inPlainMode = Official;
        inPlainMode.EncodingAesKey = null;
        Assert.Null(WeChatPush.Open(inPlainMode, s_officialQuery, plain).Problem);
        Assert.Equal("bad_signature", WeChatPush.Open(inPlainMode, s_officialQuery with { Signature = new string('0', 40) }, plain).Problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("!!!")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==")]
    public void A_cipher_text_of_rubbish_does_not_open(string encrypt) =>
        Assert.False(PushCipher.TryDecrypt(s_officialKey, encrypt, out _, out _));

    private static readonly string[] s_sentPushes =
    [
        """{"ToUserName":"gh_1","FromUserName":"oOpenIdOfChenMin000000000000","CreateTime":1767225600,"MsgType":"event","Event":"subscribe_msg_sent_event","List":{"TemplateId":"T1","MsgID":"1988810812324364291","ErrorCode":"0","ErrorStatus":"success"}}""",
        """{"ToUserName":"gh_1","FromUserName":"oOpenIdOfChenMin000000000000","CreateTime":"1767225600","MsgType":"event","Event":"subscribe_msg_sent_event","List":[{"TemplateId":"T1","MsgID":1988810812324364291,"ErrorCode":0,"ErrorStatus":"success","Later":{"a":[1]}}],"Also":[[{}]]}""",
        """
        <xml>
          <ToUserName><![CDATA[gh_1]]></ToUserName>
          <FromUserName><![CDATA[oOpenIdOfChenMin000000000000]]></FromUserName>
          <CreateTime>1767225600</CreateTime>
          <MsgType><![CDATA[event]]></MsgType>
          <Event><![CDATA[subscribe_msg_sent_event]]></Event>
          <SubscribeMsgSentEvent><Count>1</Count><List>
            <TemplateId><![CDATA[T1]]></TemplateId><MsgID>1988810812324364291</MsgID><ErrorCode>0</ErrorCode><ErrorStatus><![CDATA[success]]></ErrorStatus><Empty/>
          </List></SubscribeMsgSentEvent>
        </xml>
        """,
    ];

    public static TheoryData<string> SentPushes => new(s_sentPushes);

    [Theory]
    [MemberData(nameof(SentPushes))]
    public void The_end_of_a_message_is_read_from_each_notation(string body)
    {
        var parsed = WeChatPush.Parse(Bytes(body));

        Assert.Null(parsed.Problem);
        var sent = Assert.IsType<SubscribeSent>(Assert.Single(parsed.Events));
        Assert.Equal(new SubscribeSent(OpenId, "T1", "1988810812324364291", "0", "success", s_at), sent);
        Assert.True(sent.Delivered);
        Assert.Equal(WeChatPush.DedupeKey(Bytes(s_sentPushes[0])), WeChatPush.DedupeKey(Bytes(body)));
    }

    [Fact]
    public void One_panel_about_several_templates_is_several_grants_and_refusals()
    {
        var json = Json("subscribe_msg_popup_event", """[{"TemplateId":"T1","SubscribeStatusString":"accept","PopupScene":"0"},{"TemplateId":"T2","SubscribeStatusString":"reject","PopupScene":"0"}]""");
        var xml = $"<xml><FromUserName>{OpenId}</FromUserName><CreateTime>1767225600</CreateTime><MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event>"
            + "<SubscribeMsgPopupEvent><List><TemplateId>T1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString><PopupScene>0</PopupScene></List>"
            + "<List><TemplateId>T2</TemplateId><SubscribeStatusString>reject</SubscribeStatusString><PopupScene>0</PopupScene></List></SubscribeMsgPopupEvent></xml>";

        WeChatEvent[] expected = [new SubscribePopup(OpenId, "T1", true, s_at), new SubscribePopup(OpenId, "T2", false, s_at)];
        Assert.Equal(expected, WeChatPush.Parse(Bytes(json)).Events);
        Assert.Equal(expected, WeChatPush.Parse(Bytes(xml)).Events);
    }

    [Fact]
    public void A_template_turned_off_in_the_settings_is_a_change()
    {
        var change = Assert.Single(WeChatPush.Parse(Bytes(Json("subscribe_msg_change_event", """{"TemplateId":"T1","SubscribeStatusString":"reject"}"""))).Events);

        Assert.Equal(new SubscribeChange(OpenId, "T1", false, s_at), change);
    }

    [Theory]
    [InlineData("subscribe_msg_popup_event", """{"TemplateId":"T1","SubscribeStatusString":"maybe"}""")]
    [InlineData("subscribe_msg_popup_event", """{"SubscribeStatusString":"accept"}""")]
    [InlineData("subscribe_msg_popup_event", "[]")]
    [InlineData("subscribe_msg_sent_event", """{"MsgID":"1"}""")]
    [InlineData("subscribe_msg_sent_event", "7")]
    [InlineData("user_authorization_revoke", """{"TemplateId":"T1"}""")]
    public void What_is_not_understood_is_kept_as_unknown(string name, string list)
    {
        var push = Assert.Single(WeChatPush.Parse(Bytes(Json(name, list))).Events);

        Assert.Equal(new UnknownPush(OpenId, "event", name, s_at), push);
    }

    [Theory]
    [InlineData("subscribe", "qrscene_store-7", "Followed", "store-7")]
    [InlineData("subscribe", "", "Followed", "")]
    [InlineData("unsubscribe", "", "Unfollowed", "")]
    [InlineData("SCAN", "store-7", "Scanned", "store-7")]
    [InlineData("CLICK", "MENU_HELP", "MenuTapped", "MENU_HELP True")]
    [InlineData("scancode_waitmsg", "MENU_SCAN", "MenuTapped", "MENU_SCAN True")]
    [InlineData("VIEW", "https://example.com/", "MenuTapped", "https://example.com/ False")]
    [InlineData("TEMPLATESENDJOBFINISH", "", "TemplateSent", "200163836 failed:user block")]
    public void What_followers_do_is_told_apart_in_both_notations(string name, string key, string type, string what)
    {
        var xml = $"<xml><ToUserName>gh_1</ToUserName><FromUserName><![CDATA[{OpenId}]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType>event</MsgType><Event><![CDATA[{name}]]></Event><EventKey><![CDATA[{key}]]></EventKey><MsgID>200163836</MsgID><Status>failed:user block</Status></xml>";
        var json = $$"""{"ToUserName":"gh_1","FromUserName":"{{OpenId}}","CreateTime":"1767225600","MsgType":"event","Event":"{{name}}","EventKey":"{{key}}","MsgID":200163836,"Status":"failed:user block"}""";
        foreach (var body in (string[])[xml, json])
        {
            var one = Assert.Single(WeChatPush.Parse(Bytes(body)).Events);
            Assert.Equal((type, OpenId, s_at), (one.GetType().Name, one.OpenId, one.At));
            Assert.Equal(what, one switch
            {
                Followed followed => followed.Scene,
                Scanned scanned => scanned.Scene,
                MenuTapped tapped => $"{tapped.Key} {tapped.OpensChat}",
                TemplateSent sent => $"{sent.MsgId} {sent.Status}",
                _ => "",
            });
        }
    }

    [Theory]
    [InlineData("success", true)]
    [InlineData("failed:user block", false)]
    [InlineData("failed: system failed", false)]
    public void Only_success_is_an_arrival(string status, bool delivered) => Assert.Equal(delivered, new TemplateSent("o", "1", status, null).Delivered);

    [Theory]
    [InlineData("text", "Content", "我的药什么时候到？")]
    [InlineData("image", "MediaId", "MEDIA1")]
    [InlineData("voice", "MediaId", "MEDIA2")]
    public void What_people_write_is_a_chat_with_its_number(string type, string field, string value)
    {
        var json = $$"""{"ToUserName":"gh_1","FromUserName":"{{OpenId}}","CreateTime":1767225600,"MsgType":"{{type}}","{{field}}":"{{value}}","MsgId":23456789012345678}""";

        var chat = Assert.IsType<ChatMessage>(Assert.Single(WeChatPush.Parse(Bytes(json)).Events));

        Assert.Equal((OpenId, type, "23456789012345678", value), (chat.OpenId, chat.MsgType, chat.MsgId, chat.Content + chat.MediaId));
        Assert.DoesNotContain(value, chat.ToString());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  \r\n", "empty")]
    [InlineData("\uFEFF", "empty")]
    [InlineData("null", "bad_json")]
    [InlineData("[1]", "bad_json")]
    [InlineData("{\"FromUserName\":\"o1\"", "bad_json")]
    [InlineData("{\"FromUserName\":\"o1\"} x", "bad_json")]
    [InlineData("{\"FromUserName\":\"\\ud800\"}", "bad_json")]
    [InlineData("{\"List\":[{\"TemplateId\":\"T1\"", "bad_json")]
    [InlineData("hello", "bad_json")]
    [InlineData("<xml>", "bad_xml")]
    [InlineData("<xml><A>1</B></xml>", "bad_xml")]
    [InlineData("<xml><A>1</A></xml><xml/>", "bad_xml")]
    [InlineData("<xml><A>1</A></xml> <!-- c --> rubbish", "bad_xml")]
    [InlineData("<html><p>Not Found</html>", "bad_xml")]
    [InlineData("<!DOCTYPE xml [<!ENTITY a \"boom\">]><xml><FromUserName>&a;</FromUserName></xml>", "bad_xml")]
    [InlineData("<!DOCTYPE xml SYSTEM \"http://127.0.0.1/x.dtd\"><xml/>", "bad_xml")]
    [InlineData("<xml><FromUserName>&undeclared;</FromUserName></xml>", "bad_xml")]
    public void A_body_that_cannot_be_read_says_so_and_still_has_a_key(string body, string problem)
    {
        var parsed = WeChatPush.Parse(Bytes(body));

        Assert.Equal(problem, parsed.Problem);
        Assert.Empty(parsed.Events);
        Assert.Equal(64, WeChatPush.DedupeKey(Bytes(body)).Length);
    }

    [Theory]
    [InlineData('[')]
    [InlineData('<')]
    public void A_deep_or_huge_body_is_refused_in_peace(char kind)
    {
        var opening = kind == '[' ? "[" : "<a>";
        var deep = string.Concat(Enumerable.Repeat(opening, 10_000));
        var body = kind == '[' ? $$"""{"List":{{deep}}""" : $"<xml>{deep}";

        Assert.NotNull(WeChatPush.Parse(Bytes(body)).Problem);
        Assert.Equal("too_large", WeChatPush.Parse(Bytes(body + new string(' ', 70_000))).Problem);
    }

    [Fact]
    public void The_key_is_the_same_for_a_push_sent_again_and_different_for_another()
    {
        var text = """{"FromUserName":"o1","CreateTime":1767225600,"MsgType":"text","Content":"你好","MsgId":1234567890123456789}""";
        Assert.Equal(Key(text), Key(text.Replace("1767225600", "1767225601")));
        Assert.NotEqual(Key(text), Key(text.Replace("6789}", "6788}")));

        var sent = Json("subscribe_msg_sent_event", """{"TemplateId":"T1","MsgID":"1","ErrorCode":"0"}""");
        Assert.NotEqual(Key(sent), Key(sent.Replace("\"MsgID\":\"1\"", "\"MsgID\":\"2\"")));
        Assert.NotEqual(Key(sent), Key(sent.Replace("1767225600", "1767225601")));
        Assert.NotEqual(Key(sent), Key(sent.Replace(OpenId, "oSomebodyElse")));

        var twoTemplates = Json("subscribe_msg_popup_event", """[{"TemplateId":"T1","SubscribeStatusString":"accept"},{"TemplateId":"T2","SubscribeStatusString":"accept"}]""");
        var otherOrder = Json("subscribe_msg_popup_event", """[{"TemplateId":"T2","SubscribeStatusString":"accept"},{"TemplateId":"T1","SubscribeStatusString":"accept"}]""");
        Assert.Equal(Key(twoTemplates), Key(otherOrder));
        Assert.NotEqual(Key("""{"FromUserName":"o1","a":1}"""), Key("""{"FromUserName":"o1","a":2}"""));

        static string Key(string body) => WeChatPush.DedupeKey(Bytes(body));
    }

    [Fact]
    public void An_event_shows_nobody()
    {
        var sent = new SubscribeSent(OpenId, "T1", "1", "0", "success", s_at);

        Assert.DoesNotContain(OpenId, sent.ToString());
    }

    private static string Json(string name, string list) =>
        $$"""{"ToUserName":"gh_1","FromUserName":"{{OpenId}}","CreateTime":1767225600,"MsgType":"event","Event":"{{name}}","List":{{list}}}""";

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
