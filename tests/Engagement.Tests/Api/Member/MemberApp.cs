using System.Net.Http.Headers;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Engagement.Tests.Api.Staff;
using Engagement.Tests.Sandbox;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Tests.Api.Member;

/// <summary>The application in front of a sandbox: members sign in as they do at WeChat.</summary>
public sealed class MemberApp : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private Installation? _installation;
    private WebApplication? _app;
    private SandboxServer? _sandbox;

    internal Database Database => _installation!.Database;

    internal SandboxServer Sandbox => _sandbox!;

    internal T Service<T>() where T : notnull => _app!.Services.GetRequiredService<T>();

    public async Task InitializeAsync()
    {
        _sandbox = await SandboxServer.StartAsync(setup =>
        {
            (setup["wechat"]!["appId"], setup["wechat"]!["appSecret"]) = (DemoSettings.AppId, DemoSettings.AppSecret);
            (setup["aliyun"]!["accessKeyId"], setup["aliyun"]!["accessKeySecret"]) = (DemoSettings.AccessKeyId, DemoSettings.AccessKeySecret);
            setup["aliyun"]!["templates"]![2]!["code"] = DemoSettings.VerificationTemplate;
        });
        KeyRing.Create(_folder["keys"], demo: true);
        var settings = Settings.Read(_folder.Path,
        [
            .. DemoSettings.For(_sandbox.Http.BaseAddress!), new("Limits:PerAddress", "100000"), new("Limits:PerPerson", "100000"), new("Limits:SignIns", "100000"),
        ]);
        _installation = await Installation.OpenAsync(settings, migrate: true, CancellationToken.None);
        _app = EngagementApp.Build(_installation, "http://127.0.0.1:0", Role.Api, schedule: false, quiet: true);
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_installation is not null) await _installation.DisposeAsync();
        if (_sandbox is not null) await _sandbox.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Somebody without a sign-in.</summary>
    internal HttpClient Client(string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(EngagementApp.Address(_app!)) };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A code as <c>wx.login</c> or the phone button gives it.</summary>
    internal async Task<string> CodeAsync(string openid, string kind = "login") =>
        (await Sandbox.PostAsync("/_sandbox/codes", new { openid, kind })).GetProperty("code").GetString()!;

    /// <summary>Somebody of the sandbox opens the mini-program.</summary>
    internal async Task<HttpClient> OpenAsync(string openid)
    {
        using var stranger = Client();
        var answer = await (await stranger.SendAsync("POST", "/api/member/session", $$"""{"code":"{{await CodeAsync(openid)}}"}""")).JsonAsync();
        return Client(answer.GetProperty("accessToken").GetString());
    }

    /// <summary>Somebody of the sandbox who has pressed the phone button.</summary>
    internal async Task<HttpClient> MemberAsync(string openid, string phone)
    {
        await Sandbox.PostAsync("/_sandbox/people", new[] { new { openid, phone } });
        var client = await OpenAsync(openid);
        Assert.Equal((200, null), await client.SendAsync("POST", "/api/member/phone", $$"""{"code":"{{await CodeAsync(openid, "phone")}}"}""").SaidAsync());
        return client;
    }
}
