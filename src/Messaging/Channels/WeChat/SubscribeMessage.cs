namespace Engagement.Messaging.Channels.WeChat;

/// <summary>Which build of the mini-program a card opens.</summary>
public enum MiniProgramState
{
    /// <summary>The released one.</summary>
    Formal = 1,

    /// <summary>The trial build, for testers.</summary>
    Trial = 2,

    /// <summary>The developers' build.</summary>
    Developer = 3,
}

/// <summary>One subscribe message to one person, ready to go.</summary>
/// <param name="OpenId">Who receives it, in our mini-program.</param>
/// <param name="TemplateId">The private template of our account.</param>
/// <param name="Page">The page that a tap opens, with its query (our <c>ref</c> travels there); empty = the card does not jump.</param>
/// <param name="Keywords">Keyword name (<c>thing1</c>) and value, in any order; they must match the template exactly.</param>
/// <param name="State"><c>null</c> = what the options say.</param>
internal sealed record SubscribeMessage(
    string OpenId,
    string TemplateId,
    string? Page,
    IReadOnlyList<KeyValuePair<string, string>> Keywords,
    MiniProgramState? State = null)
{
    /// <summary>Names neither the recipient nor what they are told.</summary>
    public override string ToString() => $"SubscribeMessage {{ TemplateId = {TemplateId}, Keywords = {Keywords.Count} }}";
}
