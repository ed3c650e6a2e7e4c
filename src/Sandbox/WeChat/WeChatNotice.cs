using System.Text;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>Anything that WeChat pushes to a webhook.</summary>
internal interface IWeChatPush
{
    string OpenId { get; }

    /// <summary>The plain body.</summary>
    string Write(string originalId, PushFormat format);
}

/// <summary>A message or event whose fields are flat: text, image, follow, scan, menu click, the end of a template message.</summary>
internal sealed record WeChatNotice(string MsgType, string OpenId, DateTimeOffset At, IReadOnlyList<EventField> Fields) : IWeChatPush
{
    /// <summary>An event with further fields.</summary>
    public static WeChatNotice Event(string name, string openId, DateTimeOffset at, params ReadOnlySpan<EventField> fields) =>
        new("event", openId, at, [new("Event", name), .. fields]);

    public string Write(string originalId, PushFormat format) => format switch
    {
        PushFormat.Xml => WriteXml(originalId),
        PushFormat.Json => WriteJson(originalId),
    };

    private string WriteXml(string originalId)
    {
        var xml = new StringBuilder("<xml>").Append(PushText.XmlHead(originalId, OpenId, At, MsgType));
        foreach (var field in Fields) xml.Append(PushText.Tag(field.Name, field.IsNumber ? field.Value : PushText.Cdata(field.Value)));
        return xml.Append("</xml>").ToString();
    }

    private string WriteJson(string originalId)
    {
        var json = new StringBuilder("{").Append(PushText.JsonHead(originalId, OpenId, At, MsgType));
        foreach (var field in Fields) json.Append(',').Append(PushText.Quote(field.Name)).Append(':').Append(field.IsNumber ? field.Value : PushText.Quote(field.Value));
        return json.Append('}').ToString();
    }
}
