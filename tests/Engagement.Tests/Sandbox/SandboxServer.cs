using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Sandbox;
using Microsoft.AspNetCore.Builder;

namespace Engagement.Tests.Sandbox;

/// <summary>A sandbox on a free port, with one mini-program and one SMS account, spoken to over HTTP only.</summary>
internal sealed class SandboxServer : IAsyncDisposable
{
    public const string AppId = "wx0000000000000001";
    public const string AppSecret = "0123456789abcdef0123456789abcdef";
    public const string OneTime = "OneTimeTemplate000000000000000000000000000A";
    public const string LongTerm = "LongTermTemplate00000000000000000000000000B";
    public const string Page = "pages/inbox/detail";

    private readonly WebApplication _app;

    private SandboxServer(WebApplication app)
    {
        _app = app;
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Http { get; }

    /// <summary>The configuration of <see cref="StartAsync"/>, for tests that change a part of it.</summary>
    public JsonObject Setup { get; } = JsonNode.Parse("""
        {
          "wechat": {
            "appId": "wx0000000000000001", "appSecret": "0123456789abcdef0123456789abcdef", "forbiddenWords": ["赌博"],
            "templates": [
              { "id": "OneTimeTemplate000000000000000000000000000A", "title": "服务提醒", "type": 2, "keywords": { "thing1": "事项", "time2": "时间" } },
              { "id": "LongTermTemplate00000000000000000000000000B", "title": "长期提醒", "type": 3, "keywords": { "thing1": "事项" } }
            ],
            "pages": ["pages/inbox/detail"]
          },
          "aliyun": {
            "accessKeyId": "AKEXAMPLE", "accessKeySecret": "SKEXAMPLE", "forbiddenWords": ["赌博"],
            "signatures": ["康宁大药房", { "name": "审核中", "state": "review" }, { "name": "已禁用", "state": "banned" }, { "name": "康宁验证", "verificationOnly": true }],
            "templates": [
              { "code": "SMS_1", "text": "${name}您好，您有一条服务提醒。", "type": "notice" },
              { "code": "SMS_2", "text": "${name}，会员日到店有礼。拒收请回复R", "type": "marketing" },
              { "code": "SMS_3", "text": "您的验证码是${code}。", "type": "verification" },
              { "code": "SMS_4", "text": "等待审核的${name}。", "type": "notice", "state": "review" }
            ]
          },
          "receipts": { "enabled": false }
        }
        """)!.AsObject();

    public static async Task<SandboxServer> StartAsync(Action<JsonObject>? change = null, params string[] args)
    {
        var app = SandboxApp.Build(["--urls", "http://127.0.0.1:0", .. args]);
        await app.StartAsync();
        var sandbox = new SandboxServer(app);
        change?.Invoke(sandbox.Setup);
        await sandbox.ConfigureAsync();
        return sandbox;
    }

    public async Task ConfigureAsync() => Assert.Equal(HttpStatusCode.OK, (await Http.PutAsync("/_sandbox/setup", Json(Setup.ToJsonString()))).StatusCode);

    // --- the control surface -------------------------------------------------------------------

    public Task<JsonElement> GetAsync(string path) => ReadAsync(Http.GetAsync(path));

    public Task<JsonElement> PostAsync(string path, object body) => ReadAsync(Http.PostAsync(path, Json(JsonSerializer.Serialize(body))));

    public Task GrantAsync(string openId, string templateId, int count = 1) =>
        PostAsync("/_sandbox/grants", new[] { new { openid = openId, templateId, count } });

    public Task SkipAsync(TimeSpan time) => PostAsync("/_sandbox/clock", new { advanceSeconds = (long)time.TotalSeconds });

    public async Task<IReadOnlyList<JsonElement>> MessagesAsync(string query = "") =>
        [.. (await GetAsync("/_sandbox/messages" + query)).GetProperty("messages").EnumerateArray()];

    // --- the mini-program's server side --------------------------------------------------------

    public Task<JsonElement> StableTokenAsync(bool force = false, string secret = AppSecret) =>
        PostAsync("/cgi-bin/stable_token", new { grant_type = "client_credential", appid = AppId, secret, force_refresh = force });

    public async Task<string> TokenAsync() => (await StableTokenAsync()).GetProperty("access_token").GetString()!;

    public Task<JsonElement> PostMessageAsync(string token, string body, string contentType = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        return ReadAsync(Http.PostAsync("/cgi-bin/message/subscribe/send?access_token=" + token, content));
    }

    /// <summary>Sends one message with good values; the answer's error code.</summary>
    public async Task<int> SendAsync(string openId, string templateId = OneTime, string? page = Page, object? data = null) =>
        Code(await PostMessageAsync(await TokenAsync(), Message(openId, templateId, page, data)));

    public static string Message(string openId, string templateId = OneTime, string? page = Page, object? data = null) => JsonSerializer.Serialize(new
    {
        touser = openId,
        template_id = templateId,
        page,
        data = data ?? (templateId == OneTime
            ? new { thing1 = new { value = "王秀兰🎂的提醒" }, time2 = new { value = "2026年3月10日 10:00" } }
            : new { thing1 = new { value = "王秀兰的提醒" } }),
    });

    public static int Code(JsonElement answer) => answer.GetProperty("errcode").GetInt32();

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }

    private static async Task<JsonElement> ReadAsync(Task<HttpResponseMessage> answering)
    {
        using var response = await answering;
        var text = await response.Content.ReadAsStringAsync();
        return JsonDocument.Parse(text).RootElement;
    }
}
