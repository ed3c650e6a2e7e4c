using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Engagement.Tests.Sandbox;

public sealed class SigningMembersIn
{
    private const string Phones = "/wxa/business/getuserphonenumber";

    [Fact]
    public async Task A_code_gives_openid_session_key_and_unionid_once_and_for_five_minutes()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { openid = "oWang", unionid = "uWang" }, new { openid = "oAlone" });
        var code = await apps.CodeAsync("oWang");

        var session = await SignInAsync(apps, code);

        Assert.Equal(("oWang", "uWang"), (session.GetProperty("openid").GetString(), session.GetProperty("unionid").GetString()));
        Assert.Equal(16, Convert.FromBase64String(session.GetProperty("session_key").GetString()!).Length);
        Assert.False(session.TryGetProperty("errcode", out _));
        Assert.Equal(40163, SandboxServer.Code(await SignInAsync(apps, code)));
        Assert.Equal(40029, SandboxServer.Code(await SignInAsync(apps, "made-up")));
        Assert.False((await SignInAsync(apps, await apps.CodeAsync("oAlone"))).TryGetProperty("unionid", out _));

        var late = await apps.CodeAsync("oWang");
        await apps.Sandbox.SkipAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(40029, SandboxServer.Code(await SignInAsync(apps, late)));
    }

    [Fact]
    public async Task Credentials_and_the_person_may_be_wrong()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { openid = "oRisky", highRisk = true });

        Assert.Equal(40226, SandboxServer.Code(await SignInAsync(apps, await apps.CodeAsync("oRisky"))));
        Assert.Equal(40125, SandboxServer.Code(await SignInAsync(apps, "x", secret: "wrong")));
        Assert.Equal(40013, SandboxServer.Code(await SignInAsync(apps, "x", appId: TwoApps.OfficialId, secret: TwoApps.OfficialSecret)));
        Assert.Equal(41008, SandboxServer.Code(await SignInAsync(apps, "")));
        Assert.Equal(40002, SandboxServer.Code(await apps.Sandbox.GetAsync("/sns/jscode2session?grant_type=other")));
        using var answer = await apps.Sandbox.Http.GetAsync("/sns/jscode2session?grant_type=other");
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_phone_button_gives_a_number_once_to_the_right_openid()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { openid = "oWang", phone = "13800000000" });

        var mine = await apps.MiniAsync(Phones, new { code = await apps.CodeAsync("oWang", "phone"), openid = "oWang" });

        var info = mine.GetProperty("phone_info");
        Assert.Equal(("13800000000", 86), (info.GetProperty("purePhoneNumber").GetString(), info.GetProperty("countryCode").GetInt32()));
        Assert.Equal(SandboxServer.AppId, info.GetProperty("watermark").GetProperty("appid").GetString());
        Assert.Equal(40003, SandboxServer.Code(await apps.MiniAsync(Phones, new { code = await apps.CodeAsync("oWang", "phone"), openid = "oLi" })));
        Assert.Equal(40029, SandboxServer.Code(await apps.MiniAsync(Phones, new { code = await apps.CodeAsync("oWang") })));
        Assert.Equal(48001, SandboxServer.Code(await apps.OfficialAsync(Phones, new { code = await apps.CodeAsync("oWang", "phone") })));
    }

    [Fact]
    public async Task A_session_is_checked_by_its_key_and_a_reset_makes_a_new_one()
    {
        await using var apps = await TwoApps.StartAsync();
        var key = (await SignInAsync(apps, await apps.CodeAsync("oWang"))).GetProperty("session_key").GetString()!;

        Assert.Equal(0, SandboxServer.Code(await apps.MiniAsync(Check("oWang", key))));
        Assert.Equal(0, SandboxServer.Code(await apps.MiniAsync("/wxa/checksession", new { openid = "oWang", signature = Sign(key), sig_method = "hmac_sha256" })));
        Assert.Equal(87009, SandboxServer.Code(await apps.MiniAsync(Check("oWang", "another key"))));
        Assert.Equal(87008, SandboxServer.Code(await apps.MiniAsync($"/wxa/checksession?openid=oWang&signature={Sign(key)}&sig_method=md5")));
        Assert.Equal(40003, SandboxServer.Code(await apps.MiniAsync(Check("oNobody", key))));

        var fresh = (await apps.MiniAsync(Check("oWang", key).Replace("checksession", "resetusersessionkey", StringComparison.Ordinal))).GetProperty("session_key").GetString()!;
        Assert.Equal(87009, SandboxServer.Code(await apps.MiniAsync(Check("oWang", key))));
        Assert.Equal(0, SandboxServer.Code(await apps.MiniAsync(Check("oWang", fresh))));
    }

    [Fact]
    public void The_signature_of_a_session_is_that_of_the_known_vector() =>
        Assert.Equal("252b75c92698025afe925b29cca5517fdf9ee67aae072cf3225ebf3a53783058", Sign("HyVFkGl5F5OQWJZZaNzBBg=="));

    private static string Check(string openId, string key) => $"/wxa/checksession?openid={openId}&signature={Sign(key)}&sig_method=hmac_sha256";

    private static string Sign(string key) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Array.Empty<byte>()));

    private static Task<JsonElement> SignInAsync(TwoApps apps, string code, string appId = SandboxServer.AppId, string secret = SandboxServer.AppSecret) =>
        apps.Sandbox.GetAsync($"/sns/jscode2session?appid={appId}&secret={secret}&js_code={code}&grant_type=authorization_code");
}
