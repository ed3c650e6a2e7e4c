using System.Collections.Concurrent;
using System.Text.Json;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>One account of ours on the wire: its access token, and the one repeat when WeChat refuses that. Thread-safe.</summary>
internal sealed class WeChatLine
{
    // A picture of 1,280 points, or fifty templates with their examples.
    private const int LongestReply = 2 * 1024 * 1024;

    private static readonly SendResult s_notConfigured = SendResult.Refused(ErrorClass.Config, "not_configured");

    private readonly WeChatOptions _options;
    private readonly ProviderHttp _http;
    private readonly ILogger _logger;
    private readonly AccessTokens _tokens;
    private readonly ConcurrentDictionary<long, bool> _unknownCodes = new();

    public WeChatLine(string section, WeChatAccountOptions account, WeChatOptions options, ProviderHttp http, TimeProvider system, ClusterState cluster, ProviderTokens tokens, ILogger logger)
    {
        (Account, _options, _http, _logger) = (account, options, http, logger);
        _tokens = new AccessTokens(section, account, options, http, system, cluster, tokens, logger);
    }

    public WeChatAccountOptions Account { get; }

    /// <summary>Posts one message, once.</summary>
    /// <param name="address">Where it goes; a static function, so that a message costs no object.</param>
    /// <param name="body">What leaves.</param>
    /// <param name="ct">Stops before the request.</param>
    public async ValueTask<SendResult> SendAsync(Func<AccessToken, Uri> address, RequestBody body, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!Account.IsConfigured) return s_notConfigured;

        var (token, refusal) = await _tokens.GetAsync(ct).ConfigureAwait(false);
        if (token is null) return refusal;
        var result = await SendAsync(address(token), body).ConfigureAwait(false);
        if (result.Class != ErrorClass.RefreshToken) return result;

        // The only repeat there is: WeChat said that it did not take the message, and why.
        Log.TokenRejected(_logger, result.Code);
        (token, refusal) = await _tokens.ReplaceAsync(token).ConfigureAwait(false);
        return token is null ? refusal : await SendAsync(address(token), body).ConfigureAwait(false);
    }

    /// <summary>Makes one call that asks for something.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="address">Where it goes, given the token.</param>
    /// <param name="write">Writes the body; <c>null</c> = none.</param>
    /// <param name="read">Reads the value from a body without an error code; <c>null</c> when it is not there.</param>
    /// <param name="ct">Stops before the request.</param>
    public async ValueTask<WeChatReply<T>> AskAsync<T>(
        HttpMethod method, Func<AccessToken, Uri> address, Action<Utf8JsonWriter>? write, WeChatRead<T> read, CancellationToken ct)
        where T : class
    {
        ct.ThrowIfCancellationRequested();
        if (!Account.IsConfigured) return Refused<T>(s_notConfigured);

        var (token, refusal) = await _tokens.GetAsync(ct).ConfigureAwait(false);
        if (token is null) return Refused<T>(refusal);
        var reply = await AskAsync(method, address(token), write, read).ConfigureAwait(false);
        if (reply.Class != ErrorClass.RefreshToken) return reply;

        Log.TokenRejected(_logger, reply.Code);
        (token, refusal) = await _tokens.ReplaceAsync(token).ConfigureAwait(false);
        return token is null ? Refused<T>(refusal) : await AskAsync(method, address(token), write, read).ConfigureAwait(false);
    }

    /// <summary>Makes one call that needs no access token.</summary>
    public async ValueTask<WeChatReply<T>> AskAsync<T>(HttpMethod method, Uri address, WeChatRead<T> read, CancellationToken ct)
        where T : class
    {
        ct.ThrowIfCancellationRequested();
        if (!Account.IsConfigured) return Refused<T>(s_notConfigured);
        // There, a token's code speaks of the secret: no new token will cure it.
        var reply = await AskAsync(method, address, null, read).ConfigureAwait(false);
        return reply.Class == ErrorClass.RefreshToken ? reply with { Class = ErrorClass.Config } : reply;
    }

    private async ValueTask<SendResult> SendAsync(Uri address, RequestBody body)
    {
        using var content = new WriteOnceContent(body, WeChatApi.Json);
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        using var answer = await _http.ExchangeAsync(request, content).ConfigureAwait(false);
        if (answer.Failed(out var failure)) return failure;
        if (!WeChatAnswer.TryRead(answer.Body, out var fields)) return answer.Unreadable();
        switch (fields.ErrorCode)
        {
            // JSON, but not WeChat's: reading a missing code as "ok" is for calls that ask, not for those that send.
            case null:
                return answer.Unreadable();
            case 0:
                return answer.IsSuccess ? SendResult.Ok("0", fields.MessageId) : answer.Unreadable();
            case { } code:
                return Refusal(code);
        }
    }

    private async ValueTask<WeChatReply<T>> AskAsync<T>(HttpMethod method, Uri address, Action<Utf8JsonWriter>? write, WeChatRead<T> read)
        where T : class
    {
        using var body = new RequestBody();
        if (write is not null)
        {
            using var json = new Utf8JsonWriter(body, JsonText.Relaxed);
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        // Content always, an empty one too: without, a request is repeated by the handler when a reused connection closes.
        using var content = new WriteOnceContent(body, write is null ? null : WeChatApi.Json);
        using var request = new HttpRequestMessage(method, address);
        using var answer = await _http.ExchangeAsync(request, content, LongestReply).ConfigureAwait(false);
        if (answer.Failed(out var failure)) return Refused<T>(failure);
        if (WeChatAnswer.TryRead(answer.Body, out var fields) && fields.ErrorCode is { } code and not 0) return Refused<T>(Refusal(code));
        return answer.IsSuccess && read(answer.Body) is { } value ? new WeChatReply<T>(value, ErrorClass.None, "0") : Refused<T>(answer.Unreadable());
    }

    private SendResult Refusal(long code)
    {
        if (!WeChatErrors.IsKnown(code) && _unknownCodes.TryAdd(code, true)) Log.UnknownCode(_logger, code);
        return WeChatErrors.Refusal(code);
    }

    private static WeChatReply<T> Refused<T>(in SendResult refusal)
        where T : class => new(null, refusal.Class, refusal.Code);
}

/// <summary>Reads a value from a body without an error code; <c>null</c> when it is not there.</summary>
internal delegate T? WeChatRead<out T>(ReadOnlySpan<byte> body)
    where T : class;
