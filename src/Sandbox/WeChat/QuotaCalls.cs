using System.Text.Json;

namespace Engagement.Sandbox.WeChat;

/// <summary>How much of a day's calls is left, starting afresh, and what became of a refused request.</summary>
internal sealed class QuotaCalls(WeChatAccounts accounts, RidLog rids, WeChatAnswer answer)
{
    public void Map(IEndpointRouteBuilder app, WeChatGate gate)
    {
        gate.Map(app, "POST", "/cgi-bin/clear_quota", AccountKind.Either, call =>
            call.Text("appid").Length == 0 ? WeChatError.MissingAppId
            : call.Text("appid") != call.Setup.AppId ? WeChatError.InvalidAppId
            : Clear(call.Account));
        app.MapPost("/cgi-bin/clear_quota/v2", ClearWithoutTokenAsync);
        gate.Map(app, "POST", "/cgi-bin/openapi/quota/get", AccountKind.Either, Look);
        gate.Map(app, "POST", "/cgi-bin/openapi/rid/get", AccountKind.Either, Find);
        gate.Map(app, "GET", "/cgi-bin/getcallbackip", AccountKind.Either, _ => WeChatReply.Of(new { ip_list = new[] { "127.0.0.1" } }));
        gate.Map(app, "GET", "/cgi-bin/get_api_domain_ip", AccountKind.Either, _ => WeChatReply.Of(new { ip_list = new[] { "127.0.0.1" } }));
    }

    private static WeChatReply Clear(WeChatAccount account) => account.Quotas.TrySpendClear() ? WeChatReply.Ok : WeChatError.ClearsUsedUp;

    private async Task ClearWithoutTokenAsync(HttpContext http)
    {
        JsonElement body;
        try
        {
            body = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body, JsonSerializerOptions.Default, http.RequestAborted);
        }
        catch (JsonException)
        {
            await answer.RefuseAsync(http, WeChatError.NotJson);
            return;
        }
        var (appId, secret) = (WeChatCall.TextIn(body, "appid"), WeChatCall.TextIn(body, "appsecret"));
        await answer.WriteAsync(http,
            appId.Length == 0 ? WeChatError.MissingAppId
            : secret.Length == 0 ? WeChatError.MissingSecret
            : accounts.Find(appId) is not { Setup: { } app } account ? WeChatError.InvalidAppId
            : app.AppSecret != secret ? WeChatError.InvalidSecret
            : Clear(account));
    }

    private static WeChatReply Look(WeChatCall call)
    {
        var path = call.Text("cgi_path");
        if (!path.StartsWith('/')) return new WeChatError(76021, "cgi_path not found, please check");
        if (call.Account.Quotas.Look(path, call.Setup) is not { } look) return new WeChatError(76021, "cgi_path not found, please check");
        var quota = new { daily_limit = look.Quota.Daily, used = look.Used, remain = Math.Max(0, look.Quota.Daily - look.Used) };
        return look.Quota.PerMinute > 0
            ? WeChatReply.Of(new { errcode = 0, errmsg = "ok", quota, rate_limit = new { call_count = look.Quota.PerMinute, refresh_second = 60 } })
            : WeChatReply.Of(new { errcode = 0, errmsg = "ok", quota });
    }

    private WeChatReply Find(WeChatCall call)
    {
        if (rids.Find(call.Text("rid")) is not { } request) return new WeChatError(76001, "rid not found");
        return WeChatReply.Of(new
        {
            errcode = 0,
            errmsg = "ok",
            request = new
            {
                invoke_time = request.At.ToUnixTimeSeconds(),
                cost_in_ms = 1,
                request_url = request.Url,
                request_body = request.Body,
                response_body = request.Response,
                client_ip = request.ClientIp,
            },
        });
    }
}
