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
