using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Tests.Sandbox;

namespace Engagement.Witnesses;

/// <summary>co-wechat-api 3.11.0 as a caller of the mini-program and of the official account.</summary>
public sealed class CoWeChatApi
{
    private const string Script = "co-wechat-api.cjs";

    [WitnessFact]
    public async Task It_gets_a_token_longer_than_an_app_id()
    {
        await using var apps = await TwoApps.StartAsync();
        var token = await ResultAsync(apps, "token", new { });
        Assert.True(token.GetProperty("length").GetInt32() > 32);
        Assert.InRange(token.GetProperty("left").GetInt64(), 7_000_000, 7_200_000);
    }

    [WitnessTheory]
    [InlineData("wx0000000000000001", "too short", 40125)]
    [InlineData("wx9999999999999999", SandboxServer.AppSecret, 40013)]
    public async Task Wrong_credentials_reach_it_as_their_codes(string appId, string secret, int code)
    {
        await using var apps = await TwoApps.StartAsync();
        var error = await Witness.ErrorAsync(Script, "token", new { url = Url(apps), appId, secret });
        Assert.Equal(("WeChatAPIError", code), (error.GetProperty("kind").GetString(), error.GetProperty("code").GetInt32()));
        Assert.Matches(@" rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$", error.GetProperty("message").GetString());
    }

