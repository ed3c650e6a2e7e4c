using System.Web;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Tests.Support;
using static Engagement.Tests.Messaging.Channels.WeChatAccount;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>The calls that ask or administer: what stands on the wire, what comes back, and what an answer that cannot be read is worth.</summary>
public sealed class AskingWeChat
{
    private const string SessionKey = "HyVFkGl5F5OQWJZZaNzBBg==";

    [Fact]
    public async Task A_sign_in_code_becomes_a_session()
    {
        await using var account = await OpenAsync();
        account.Provider.On("/sns/jscode2session", FakeProvider.Answer($$"""{"session_key":"{{SessionKey}}","openid":"o1","unionid":"u1"}""", "text/plain"));

        var reply = await account.Api.Accounts.SessionAsync("0a1 +/=&b", default);

        Assert.Equal(new WeChatSession("o1", SessionKey, "u1"), reply.Value);
        var query = HttpUtility.ParseQueryString(account.Provider.Requests[^1].Query);
        Assert.Equal(("wx0000000000000001", Secret, "0a1 +/=&b", "authorization_code"), (query["appid"], query["secret"], query["js_code"], query["grant_type"]));
        Assert.Equal(0, account.TokenFetches);
        Assert.DoesNotContain(SessionKey, reply.ToString() + reply.Value);
    }

    [Theory]
    [InlineData(40029, ErrorClass.PermanentRecipient)]
    [InlineData(40163, ErrorClass.PermanentRecipient)]
    [InlineData(40226, ErrorClass.PermanentRecipient)]
    [InlineData(45011, ErrorClass.Retry)]
    [InlineData(40013, ErrorClass.Config)]
    [InlineData(40125, ErrorClass.Config)]
    [InlineData(40001, ErrorClass.Config)]
    public async Task A_code_that_is_used_up_or_a_person_who_is_barred_is_told_apart_from_a_wrong_account(long code, ErrorClass expected)
    {
        await using var account = await OpenAsync();
        account.Provider.On("/sns/jscode2session", Error(code));

        var reply = await account.Api.Accounts.SessionAsync("used", default);

        Assert.Equal((expected, code.ToString(), null), (reply.Class, reply.Code, reply.Value));
        Assert.Equal(1, account.Provider.Count("/sns/jscode2session"));
    }

    [Theory]
    [InlineData("86")]
    [InlineData("\"86\"")]
    public async Task A_phone_code_becomes_a_number_however_the_country_is_written(string country)
    {
        await using var account = await OpenAsync();
        account.Provider.On("/wxa/business/getuserphonenumber", FakeProvider.Json(
            $$$$"""{"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":"19900001111","purePhoneNumber":"19900001111","countryCode":{{{{country}}}},"watermark":{"timestamp":1637744274,"appid":"xxxx"}}}"""));

        var reply = await account.Api.Accounts.PhoneAsync("c1", "o1", default);

        Assert.Equal(new WeChatPhone("19900001111", "86"), reply.Value);
        Assert.Equal("""{"code":"c1","openid":"o1"}""", account.Provider.Requests[^1].Body);
        Assert.DoesNotContain("1990000", reply.ToString() + reply.Value);
    }

