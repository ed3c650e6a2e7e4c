using System.Security.Cryptography;
using System.Text.Json;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>An access token, as one fetch returned it. Two fetches make two tokens, even with the same text.</summary>
internal sealed class AccessToken(SharedToken token, Uri baseUrl, DateTimeOffset renewAt)
{
    /// <summary>Which fetch it was, on whatever node.</summary>
    public string Stamp { get; } = token.Stamp;

    /// <summary>When a new one is fetched in the background while this one still works.</summary>
    public DateTimeOffset RenewAt { get; } = renewAt;

    public DateTimeOffset ExpiresAt { get; } = token.ExpiresAt;

    /// <summary>Where subscribe messages go: made once a token, not once a message.</summary>
    public Uri SubscribeSend { get; } = AddressOf(baseUrl, "/cgi-bin/message/subscribe/send", token);

    /// <summary>Where the official account's template messages go.</summary>
    public Uri TemplateSend { get; } = AddressOf(baseUrl, "/cgi-bin/message/template/send", token);

    /// <summary>Where customer-service messages go.</summary>
    public Uri CustomSend { get; } = AddressOf(baseUrl, "/cgi-bin/message/custom/send", token);

    /// <summary>The address of any other call.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="query">What follows the token, beginning with <c>&amp;</c>; or empty.</param>
    public Uri Address(string path, string query = "") => new(AddressOf(baseUrl, path, token).AbsoluteUri + query);

    /// <summary>Shows no token.</summary>
    public override string ToString() => $"AccessToken {{ ExpiresAt = {ExpiresAt:O} }}";

    private static Uri AddressOf(Uri baseUrl, string path, SharedToken token) =>
        WeChatApi.Address(baseUrl, $"{path}?access_token={Uri.EscapeDataString(token.Value)}");
}

/// <summary>A token, or the refusal that a message gets because there is none.</summary>
internal readonly record struct TokenAnswer(AccessToken? Token, SendResult Refusal);

