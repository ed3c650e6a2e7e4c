namespace Engagement.Messaging.Channels.WeChat;

/// <summary>One template message of the official account to one follower, ready to go.</summary>
/// <param name="OpenId">Who receives it, in the official account: another openid than in the mini-program.</param>
/// <param name="TemplateId">The template of the official account.</param>
/// <param name="Page">The page of our mini-program that a tap opens; empty = the message does not jump.</param>
/// <param name="Reference">Ours: WeChat sends it once within ten minutes, however often it is asked.</param>
/// <param name="Keywords">Keyword name and value; they must match the template exactly.</param>
internal sealed record OfficialAccountMessage(
    string OpenId, string TemplateId, string? Page, string Reference, IReadOnlyList<KeyValuePair<string, string>> Keywords)
{
    /// <summary>Names neither the recipient nor what they are told.</summary>
    public override string ToString() => $"OfficialAccountMessage {{ TemplateId = {TemplateId}, Keywords = {Keywords.Count} }}";
}

/// <summary>One customer-service message to one person who has written to us, or tapped, a while ago.</summary>
/// <param name="App">The account that they wrote to; the openid is theirs there.</param>
/// <param name="OpenId">Who receives it.</param>
/// <param name="Text">What it says; or the title of the card.</param>
/// <param name="Card">The mini-program card that it shows instead of a text, or <c>null</c>.</param>
internal sealed record CustomerServiceMessage(WeChatApp App, string OpenId, string Text, CustomerServiceCard? Card = null)
{
    /// <summary>Names neither the recipient nor what they are told.</summary>
    public override string ToString() => $"CustomerServiceMessage {{ App = {App}, Card = {Card is not null} }}";
}

/// <summary>A mini-program card in a chat.</summary>
/// <param name="Page">The page that it opens.</param>
/// <param name="ThumbMediaId">Its picture, uploaded to WeChat before.</param>
internal sealed record CustomerServiceCard(string Page, string ThumbMediaId);
