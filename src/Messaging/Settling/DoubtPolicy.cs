using Engagement.Messaging.Channels.Sms;

namespace Engagement.Messaging.Settling;

/// <summary>A message that wants the settler's attention.</summary>
internal sealed record OpenMessage
{
    public required MessageId Id { get; init; }
    public required MessageState State { get; init; }
    public required DeliveryClass Class { get; init; }
    public required int AttemptNo { get; init; }
    public required long IntentAt { get; init; }
    public required long NotAfter { get; init; }
    public long Member { get; init; }
    public Channel Channel { get; init; }
    public string Provider { get; init; } = "";
    public string Reference { get; init; } = "";
    public string? ProviderRef { get; init; }
    public string? AddressIndex { get; init; }
    public int ChannelsTried { get; init; }
    public int Queries { get; init; }

    /// <summary>Whether its run was cancelled: then nothing of it is sent again.</summary>
    public bool Cancelled { get; init; }
}

/// <summary>What becomes of an open message.</summary>
internal enum SettlingStep
{
    /// <summary>Sent → Undelivered: its receipt is overdue, and the provider does not know better.</summary>
    NoReceipt,

    /// <summary>Sending → InDoubt: nobody has it on the wire.</summary>
    Doubt,

    /// <summary>InDoubt → Sent: the provider has it and waits.</summary>
    Sent,

    /// <summary>InDoubt, Sent → Delivered: the provider says so.</summary>
    Delivered,

    /// <summary>InDoubt, Sent → Undelivered: the provider says so.</summary>
    Undelivered,

    /// <summary>Stays as it is and is looked at later.</summary>
    Later,

    /// <summary>InDoubt → Pending: another send is allowed.</summary>
    Again,

    /// <summary>Stays InDoubt for good, unless a receipt still comes.</summary>
    Close,

    /// <summary>Keeps its last state, and wants no attention any more.</summary>
    Rest,

    /// <summary>A state that there is not → Failed: somebody edited the row.</summary>
    Fail,
}

/// <summary>A step, and what goes with it.</summary>
/// <param name="Step">The step.</param>
/// <param name="Code">The provider's code; <c>null</c> leaves the code as it is.</param>
/// <param name="ReadyAt">When to look again; <c>null</c> for never.</param>
/// <param name="Queries">How often the provider has said that it does not know the message.</param>
/// <param name="ChannelsTried">For another send: channels that are closed to it.</param>
/// <param name="PossiblyTwice">For another send: whether the first may have arrived, and nobody can be asked.</param>
internal readonly record struct Settlement(
    SettlingStep Step, string? Code = null, long? ReadyAt = null, int Queries = 0, int ChannelsTried = 0, bool PossiblyTwice = false);

/// <summary>What the class of a message promises when nobody answers: pure rules, in one place.</summary>
internal static class DoubtPolicy
{
    /// <summary>How long a doubt is left to receipts before anything is asked or repeated.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromMinutes(10);

    /// <summary>After that a receipt is overdue.</summary>
    public static readonly TimeSpan ReceiptOverdue = TimeSpan.FromDays(3);

    // So many answers without our message, a wait apart: what the provider took may take a while to show in its own lists.
    private const int AnswersForAnother = 2;

    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromHours(6);

    // For so long after a receipt was due a provider that does not answer is asked again.
    private static readonly TimeSpan s_askOverdue = TimeSpan.FromDays(1);

    private static long WaitMs => (long)Wait.TotalMilliseconds;

    private static long OverdueMs => (long)ReceiptOverdue.TotalMilliseconds;

    /// <summary>When a send's receipt is overdue: its <c>ready_at</c> from the intent on.</summary>
    public static long ReceiptDueAt(long intentAt) => intentAt + OverdueMs;

    /// <summary>When the settler first looks at a send that has just fallen in doubt.</summary>
    public static long FirstLookAt(DeliveryClass @class, Channel channel, long now, long intentAt, long notAfter) =>
        channel == Channel.Sms || @class == DeliveryClass.Reminder ? now + WaitMs
        : @class == DeliveryClass.Service ? Math.Max(notAfter, now) : ReceiptDueAt(intentAt);

    /// <summary><see cref="FirstLookAt"/> as an expression over the columns of <c>message</c>; <paramref name="now"/> is a parameter's name.</summary>
    public static string FirstLookSql(string now) => $"""
        CASE WHEN channel = {(int)Channel.Sms} OR class = {(int)DeliveryClass.Reminder} THEN {now} + {WaitMs}
             WHEN class = {(int)DeliveryClass.Service} THEN CASE WHEN not_after > {now} THEN not_after ELSE {now} END
             ELSE COALESCE(intent_at, created_at) + {OverdueMs} END
        """;

    /// <summary>Whether there is somebody to ask about this message.</summary>
    /// <remarks>Also about one that was accepted and has no receipt: a provider gives its pushes up within minutes of our absence, and keeps what became of them for weeks.</remarks>
    public static bool CanAsk(OpenMessage message) => message is { State: MessageState.InDoubt or MessageState.Sent, Channel: Channel.Sms };

