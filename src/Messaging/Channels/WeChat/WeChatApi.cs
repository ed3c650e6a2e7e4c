using System.Text.Json;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>Our own client of WeChat's documented HTTP API. Thread-safe; one instance lives as long as the process.</summary>
internal sealed class WeChatApi : IWeChatApi, IDisposable
{
    /// <summary>The content type of every request.</summary>
    public const string Json = "application/json; charset=utf-8";

    private readonly WeChatOptions _options;
    private readonly ProviderHttp _http;
    private readonly WeChatLine _miniProgram;
    private readonly WeChatLine _official;

    /// <param name="options">Our accounts.</param>
    /// <param name="system">The system clock: tokens live in real time.</param>
    /// <param name="cluster">What the nodes share: the access tokens.</param>
    /// <param name="tokens">Hears whether WeChat gives us tokens, for the health page.</param>
    /// <param name="logger">Hears about tokens and unknown codes, never about messages.</param>
    public WeChatApi(WeChatOptions options, TimeProvider system, ClusterState cluster, ProviderTokens tokens, ILogger<WeChatApi> logger)
    {
        _options = options;
        _http = new ProviderHttp(options.BaseUrl, options.MaxConnections, options.SendTimeout, system);
        _miniProgram = new WeChatLine(WeChatOptions.Section, options, options, _http, system, cluster, tokens, logger);
        _official = new WeChatLine($"{WeChatOptions.Section}:OfficialAccount", options.OfficialAccount, options, _http, system, cluster, tokens, logger);
        Accounts = new WeChatAccountApi(options, Line);
    }

    /// <summary>The calls that ask or administer, over the same tokens and connections.</summary>
    public IWeChatAccountApi Accounts { get; }

    /// <summary>An address below <paramref name="baseUrl"/>, whose own path is kept.</summary>
    public static Uri Address(Uri baseUrl, string pathAndQuery) => new(baseUrl.AbsoluteUri.TrimEnd('/') + pathAndQuery);

    public async ValueTask<SendResult> SendSubscribeAsync(SubscribeMessage message, CancellationToken ct)
    {
        using var body = new RequestBody();
        Write(body, message);
        return await _miniProgram.SendAsync(static token => token.SubscribeSend, body, ct).ConfigureAwait(false);
    }

    public async ValueTask<SendResult> SendTemplateAsync(OfficialAccountMessage message, CancellationToken ct)
    {
        using var body = new RequestBody();
        Write(body, message);
        return await _official.SendAsync(static token => token.TemplateSend, body, ct).ConfigureAwait(false);
    }

    public async ValueTask<SendResult> SendCustomerServiceAsync(CustomerServiceMessage message, CancellationToken ct)
    {
        using var body = new RequestBody();
        Write(body, message);
        return await Line(message.App).SendAsync(static token => token.CustomSend, body, ct).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private WeChatLine Line(WeChatApp app) => app switch
    {
        WeChatApp.MiniProgram => _miniProgram,
        WeChatApp.OfficialAccount => _official,
    };

    private void Write(RequestBody body, SubscribeMessage message)
    {
        using var json = new Utf8JsonWriter(body, JsonText.Relaxed);
        json.WriteStartObject();
        json.WriteString("touser"u8, message.OpenId);
        json.WriteString("template_id"u8, message.TemplateId);
        if (!string.IsNullOrEmpty(message.Page)) WriteText(json, "page"u8, message.Page);
        json.WriteString("miniprogram_state"u8, WireName(message.State ?? _options.MiniProgramState));
        json.WriteString("lang"u8, "zh_CN"u8);
        WriteData(json, message.Keywords);
        json.WriteEndObject();
    }

    private void Write(RequestBody body, OfficialAccountMessage message)
    {
        using var json = new Utf8JsonWriter(body, JsonText.Relaxed);
        json.WriteStartObject();
        json.WriteString("touser"u8, message.OpenId);
        json.WriteString("template_id"u8, message.TemplateId);
        json.WriteString("client_msg_id"u8, message.Reference);
        if (!string.IsNullOrEmpty(message.Page))
        {
            json.WriteStartObject("miniprogram"u8);
            json.WriteString("appid"u8, _options.AppId);
            WriteText(json, "pagepath"u8, message.Page);
            json.WriteEndObject();
        }

        WriteData(json, message.Keywords);
        json.WriteEndObject();
    }

    private void Write(RequestBody body, CustomerServiceMessage message)
    {
        using var json = new Utf8JsonWriter(body, JsonText.Relaxed);
        json.WriteStartObject();
        json.WriteString("touser"u8, message.OpenId);
        json.WriteString("msgtype"u8, message.Card is null ? "text"u8 : "miniprogrampage"u8);
        if (message.Card is { } card)
        {
            json.WriteStartObject("miniprogrampage"u8);
            WriteText(json, "title"u8, message.Text);
            // The mini-program's own chat knows its appid; the official account must be told.
            if (message.App == WeChatApp.OfficialAccount) json.WriteString("appid"u8, _options.AppId);
            WriteText(json, "pagepath"u8, card.Page);
            json.WriteString("thumb_media_id"u8, card.ThumbMediaId);
        }
        else
        {
            json.WriteStartObject("text"u8);
            WriteText(json, "content"u8, message.Text);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, string>> keywords)
    {
        json.WriteStartObject("data"u8);
        // By index: an enumerator of an interface is an object a message.
        for (var i = 0; i < keywords.Count; i++)
        {
            json.WriteStartObject(keywords[i].Key);
            WriteText(json, "value"u8, keywords[i].Value);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string value)
    {
        json.WritePropertyName(name);
        json.WriteText(value);
    }

    private static ReadOnlySpan<byte> WireName(MiniProgramState state) => state switch
    {
        MiniProgramState.Formal => "formal"u8,
        MiniProgramState.Trial => "trial"u8,
        MiniProgramState.Developer => "developer"u8,
    };
}
