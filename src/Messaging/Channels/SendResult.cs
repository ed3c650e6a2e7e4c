namespace Engagement.Messaging.Channels;

/// <summary>Whether the provider took the message: the axis that alone decides whether a send may be repeated.</summary>
public enum Acceptance
{
    /// <summary>A parsed answer says that the provider has the message.</summary>
    Yes = 1,

    /// <summary>A parsed refusal, or a failure before any byte left (name, connect, TLS): the provider does not have it.</summary>
    No = 2,

    /// <summary>Time-outs, resets, 5xx and unreadable answers: nobody can say. Never repeated, never moved to another channel.</summary>
    Unknown = 3,
}

/// <summary>Why a provider refused, in the classes that decide what happens next.</summary>
public enum ErrorClass
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>Busy or too fast: the same request may succeed later.</summary>
    Retry = 1,

    /// <summary>The access token is no longer good; the client has already tried once with a new one.</summary>
    RefreshToken = 2,

    /// <summary>This recipient cannot be reached by this channel.</summary>
    PermanentRecipient = 3,

    /// <summary>Template, page or content is wrong; a repeat is useless until a person changes it.</summary>
    PermanentTemplate = 4,

    /// <summary>An allowance is used up until its window resets.</summary>
    Quota = 5,

    /// <summary>Account, key, right or code fault; people are alerted.</summary>
    Config = 6,

    /// <summary>A code that is in no table of ours, or no code at all.</summary>
    Unknown = 7,
}

/// <summary>What came of one attempt to send one message to one recipient.</summary>
/// <param name="Accepted">Whether the provider took it.</param>
/// <param name="Class">The class of the error; <see cref="ErrorClass.None"/> when accepted.</param>
/// <param name="Code">The provider's own code as text (<c>0</c>, <c>43101</c>, <c>isv.MOBILE_NUMBER_ILLEGAL</c>), or a code of
/// ours in lower case for what never reached an answer (<c>timeout</c>, <c>reset</c>, <c>connect_failed</c>, <c>http_502</c>, <c>unreadable</c>).</param>
/// <param name="ProviderRef">The provider's reference (WeChat <c>msgid</c>, Aliyun <c>BizId</c>), <c>null</c> when there is none.</param>
public readonly record struct SendResult(Acceptance Accepted, ErrorClass Class, string Code, string? ProviderRef)
{
    // As much as the columns hold: an answer that cannot be written down would be tried for ever.
    private const int Longest = 64;

    /// <inheritdoc cref="SendResult" path="/param[@name='Code']"/>
    public string Code { get; init; } = Code.Length <= Longest ? Code : Code[..Longest];

    /// <inheritdoc cref="SendResult" path="/param[@name='ProviderRef']"/>
    /// <remarks>One that is longer than any provider's is none: cut short it would name something else.</remarks>
    public string? ProviderRef { get; init; } = ProviderRef?.Length <= Longest ? ProviderRef : null;

    /// <summary>The provider accepted the message under <paramref name="providerRef"/>.</summary>
    public static SendResult Ok(string code, string? providerRef) => new(Acceptance.Yes, ErrorClass.None, code, providerRef);

    /// <summary>The provider definitely does not have the message.</summary>
    public static SendResult Refused(ErrorClass errorClass, string code) => new(Acceptance.No, errorClass, code, null);

    /// <summary>Nobody can say whether the provider has the message.</summary>
    public static SendResult InDoubt(string code) => new(Acceptance.Unknown, ErrorClass.Unknown, code, null);
}
