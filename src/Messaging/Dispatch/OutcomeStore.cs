using Engagement.Messaging.Channels;
using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Settling;
using Engagement.Messaging.Settling.Sweeps;
using Engagement.Storage;

namespace Engagement.Messaging.Dispatch;

/// <summary>What came of one send, and what follows from it.</summary>
/// <param name="Send">The send.</param>
/// <param name="Result">What the provider said, or did not.</param>
internal readonly record struct Outcome(SendDecision Send, SendResult Result);

/// <summary>Records outcomes. They count whoever owns the shard by now: the attempt number is the fence.</summary>
internal static class OutcomeStore
{
    // Leaves ready_at alone, which is the receipt's last moment since the intent: so no index by time is touched.
    private static readonly BatchUpdate s_accepted = new(
        "message", "id, attempt, ref, code, now", "state = 3, provider_ref = {ref}, outcome_code = {code}, outcome_at = {now}", "attempt_no = {attempt} AND state = 2");

    // An answer that comes after the shard has changed hands: the doubt is over, and with it whatever was made of it since, unless it has been sent again.
    private static readonly BatchUpdate s_acceptedAfterAll = new(
        "message", "id, attempt, ref, code, now, overdue",
        "state = 3, reason = NULL, provider_ref = {ref}, outcome_code = {code}, outcome_at = {now}, ready_at = {overdue}", "attempt_no = {attempt} AND state IN (1, 6, 7, 8)");

    private static readonly BatchUpdate s_inDoubt = new(
        "message", "id, attempt, code, now, attention", "state = 8, outcome_code = {code}, outcome_at = {now}, ready_at = {attention}", "attempt_no = {attempt} AND state = 2");

    private const string KeepAttempt = """
        INSERT INTO attempt (message_id, attempt_no, channel, provider, reference, provider_ref, outcome_code, intent_at, outcome_at)
        SELECT id, attempt_no, channel, provider, reference, provider_ref, @p2, intent_at, @p3
        FROM   message
        WHERE  id = @p0 AND attempt_no = @p1 AND state IN (2, 8)
        """;

    private static readonly BatchUpdate s_again = new(
        "message", "id, attempt, code, now, at, tried",
        "state = 1, outcome_code = {code}, outcome_at = {now}, ready_at = {at}, channels_tried = {tried}, segments = 0, cost_fen = 0", "attempt_no = {attempt} AND state IN (2, 8)");

    private static readonly BatchUpdate s_failed = new(
        "message", "id, attempt, code, now, why",
        "state = 7, reason = {why}, outcome_code = {code}, outcome_at = {now}, ready_at = NULL, segments = 0, cost_fen = 0", "attempt_no = {attempt} AND state IN (2, 8)");

    private static readonly BatchUpdate s_returnGrant = new(
        "wechat_grant", "member_id, template, now", "remaining = remaining + 1, changed_at = {now}", "template_id = {template:text}");

    // 43101 says that WeChat counts no subscription: our book was wrong.
    private static readonly BatchUpdate s_clearGrant = new(
        "wechat_grant", "member_id, template, now", "remaining = 0, changed_at = {now}", "template_id = {template:text}");

    private static readonly BatchUpdate s_returnWindow = new("wechat_window", "id", "remaining = remaining + 1", "id > 0");

    // WeChat counts no window: ours was wrong.
    private static readonly BatchUpdate s_closeWindow = new("wechat_window", "id", "remaining = 0", "id > 0");

    private const string NoSubscription = "43101";

