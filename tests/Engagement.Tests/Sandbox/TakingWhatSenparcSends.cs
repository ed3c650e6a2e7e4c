using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Engagement.Tests.Sandbox;

/// <summary>The owner's WeChat library cannot be restored here; this is what it was seen to put on the wire.</summary>
public sealed class TakingWhatSenparcSends
{
    [Fact]
    public async Task Tokens_are_longer_than_an_app_id_because_anything_shorter_is_taken_for_one()
    {
        await using var apps = await TwoApps.StartAsync();
        var plain = await apps.Sandbox.GetAsync($"/cgi-bin/token?grant_type=client_credential&appid={SandboxServer.AppId}&secret={SandboxServer.AppSecret}");
        Assert.All([plain, await apps.Sandbox.StableTokenAsync()], token => Assert.True(token.GetProperty("access_token").GetString()!.Length > 32));
    }

    [Fact]
    public async Task JSON_as_octet_stream_with_the_name_of_a_browser_is_taken()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.Sandbox.GrantAsync("oWang", SandboxServer.LongTerm);
        await apps.AddAsync(new { officialOpenid = "oaWang", follows = true });
        var mini = await apps.TokenAsync(SandboxServer.AppId, SandboxServer.AppSecret);
        var official = await apps.TokenAsync(TwoApps.OfficialId, TwoApps.OfficialSecret);

        Assert.Equal(0, await PostAsync("/cgi-bin/message/subscribe/send?access_token=" + mini,
            $$"""{"touser":"oWang","template_id":"{{SandboxServer.LongTerm}}","page":"pages/inbox/detail","data":{"thing1":{"value":"王秀兰的提醒"} } }"""));
        Assert.Equal(0, await PostAsync("/cgi-bin/message/template/send?access_token=" + official,
            $$"""{"touser":"oaWang","template_id":"{{TwoApps.Template}}","topcolor":null,"url":null,"data":{"thing1":{"value":"药","color":"#173177"},"time2":{"value":"15:01"},"remark":{"value":"a"} } }"""));
        Assert.Equal(2, (await apps.Sandbox.MessagesAsync()).Count);

        async Task<int> PostAsync(string path, string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            request.Headers.UserAgent.ParseAdd("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0 Safari/537.36");
            using var answer = await apps.Sandbox.Http.SendAsync(request);
            return SandboxServer.Code(JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
        }
    }

    [Fact]
    public async Task Escapes_are_refused_where_the_account_refuses_them()
    {
        await using var apps = await TwoApps.StartAsync(setup => setup["wechat"]!["refuseEscapes"] = true);
        await apps.Sandbox.GrantAsync("oWang", SandboxServer.LongTerm, count: 2);
        var body = SandboxServer.Message("oWang", SandboxServer.LongTerm);
        Assert.Contains("\\u", body, StringComparison.Ordinal);

        var token = await apps.TokenAsync(SandboxServer.AppId, SandboxServer.AppSecret);
        Assert.Equal(40033, SandboxServer.Code(await apps.Sandbox.PostMessageAsync(token, body)));
        var raw = $$"""{"touser":"oWang","template_id":"{{SandboxServer.LongTerm}}","data":{"thing1":{"value":"王秀兰🎂"} } }""";
        Assert.Equal(0, SandboxServer.Code(await apps.Sandbox.PostMessageAsync(token, raw)));
    }
}