    /// <summary>What becomes of a message whose <c>ready_at</c> has come.</summary>
    /// <param name="message">The message.</param>
    /// <param name="finding">What the provider knows; <c>null</c> when there is nobody to ask.</param>
    /// <param name="now">Business time.</param>
    public static Settlement Decide(OpenMessage message, SmsFinding? finding, long now) => message.State switch
    {
        // WeChat sends no receipt for a chat: that it took the message is the last word.
        MessageState.Sent when message.Channel == Channel.CustomerService => new Settlement(SettlingStep.Rest),
        MessageState.Sent => Overdue(message, finding, now),
        MessageState.Sending => new Settlement(SettlingStep.Doubt),
        MessageState.InDoubt => finding is { } found ? Found(message, found, now) : NobodyToAsk(message, now),
        MessageState.Delivered or MessageState.Undelivered or MessageState.Suppressed or MessageState.Failed => new Settlement(SettlingStep.Rest),
        _ => new Settlement(SettlingStep.Fail),
    };

    private static Settlement Overdue(OpenMessage message, SmsFinding? finding, long now) => finding switch
    {
        { Fate: SmsFate.Delivered } found => new Settlement(SettlingStep.Delivered, found.Code),
        { Fate: SmsFate.Undelivered } found => new Settlement(SettlingStep.Undelivered, found.Code),
        { Fate: SmsFate.NotAsked } when now < ReceiptDueAt(message.IntentAt) + (long)s_askOverdue.TotalMilliseconds =>
            new Settlement(SettlingStep.Later, ReadyAt: now + Pause(message, now), Queries: message.Queries),
        _ => new Settlement(SettlingStep.NoReceipt),
    };

    private static Settlement Found(OpenMessage message, SmsFinding found, long now) => found.Fate switch
    {
        SmsFate.Delivered => new Settlement(SettlingStep.Delivered, found.Code),
        SmsFate.Undelivered => new Settlement(SettlingStep.Undelivered, found.Code),
        SmsFate.Waiting => new Settlement(SettlingStep.Sent, "OK", Math.Max(ReceiptDueAt(message.IntentAt), now)),
        SmsFate.Unknown => Unknown(message, message.Queries + 1, now),
        SmsFate.NotListed => NotListed(message, message.Queries + 1, now),
        SmsFate.NotAsked => now >= ReceiptDueAt(message.IntentAt)
            ? new Settlement(SettlingStep.Close, Queries: message.Queries)
            : new Settlement(SettlingStep.Later, ReadyAt: now + Pause(message, now), Queries: message.Queries),
    };

    private static Settlement Unknown(OpenMessage message, int queries, long now)
    {
        if (message.Class != DeliveryClass.Reminder) return WaitOrClose(message, queries, now);
        if (queries < AnswersForAnother) return new Settlement(SettlingStep.Later, ReadyAt: now + WaitMs, Queries: queries);
        return MayRepeat(message, now)
            ? new Settlement(SettlingStep.Again, "unknown_to_provider", now, ChannelsTried: message.ChannelsTried)
            : new Settlement(SettlingStep.Close, Queries: queries);
    }

    // A provider that lists only what has ended has said all that it will: nobody can be asked whether it has the message.
    private static Settlement NotListed(OpenMessage message, int queries, long now) =>
        message.Class == DeliveryClass.Reminder && queries < AnswersForAnother
            ? new Settlement(SettlingStep.Later, ReadyAt: now + WaitMs, Queries: queries)
            : NobodyToAsk(message with { Queries = queries }, now);

    private static Settlement NobodyToAsk(OpenMessage message, long now)
    {
        if (message.Class != DeliveryClass.Reminder) return WaitOrClose(message, message.Queries, now);
        return MayRepeat(message, now)
            ? new Settlement(SettlingStep.Again, ReadyAt: now, ChannelsTried: message.ChannelsTried | (1 << (int)message.Channel), PossiblyTwice: true)
            : new Settlement(SettlingStep.Close, Queries: message.Queries);
    }

    private static bool MayRepeat(OpenMessage message, long now) => !message.Cancelled && now <= message.NotAfter;

    private static Settlement WaitOrClose(OpenMessage message, int queries, long now)
    {
        var end = message.Class == DeliveryClass.Service ? Math.Min(message.NotAfter, ReceiptDueAt(message.IntentAt)) : ReceiptDueAt(message.IntentAt);
        return now >= end ? new Settlement(SettlingStep.Close, Queries: queries) : new Settlement(SettlingStep.Later, ReadyAt: end, Queries: queries);
    }

    // Grows with the age of the doubt: a provider that is away for a day is not asked every minute.
    private static long Pause(OpenMessage message, long now) =>
        Math.Clamp((now - message.IntentAt) / 2, (long)s_shortestPause.TotalMilliseconds, (long)s_longestPause.TotalMilliseconds);
}
