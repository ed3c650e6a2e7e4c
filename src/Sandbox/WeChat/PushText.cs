using System.Text.Encodings.Web;
using System.Text.Json;

namespace Engagement.Sandbox.WeChat;

/// <summary>The pieces of which the bodies of pushes are made.</summary>
internal static class PushText
{
    public static string XmlHead(string originalId, string openId, DateTimeOffset at, string msgType) =>
        $"{Tag("ToUserName", Cdata(originalId))}{Tag("FromUserName", Cdata(openId))}{Tag("CreateTime", $"{at.ToUnixTimeSeconds()}")}{Tag("MsgType", Cdata(msgType))}";

    /// <summary>Without the brace, and without a comma at the end.</summary>
    public static string JsonHead(string originalId, string openId, DateTimeOffset at, string msgType) =>
        $"\"ToUserName\":{Quote(originalId)},\"FromUserName\":{Quote(openId)},\"CreateTime\":{at.ToUnixTimeSeconds()},\"MsgType\":{Quote(msgType)}";

    public static string Tag(string name, string content) => $"<{name}>{content}</{name}>";

    public static string Cdata(string text) => $"<![CDATA[{text.Replace("]]>", "]]]]><![CDATA[>", StringComparison.Ordinal)}]]>";

    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
