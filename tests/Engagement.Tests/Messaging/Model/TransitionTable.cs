using Engagement.Messaging;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Gate;
using static Engagement.Messaging.MessageState;

namespace Engagement.Tests.Messaging.Model;

/// <summary>Where a message stands: what the table of docs/delivery.md speaks of.</summary>
internal readonly record struct Standing(MessageState State, int Attempt, bool Twice);

/// <summary>A row of the outbox as the model needs it.</summary>
internal sealed record ModelRow
{
    public long Id { get; init; }
    public long StateNo { get; init; }
    public string? Reason { get; init; }
    public long AttemptNo { get; init; }
    public long? ChannelNo { get; init; }
    public string? Reference { get; init; }
    public string? ProviderRef { get; init; }
    public long? ReadyAt { get; init; }
    public long NotAfter { get; init; }
    public long TwiceNo { get; init; }
    public long Queries { get; init; }
    public long? IntentAt { get; init; }
    public string? Code { get; init; }

    public MessageState State => (MessageState)StateNo;

    public Channel? Channel => (Channel?)ChannelNo;

    public Standing Standing => new(State, (int)AttemptNo, TwiceNo != 0);
}

/// <summary>A copy that the provider took.</summary>
internal sealed record Copy(long Message, int Attempt, Channel Channel, string Address, string Reference, string ProviderRef, long TakenAt)
{
    /// <summary>What the provider would answer if asked about it.</summary>
    public SmsFate Fate { get; set; } = SmsFate.Waiting;
}

/// <summary>The transition table of docs/delivery.md, written once more and without a database: what may become of a message, and nothing else.</summary>
internal static class TransitionTable
{
    private const int MaxAttempts = 6;
    private const long LongestPauseMs = 10 * 60 * 1000;

    private static readonly MessageState[] s_moving = [Sending, InDoubt];

    /// <summary>What an intent makes of it.</summary>
    /// <param name="row">The message before.</param>
    /// <param name="decision">What the owner decided.</param>
    /// <param name="counts">Whether owner and member are still as they were when it was decided.</param>
    /// <param name="goes">Whether its run still goes, and the subscription that it needs is there.</param>
    public static Standing Intent(ModelRow row, Decision decision, bool counts, bool goes) => (row.Standing, decision) switch
    {
        ({ State: Pending } was, SendDecision send) when counts && goes && was.Attempt == send.Message.AttemptNo => was with { State = Sending, Attempt = was.Attempt + 1 },
        ({ State: Pending } was, StopDecision stop) when counts => was with { State = stop.State },
        var (was, _) => was,
    };

    /// <summary>What its worker makes of an intent that stands although it was told that the write had failed.</summary>
    /// <param name="row">The message before, still at that attempt.</param>
    /// <param name="owners">How many owners the shard has had since.</param>
    public static Standing TakeBack(ModelRow row, long owners) => (row.State, row.Code, owners) switch
    {
        (Sending, _, 0) or (InDoubt, "stuck", 0) or (InDoubt, "owner_lost", 1) => row.Standing with { State = Pending },
        _ => row.Standing,
    };

    /// <summary>What an outcome makes of it, whoever owns the shard by now.</summary>
    public static IReadOnlyList<Standing> Outcome(ModelRow row, int attempt, SendResult result, long now)
    {
        var was = row.Standing;
        // An answer that comes after all counts for as long as the message has not been sent again.
        if (was.Attempt == attempt && result.Accepted == Acceptance.Yes && was.State is (Pending or Suppressed or Failed)) return [was with { State = Sent }];
        if (was.Attempt != attempt || !s_moving.Contains(was.State)) return [was];
        return result.Accepted switch
        {
            Acceptance.Yes => [was with { State = Sent }],
            Acceptance.Unknown => [was with { State = InDoubt }],
            Acceptance.No when result == Sender.Withheld => [was with { State = Pending }],
            Acceptance.No when result.Class == ErrorClass.PermanentTemplate || attempt >= MaxAttempts => [was with { State = Failed }],
            Acceptance.No when now + LongestPauseMs > row.NotAfter => [was with { State = Pending }, was with { State = Failed }],
            Acceptance.No => [was with { State = Pending }],
        };
    }