    /// <summary>Writes a batch of outcomes.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="outcomes">The outcomes.</param>
    /// <param name="now">Business time.</param>
    /// <param name="maxAttempts">After so many attempts a passing refusal is final.</param>
    public static async Task RecordAsync(Tx tx, IReadOnlyList<Outcome> outcomes, long now, int maxAttempts)
    {
        var late = new List<Outcome>();
        await tx.UpdateManyAsync(s_accepted, [.. outcomes.Where(o => o.Result.Accepted == Acceptance.Yes)], Accepted, (o, changed) =>
        {
            if (!changed) late.Add(o);
        }).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_acceptedAfterAll, late, (o, v) =>
        {
            Accepted(o, v);
            v[5] = DoubtPolicy.ReceiptDueAt(now);
        }).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_inDoubt, [.. outcomes.Where(o => o.Result.Accepted == Acceptance.Unknown)], (o, v) =>
            (v[0], v[1], v[2], v[3], v[4]) = (o.Send.Message.Id.Value, o.Send.AttemptNo, o.Result.Code, now,
                DoubtPolicy.FirstLookAt(o.Send.Class, o.Send.Channel, now, now, o.Send.Message.NotAfter))).ConfigureAwait(false);
        await RefusedAsync(tx, [.. outcomes.Where(o => o.Result.Accepted == Acceptance.No)], now, maxAttempts).ConfigureAwait(false);
        var strange = outcomes.Count(o => o.Result.Accepted == Acceptance.Unknown && IsProviders(o.Result.Code));
        if (strange > 0) await SweepStore.CountAsync(tx, "unknown_provider_codes", strange, now).ConfigureAwait(false);

        void Accepted(Outcome o, object?[] v) =>
            (v[0], v[1], v[2], v[3], v[4]) = (o.Send.Message.Id.Value, o.Send.AttemptNo, o.Result.ProviderRef, o.Result.Code, now);
    }

    // Codes of ours are words in lower case (SendResult); a provider's are numbers, or have capitals and points.
    private static bool IsProviders(string code) =>
        code.Length > 0 && code.AsSpan().ContainsAnyExceptInRange('_', 'z') && !code.StartsWith("http_", StringComparison.Ordinal);

    private static async Task RefusedAsync(Tx tx, IReadOnlyList<Outcome> refused, long now, int maxAttempts)
    {
        if (refused.Count == 0) return;
        var next = refused.ToLookup(o => RetryPolicy.ReadyAt(o, now, maxAttempts) is not null);
        // An outcome that is written once more finds its attempt kept.
        await tx.ExecuteManyAsync($"{KeepAttempt} {tx.Dialect.OnConflictKeep("message_id, attempt_no")}", 4, [.. next[true]], (o, v) =>
            (v[0], v[1], v[2], v[3]) = (o.Send.Message.Id.Value, o.Send.AttemptNo, o.Result.Code, now)).ConfigureAwait(false);
        // Only who settles the attempt speaks of its grant: somebody else may have done both.
        var settled = new List<Outcome>();
        await tx.UpdateManyAsync(s_again, [.. next[true]], (o, v) =>
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (o.Send.Message.Id.Value, o.Send.AttemptNo, o.Result.Code, now,
                RetryPolicy.ReadyAt(o, now, maxAttempts), RetryPolicy.ChannelsTried(o)), Settled).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_failed, [.. next[false]], (o, v) =>
            (v[0], v[1], v[2], v[3], v[4]) = (o.Send.Message.Id.Value, o.Send.AttemptNo, o.Result.Code, now, Reason.ProviderRefused), Settled).ConfigureAwait(false);
        await DeadLetterStore.KeepAsync(tx, [.. next[false].Select(o => o.Send.Message.Id.Value)], now).ConfigureAwait(false);

        var grants = settled.Where(o => o.Send.Channel == Channel.WeChatSubscribe).ToLookup(o => o.Result.Code == NoSubscription);
        await tx.UpdateManyAsync(s_clearGrant, [.. grants[true]], Grant).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_returnGrant, [.. grants[false]], Grant).ConfigureAwait(false);
        var templates = settled.Where(o => o.Send.Channel is Channel.WeChatSubscribe or Channel.OfficialAccount && ProviderTemplates.Refuses(o.Result.Code))
            .Select(o => (o.Send.Provider, o.Send.TemplateId)).Distinct().ToList();
        if (templates.Count > 0) await ProviderTemplates.RefuseAsync(tx, templates, now).ConfigureAwait(false);
        var windows = settled.Where(o => o.Send.Channel == Channel.CustomerService).ToLookup(o => CustomerWindow.Closes(o.Result.Code));
        await tx.UpdateManyAsync(s_closeWindow, [.. windows[true]], Window).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_returnWindow, [.. windows[false]], Window).ConfigureAwait(false);

        void Window(Outcome o, object?[] v) => v[0] = o.Send.WindowId;

        void Settled(Outcome o, bool changed)
        {
            if (changed) settled.Add(o);
        }

        void Grant(Outcome o, object?[] v) => (v[0], v[1], v[2]) = (o.Send.Message.Member.Value, o.Send.TemplateId, now);
    }
}
