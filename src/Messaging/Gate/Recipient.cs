using Engagement.Members;
using Engagement.Members.Consents;

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

    /// <summary>The openid in our mini-program, or <c>null</c>.</summary>
    public string? OpenId { get; init; }

    /// <summary>The blind index of the phone, or <c>null</c> when there is none.</summary>
    public string? PhoneIndex { get; init; }

    /// <summary>Whether the phone refused commercial SMS.</summary>
    public bool CommercialSmsBarred { get; init; }

    /// <summary>Whether the phone refused reminders by SMS.</summary>
    public bool ReminderSmsBarred { get; init; }

    /// <summary>Subscribe messages left, by provider template id.</summary>
    public IReadOnlyDictionary<string, int> Grants { get; init; } = new Dictionary<string, int>();

    /// <summary>Promotional messages that went out today.</summary>
    public int PromotionalToday { get; init; }

    /// <summary>Commercial SMS that went out in the last seven days.</summary>
    public int CommercialSmsThisWeek { get; init; }

    /// <summary>Masked: an openid is personal data.</summary>
    public override string ToString() => $"recipient {Id}";
}
