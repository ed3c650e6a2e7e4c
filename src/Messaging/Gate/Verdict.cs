namespace Engagement.Messaging.Gate;

/// <summary>What the gate says of one message now.</summary>
public enum VerdictKind
{
    /// <summary>It may go out on <see cref="Verdict.Channel"/>.</summary>
    Send = 1,

    /// <summary>Not now; look again at <see cref="Verdict.Until"/>.</summary>
    Defer = 2,

    /// <summary>Never, for <see cref="Verdict.Reason"/>.</summary>
    Suppress = 3,

    /// <summary>Every channel that it might take has refused it.</summary>
    Fail = 4,
}

/// <summary>The gate's answer, with a reason for each channel that it passed over.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Channel">The channel, when it may go out.</param>
/// <param name="Reason">A code of <see cref="Gate.Reason"/>, when it may not.</param>
/// <param name="Until">When to look again (Unix milliseconds), when deferred.</param>
/// <param name="Refusals">Channels passed over, as <c>wechat_subscribe=no_grant,sms=no_phone</c>; <c>null</c> when none was.</param>
public readonly record struct Verdict(VerdictKind Kind, Channel Channel, string? Reason, long Until, string? Refusals);

/// <summary>What the gate must know of a message beside its kind.</summary>
public sealed record MessageFacts
{
    /// <summary>The last moment to send (Unix milliseconds).</summary>
    public required long NotAfter { get; init; }

    /// <summary>The WeChat template of its content, or <c>null</c> when it has none for that channel.</summary>
    public string? WeChatTemplateId { get; init; }

    /// <summary>Whether WeChat is known to have deleted or refused that template.</summary>
    public bool WeChatTemplateGone { get; init; }

    /// <summary>Whether it has content for the official account.</summary>
    public bool HasOfficialAccount { get; init; }

    /// <summary>Whether WeChat is known to have deleted or refused the official account's template.</summary>
    public bool OfficialTemplateGone { get; init; }

    /// <summary>Whether it has customer-service content.</summary>
    public bool HasCustomerService { get; init; }

    /// <summary>Whether it has SMS content.</summary>
    public bool HasSms { get; init; }

    /// <summary>Whether a promotional message may fall back to SMS.</summary>
    public bool SmsFallback { get; init; }

    /// <summary>Why no SMS provider takes it: a code of <see cref="Gate.Reason"/>; <c>null</c> when one does.</summary>
    public string? SmsClosed { get; init; }

    /// <summary>From when on an SMS provider takes it (Unix milliseconds); 0 for any time.</summary>
    public long SmsOpensAt { get; init; }

    /// <summary>Whether it names a prescription or unclassified product that it wants to sell.</summary>
    public bool PromotesPrescription { get; init; }

    /// <summary>Whether its campaign was cancelled.</summary>
    public bool Cancelled { get; init; }

    /// <summary>Whether the medicine was bought since it was planned.</summary>
    public bool Refilled { get; init; }

    /// <summary>Whether the member has answered since: stopped, or to be asked again later.</summary>
    public bool Answered { get; init; }

    /// <summary>Channels that have definitely refused it: bit n stands for the channel with number n.</summary>
    public int ChannelsTried { get; init; }
}
