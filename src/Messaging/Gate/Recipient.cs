using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging.Channels.WeChat;

namespace Engagement.Messaging.Gate;

/// <summary>What the gate must know of a member; read anew for each wave.</summary>
/// <remarks><see cref="Version"/> rises with any of it; the intent checks that it has not risen since.</remarks>
public sealed record Recipient
{
    /// <summary>Who.</summary>
    public required MemberId Id { get; init; }

    /// <summary>The member's gate version when this was read.</summary>
    public long Version { get; init; }

    /// <summary>Whether the member asked to be erased.</summary>
    public bool Erased { get; init; }

    /// <summary>Whether nothing may go out by SMS.</summary>
    public bool PrivateMode { get; init; }

    /// <summary>The year of birth, when known.</summary>
    public int? BirthYear { get; init; }

    /// <summary>What the member agreed to.</summary>
    public PurposeSet Consents { get; init; }

    /// <summary>The kinds that the member switched off: bit n stands for the kind with number n.</summary>
    public long MutedKinds { get; init; }

    /// <summary>The channels that the member switched off, likewise.</summary>
    public long MutedChannels { get; init; }

    /// <summary>The openid in our mini-program, or <c>null</c>.</summary>
    public string? OpenId { get; init; }

    /// <summary>The openid in our official account, for those who follow it; <c>null</c> for others, and when no template of the wave asks.</summary>
    public string? OfficialOpenId { get; init; }

    /// <summary>Where a customer-service message would be taken now; <c>null</c> when nowhere, and when no template of the wave asks.</summary>
    internal CustomerWindow? Window { get; init; }

    /// <summary>The blind index of the phone, or <c>null</c> when there is none.</summary>
    public string? PhoneIndex { get; init; }

    /// <summary>Whether the phone refused commercial SMS.</summary>
    public bool CommercialSmsBarred { get; init; }

    /// <summary>Whether the phone refused reminders by SMS.</summary>
    public bool ReminderSmsBarred { get; init; }

    /// <summary>Subscribe messages left, by provider template id.</summary>
    public IReadOnlyDictionary<string, int> Grants { get; init; } = new Dictionary<string, int>();

    /// <summary>When the last offer reached the member (Unix milliseconds); 0 when none did in the last day.</summary>
    public long LastOfferAt { get; init; }

    /// <summary>When the last health tip did.</summary>
    public long LastTipAt { get; init; }

    /// <summary>Promotional messages that went out today.</summary>
    public int PromotionalToday { get; init; }

    /// <summary>Commercial SMS that went out in the last seven days.</summary>
    public int CommercialSmsThisWeek { get; init; }

    /// <summary>Masked: an openid is personal data.</summary>
    public override string ToString() => $"recipient {Id}";
}

/// <summary>Some customer-service messages that WeChat takes from us for one person.</summary>
/// <param name="Id">Its row, from which one is taken at intent.</param>
/// <param name="App">The account in which the person wrote or tapped.</param>
/// <param name="OpenId">The person there.</param>
internal sealed record CustomerWindow(long Id, WeChatApp App, string OpenId)
{
    /// <summary>Masked.</summary>
    public override string ToString() => $"window {Id}";

    /// <summary>Whether this refusal says that WeChat counts no window: ours was wrong.</summary>
    public static bool Closes(string code) => code is "45015" or "45047";
}
