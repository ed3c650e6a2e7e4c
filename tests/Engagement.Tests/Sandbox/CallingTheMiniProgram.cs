using System.Text.Json;
using System.Text.Json.Nodes;

namespace Engagement.Tests.Sandbox;

public sealed class CallingTheMiniProgram
{
    [Fact]
    public async Task Private_templates_are_made_from_the_library_listed_and_deleted()
    {
        await using var apps = await TwoApps.StartAsync();
        var titles = await apps.MiniAsync("/wxaapi/newtmpl/getpubtemplatetitles?ids=616&start=0&limit=30");
        var tid = titles.GetProperty("data")[0].GetProperty("tid").GetInt32();
        var keywords = await apps.MiniAsync($"/wxaapi/newtmpl/getpubtemplatekeywords?tid={tid}");
        Assert.Equal("thing", keywords.GetProperty("data")[0].GetProperty("rule").GetString());

        var added = (await apps.MiniAsync("/wxaapi/newtmpl/addtemplate", new { tid, kidList = new[] { 1, 2 }, sceneDesc = "用药提醒" })).GetProperty("priTmplId").GetString()!;

        var mine = (await apps.MiniAsync("/wxaapi/newtmpl/gettemplate")).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(3, mine.Count);
        Assert.Contains("{{thing1.DATA}}", mine.Single(t => t.GetProperty("priTmplId").GetString() == added).GetProperty("content").GetString(), StringComparison.Ordinal);
        await apps.Sandbox.GrantAsync("oWang", added);
        var data = new { thing1 = new { value = "阿莫西林" }, time2 = new { value = "08:00" } };
        Assert.Equal(0, SandboxServer.Code(await apps.MiniAsync("/cgi-bin/message/subscribe/send", new { touser = "oWang", template_id = added, data })));
        Assert.Equal(0, SandboxServer.Code(await apps.MiniAsync("/wxaapi/newtmpl/deltemplate", new { priTmplId = added })));
        Assert.Equal(40037, SandboxServer.Code(await apps.MiniAsync("/cgi-bin/message/subscribe/send", new { touser = "oWang", template_id = added, data })));
        Assert.Equal(200014, SandboxServer.Code(await apps.MiniAsync("/wxaapi/newtmpl/addtemplate", new { tid = 1, kidList = new[] { 1, 2 }, sceneDesc = "a" })));
        Assert.Equal(200020, SandboxServer.Code(await apps.MiniAsync("/wxaapi/newtmpl/addtemplate", new { tid, kidList = new[] { 1, 9 }, sceneDesc = "a" })));
    }