    [WitnessFact]
    public async Task It_signs_a_member_in()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { openid = "oWang", unionid = "uWang" });
        var code = await apps.CodeAsync("oWang");

        var session = await ResultAsync(apps, "signIn", new { code });

        Assert.Equal(("oWang", "uWang"), (session.GetProperty("openid").GetString(), session.GetProperty("unionid").GetString()));
        Assert.Equal(40163, await CodeAsync(apps, "signIn", new { code }));
    }

    [WitnessFact]
    public async Task It_sends_a_subscribe_message_and_reads_its_long_number()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.Sandbox.GrantAsync("oWang", SandboxServer.OneTime);

        var sent = await ResultAsync(apps, "subscribe", Subscribe("oWang"));

        var message = Assert.Single(await apps.Sandbox.MessagesAsync());
        Assert.Equal(message.GetProperty("providerRef").GetString(), sent.GetProperty("msgid").ToString());
        Assert.Equal("ref-1", message.GetProperty("reference").GetString());
        Assert.Equal(43101, await CodeAsync(apps, "subscribe", Subscribe("oWang")));
        Assert.Equal(40003, await CodeAsync(apps, "subscribe", Subscribe("oNobody")));
        Assert.Equal(40037, await CodeAsync(apps, "subscribe", Subscribe("oWang", template: "none")));
        Assert.Equal(41030, await CodeAsync(apps, "subscribe", Subscribe("oWang", page: "pages/none")));
        Assert.Equal(47003, await CodeAsync(apps, "subscribe", Subscribe("oWang", thing: "这一段文字比二十个字还要长所以不能作为一个事项发送")));
    }

    [WitnessTheory]
    [InlineData("rotateTokens")]
    [InlineData("expireTokens")]
    public async Task A_token_that_is_gone_is_renewed_by_the_SDK_itself(string fault)
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.Sandbox.GrantAsync("oWang", SandboxServer.OneTime, count: 2);
        await using var witness = Witness.Start(Script, "subscribeTwice", Join(Mini(apps), Subscribe("oWang")));
        await witness.HearAsync();

        await apps.Sandbox.PostAsync("/_sandbox/faults", new Dictionary<string, bool> { [fault] = true });
        await witness.SayAsync("go");

        Assert.True((await witness.HearAsync()).GetProperty("result").TryGetProperty("msgid", out _));
        Assert.Equal(2, (await apps.Sandbox.MessagesAsync()).Count);
        Assert.Equal(1, (await apps.Sandbox.GetAsync("/_sandbox/stats")).GetProperty("refused").GetInt32());
    }

    [WitnessFact]
    public async Task It_sends_a_template_message_of_the_official_account()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { officialOpenid = "oaWang", follows = true }, new { officialOpenid = "oaGone" });
        var data = new { thing1 = new { value = "药" }, time2 = new { value = "15:01" }, remark = new { value = "请携带会员卡" } };
        var miniprogram = new { appid = SandboxServer.AppId, pagepath = SandboxServer.Page };

        var sent = await Witness.ResultAsync(Script, "template", Join(Official(apps), new { to = "oaWang", template = TwoApps.Template, data, miniprogram }));

        Assert.Equal(Assert.Single(await apps.Sandbox.MessagesAsync()).GetProperty("providerRef").GetString(), sent.GetProperty("msgid").ToString());
        var gone = await Witness.ErrorAsync(Script, "template", Join(Official(apps), new { to = "oaGone", template = TwoApps.Template, data, miniprogram }));
        Assert.Equal(43004, gone.GetProperty("code").GetInt32());
        Assert.Equal(48001, await CodeAsync(apps, "template", new { to = "oaWang", template = TwoApps.Template, data, miniprogram }));
    }

    [WitnessFact]
    public async Task It_chats_inside_the_window_only()
    {
        await using var apps = await TwoApps.StartAsync();
        var chat = Join(Official(apps), new { to = "oaWang", text = "您好" });
        await apps.AddAsync(new { officialOpenid = "oaWang", follows = true });
        Assert.Equal(45015, (await Witness.ErrorAsync(Script, "chat", chat)).GetProperty("code").GetInt32());

        await apps.DoAsync(new { @do = "text", openid = "oaWang", content = "在吗" });

        Assert.Equal(0, (await Witness.ResultAsync(Script, "chat", chat)).GetProperty("errcode").GetInt32());
    }

    [WitnessFact]
    public async Task It_reads_followers()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { officialOpenid = "oaWang", follows = true, unionid = "uWang" });
        var official = Official(apps);

        Assert.Equal("uWang", (await Witness.ResultAsync(Script, "user", Join(official, new { openid = "oaWang" }))).GetProperty("unionid").GetString());
        Assert.Equal(1, (await Witness.ResultAsync(Script, "users", Join(official, new { openids = new[] { "oaWang" } }))).GetProperty("user_info_list").GetArrayLength());
        Assert.Equal(1, (await Witness.ResultAsync(Script, "followers", official)).GetProperty("total").GetInt32());
        Assert.Equal(0, (await Witness.ResultAsync(Script, "remark", Join(official, new { openid = "oaWang", remark = "老顾客" }))).GetProperty("errcode").GetInt32());
        Assert.Equal(TwoApps.Template, (await Witness.ResultAsync(Script, "templates", official)).GetProperty("template_list")[0].GetProperty("template_id").GetString());
        Assert.Equal(40003, (await Witness.ErrorAsync(Script, "user", Join(official, new { openid = "oNobody" }))).GetProperty("code").GetInt32());
    }

    [WitnessFact]
    public async Task It_takes_a_code_as_a_picture_and_its_error_as_a_code()
    {
        await using var apps = await TwoApps.StartAsync();
        var picture = await ResultAsync(apps, "code", new { scene = "s=1", page = SandboxServer.Page });
        Assert.Equal("89504e470d0a1a0a", picture.GetProperty("head").GetString());
        Assert.Equal(40129, await CodeAsync(apps, "code", new { scene = "100%", page = SandboxServer.Page }));
    }

    [WitnessTheory]
    [InlineData("/wxa/generatescheme", """{"jump_wxa":{"path":"pages/inbox/detail"}}""", "openlink")]
    [InlineData("/wxa/generate_urllink", """{"path":"pages/inbox/detail"}""", "url_link")]
    [InlineData("/wxa/msg_sec_check", """{"content":"您好","version":2,"scene":2,"openid":"oWang"}""", "result")]
    [InlineData("/wxaapi/newtmpl/addtemplate", """{"tid":584,"kidList":[1,2],"sceneDesc":"用药提醒"}""", "priTmplId")]
    [InlineData("/cgi-bin/openapi/quota/get", """{"cgi_path":"/cgi-bin/message/subscribe/send"}""", "quota")]
    [InlineData("/cgi-bin/clear_quota", """{"appid":"wx0000000000000001"}""", "errcode")]
    public async Task Its_transport_and_its_parser_take_the_newer_calls_too(string path, string body, string field)
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.CodeAsync("oWang");
        Assert.True((await ResultAsync(apps, "post", new { path, body = JsonNode.Parse(body) })).TryGetProperty(field, out _));
        var wrong = new { url = Url(apps), appId = SandboxServer.AppId, secret = "wrong", path, body = JsonNode.Parse(body) };
        Assert.Equal(40125, (await Witness.ErrorAsync(Script, "post", wrong)).GetProperty("code").GetInt32());
    }

    [WitnessFact]
    public async Task The_phone_number_of_a_button_reaches_it()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { openid = "oWang", phone = "13800000000" });
        var call = new { path = "/wxa/business/getuserphonenumber", body = new { code = await apps.CodeAsync("oWang", "phone") } };

        var info = (await ResultAsync(apps, "post", call)).GetProperty("phone_info");

        Assert.Equal("13800000000", info.GetProperty("purePhoneNumber").GetString());
        Assert.Equal(40029, await CodeAsync(apps, "post", call));
    }

    [WitnessTheory]
    [InlineData("/wxaapi/newtmpl/gettemplate", "", "data")]
    [InlineData("/wxaapi/newtmpl/getcategory", "", "data")]
    [InlineData("/wxaapi/newtmpl/getpubtemplatetitles", "&ids=616&start=0&limit=30", "count")]
    [InlineData("/wxaapi/newtmpl/getpubtemplatekeywords", "&tid=584", "count")]
    [InlineData("/cgi-bin/getcallbackip", "", "ip_list")]
    public async Task It_reads(string path, string query, string field)
    {
        await using var apps = await TwoApps.StartAsync();
        Assert.True((await ResultAsync(apps, "get", new { path, query })).TryGetProperty(field, out _));
    }

    private static string Url(TwoApps apps) => apps.Sandbox.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    private static object Mini(TwoApps apps) => new { url = Url(apps), appId = SandboxServer.AppId, secret = SandboxServer.AppSecret };

    private static object Official(TwoApps apps) => new { url = Url(apps), appId = TwoApps.OfficialId, secret = TwoApps.OfficialSecret };

    private static object Subscribe(string to, string template = SandboxServer.OneTime, string page = SandboxServer.Page, string thing = "王秀兰的提醒") => new
    {
        to,
        template,
        page = page + "?ref=ref-1",
        data = new { thing1 = new { value = thing }, time2 = new { value = "15:01" } },
    };

    private static Task<JsonElement> ResultAsync(TwoApps apps, string scenario, object arguments) => Witness.ResultAsync(Script, scenario, Join(Mini(apps), arguments));

    private static async Task<int> CodeAsync(TwoApps apps, string scenario, object arguments) =>
        (await Witness.ErrorAsync(Script, scenario, Join(Mini(apps), arguments))).GetProperty("code").GetInt32();

    private static JsonObject Join(object first, object second)
    {
        var joined = JsonSerializer.SerializeToNode(first)!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(second)!.AsObject()) joined[name] = value?.DeepClone();
        return joined;
    }
}