    /// <summary>What a new owner makes of it.</summary>
    /// <param name="row">The message before.</param>
    /// <param name="believed">Whether the flight record of the one before is.</param>
    /// <param name="stage">How far that says it had come; <c>null</c> when it never began to leave.</param>
    public static Standing Takeover(ModelRow row, bool believed, FlightStage? stage) => row.State != Sending ? row.Standing : row.Standing with
    {
        State = (believed, stage) switch
        {
            (true, null or FlightStage.Refused) => Pending,
            (true, FlightStage.Accepted) => Sent,
            _ => InDoubt,
        },
    };

    /// <summary>What a receipt makes of it.</summary>
    /// <param name="row">The message before.</param>
    /// <param name="copy">The copy that it is about.</param>
    /// <param name="delivered">What it says.</param>
    /// <param name="ours">Whether it brings our reference back.</param>
    public static Standing Receipt(ModelRow row, Copy copy, bool delivered, bool ours)
    {
        var was = row.Standing;
        var ended = was with { State = delivered ? Delivered : Undelivered };
        var open = was.State is Sending or Sent or InDoubt || (was.State == Undelivered && (delivered || row.Reason == Reason.NoReceipt));
        if (row.ProviderRef == copy.ProviderRef) return open ? ended : was;
        if (row.ProviderRef is null && (copy.Channel == Channel.Sms ? ours && row.Reference == copy.Reference : MeantByPerson(row, copy)))
            return open || (delivered && was.State is Pending or Suppressed or Failed) ? ended : was;
        if (!delivered || !ours || copy.Channel != Channel.Sms || copy.Attempt >= was.Attempt) return was;
        return was.State is Pending or Suppressed or Failed ? ended : was with { Twice = true };
    }

    /// <summary>What a look of the settler makes of it.</summary>
    /// <param name="row">The message before.</param>
    /// <param name="class">Its class.</param>
    /// <param name="cancelled">Whether its run is.</param>
    /// <param name="fate">What the provider says of its present attempt; <c>null</c> when there is nobody to ask.</param>
    /// <param name="now">Business time.</param>
    public static IReadOnlyList<Standing> Look(ModelRow row, DeliveryClass @class, bool cancelled, SmsFate? fate, long now)
    {
        var was = row.Standing;
        if (row.ReadyAt is not { } due || due > now) return [was];
        if (was.State == Sent)
        {
            // Not asked yet: for a day the question is put again.
            var waits = fate == SmsFate.NotAsked && now < row.IntentAt + 4L * 24 * 3600 * 1000;
            return [waits ? was : was with { State = fate == SmsFate.Delivered ? Delivered : Undelivered }];
        }

        if (was.State == Sending) return [was with { State = InDoubt }];
        if (was.State != InDoubt) return [was];
        var again = @class == DeliveryClass.Reminder && !cancelled && now <= row.NotAfter;
        return fate switch
        {
            null => [again ? was with { State = Pending, Twice = true } : was],
            SmsFate.Delivered => [was with { State = Delivered }],
            SmsFate.Undelivered => [was with { State = Undelivered }],
            SmsFate.Waiting => [was with { State = Sent }],
            // Only a second answer that it is not there allows another send.
            SmsFate.Unknown => [again && row.Queries >= 1 ? was with { State = Pending } : was],
            _ => [was],
        };
    }

    // A WeChat event names a person, a template and a time. Each member of the model has one message of a template.
    private static bool MeantByPerson(ModelRow row, Copy copy) =>
        row.Channel == Channel.WeChatSubscribe && row.IntentAt <= copy.TakenAt + 120_000 && row.IntentAt >= copy.TakenAt - 3_600_000
        && (s_moving.Contains(row.State) || (row.State is Pending or Suppressed or Failed && row.TwiceNo != 0));
}
