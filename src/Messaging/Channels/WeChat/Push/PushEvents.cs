namespace Engagement.Messaging.Channels.WeChat.Push;

/// <summary>One thing that WeChat told us. A push about several templates becomes several of these.</summary>
/// <param name="OpenId">Whom it is about; empty when the push names nobody.</param>
/// <param name="At">When it happened, by WeChat's clock, to the second; <c>null</c> when the push does not say.</param>
public abstract record WeChatEvent(string OpenId, DateTimeOffset? At)
{
    /// <summary>The kind and time only: an openid is a person.</summary>
    public sealed override string ToString() => $"{GetType().Name} {{ At = {At:O} }}";
}

/// <summary>How a subscribe message that WeChat had accepted ended.</summary>
/// <param name="OpenId">Who was to receive it.</param>
/// <param name="TemplateId">Of which template.</param>
/// <param name="MsgId">The <c>msgid</c> that the send was answered with.</param>
/// <param name="ErrorCode">WeChat's code as text; <c>0</c> = shown.</param>
/// <param name="ErrorStatus">WeChat's word for it.</param>
/// <param name="At">When.</param>
public sealed record SubscribeSent(string OpenId, string TemplateId, string MsgId, string ErrorCode, string ErrorStatus, DateTimeOffset? At)
    : WeChatEvent(OpenId, At)
{
    /// <summary>Whether the person has it.</summary>
    public bool Delivered => ErrorCode == "0";
}

/// <summary>What somebody tapped in the panel that asks for a subscription; each acceptance is one grant.</summary>
/// <param name="OpenId">Who.</param>
/// <param name="TemplateId">For which template.</param>
/// <param name="Accepted">Whether they agreed.</param>
/// <param name="At">When.</param>
public sealed record SubscribePopup(string OpenId, string TemplateId, bool Accepted, DateTimeOffset? At) : WeChatEvent(OpenId, At);

/// <summary>Somebody changed their mind in the card's menu or in the settings; WeChat pushes refusals only.</summary>
/// <param name="OpenId">Who.</param>
/// <param name="TemplateId">For which template.</param>
/// <param name="Accepted">Whether they take it from now on.</param>
/// <param name="At">When.</param>
public sealed record SubscribeChange(string OpenId, string TemplateId, bool Accepted, DateTimeOffset? At) : WeChatEvent(OpenId, At);

/// <summary>A push, or an entry of one, that nothing here understands: kept, never lost.</summary>
/// <param name="OpenId">Whom it is about.</param>
/// <param name="MsgType">WeChat's <c>MsgType</c>, empty when there is none.</param>
/// <param name="Event">WeChat's <c>Event</c>, empty for messages.</param>
/// <param name="At">When.</param>
public sealed record UnknownPush(string OpenId, string MsgType, string Event, DateTimeOffset? At) : WeChatEvent(OpenId, At);

/// <summary>Somebody follows the official account.</summary>
/// <param name="OpenId">Who, in the official account.</param>
/// <param name="Scene">What the scanned code said; empty when none was scanned.</param>
/// <param name="At">When.</param>
public sealed record Followed(string OpenId, string Scene, DateTimeOffset? At) : WeChatEvent(OpenId, At);

/// <summary>Somebody does not follow the official account any more.</summary>
/// <param name="OpenId">Who.</param>
/// <param name="At">When.</param>
public sealed record Unfollowed(string OpenId, DateTimeOffset? At) : WeChatEvent(OpenId, At);

/// <summary>A follower scanned one of our codes.</summary>
/// <param name="OpenId">Who.</param>
/// <param name="Scene">What the code said.</param>
/// <param name="At">When.</param>
public sealed record Scanned(string OpenId, string Scene, DateTimeOffset? At) : WeChatEvent(OpenId, At);

/// <summary>Somebody tapped the menu of the official account.</summary>
/// <param name="OpenId">Who.</param>
/// <param name="Key">The key of the entry, or the address that it opened.</param>
/// <param name="OpensChat">Whether WeChat takes a customer-service message for it: not for an entry that only opens a page.</param>
/// <param name="At">When.</param>
public sealed record MenuTapped(string OpenId, string Key, bool OpensChat, DateTimeOffset? At) : WeChatEvent(OpenId, At);

/// <summary>How a template message of the official account ended.</summary>
/// <param name="OpenId">Who was to receive it.</param>
/// <param name="MsgId">The <c>msgid</c> that the send was answered with.</param>
/// <param name="Status">WeChat's words; <c>success</c> = it arrived.</param>
/// <param name="At">When.</param>
public sealed record TemplateSent(string OpenId, string MsgId, string Status, DateTimeOffset? At) : WeChatEvent(OpenId, At)
{
    /// <summary>Whether the person has it.</summary>
    public bool Delivered => Status == "success";
}

/// <summary>Somebody wrote to us, in the chat of the official account or of the mini-program.</summary>
/// <param name="OpenId">Who.</param>
/// <param name="MsgType">WeChat's word for it: <c>text</c>, <c>image</c>, <c>voice</c> …</param>
/// <param name="Content">What they wrote; empty for anything but a text. Never logged.</param>
/// <param name="MediaId">What they sent along, at WeChat; empty when nothing.</param>
/// <param name="MsgId">WeChat's number of the message.</param>
/// <param name="At">When.</param>
public sealed record ChatMessage(string OpenId, string MsgType, string Content, string MediaId, string MsgId, DateTimeOffset? At) : WeChatEvent(OpenId, At);
