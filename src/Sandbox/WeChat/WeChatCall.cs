using System.Text.Encodings.Web;
using System.Text.Json;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>One business call: who calls, and what the query and the body say.</summary>
internal sealed class WeChatCall(HttpContext http, WeChatAccount account, JsonElement body)
{
    public HttpContext Http => http;

    public WeChatAccount Account => account;

    public AccountKind Kind => account.Kind;

    public WeChatSetup Setup => account.Setup!;

    public JsonElement Body => body;

    /// <summary>A text of the body, or of the query; empty when neither has it. A number is taken for its digits.</summary>
    public string Text(string name) => TextIn(body, name) is { Length: > 0 } text ? text : http.Request.Query[name].ToString();

    /// <summary>An object or array of the body, or <c>null</c>.</summary>
    public JsonElement? Part(string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var part) && part.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? part : null;

    public bool Flag(string name, bool otherwise) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? flag.GetBoolean() : otherwise;

    public long Number(string name, long otherwise) => NumberIn(body, name) ?? otherwise;

    public static string TextIn(JsonElement from, string name) =>
        from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out var value) ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
        : "";

    public static long? NumberIn(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number : null;
}

/// <summary>What a call is answered with: a refusal, a picture, or one line of JSON.</summary>
internal readonly record struct WeChatReply(WeChatError? Error, string? Json, byte[]? Picture)
{
    private static readonly JsonSerializerOptions Wire = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly WeChatReply Ok = Of(new { errcode = 0, errmsg = "ok" });

    /// <summary>The names of the object's properties are those on the wire.</summary>
    public static WeChatReply Of<T>(T answer) => new(null, JsonSerializer.Serialize(answer, Wire), null);

    public static WeChatReply OfPicture(byte[] png) => new(null, null, png);

    public static implicit operator WeChatReply(WeChatError error) => new(error, null, null);
}
