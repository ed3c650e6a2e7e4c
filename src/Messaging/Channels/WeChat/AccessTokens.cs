using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>An access token, as one fetch returned it. Two fetches make two tokens, even with the same text.</summary>
internal sealed class AccessToken(string value, Uri baseUrl, DateTimeOffset renewAt, DateTimeOffset expiresAt)
{
    /// <summary>When a new one is fetched in the background while this one still works.</summary>
    public DateTimeOffset RenewAt { get; } = renewAt;

    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    /// <summary>Where subscribe messages go: made once a token, not once a message.</summary>
    public Uri SubscribeSend { get; } = WeChatApi.Address(baseUrl, $"/cgi-bin/message/subscribe/send?access_token={Uri.EscapeDataString(value)}");

    /// <summary>Shows no token.</summary>
    public override string ToString() => $"AccessToken {{ ExpiresAt = {ExpiresAt:O} }}";
}

/// <summary>A token, or the refusal that a message gets because there is none.</summary>
internal readonly record struct TokenAnswer(AccessToken? Token, SendResult Refusal);

/// <summary>Keeps one access token per process from <c>stable_token</c>: one fetch at a time, renewed early, replaced when WeChat refuses it.</summary>
/// <remarks>Thread-safe. The normal mode hands every node the same token, so nodes do not retire each other's.</remarks>
internal sealed class AccessTokens(WeChatOptions options, ProviderHttp http, TimeProvider clock, ILogger logger)
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
            return _fetch = Task.Run(FetchAsync);
        }
    }

    private async Task<TokenAnswer> FetchAsync()
    {
        var answer = await AskAsync().ConfigureAwait(false);
        lock (_gate)
        {
            if (answer.Token is not null) _current = answer.Token;
            _restUntil = answer.Token is null ? clock.GetUtcNow() + s_rest : default;
        }

        if (answer.Token is { } token) Log.TokenFetched(logger, token.ExpiresAt);
        else if (answer.Refusal.Class == ErrorClass.Retry) Log.TokenNotFetched(logger, answer.Refusal.Code);
        else Log.TokenRefused(logger, answer.Refusal.Code);
        return answer;
    }

    private async ValueTask<TokenAnswer> AskAsync()
    {
        using var body = new RequestBody();
        WriteQuestion(body);
        using var content = new WriteOnceContent(body, WeChatApi.Json);
        using var request = new HttpRequestMessage(HttpMethod.Post, WeChatApi.Address(options.BaseUrl, "/cgi-bin/stable_token"));
        using var answer = await http.ExchangeAsync(request, content).ConfigureAwait(false);

        // No message has left: what would be doubt for a send is only a delay here.
        if (answer.Failed(out var failure)) return Refused(ErrorClass.Retry, $"token_{failure.Code}");
        if (!WeChatAnswer.TryRead(answer.Body, out var fields)) return Refused(ErrorClass.Retry, $"token_{answer.Unreadable().Code}");
        if (fields.ErrorCode is { } code and not 0) return new TokenAnswer(null, WeChatErrors.TokenRefusal(code));
        if (fields is not { Token.Length: > 0, ExpiresIn: > 0 }) return Refused(ErrorClass.Retry, "token_unreadable");

        return new TokenAnswer(Accept(fields.Token, TimeSpan.FromSeconds(Math.Min(fields.ExpiresIn.Value, 7200))), default);
    }

    private AccessToken Accept(string value, TimeSpan life)
    {
        var now = clock.GetUtcNow();
        var rest = life - s_overlap;
        return new AccessToken(value, options.BaseUrl, now + (rest > s_rest ? rest : s_rest), now + life);
    }

    private void WriteQuestion(RequestBody body)
    {
        using var json = new Utf8JsonWriter(body, JsonText.Relaxed);
        json.WriteStartObject();
        json.WriteString("grant_type"u8, "client_credential"u8);
        json.WriteString("appid"u8, options.AppId);
        json.WriteString("secret"u8, options.AppSecret);
        json.WriteBoolean("force_refresh"u8, false);
        json.WriteEndObject();
    }

    private static TokenAnswer Refused(ErrorClass errorClass, string code) => new(null, SendResult.Refused(errorClass, code));
}
