using System.Text.Json;
using System.Text.Json.Nodes;

namespace Engagement.Tests.Sandbox;

/// <summary>A sandbox with a mini-program and an official account, and calls of either with its own token.</summary>
internal sealed class TwoApps : IAsyncDisposable
{
    public const string OfficialId = "wx0000000000000002";
    public const string OfficialSecret = "fedcba9876543210fedcba9876543210";
    public const string Template = "OfficialTemplate000000000000000000000000000";

    private TwoApps(SandboxServer sandbox) => Sandbox = sandbox;

    public SandboxServer Sandbox { get; }

    public static async Task<TwoApps> StartAsync(Action<JsonObject>? change = null) => new(await SandboxServer.StartAsync(setup =>
    {
        setup["officialAccount"] = JsonNode.Parse($$"""
            {
              "appId": "{{OfficialId}}", "appSecret": "{{OfficialSecret}}", "originalId": "gh_0000000000a2", "marketingWords": ["满减"],
              "templates": [{ "id": "{{Template}}", "title": "取药通知", "keywords": { "thing1": "药品", "time2": "时间", "remark": "备注" } }]
            }
            """);
        change?.Invoke(setup);
    }));

    /// <summary>A call of the mini-program.</summary>
    public async Task<JsonElement> MiniAsync(string path, object? body = null) =>
        await CallAsync(path, await TokenAsync(SandboxServer.AppId, SandboxServer.AppSecret), body);

    /// <summary>A call of the official account.</summary>
    public async Task<JsonElement> OfficialAsync(string path, object? body = null) =>
        await CallAsync(path, await TokenAsync(OfficialId, OfficialSecret), body);

    public Task<JsonElement> DoAsync(object act) => Sandbox.PostAsync("/_sandbox/acts", act);

    public Task AddAsync(params object[] people) => Sandbox.PostAsync("/_sandbox/people", people);

    public async Task<string> CodeAsync(string openid, string kind = "login") =>
        (await Sandbox.PostAsync("/_sandbox/codes", new { openid, kind })).GetProperty("code").GetString()!;

    public async Task<string> TokenAsync(string appId, string secret)
    {
        var answer = await Sandbox.PostAsync("/cgi-bin/stable_token", new { grant_type = "client_credential", appid = appId, secret });
        return answer.GetProperty("access_token").GetString()!;
    }

    public ValueTask DisposeAsync() => Sandbox.DisposeAsync();

    private Task<JsonElement> CallAsync(string path, string token, object? body)
    {
        var url = $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}access_token={token}";
        return body is null ? Sandbox.GetAsync(url) : Sandbox.PostAsync(url, body);
    }
}
