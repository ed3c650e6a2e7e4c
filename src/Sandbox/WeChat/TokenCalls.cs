using System.Text.Json;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>The two token endpoints.</summary>
internal sealed class TokenCalls(WeChatAccounts accounts, Faults faults, WeChatAnswer answer, TimeProvider system)
{
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/cgi-bin/token", PlainToken);
        app.MapPost("/cgi-bin/stable_token", StableToken);
        app.MapGet("/cgi-bin/stable_token", http => answer.RefuseAsync(http, WeChatError.PostRequired));
    }

    private async Task PlainToken(HttpContext http)
    {
        var query = http.Request.Query;
        if (await SufferAsync(http)) return;
        var refusal = CredentialFault(query["grant_type"], query["appid"], query["secret"], stable: false);
        await (refusal is { } error ? answer.RefuseAsync(http, error) : TokenAsync(http, accounts.Find(query["appid"])!.Tokens.NewPlain()));
    }

    private async Task StableToken(HttpContext http)
    {
        var request = await ReadTokenRequestAsync(http);
        if (await SufferAsync(http)) return;
        if (request is null)
        {
            await answer.RefuseAsync(http, WeChatError.NotJson);
        }
        else if (CredentialFault(request.GrantType, request.AppId, request.Secret, stable: true) is { } error)
        {
            await answer.RefuseAsync(http, error);
        }
        else if (accounts.Find(request.AppId) is var account && account!.Quotas.Count("/cgi-bin/stable_token", account.Setup!) is { } limit)
        {
            await answer.RefuseAsync(http, limit);
        }
        else if ((request.ForceRefresh ? account.Tokens.ForceStable() : account.Tokens.CurrentStable()) is { } token)
        {
            await TokenAsync(http, token);
        }
        else
        {
            await answer.RefuseAsync(http, WeChatError.DailyLimit);
        }
    }

    private async Task<bool> SufferAsync(HttpContext http)
    {
        var fault = faults.Draw(http.Request.Path.Value!);
        if (fault.LatencyMs > 0) await Task.Delay(TimeSpan.FromMilliseconds(fault.LatencyMs), system, CancellationToken.None);
        if (fault.ErrorCode is not { } code) return await AnswerLoss.SufferAsync(http, fault, system);
        await answer.RefuseForcedAsync(http, code);
        return true;
    }

    private WeChatError? CredentialFault(string? grantType, string? appId, string? secret, bool stable)
    {
        if (grantType != "client_credential") return WeChatError.InvalidGrantType;
        if (string.IsNullOrEmpty(appId)) return WeChatError.MissingAppId;
        if (string.IsNullOrEmpty(secret)) return WeChatError.MissingSecret;
        if (accounts.Find(appId)?.Setup is not { } app) return WeChatError.InvalidAppId;
        if (app.AppSecret == secret) return null;
        // The old endpoint calls a well-formed wrong secret 40001, the stable one knows only 40125.
        return stable || secret.Length != app.AppSecret.Length ? WeChatError.InvalidSecret : WeChatError.WrongSecret;
    }

    private static Task TokenAsync(HttpContext http, TokenGrant token) =>
        WeChatAnswer.JsonAsync(http, $$"""{"access_token":"{{token.Text}}","expires_in":{{token.ExpiresIn}}}""");

    private static async Task<TokenRequest?> ReadTokenRequestAsync(HttpContext http)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<TokenRequest>(http.Request.Body, TokenJson, http.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static readonly JsonSerializerOptions TokenJson = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private sealed record TokenRequest(
        string? GrantType,
        [property: System.Text.Json.Serialization.JsonPropertyName("appid")] string? AppId,
        string? Secret,
        bool ForceRefresh = false);
}
