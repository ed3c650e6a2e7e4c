using System.Text;
using Engagement.Sandbox.Control;
using static Engagement.Sandbox.WeChat.PushText;

namespace Engagement.Sandbox.WeChat;

/// <summary>One field of an event's list entry. Numbers are bare in XML and text in JSON.</summary>
internal readonly record struct EventField(string Name, string Value, bool IsNumber = false);

/// <summary>A subscribe event with its list entries (usually one).</summary>
internal sealed record WeChatEvent(
    string Name, string Container, string OpenId, DateTimeOffset At, IReadOnlyList<IReadOnlyList<EventField>> Entries) : IWeChatPush
{
    /// <summary>What was chosen in one panel, template by template.</summary>
    public static WeChatEvent Popups(string openId, IEnumerable<(string TemplateId, string Status)> choices, DateTimeOffset at) =>
        new("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", openId, at, [.. choices.Select(choice => (IReadOnlyList<EventField>)
            [new("TemplateId", choice.TemplateId), new("SubscribeStatusString", choice.Status), new("PopupScene", "0", IsNumber: true)])]);

    /// <summary>What was turned off in the settings.</summary>
    public static WeChatEvent Changes(string openId, IEnumerable<(string TemplateId, string Status)> choices, DateTimeOffset at) =>
        new("subscribe_msg_change_event", "SubscribeMsgChangeEvent", openId, at, [.. choices.Select(choice => (IReadOnlyList<EventField>)
            [new("TemplateId", choice.TemplateId), new("SubscribeStatusString", choice.Status)])]);

    public static WeChatEvent Sent(string openId, string templateId, string msgId, string errorCode, string errorStatus, DateTimeOffset at) =>
        new("subscribe_msg_sent_event", "SubscribeMsgSentEvent", openId, at,
            [[new("TemplateId", templateId), new("MsgID", msgId, IsNumber: true), new("ErrorCode", errorCode, IsNumber: true), new("ErrorStatus", errorStatus)]]);

    public string Write(string originalId, PushFormat format) => format switch
    {
        PushFormat.Xml => WriteXml(originalId),
        PushFormat.Json => WriteJson(originalId),
    };

    /// <summary>The body of the safe mode.</summary>
    public static string WriteEncrypted(string originalId, string encrypted, PushFormat format) => format switch
    {
        PushFormat.Xml => $"<xml>{Tag("ToUserName", Cdata(originalId))}{Tag("Encrypt", Cdata(encrypted))}</xml>",
        PushFormat.Json => $$"""{"ToUserName":{{Quote(originalId)}},"Encrypt":{{Quote(encrypted)}}}""",
    };

    /// <summary>The body of the compatible mode: the plain one, and the encrypted one in it.</summary>
    public static string AddEncrypted(string body, string encrypted, PushFormat format) => format switch
    {
        PushFormat.Xml => body[..^"</xml>".Length] + Tag("Encrypt", Cdata(encrypted)) + "</xml>",
        PushFormat.Json => $$"""{{body[..^1]}},"Encrypt":{{Quote(encrypted)}}}""",
    };

    // XML repeats a List element inside the container, even for one entry.
    private string WriteXml(string originalId)
    {
        var xml = new StringBuilder("<xml>")
            .Append(XmlHead(originalId, OpenId, At, "event"))
            .Append(Tag("Event", Cdata(Name)))
            .Append('<').Append(Container).Append('>');
        foreach (var entry in Entries)
        {
            xml.Append("<List>");
            foreach (var field in entry) xml.Append(Tag(field.Name, field.IsNumber ? field.Value : Cdata(field.Value)));
            xml.Append("</List>");
        }
        return xml.Append("</").Append(Container).Append("></xml>").ToString();
    }

    // JSON has no container, one entry is an object instead of an array, and the entries' numbers are text.
    private string WriteJson(string originalId)
    {
        var entries = Entries.Select(entry => "{" + string.Join(',', entry.Select(f => $"{Quote(f.Name)}:{Quote(f.Value)}")) + "}").ToList();
        var list = entries.Count == 1 ? entries[0] : $"[{string.Join(',', entries)}]";
        return $$"""{{{JsonHead(originalId, OpenId, At, "event")}},"Event":{{Quote(Name)}},"List":{{list}}}""";
    }
}
