namespace Engagement.Messaging.Channels.Sms;

/// <summary>What holds for pushes of every provider.</summary>
public static class SmsPushLimits
{
    /// <summary>The largest push that is looked at, in bytes.</summary>
    public const int Size = 1024 * 1024;
}

/// <summary>What a provider pushed: its items, and what could not be read of it.</summary>
/// <typeparam name="T"><see cref="SmsReceipt"/> or <see cref="SmsReply"/>.</typeparam>
/// <param name="Items">In the order of the push.</param>
/// <param name="Unreadable">How many items lack what makes them one; they are in the stored body still.</param>
/// <param name="Problem"><c>null</c>, or <c>bad_json</c> or <c>too_large</c>: then there are no items.</param>
public readonly record struct SmsPush<T>(IReadOnlyList<T> Items, int Unreadable, string? Problem);

/// <summary>What became of one SMS to one number.</summary>
/// <param name="Phone">The number, as the provider writes it.</param>
/// <param name="BizId">The provider's reference of the call that sent it; a batch shares one.</param>
/// <param name="OutId">Our reference; empty when we gave none.</param>
/// <param name="Delivered">Whether the phone has it.</param>
/// <param name="Code">The provider's or the carrier's code.</param>
/// <param name="Size">How many segments are billed; <c>null</c> when the receipt does not say.</param>
/// <param name="ReportedAt">When the carrier reported; <c>null</c> when the receipt does not say so legibly.</param>
public sealed record SmsReceipt(string Phone, string BizId, string OutId, bool Delivered, string Code, int? Size, DateTimeOffset? ReportedAt)
{
    /// <summary>Shows no number.</summary>
    public override string ToString() => $"SmsReceipt {{ BizId = {BizId}, Delivered = {Delivered}, Code = {Code} }}";
}

/// <summary>What somebody answered to an SMS.</summary>
/// <param name="Phone">Whose phone, as the provider writes it.</param>
/// <param name="Content">The whole text.</param>
/// <param name="SequenceId">The provider's number of this reply: the same when it is pushed again.</param>
/// <param name="DestCode">The extension number that was answered to; empty when there is none.</param>
/// <param name="At">When; <c>null</c> when the push does not say so legibly.</param>
public sealed record SmsReply(string Phone, string Content, string SequenceId, string DestCode, DateTimeOffset? At)
{
    /// <summary>Whether the reply asks us to stop.</summary>
    public bool IsOptOut => OptOutWords.IsOptOut(Content);

    /// <summary>Shows neither number nor text.</summary>
    public override string ToString() => $"SmsReply {{ SequenceId = {SequenceId} }}";
}