    [Fact]
    public async Task A_code_is_a_PNG_and_its_errors_are_JSON()
    {
        await using var apps = await TwoApps.StartAsync();
        var token = await apps.TokenAsync(SandboxServer.AppId, SandboxServer.AppSecret);
        using var answer = await apps.Sandbox.Http.PostAsync(
            "/wxa/getwxacodeunlimit?access_token=" + token, SandboxServer.Json("""{"scene":"s=7&m=1","page":"pages/inbox/detail","width":300}"""));

        Assert.Equal("image/png", answer.Content.Headers.ContentType?.MediaType);
        var png = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        Assert.Equal(300, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)));

        Assert.Equal(40129, await CodeAsync(new { scene = new string('a', 33) }));
        Assert.Equal(40129, await CodeAsync(new { scene = "100%" }));
        Assert.Equal(41030, await CodeAsync(new { scene = "a", page = "pages/none" }));
        Assert.Equal(40159, await CodeAsync(new { scene = "a", page = "/pages/inbox/detail" }));

        async Task<int> CodeAsync(object body) => SandboxServer.Code(await apps.MiniAsync("/wxa/getwxacodeunlimit", body));
    }

    [Fact]
    public async Task Schemes_and_links_live_at_most_thirty_days_and_can_be_asked_about()
    {
        await using var apps = await TwoApps.StartAsync();
        var scheme = (await apps.MiniAsync("/wxa/generatescheme", new { jump_wxa = new { path = "pages/inbox/detail", query = "ref=1" }, expire_type = 1, expire_interval = 30 })).GetProperty("openlink").GetString()!;
        var link = (await apps.MiniAsync("/wxa/generate_urllink", new { path = "pages/inbox/detail", query = "ref=2" })).GetProperty("url_link").GetString()!;

        Assert.StartsWith("weixin://dl/business/?t=", scheme, StringComparison.Ordinal);
        Assert.StartsWith("https://wxaurl.cn/", link, StringComparison.Ordinal);
        Assert.Equal("ref=1", (await apps.MiniAsync("/wxa/queryscheme", new { scheme })).GetProperty("scheme_info").GetProperty("query").GetString());
        Assert.Equal("ref=2", (await apps.MiniAsync("/wxa/query_urllink", new { url_link = link })).GetProperty("url_link_info").GetProperty("query").GetString());
        Assert.Equal(85401, SandboxServer.Code(await apps.MiniAsync("/wxa/generatescheme", new { jump_wxa = new { path = "pages/inbox/detail" }, expire_type = 1, expire_interval = 31 })));
        Assert.Equal(40165, SandboxServer.Code(await apps.MiniAsync("/wxa/generate_urllink", new { path = "pages/none" })));
        Assert.Equal(85403, SandboxServer.Code(await apps.MiniAsync("/wxa/queryscheme", new { scheme = "weixin://dl/business/?t=none" })));
    }

    [Fact]
    public async Task Risky_text_is_an_answer_and_not_an_error_and_the_person_must_have_been_here()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.CodeAsync("oWang");

        Assert.Equal(("pass", 100), await CheckAsync("今天天气很好"));
        Assert.Equal(("risky", 10001), await CheckAsync("来赌博"));
        Assert.Equal(87014, SandboxServer.Code(await apps.MiniAsync("/wxa/msg_sec_check", new { content = "来赌博" })));
        Assert.Equal(40129, SandboxServer.Code(await apps.MiniAsync("/wxa/msg_sec_check", new { content = "a", version = 2, scene = 9, openid = "oWang" })));
        await apps.Sandbox.SkipAsync(TimeSpan.FromHours(3));
        Assert.Equal(61010, SandboxServer.Code(await apps.MiniAsync("/wxa/msg_sec_check", new { content = "a", version = 2, scene = 2, openid = "oWang" })));

        async Task<(string?, int)> CheckAsync(string content)
        {
            var result = (await apps.MiniAsync("/wxa/msg_sec_check", new { content, version = 2, scene = 2, openid = "oWang" })).GetProperty("result");
            return (result.GetProperty("suggest").GetString(), result.GetProperty("label").GetInt32());
        }
    }

    [Fact]
    public async Task Quotas_are_counted_by_day_and_minute_told_and_cleared_ten_times_a_month()
    {
        const string Path = "/wxa/generate_urllink";
        await using var apps = await TwoApps.StartAsync(setup => setup["wechat"]!["quotas"] = new JsonObject
        {
            [Path] = new JsonObject { ["daily"] = 2 },
            ["/cgi-bin/message/subscribe/send"] = new JsonObject { ["daily"] = 9, ["perMinute"] = 1 },
        });
        for (var i = 0; i < 2; i++) await apps.MiniAsync(Path, new { });
        Assert.Equal(44993, SandboxServer.Code(await apps.MiniAsync(Path, new { })));
        var quota = (await apps.MiniAsync("/cgi-bin/openapi/quota/get", new { cgi_path = Path })).GetProperty("quota");
        Assert.Equal((2, 2, 0), (quota.GetProperty("daily_limit").GetInt32(), quota.GetProperty("used").GetInt32(), quota.GetProperty("remain").GetInt32()));

        for (var i = 0; i < 10; i++) Assert.Equal(0, SandboxServer.Code(await apps.MiniAsync("/cgi-bin/clear_quota", new { appid = SandboxServer.AppId })));
        Assert.Equal(0, SandboxServer.Code(await apps.MiniAsync(Path, new { })));
        Assert.Equal(48006, SandboxServer.Code(await apps.Sandbox.PostAsync("/cgi-bin/clear_quota/v2", new { appid = SandboxServer.AppId, appsecret = SandboxServer.AppSecret })));
        Assert.Equal(40125, SandboxServer.Code(await apps.Sandbox.PostAsync("/cgi-bin/clear_quota/v2", new { appid = SandboxServer.AppId, appsecret = "x" })));
        Assert.Equal(76021, SandboxServer.Code(await apps.MiniAsync("/cgi-bin/openapi/quota/get", new { cgi_path = "/none" })));

        await apps.Sandbox.GrantAsync("oWang", SandboxServer.OneTime, count: 5);
        await apps.Sandbox.SkipAsync(TimeSpan.FromSeconds(61 - TimeProvider.System.GetUtcNow().Second));
        Assert.Equal(0, await apps.Sandbox.SendAsync("oWang"));
        Assert.Equal(45011, await apps.Sandbox.SendAsync("oWang"));
        await apps.Sandbox.SkipAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(0, await apps.Sandbox.SendAsync("oWang"));
    }

    [Fact]
    public async Task A_refused_request_can_be_looked_up_by_its_rid_for_seven_days()
    {
        await using var apps = await TwoApps.StartAsync();
        var refused = await apps.MiniAsync("/wxa/getwxacodeunlimit", new { scene = "100%" });
        var rid = refused.GetProperty("errmsg").GetString()!.Split("rid: ")[1];

        var request = (await apps.MiniAsync("/cgi-bin/openapi/rid/get", new { rid })).GetProperty("request");

        Assert.Equal("""{"scene":"100%"}""", request.GetProperty("request_body").GetString());
        Assert.Contains("40129", request.GetProperty("response_body").GetString(), StringComparison.Ordinal);
        Assert.Equal(76001, SandboxServer.Code(await apps.MiniAsync("/cgi-bin/openapi/rid/get", new { rid = "none" })));
    }

    [Theory]
    [InlineData("/wxa/getwxacodeunlimit", 43002)]
    [InlineData("/cgi-bin/message/subscribe/send", 43002)]
    public async Task The_wrong_method_is_named(string path, int code)
    {
        await using var apps = await TwoApps.StartAsync();
        Assert.Equal(code, SandboxServer.Code(await apps.MiniAsync(path)));
    }

    [Fact]
    public async Task A_path_may_have_a_fault_of_its_own_and_an_answer_may_be_unreadable()
    {
        await using var apps = await TwoApps.StartAsync();
        await FaultAsync(new { path = "/cgi-bin/stable_token", errorShare = new Dictionary<string, double> { ["-1"] = 1 } });
        Assert.Equal(-1, SandboxServer.Code(await apps.Sandbox.StableTokenAsync()));
        await FaultAsync(new { path = "/cgi-bin/stable_token" });
        Assert.NotEmpty(await apps.Sandbox.TokenAsync());

        Assert.Equal((502, "text/html"), await BrokenAsync("http:502"));
        Assert.Equal((200, "text/html"), await BrokenAsync("html"));
        Assert.Equal((200, "application/json"), await BrokenAsync("empty"));
        Assert.Equal((200, "application/json"), await BrokenAsync("truncated"));
        await Assert.ThrowsAsync<HttpRequestException>(() => BrokenAsync("reset"));

        async Task<(int, string?)> BrokenAsync(string name)
        {
            await FaultAsync(new { path = "/cgi-bin/getcallbackip", errorShare = new Dictionary<string, double> { [name] = 1 } });
            using var answer = await apps.Sandbox.Http.GetAsync("/cgi-bin/getcallbackip?access_token=" + await apps.Sandbox.TokenAsync());
            Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(answer.Content.ReadAsStream()));
            return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType);
        }

        async Task FaultAsync(object fault) => await apps.Sandbox.PostAsync("/_sandbox/faults", fault);
    }
}
