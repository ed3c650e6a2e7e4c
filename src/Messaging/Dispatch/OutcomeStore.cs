using Engagement.Messaging.Channels;
using Engagement.Messaging.Gate;
using Engagement.Storage;

namespace Engagement.Messaging.Dispatch;

/// <summary>What came of one send, and what follows from it.</summary>
/// <param name="Send">The send.</param>
/// <param name="Result">What the provider said, or did not.</param>
internal readonly record struct Outcome(SendDecision Send, SendResult Result);

/// <summary>Records outcomes. They count whoever owns the shard by now: the attempt number is the fence.</summary>
internal static class OutcomeStore
{
    private const string Accepted = """
        UPDATE message SET state = 3, provider_ref = @p2, outcome_code = @p3, outcome_at = @p4, ready_at = NULL
        WHERE  id = @p0 AND attempt_no = @p1 AND state IN (2, 8)
        """;

    private const string InDoubt = """
        UPDATE message SET state = 8, outcome_code = @p2, outcome_at = @p3, ready_at = NULL
        WHERE  id = @p0 AND attempt_no = @p1 AND state = 2
        """;

    private const string KeepAttempt = """
        INSERT INTO attempt (message_id, attempt_no, channel, provider, reference, provider_ref, outcome_code, intent_at, outcome_at)
        SELECT id, attempt_no, channel, provider, reference, provider_ref, @p2, intent_at, @p3
        FROM   message
        WHERE  id = @p0 AND attempt_no = @p1 AND state IN (2, 8)
        """;

    private const string Again = """
        UPDATE message SET state = 1, outcome_code = @p2, outcome_at = @p3, ready_at = @p4, channels_tried = @p5, segments = 0, cost_fen = 0
        WHERE  id = @p0 AND attempt_no = @p1 AND state IN (2, 8)
        """;

    private const string Failed = """
        UPDATE message SET state = 7, reason = @p4, outcome_code = @p2, outcome_at = @p3, ready_at = NULL, segments = 0, cost_fen = 0
        WHERE  id = @p0 AND attempt_no = @p1 AND state IN (2, 8)
        """;

    private const string ReturnGrant = "UPDATE wechat_grant SET remaining = remaining + 1, changed_at = @p2 WHERE member_id = @p0 AND template_id = @p1";

    // 43101 says that WeChat counts no subscription: our book was wrong.
    private const string ClearGrant = "UPDATE wechat_grant SET remaining = 0, changed_at = @p2 WHERE member_id = @p0 AND template_id = @p1";

    private const string NoSubscription = "43101";

    /// <summary>Writes a batch of outcomes.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="outcomes">The outcomes.</param>
    /// <param name="now">Business time.</param>
    /// <param name="maxAttempts">After so many attempts a passing refusal is final.</param>
    public static async Task RecordAsync(Tx tx, IReadOnlyList<Outcome> outcomes, long now, int maxAttempts)
    {
        await tx.ExecuteManyAsync(Accepted, 5, [.. outcomes.Where(o => o.Result.Accepted == Acceptance.Yes)], (o, v) =>
            (v[0], v[1], v[2], v[3], v[4]) = (o.Send.Message.Id.Value, o.Send.AttemptNo, o.Result.ProviderRef, o.Result.Code, now)).ConfigureAwait(false);
        await tx.ExecuteManyAsync(InDoubt, 4, [.. outcomes.Where(o => o.Result.Accepted == Acceptance.Unknown)], (o, v) =>
            (v[0], v[1], v[2], v[3]) = (o.Send.Message.Id.Value, o.Send.AttemptNo, o.Result.Code, now)).ConfigureAwait(false);
        await RefusedAsync(tx, [.. outcomes.Where(o => o.Result.Accepted == Acceptance.No)], now, maxAttempts).ConfigureAwait(false);
    }

    private static async Task RefusedAsync(Tx tx, IReadOnlyList<Outcome> refused, long now, int maxAttempts)
    {
        if (refused.Count == 0) return;
        var next = refused.ToLookup(o => RetryPolicy.ReadyAt(o, now, maxAttempts) is not null);
        await tx.ExecuteManyAsync(KeepAttempt, 4, [.. next[true]], (o, v) =>
            (v[0], v[1], v[2], v[3]) = (o.Send.Message.Id.Value, o.Send.AttemptNo, o.Result.Code, now)).ConfigureAwait(false);
        await tx.ExecuteManyAsync(Again, 6, [.. next[true]], (o, v) =>
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (o.Send.Message.Id.Value, o.Send.AttemptNo, o.Result.Code, now,
                RetryPolicy.ReadyAt(o, now, maxAttempts), RetryPolicy.ChannelsTried(o))).ConfigureAwait(false);
        await tx.ExecuteManyAsync(Failed, 5, [.. next[false]], (o, v) =>
            (v[0], v[1], v[2], v[3], v[4]) = (o.Send.Message.Id.Value, o.Send.AttemptNo, o.Result.Code, now, Reason.ProviderRefused)).ConfigureAwait(false);

        var grants = refused.Where(o => o.Send.Channel == Channel.WeChatSubscribe).ToLookup(o => o.Result.Code == NoSubscription);
        await tx.ExecuteManyAsync(ClearGrant, 3, [.. grants[true]], Grant).ConfigureAwait(false);
        await tx.ExecuteManyAsync(ReturnGrant, 3, [.. grants[false]], Grant).ConfigureAwait(false);

        void Grant(Outcome o, object?[] v) => (v[0], v[1], v[2]) = (o.Send.Message.Member.Value, o.Send.TemplateId, now);
    }
}
