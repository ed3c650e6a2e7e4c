using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>Our own client's calls that ask or administer. Thread-safe.</summary>
/// <remarks>A value counts only when it is whole: an answer without the fields that it must have is none.</remarks>
internal sealed class WeChatAccountApi(WeChatOptions options, Func<WeChatApp, WeChatLine> line) : IWeChatAccountApi
{
    private WeChatLine Mini => line(WeChatApp.MiniProgram);

    public ValueTask<WeChatReply<WeChatSession>> SessionAsync(string code, CancellationToken ct) => Mini.AskAsync(
        HttpMethod.Get,
        WeChatApi.Address(options.BaseUrl, $"/sns/jscode2session?appid={Escaped(options.AppId)}&secret={Escaped(options.AppSecret)}&js_code={Escaped(code)}&grant_type=authorization_code"),
        static body => Read(body, WeChatJson.Default.SessionAnswer) is { OpenId.Length: > 0, SessionKey.Length: > 0 } answer
            ? new WeChatSession(answer.OpenId, answer.SessionKey, NullIfEmpty(answer.UnionId))
            : null,
        ct);

    public ValueTask<WeChatReply<WeChatPhone>> PhoneAsync(string code, string? openId, CancellationToken ct) => Mini.AskAsync(
        HttpMethod.Post, static token => token.Address("/wxa/business/getuserphonenumber"),
        json =>
        {
            json.WriteString("code"u8, code);
            if (openId is not null) json.WriteString("openid"u8, openId);
        },
        static body => Read(body, WeChatJson.Default.PhoneAnswer)?.PhoneInfo is { PurePhoneNumber.Length: > 0 } phone
            ? new WeChatPhone(phone.PurePhoneNumber, Text(phone.CountryCode))
            : null,
        ct);