/// <summary>Keeps the account's access token from <c>stable_token</c>: one fetch at a time over all nodes, renewed early, replaced when WeChat refuses it.</summary>
/// <remarks>
/// Thread-safe. The normal mode hands every node the same token, so nodes that fetch by themselves, because what they share is away,
/// do not retire each other's.
/// </remarks>
/// <param name="section">The account's section of the configuration: its name on the health page.</param>
/// <param name="account">The account.</param>
/// <param name="options">How WeChat is spoken to.</param>
/// <param name="http">The connections.</param>
/// <param name="clock">The system clock: tokens live in real time.</param>
/// <param name="cluster">What the nodes share.</param>
/// <param name="tokens">Hears whether there is a token.</param>
/// <param name="logger">Hears about tokens, never about messages.</param>
internal sealed class AccessTokens(
    string section, WeChatAccountOptions account, WeChatOptions options, ProviderHttp http, TimeProvider clock, ClusterState cluster, ProviderTokens tokens, ILogger logger)
{
    // WeChat serves the old and the new token side by side for this long.
    private static readonly TimeSpan s_overlap = TimeSpan.FromMinutes(5);

    // With a token at the very end of its life, and after a failure, fetching does not become a loop.
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile AccessToken? _current;
    private Task<TokenAnswer>? _fetch;
    private DateTimeOffset _restUntil;

    /// <summary>The token to use now. Waits only when there is none that works.</summary>
    public ValueTask<TokenAnswer> GetAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (_current is not { } token || now >= token.ExpiresAt) return new(FetchOnce(_current).WaitAsync(ct));
        // Its outcome is read by whoever finds the token expired; a failed renewal is tried again with the next send.
        if (now >= token.RenewAt) _ = FetchOnce(token);
        return new(new TokenAnswer(token, default));
    }

    /// <summary>A token in place of <paramref name="failed"/>, which WeChat refused; another send may have brought it already.</summary>
    public Task<TokenAnswer> ReplaceAsync(AccessToken failed)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_current, failed)) _current = null;
        }

        return FetchOnce(failed);
    }

    // Whoever comes while a fetch is under way shares it, and its failure.
    private Task<TokenAnswer> FetchOnce(AccessToken? seen)
    {
        lock (_gate)
        {
            if (_current is { } current && !ReferenceEquals(current, seen)) return Task.FromResult(new TokenAnswer(current, default));
            if (_fetch is { } under && (!under.IsCompleted || clock.GetUtcNow() < _restUntil)) return under;
            return _fetch = Task.Run(() => FetchAsync(seen));
        }
    }

    private async Task<TokenAnswer> FetchAsync(AccessToken? seen)
    {
        var refusal = default(SendResult);
        var shared = await cluster.TokenAsync($"wechat:{account.AppId}", seen?.Stamp, options.SendTimeout + s_rest, async () =>
        {
            (var token, refusal) = await AskAsync().ConfigureAwait(false);
            Say(token, refusal);
            return token;
        }).ConfigureAwait(false);
        var answer = shared is null ? new TokenAnswer(null, refusal) : new TokenAnswer(Accept(shared), default);
        lock (_gate)
        {
            // Both at once: whoever finds this token refused must not be given this fetch again.
            if (answer.Token is not null) (_current, _fetch) = (answer.Token, null);
            _restUntil = answer.Token is null ? clock.GetUtcNow() + s_rest : default;
        }

        if (shared is not null) tokens.Said(section, null);
        return answer;
    }

    private void Say(SharedToken? token, SendResult refusal)
    {
        tokens.Said(section, token is null ? refusal.Code : null);
        if (token is not null) Log.TokenFetched(logger, token.ExpiresAt);
        else if (refusal.Class == ErrorClass.Retry) Log.TokenNotFetched(logger, refusal.Code);
        else Log.TokenRefused(logger, refusal.Code);
    }

    private async ValueTask<(SharedToken? Token, SendResult Refusal)> AskAsync()
    {
        using var body = new RequestBody();
        WriteQuestion(body);
        using var content = new WriteOnceContent(body, WeChatApi.Json);
        using var request = new HttpRequestMessage(HttpMethod.Post, WeChatApi.Address(options.BaseUrl, "/cgi-bin/stable_token"));
        using var answer = await http.ExchangeAsync(request, content).ConfigureAwait(false);

        // No message has left: what would be doubt for a send is only a delay here.
        if (answer.Failed(out var failure)) return Refused(ErrorClass.Retry, $"token_{failure.Code}");
        if (!WeChatAnswer.TryRead(answer.Body, out var fields)) return Refused(ErrorClass.Retry, $"token_{answer.Unreadable().Code}");
        if (fields.ErrorCode is { } code and not 0) return (null, WeChatErrors.TokenRefusal(code));
        if (fields is not { Token.Length: > 0, ExpiresIn: > 0 }) return Refused(ErrorClass.Retry, "token_unreadable");

        var life = TimeSpan.FromSeconds(Math.Min(fields.ExpiresIn.Value, 7200));
        return (new SharedToken(RandomNumberGenerator.GetHexString(16), fields.Token, clock.GetUtcNow() + life), default);
    }

    private AccessToken Accept(SharedToken token)
    {
        var (early, soon) = (token.ExpiresAt - s_overlap, clock.GetUtcNow() + s_rest);
        return new AccessToken(token, options.BaseUrl, early > soon ? early : soon);
    }

    private void WriteQuestion(RequestBody body)
    {
        using var json = new Utf8JsonWriter(body, JsonText.Relaxed);
        json.WriteStartObject();
        json.WriteString("grant_type"u8, "client_credential"u8);
        json.WriteString("appid"u8, account.AppId);
        json.WriteString("secret"u8, account.AppSecret);
        json.WriteBoolean("force_refresh"u8, false);
        json.WriteEndObject();
    }

    private static (SharedToken? Token, SendResult Refusal) Refused(ErrorClass errorClass, string code) => (null, SendResult.Refused(errorClass, code));
}
