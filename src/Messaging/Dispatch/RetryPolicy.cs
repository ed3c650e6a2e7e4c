using Engagement.Messaging.Channels;

namespace Engagement.Messaging.Dispatch;

/// <summary>Whether a refused message gets another attempt, and when. Only a definite refusal is ever asked about.</summary>
internal static class RetryPolicy
{
    private const long FirstPauseMs = 5_000;
    private const long QuotaPauseMs = 10 * 60 * 1000;

    /// <summary>When to look at the message again (Unix milliseconds); <c>null</c> when it is over.</summary>
    public static long? ReadyAt(Outcome outcome, long now, int maxAttempts)
    {
        // Nobody refused it: its run was stopped before it left.
        if (outcome.Result == Sender.Withheld) return now;
        var pause = outcome.Result.Class switch
        {
            // Another channel may carry it, at once.
            ErrorClass.PermanentRecipient => 0,
            ErrorClass.PermanentTemplate => (long?)null,
            ErrorClass.Quota => QuotaPauseMs,
            ErrorClass.None or ErrorClass.Retry or ErrorClass.RefreshToken or ErrorClass.Config or ErrorClass.Unknown => BackOff(outcome.Send),
        };
        return outcome.Send.AttemptNo >= maxAttempts || now + pause > outcome.Send.Message.NotAfter ? null : now + pause;
    }

    /// <summary>The channels that have refused the message for good, this one included when it just did.</summary>
    public static int ChannelsTried(Outcome outcome) =>
        outcome.Result.Class == ErrorClass.PermanentRecipient
            ? outcome.Send.Message.ChannelsTried | (1 << (int)outcome.Send.Channel)
            : outcome.Send.Message.ChannelsTried;

    // Doubles with each attempt; spread by the id, so that what failed together does not return together.
    private static long BackOff(SendDecision send)
    {
        // A row edited by hand may count from below zero.
        var pause = FirstPauseMs << Math.Clamp(send.AttemptNo - 1, 0, 8);
        return pause + send.Message.Id.Value % (pause / 2);
    }
}
