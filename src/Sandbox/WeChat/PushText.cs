using System.Globalization;
using System.Text;

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

    /// <summary>A JSON text with everything but quotes, backslashes and control characters left raw: the framework's encoders escape emoji.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (c < ' ') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }
}
