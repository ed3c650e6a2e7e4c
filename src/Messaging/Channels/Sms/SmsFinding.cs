namespace Engagement.Messaging.Channels.Sms;

/// <summary>What a provider knows of one send of ours.</summary>
internal enum SmsFate
{
    /// <summary>It could not be asked, or its answer could not be read. Proves nothing.</summary>
    NotAsked = 0,

    /// <summary>It lists only what has ended, and this is not there: it may have the message or not.</summary>
    NotListed = 1,

    /// <summary>It has no such message: a whole, parsed answer without our reference.</summary>
    Unknown = 2,

    /// <summary>It has the message and waits for the carrier.</summary>
    Waiting = 3,

    /// <summary>The phone does not have it.</summary>
    Undelivered = 4,

    /// <summary>The phone has it.</summary>
    Delivered = 5,
}

/// <summary>A provider's answer to the question after one send.</summary>
/// <param name="Fate">What it knows.</param>
/// <param name="Code">Its code, or ours in lower case when there is no answer.</param>
internal readonly record struct SmsFinding(SmsFate Fate, string Code);

/// <summary>A send that a provider is asked about.</summary>
/// <param name="PhoneDigits">The number that it went to.</param>
/// <param name="SentAt">When it was sent, by the provider's clock.</param>
/// <param name="OutId">Our reference.</param>
/// <param name="ProviderRef">The provider's, when its answer has reached us.</param>
internal readonly record struct SmsSend(string PhoneDigits, DateTimeOffset SentAt, string OutId, string? ProviderRef)
{
    /// <summary>Shows no number.</summary>
    public override string ToString() => $"SmsSend {{ OutId = {OutId} }}";
}
