using System.Collections.Concurrent;
using System.Text.Json;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>Our own client of WeChat's documented HTTP API. Thread-safe; one instance lives as long as the process.</summary>
internal sealed class WeChatApi : IWeChatApi, IDisposable
{
    /// <summary>The content type of every request.</summary>
    public const string Json = "application/json; charset=utf-8";

    private static readonly SendResult s_notConfigured = SendResult.Refused(ErrorClass.Config, "not_configured");

    private readonly WeChatOptions _options;
    private readonly ILogger _logger;
    private readonly ProviderHttp _http;
    private readonly AccessTokens _tokens;
    private readonly ConcurrentDictionary<long, bool> _unknownCodes = new();

    /// <param name="options">The account.</param>
    /// <param name="system">The system clock: tokens live in real time.</param>
    /// <param name="cluster">What the nodes share: the access token.</param>
    /// <param name="tokens">Hears whether WeChat gives us tokens, for the health page.</param>
    /// <param name="logger">Hears about tokens and unknown codes, never about messages.</param>
    public WeChatApi(WeChatOptions options, TimeProvider system, ClusterState cluster, ProviderTokens tokens, ILogger<WeChatApi> logger)
    {
        _options = options;
        _logger = logger;
        _http = new ProviderHttp(options.BaseUrl, options.MaxConnections, options.SendTimeout, system);
        _tokens = new AccessTokens(options, _http, system, cluster, tokens, logger);
    }

    /// <summary>An address below <paramref name="baseUrl"/>, whose own path is kept.</summary>
    public static Uri Address(Uri baseUrl, string pathAndQuery) => new(baseUrl.AbsoluteUri.TrimEnd('/') + pathAndQuery);

    public async ValueTask<SendResult> SendSubscribeAsync(SubscribeMessage message, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!_options.IsConfigured) return s_notConfigured;

        var (token, refusal) = await _tokens.GetAsync(ct).ConfigureAwait(false);
        if (token is null) return refusal;

        using var body = new RequestBody();
        Write(body, message);
        var result = await PostAsync(token.SubscribeSend, body).ConfigureAwait(false);
        if (result.Class != ErrorClass.RefreshToken) return result;

        // The only repeat there is: WeChat said that it did not take the message, and why.
        Log.TokenRejected(_logger, result.Code);
        (token, refusal) = await _tokens.ReplaceAsync(token).ConfigureAwait(false);
        return token is null ? refusal : await PostAsync(token.SubscribeSend, body).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<SendResult> PostAsync(Uri address, RequestBody body)
    {
        using var content = new WriteOnceContent(body, Json);
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        using var answer = await _http.ExchangeAsync(request, content).ConfigureAwait(false);
        if (answer.Failed(out var failure)) return failure;
        if (!WeChatAnswer.TryRead(answer.Body, out var fields)) return answer.Unreadable();
        return Judge(fields, answer);
    }

    private SendResult Judge(in WeChatAnswer fields, in ProviderAnswer answer)
    {
        switch (fields.ErrorCode)
        {
            // JSON, but not WeChat's: reading a missing code as "ok" is for calls that ask, not for those that send.
            case null:
                return answer.Unreadable();
            case 0:
                return answer.IsSuccess ? SendResult.Ok("0", fields.MessageId) : answer.Unreadable();
            case { } code:
                if (!WeChatErrors.IsKnown(code) && _unknownCodes.TryAdd(code, true)) Log.UnknownCode(_logger, code);
                return WeChatErrors.Refusal(code);
        }
    }

    private void Write(RequestBody body, SubscribeMessage message)
    {
        using var json = new Utf8JsonWriter(body, JsonText.Relaxed);
        json.WriteStartObject();
        json.WriteString("touser"u8, message.OpenId);
        json.WriteString("template_id"u8, message.TemplateId);
        if (!string.IsNullOrEmpty(message.Page))
        {
            json.WritePropertyName("page"u8);
            json.WriteText(message.Page);
        }

        json.WriteString("miniprogram_state"u8, WireName(message.State ?? _options.MiniProgramState));
        json.WriteString("lang"u8, "zh_CN"u8);
        json.WriteStartObject("data"u8);
        // By index: an enumerator of an interface is an object a message.
        for (var i = 0; i < message.Keywords.Count; i++)
        {
            json.WriteStartObject(message.Keywords[i].Key);
            json.WritePropertyName("value"u8);
            json.WriteText(message.Keywords[i].Value);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> WireName(MiniProgramState state) => state switch
    {
        MiniProgramState.Formal => "formal"u8,
        MiniProgramState.Trial => "trial"u8,
        MiniProgramState.Developer => "developer"u8,
    };
}