    [Fact]
    public async Task A_session_key_is_checked_by_its_signature_and_never_sent()
    {
        await using var account = await OpenAsync();
        account.Provider.On("/wxa/checksession", FakeProvider.Json("""{"errcode":0,"errmsg":"ok"}"""), Error(87009));

        Assert.Equal(WeChatDone.Instance, (await account.Api.Accounts.CheckSessionAsync("o1", SessionKey, default)).Value);
        Assert.Equal((ErrorClass.PermanentRecipient, "87009"), Said(await account.Api.Accounts.CheckSessionAsync("o1", SessionKey, default)));

        var request = account.Provider.Requests.First(r => r.Path == "/wxa/checksession");
        var query = HttpUtility.ParseQueryString(request.Query);
        Assert.Equal(("GET", "token-1", "o1", "hmac_sha256"), (request.Method, query["access_token"], query["openid"], query["sig_method"]));
        Assert.Equal("252b75c92698025afe925b29cca5517fdf9ee67aae072cf3225ebf3a53783058", query["signature"]);
        Assert.DoesNotContain(account.Provider.Requests, r => (r.Query + r.Body).Contains(HttpUtility.UrlEncode(SessionKey), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Templates_of_both_accounts_are_listed_added_and_deleted()
    {
        await using var account = await OpenBothAsync();
        account.Provider
            .On("/wxaapi/newtmpl/gettemplate", FakeProvider.Json("""{"errcode":0,"data":[{"priTmplId":"P1","title":"用药提醒","content":"事项:{{thing1.DATA}}","example":"","type":2,"keywordEnumValueList":[]}]}"""))
            .On("/cgi-bin/template/get_all_private_template", FakeProvider.Json("""{"template_list":[{"template_id":"O1","title":"续购提醒","primary_industry":"","deputy_industry":"","content":"{{thing1.DATA}}","example":""}]}"""))
            .On("/wxaapi/newtmpl/addtemplate", FakeProvider.Json("""{"errcode":0,"errmsg":"ok","priTmplId":"P2"}"""))
            .On("/wxaapi/newtmpl/deltemplate", FakeProvider.Json("""{"errcode":0,"errmsg":"ok"}"""));
        var calls = account.Api.Accounts;

        Assert.Equal([new WeChatTemplate("P1", "用药提醒", "事项:{{thing1.DATA}}", 2)], (await calls.TemplatesAsync(WeChatApp.MiniProgram, default)).Value!);
        Assert.Equal([new WeChatTemplate("O1", "续购提醒", "{{thing1.DATA}}", 0)], (await calls.TemplatesAsync(WeChatApp.OfficialAccount, default)).Value!);
        Assert.Equal("P2", (await calls.AddTemplateAsync("99", [3, 2], "续购提醒", default)).Value);
        Assert.Equal("""{"tid":"99","kidList":[3,2],"sceneDesc":"续购提醒"}""", account.Provider.Requests[^1].Body);
        Assert.NotNull((await calls.DeleteTemplateAsync("P2", default)).Value);
        Assert.Equal("""{"priTmplId":"P2"}""", account.Provider.Requests[^1].Body);
    }

    [Fact]
    public async Task A_follower_is_known_by_the_unionid_and_a_stranger_by_nothing()
    {
        await using var account = await OpenBothAsync();
        account.Provider.On("/cgi-bin/user/info",
            FakeProvider.Json("""{"subscribe":1,"openid":"of1","language":"zh_CN","subscribe_time":1382694957,"unionid":"u1","remark":"","subscribe_scene":"ADD_SCENE_QR_CODE"}"""),
            FakeProvider.Json("""{"subscribe":0,"openid":"of1"}"""));

        Assert.Equal(new WeChatFollower("of1", true, "u1", "ADD_SCENE_QR_CODE"), (await account.Api.Accounts.FollowerAsync("of1", default)).Value);
        Assert.Equal(new WeChatFollower("of1", false, null, null), (await account.Api.Accounts.FollowerAsync("of1", default)).Value);
        Assert.Contains("openid=of1", account.Provider.Requests[^1].Query);
    }

    [Fact]
    public async Task A_code_is_a_picture_of_any_size_or_a_refusal_in_its_place()
    {
        await using var account = await OpenAsync();
        byte[] png = [0x89, 0x50, 0x4E, 0x47, .. new byte[200_000]];
        account.Provider.On("/wxa/getwxacodeunlimit", async http =>
        {
            http.Response.ContentType = "text/plain";
            await http.Response.Body.WriteAsync(png);
        }, Error(41030));

        Assert.Equal(png, (await account.Api.Accounts.CodeAsync(new MiniProgramCode("s=ab", "pages/home/index"), default)).Value);
        Assert.Equal("""{"scene":"s=ab","page":"pages/home/index","check_path":true,"env_version":"release","width":430}""", account.Provider.Requests[^1].Body);
        Assert.Equal((ErrorClass.PermanentTemplate, "41030"), Said(await account.Api.Accounts.CodeAsync(new MiniProgramCode("s=ab", "pages/home/index"), default)));
    }

    [Fact]
    public async Task Links_of_both_kinds_open_a_page_with_its_query_for_some_days()
    {
        await using var account = await OpenAsync();
        account.Provider.On("/wxa/generatescheme", FakeProvider.Json("""{"errcode":0,"errmsg":"ok","openlink":"weixin://dl/business/?t=abc"}"""))
            .On("/wxa/generate_urllink", FakeProvider.Json("""{"errcode":0,"errmsg":"ok","url_link":"https://wxaurl.cn/abc"}"""));
        var link = new MiniProgramLink("pages/refill/detail", "ref=药", 7);

        Assert.Equal("weixin://dl/business/?t=abc", (await account.Api.Accounts.SchemeAsync(link, default)).Value);
        Assert.Equal("""{"jump_wxa":{"path":"pages/refill/detail","query":"ref=药","env_version":"release"},"expire_type":1,"expire_interval":7}""", account.Provider.Requests[^1].Body);
        Assert.Equal("https://wxaurl.cn/abc", (await account.Api.Accounts.LinkAsync(link, default)).Value);
        Assert.Equal("""{"path":"pages/refill/detail","query":"ref=药","env_version":"release","expire_type":1,"expire_interval":7}""", account.Provider.Requests[^1].Body);
    }

    [Theory]
    [InlineData("pass", TextAdvice.Pass)]
    [InlineData("risky", TextAdvice.Risky)]
    [InlineData("review", TextAdvice.Review)]
    [InlineData("a word of tomorrow", TextAdvice.Review)]
    public async Task A_risky_text_is_found_although_the_code_is_0(string suggest, TextAdvice expected)
    {
        await using var account = await OpenAsync();
        account.Provider.On("/wxa/msg_sec_check", FakeProvider.Json($$$"""{"errcode":0,"errmsg":"ok","result":{"suggest":"{{{suggest}}}","label":20001},"trace_id":"t1","detail":[]}"""));

        var reply = await account.Api.Accounts.CheckTextAsync(new TextToCheck("o1", "一段话", TextScene.Comment), default);

        Assert.Equal(new TextVerdict(expected, 20001, "t1"), reply.Value);
        Assert.Equal("""{"content":"一段话","version":2,"scene":2,"openid":"o1"}""", account.Provider.Requests[^1].Body);
    }

    [Fact]
    public async Task Quota_is_read_and_cleared_for_the_account_that_is_meant()
    {
        await using var account = await OpenBothAsync();
        account.Provider.On("/cgi-bin/openapi/quota/get", FakeProvider.Json("""{"errcode":0,"errmsg":"ok","quota":{"daily_limit":100000,"used":7,"remain":99993},"rate_limit":{}}"""))
            .On("/cgi-bin/clear_quota", FakeProvider.Json("""{"errcode":0,"errmsg":"ok"}"""), Error(48006));

        Assert.Equal(new WeChatQuota(100_000, 7, 99_993), (await account.Api.Accounts.QuotaAsync(WeChatApp.OfficialAccount, "/cgi-bin/message/template/send", default)).Value);
        Assert.Equal("""{"cgi_path":"/cgi-bin/message/template/send"}""", account.Provider.Requests[^1].Body);
        Assert.NotNull((await account.Api.Accounts.ClearQuotaAsync(WeChatApp.OfficialAccount, default)).Value);
        Assert.Equal("""{"appid":"wx0000000000000002"}""", account.Provider.Requests[^1].Body);
        Assert.Equal((ErrorClass.Quota, "48006"), Said(await account.Api.Accounts.ClearQuotaAsync(WeChatApp.MiniProgram, default)));
        // Each account has its own token.
        Assert.Equal(2, account.TokenFetches);
    }

    [Fact]
    public async Task A_refused_token_is_replaced_once_here_too()
    {
        await using var account = await OpenAsync();
        account.Provider.On("/wxaapi/newtmpl/deltemplate", Error(42001), FakeProvider.Json("""{"errcode":0}"""));

        Assert.NotNull((await account.Api.Accounts.DeleteTemplateAsync("P1", default)).Value);
        Assert.Equal((2, 2), (account.Provider.Count("/wxaapi/newtmpl/deltemplate"), account.TokenFetches));

        account.Provider.On("/wxaapi/newtmpl/deltemplate", Error(40001));
        Assert.Equal((ErrorClass.RefreshToken, "40001"), Said(await account.Api.Accounts.DeleteTemplateAsync("P1", default)));
        Assert.Equal(4, account.Provider.Count("/wxaapi/newtmpl/deltemplate"));
    }

    public static TheoryData<string, ProviderScript, string> BadAnswers => new()
    {
        { "cut JSON", FakeProvider.Json("{\"errcode\":0,\"quota\":{\"daily_limit\":1"), "unreadable" },
        { "HTML", FakeProvider.Answer("<html><body>Not here</body></html>", "text/html"), "unreadable" },
        { "nothing", FakeProvider.Answer("", "application/json"), "unreadable" },
        { "another answer", FakeProvider.Json("""{"errcode":0,"errmsg":"ok"}"""), "unreadable" },
        { "other types", FakeProvider.Json("""{"errcode":0,"quota":{"daily_limit":{},"used":[],"remain":"x"}}"""), "unreadable" },
        { "a gateway", FakeProvider.Answer("<html>Bad Gateway</html>", "text/html", 502), "http_502" },
        { "the wrong type", FakeProvider.Answer("""{"errcode":0,"quota":{"daily_limit":1,"used":0,"remain":1}}""", "image/jpeg", 404), "http_404" },
        { "a reset", FakeProvider.Reset, "reset" },
        { "half an answer", FakeProvider.CutShort("{\"errcode\":0,"), "reset" },
        { "more than anybody reads", FakeProvider.Json("{\"errcode\":0,\"errmsg\":\"" + new string('x', 3_000_000) + "\"}"), "too_large" },
    };

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task An_answer_that_cannot_be_read_is_no_value_and_no_second_request(string name, ProviderScript answer, string code)
    {
        await using var account = await OpenAsync();
        account.Provider.On("/cgi-bin/openapi/quota/get", answer);

        var reply = await account.Api.Accounts.QuotaAsync(WeChatApp.MiniProgram, "/wxa/" + name.Length, default);

        Assert.Equal((ErrorClass.Unknown, code), Said(reply));
        Assert.Equal(1, account.Provider.Count("/cgi-bin/openapi/quota/get"));
        Assert.DoesNotContain(account.Logged.Lines, line => line.Contains(Secret, StringComparison.Ordinal) || line.Contains("token-1", StringComparison.Ordinal));
    }

    // Without content, the handler repeats a GET by itself when a reused connection closes: a code that is good once would be burnt.
    [Fact]
    public async Task A_reused_connection_that_closes_does_not_ask_twice()
    {
        await using var account = await OpenAsync(options => options.MaxConnections = 1, []);
        account.Provider.On("/sns/jscode2session", FakeProvider.Json($$"""{"session_key":"{{SessionKey}}","openid":"o1"}"""), FakeProvider.Reset);
        await account.Api.Accounts.SessionAsync("first", default);

        Assert.Equal((ErrorClass.Unknown, "reset"), Said(await account.Api.Accounts.SessionAsync("second", default)));
        Assert.Equal(2, account.Provider.Count("/sns/jscode2session"));
    }

    [Fact]
    public async Task An_account_that_is_not_set_up_asks_nothing()
    {
        await using var account = await OpenAsync();

        Assert.Equal((ErrorClass.Config, "not_configured"), Said(await account.Api.Accounts.FollowerAsync("of1", default)));
        Assert.Equal(SendResult.Refused(ErrorClass.Config, "not_configured"), await account.Api.SendTemplateAsync(new OfficialAccountMessage("of1", "T", null, "r", []), default));
        Assert.Empty(account.Provider.Requests);
    }

    internal static Task<WeChatAccount> OpenBothAsync() => OpenAsync(options =>
        options.OfficialAccount = new WeChatAccountOptions { AppId = "wx0000000000000002", AppSecret = Secret, Account = "official" }, []);

    private static (ErrorClass Class, string Code) Said<T>(WeChatReply<T> reply)
        where T : class
    {
        Assert.Null(reply.Value);
        return (reply.Class, reply.Code);
    }
}
