namespace Engagement.Messaging.Channels.WeChat;

/// <summary>What came of a call that asks: a value, or the reason why there is none.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
/// <param name="Value">What was asked for; <c>null</c> when <paramref name="Class"/> says why not.</param>
/// <param name="Class">The class of the refusal; <see cref="ErrorClass.None"/> with a value. <see cref="ErrorClass.Unknown"/>: nobody can say whether the call was carried out.</param>
/// <param name="Code">WeChat's code, or a code of ours in lower case (<c>timeout</c>, <c>unreadable</c>, <c>not_configured</c>).</param>
public readonly record struct WeChatReply<T>(T? Value, ErrorClass Class, string Code)
    where T : class
{
    /// <summary>Shows the code only: values are people, keys and pictures.</summary>
    public override string ToString() => $"WeChatReply {{ Class = {Class}, Code = {Code} }}";
}

/// <summary>The value of a call that has none: it was carried out.</summary>
public sealed record WeChatDone
{
    /// <summary>The only one.</summary>
    public static readonly WeChatDone Instance = new();
}

/// <summary>Who signed in to the mini-program.</summary>
/// <param name="OpenId">The person in our mini-program.</param>
/// <param name="SessionKey">What the person's data is signed and encrypted with. Never leaves this process and never stands in a log.</param>
/// <param name="UnionId">The person across our accounts; <c>null</c> when the mini-program is bound to no Open Platform account.</param>
public sealed record WeChatSession(string OpenId, string SessionKey, string? UnionId)
{
    /// <summary>Masked.</summary>
    public override string ToString() => "WeChatSession";
}

/// <summary>A phone number that its owner gave with the phone button.</summary>
/// <param name="Number">The digits, without country code.</param>
/// <param name="CountryCode">The country code, <c>86</c> for the mainland.</param>
public sealed record WeChatPhone(string Number, string CountryCode)
{
    /// <summary>Masked.</summary>
    public override string ToString() => "WeChatPhone";
}

/// <summary>A template as WeChat has it.</summary>
/// <param name="Id">Its id in our account.</param>
/// <param name="Title">Its title.</param>
/// <param name="Content">Its lines, with <c>{{thing1.DATA}}</c> where a value goes.</param>
/// <param name="Type">2 one message a tap, 3 many; 0 for the official account.</param>
public sealed record WeChatTemplate(string Id, string Title, string Content, int Type);

/// <summary>Somebody as the official account knows them.</summary>
/// <param name="OpenId">The person in the official account.</param>
/// <param name="Follows">Whether they follow it; when not, nothing else is known.</param>
/// <param name="UnionId">The person across our accounts, or <c>null</c>.</param>
/// <param name="Scene">How they came, or <c>null</c>.</param>
public sealed record WeChatFollower(string OpenId, bool Follows, string? UnionId, string? Scene)
{
    /// <summary>Masked.</summary>
    public override string ToString() => $"WeChatFollower {{ Follows = {Follows} }}";
}

/// <summary>A mini-program code to be drawn.</summary>
/// <param name="Scene">What the page gets: at most 32 characters of WeChat's alphabet. Opaque: it stands on paper.</param>
/// <param name="Page">The page, without leading slash and query.</param>
/// <param name="Width">Its width in points, from 280 to 1280.</param>
public sealed record MiniProgramCode(string Scene, string Page, int Width = 430);

/// <summary>An address to be made that opens the mini-program.</summary>
/// <param name="Page">The page, without query.</param>
/// <param name="Query">Its query, without question mark; or empty.</param>
/// <param name="Days">After so many days it opens nothing any more; 1 to 30.</param>
public sealed record MiniProgramLink(string Page, string Query, int Days = 30);

/// <summary>A text of a member's to be looked at.</summary>
/// <param name="OpenId">Whose.</param>
/// <param name="Content">The text, at most 2,500 characters.</param>
/// <param name="Scene">Where it stands.</param>
public sealed record TextToCheck(string OpenId, string Content, TextScene Scene)
{
    /// <summary>Masked.</summary>
    public override string ToString() => $"TextToCheck {{ Scene = {Scene} }}";
}

/// <summary>Where a text stands, by WeChat's numbers.</summary>
public enum TextScene
{
    /// <summary>A name or a description of oneself.</summary>
    Profile = 1,

    /// <summary>A comment.</summary>
    Comment = 2,

    /// <summary>A post.</summary>
    Forum = 3,

    /// <summary>A diary.</summary>
    Log = 4,
}

/// <summary>What WeChat thinks of a text.</summary>
/// <param name="Suggest">Its advice.</param>
/// <param name="Label">Its number for what is wrong: 100 nothing, 10001 advertising, 20001 politics …</param>
/// <param name="TraceId">Its own reference.</param>
public sealed record TextVerdict(TextAdvice Suggest, int Label, string TraceId);

/// <summary>WeChat's advice on a text. A word that it does not document is a look by a person.</summary>
public enum TextAdvice
{
    /// <summary>Nothing found.</summary>
    Pass = 1,

    /// <summary>A person should look.</summary>
    Review = 2,

    /// <summary>Not to be shown.</summary>
    Risky = 3,
}

/// <summary>A call's allowance.</summary>
/// <param name="DailyLimit">Calls a day.</param>
/// <param name="Used">Used today.</param>
/// <param name="Remain">Left today.</param>
public sealed record WeChatQuota(long DailyLimit, long Used, long Remain);