    public ValueTask<WeChatReply<WeChatDone>> CheckSessionAsync(string openId, string sessionKey, CancellationToken ct)
    {
        // The text of the key is the key, as it stands; what is signed is nothing.
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(sessionKey), Array.Empty<byte>()));
        return Mini.AskAsync(
            HttpMethod.Get, token => token.Address("/wxa/checksession", $"&openid={Escaped(openId)}&signature={signature}&sig_method=hmac_sha256"), null, Done, ct);
    }

    public ValueTask<WeChatReply<IReadOnlyList<WeChatTemplate>>> TemplatesAsync(WeChatApp app, CancellationToken ct) => app switch
    {
        WeChatApp.MiniProgram => line(app).AskAsync(HttpMethod.Get, static token => token.Address("/wxaapi/newtmpl/gettemplate"), null, Subscribe, ct),
        WeChatApp.OfficialAccount => line(app).AskAsync(HttpMethod.Get, static token => token.Address("/cgi-bin/template/get_all_private_template"), null, Official, ct),
    };

    public ValueTask<WeChatReply<string>> AddTemplateAsync(string libraryId, IReadOnlyList<int> keywordIds, string scene, CancellationToken ct) => Mini.AskAsync(
        HttpMethod.Post, static token => token.Address("/wxaapi/newtmpl/addtemplate"),
        json =>
        {
            json.WriteString("tid"u8, libraryId);
            json.WriteStartArray("kidList"u8);
            foreach (var id in keywordIds) json.WriteNumberValue(id);
            json.WriteEndArray();
            Text(json, "sceneDesc"u8, scene);
        },
        static body => NullIfEmpty(Read(body, WeChatJson.Default.AddedAnswer)?.PriTmplId), ct);

    public ValueTask<WeChatReply<WeChatDone>> DeleteTemplateAsync(string templateId, CancellationToken ct) => Mini.AskAsync(
        HttpMethod.Post, static token => token.Address("/wxaapi/newtmpl/deltemplate"), json => json.WriteString("priTmplId"u8, templateId), Done, ct);

    public ValueTask<WeChatReply<WeChatFollower>> FollowerAsync(string openId, CancellationToken ct) => line(WeChatApp.OfficialAccount).AskAsync(
        HttpMethod.Get, token => token.Address("/cgi-bin/user/info", $"&openid={Escaped(openId)}&lang=zh_CN"), null,
        static body => Read(body, WeChatJson.Default.UserAnswer) is { Subscribe: { } follows, OpenId.Length: > 0 } answer
            ? new WeChatFollower(answer.OpenId, follows == 1, NullIfEmpty(answer.UnionId), NullIfEmpty(answer.SubscribeScene))
            : null,
        ct);

    public ValueTask<WeChatReply<byte[]>> CodeAsync(MiniProgramCode code, CancellationToken ct) => Mini.AskAsync(
        HttpMethod.Post, static token => token.Address("/wxa/getwxacodeunlimit"),
        json =>
        {
            Text(json, "scene"u8, code.Scene);
            json.WriteString("page"u8, code.Page);
            json.WriteBoolean("check_path"u8, options.MiniProgramState == MiniProgramState.Formal);
            json.WriteString("env_version"u8, Version());
            json.WriteNumber("width"u8, code.Width);
        },
        Picture, ct);

    public ValueTask<WeChatReply<string>> SchemeAsync(MiniProgramLink link, CancellationToken ct) => Mini.AskAsync(
        HttpMethod.Post, static token => token.Address("/wxa/generatescheme"),
        json =>
        {
            json.WriteStartObject("jump_wxa"u8);
            Target(json, link);
            json.WriteEndObject();
            Expiry(json, link);
        },
        static body => NullIfEmpty(Read(body, WeChatJson.Default.LinkAnswer)?.Openlink), ct);

    public ValueTask<WeChatReply<string>> LinkAsync(MiniProgramLink link, CancellationToken ct) => Mini.AskAsync(
        HttpMethod.Post, static token => token.Address("/wxa/generate_urllink"),
        json =>
        {
            Target(json, link);
            Expiry(json, link);
        },
        static body => NullIfEmpty(Read(body, WeChatJson.Default.LinkAnswer)?.UrlLink), ct);

    public ValueTask<WeChatReply<TextVerdict>> CheckTextAsync(TextToCheck text, CancellationToken ct) => Mini.AskAsync(
        HttpMethod.Post, static token => token.Address("/wxa/msg_sec_check"),
        json =>
        {
            Text(json, "content"u8, text.Content);
            json.WriteNumber("version"u8, 2);
            json.WriteNumber("scene"u8, (int)text.Scene);
            json.WriteString("openid"u8, text.OpenId);
        },
        static body => Read(body, WeChatJson.Default.CheckAnswer) is { Result: { Suggest.Length: > 0 } result } answer
            ? new TextVerdict(Advice(result.Suggest), result.Label, answer.TraceId ?? "")
            : null,
        ct);

    public ValueTask<WeChatReply<WeChatQuota>> QuotaAsync(WeChatApp app, string path, CancellationToken ct) => line(app).AskAsync(
        HttpMethod.Post, static token => token.Address("/cgi-bin/openapi/quota/get"), json => json.WriteString("cgi_path"u8, path),
        static body => Read(body, WeChatJson.Default.QuotaAnswer)?.Quota is { DailyLimit: { } limit, Used: { } used, Remain: { } remain } ? new WeChatQuota(limit, used, remain) : null,
        ct);

    public ValueTask<WeChatReply<WeChatDone>> ClearQuotaAsync(WeChatApp app, CancellationToken ct)
    {
        var account = line(app);
        return account.AskAsync(HttpMethod.Post, static token => token.Address("/cgi-bin/clear_quota"), json => json.WriteString("appid"u8, account.Account.AppId), Done, ct);
    }

    private static IReadOnlyList<WeChatTemplate>? Subscribe(ReadOnlySpan<byte> body) => Read(body, WeChatJson.Default.SubscribeTemplatesAnswer)?.Data is { } data
        ? [.. data.Where(t => t.PriTmplId is { Length: > 0 }).Select(t => new WeChatTemplate(t.PriTmplId!, t.Title ?? "", t.Content ?? "", t.Type))]
        : null;

    private static IReadOnlyList<WeChatTemplate>? Official(ReadOnlySpan<byte> body) => Read(body, WeChatJson.Default.OfficialTemplatesAnswer)?.TemplateList is { } list
        ? [.. list.Where(t => t.TemplateId is { Length: > 0 }).Select(t => new WeChatTemplate(t.TemplateId!, t.Title ?? "", t.Content ?? "", 0))]
        : null;

    // Carried out: the code said so. An answer without a code is somebody else's.
    private static WeChatDone? Done(ReadOnlySpan<byte> body) => WeChatAnswer.TryRead(body, out var fields) && fields.ErrorCode == 0 ? WeChatDone.Instance : null;

    // PNG or JPEG by its first bytes: the type of the answer is not to be trusted.
    private static byte[]? Picture(ReadOnlySpan<byte> body) =>
        body.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]) || body.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? body.ToArray() : null;

    private static TextAdvice Advice(string word) => word switch
    {
        "pass" => TextAdvice.Pass,
        "risky" => TextAdvice.Risky,
        _ => TextAdvice.Review,
    };

    private void Target(Utf8JsonWriter json, MiniProgramLink link)
    {
        json.WriteString("path"u8, link.Page);
        Text(json, "query"u8, link.Query);
        json.WriteString("env_version"u8, Version());
    }

    private static void Expiry(Utf8JsonWriter json, MiniProgramLink link)
    {
        json.WriteNumber("expire_type"u8, 1);
        json.WriteNumber("expire_interval"u8, link.Days);
    }

    private ReadOnlySpan<byte> Version() => options.MiniProgramState switch
    {
        MiniProgramState.Formal => "release"u8,
        MiniProgramState.Trial => "trial"u8,
        MiniProgramState.Developer => "develop"u8,
    };

    private static T? Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body.StartsWith("\uFEFF"u8) ? body[3..] : body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string value)
    {
        json.WritePropertyName(name);
        json.WriteText(value);
    }

    // Documented as text, shown as a number.
    private static string Text(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : "";

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Escaped(string text) => Uri.EscapeDataString(text);
}
