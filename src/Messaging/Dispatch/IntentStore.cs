using Engagement.Messaging.Outbox;
using Engagement.Messaging.Settling;
using Engagement.Storage;

namespace Engagement.Messaging.Dispatch;

/// <summary>What of a wave became durable.</summary>
/// <param name="Sends">May be sent now, and nothing else.</param>
/// <param name="Held">Decisions of shards that are still ours.</param>
/// <param name="LostShards">Shards that have another owner: nothing was written for them.</param>
internal sealed record Intents(IReadOnlyList<SendDecision> Sends, int Held, IReadOnlyList<int> LostShards);

/// <summary>Makes the decisions of a wave durable in one transaction; only what it changed may be sent.</summary>
internal static class IntentStore
{
    private const string Fences = "SELECT id AS Id, fence AS Fence FROM shard WHERE id IN @ids ORDER BY id";

    private const string Versions = "SELECT id, gate_version FROM member WHERE id IN";

    private const string Stopped = "SELECT id FROM run WHERE id IN @runs AND (paused IS NOT NULL OR state = 4)";

    private static readonly BatchUpdate s_takeGrant = new(
        "wechat_grant", "member_id, template, now", "remaining = remaining - 1, changed_at = {now}", "template_id = {template:text} AND remaining > 0");

    private static readonly BatchUpdate s_returnGrant = new(
        "wechat_grant", "member_id, template, now", "remaining = remaining + 1, changed_at = {now}", "template_id = {template:text}");

    // Its life is the gate's affair; a moment more or less is WeChat's to refuse.
    private static readonly BatchUpdate s_takeWindow = new("wechat_window", "id", "remaining = remaining - 1", "remaining > 0");

    private static readonly BatchUpdate s_returnWindow = new("wechat_window", "id", "remaining = remaining + 1", "id > 0");

    private static readonly BatchUpdate s_send = new(
        "message", "id, channel, provider, reference, address, segments, cost, verdicts, now, overdue, attempts",
        """
        state = 2, attempt_no = attempt_no + 1, channel = {channel}, provider = {provider}, reference = {reference}, provider_ref = NULL,
        address_index = {address}, outcome_code = NULL, segments = {segments}, cost_fen = {cost},
        verdicts = {verdicts}, intent_at = {now}, outcome_at = NULL, ready_at = {overdue}, queries = 0
        """,
        "state = 1 AND attempt_no = {attempts}");

    private static readonly BatchUpdate s_stop = new(
        "message", "id, to_state, why, verdicts, now",
        "state = {to_state}, reason = {why}, verdicts = {verdicts}, outcome_at = {now}, ready_at = NULL", "state = 1");

    private static readonly BatchUpdate s_defer = new("message", "id, until, verdicts", "ready_at = {until}, verdicts = {verdicts}", "state = 1");

    // An attempt that nobody has begun to send: as its intent left it, or as somebody doubted it since.
    private static readonly BatchUpdate s_takeBack = new(
        "message", "id, attempt, ours, doubt, now", "state = 1, outcome_code = 'never_left', outcome_at = {now}, ready_at = {now}, segments = 0, cost_fen = 0",
        "attempt_no = {attempt} AND ((state = 2 AND {ours} = 1) OR (state = 8 AND outcome_code = {doubt:text}))");

    private const string InsertText = "INSERT INTO message_text (message_id, text_cipher, inbox_cipher)";

    /// <summary>Writes the decisions on messages of <paramref name="shards"/>; those of a shard that has another owner by now are dropped.</summary>
    /// <remarks>A decision whose member changed since it was made is left alone, and so is a send of a run that was paused or cancelled since: the next wave decides anew.</remarks>
    public static async Task<Intents> WriteAsync(Tx tx, IReadOnlyList<OwnedShard> shards, IReadOnlyList<Decision> decisions, long now)
    {
        var lost = await LostAsync(tx, shards).ConfigureAwait(false);
        var held = lost.Count == 0 ? decisions : [.. decisions.Where(d => !lost.Contains(d.Message.Shard))];
        var current = await UnchangedAsync(tx, held).ConfigureAwait(false);
        var texts = new List<Decision>(current.Count);
        await tx.UpdateManyAsync(s_stop, [.. current.OfType<StopDecision>()], (d, v) =>
            (v[0], v[1], v[2], v[3], v[4]) = (d.Message.Id.Value, (int)d.State, d.Reason, d.Refusals, now), (d, changed) =>
        {
            if (changed && d.InboxCipher is not null) texts.Add(d);
        }).ConfigureAwait(false);
        await DeadLetterStore.KeepAsync(
            tx, [.. current.OfType<StopDecision>().Where(d => d.State == MessageState.Failed).Select(d => d.Message.Id.Value)], now).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_defer, [.. current.OfType<DeferDecision>()], static (d, v) =>
            (v[0], v[1], v[2]) = (d.Message.Id.Value, d.Until, d.Refusals)).ConfigureAwait(false);
        var sends = await SendAsync(tx, [.. current.OfType<SendDecision>()], now).ConfigureAwait(false);
        texts.AddRange(sends);
        await FreezeAsync(tx, texts).ConfigureAwait(false);
        return new Intents(sends, held.Count, lost);
    }

    /// <summary>Takes back what a write of intents that failed may have left behind all the same; returns how many rows it did.</summary>
    /// <remarks>
    /// A connection that breaks during the commit leaves open whether the intents stand, and nobody would ever send them. The fences say whose they are: under ours
    /// nobody else can have intended these attempts, and under the next one they are those that its owner found and doubted. The lock on the shard waits for a commit that is still under way.
    /// </remarks>
    /// <param name="tx">The open write.</param>
    /// <param name="shards">The shards, with the fences of the write that failed.</param>
    /// <param name="sends">What it was to intend; none of it has begun to leave.</param>
    /// <param name="now">Business time.</param>
    public static async Task<int> TakeBackAsync(Tx tx, IReadOnlyList<OwnedShard> shards, IReadOnlyList<SendDecision> sends, long now)
    {
        var fences = await FencesAsync(tx, shards).ConfigureAwait(false);
        var passed = shards.ToDictionary(shard => shard.Id, shard => fences.GetValueOrDefault(shard.Id) - shard.Fence);
        var back = new List<SendDecision>();
        await tx.UpdateManyAsync(s_takeBack, [.. sends.Where(d => passed[d.Message.Shard] is 0 or 1)], (d, v) =>
        {
            var ours = passed[d.Message.Shard] == 0;
            (v[0], v[1], v[2], v[3], v[4]) = (d.Message.Id.Value, d.AttemptNo, ours ? 1 : 0, ours ? "stuck" : "owner_lost", now);
        }, (d, changed) =>
        {
            if (changed) back.Add(d);
        }).ConfigureAwait(false);
        await ReturnAsync(tx, back, now).ConfigureAwait(false);
        return back.Count;
    }

    // What was said before by another channel stays until something else is said.
    private static Task<int> FreezeAsync(Tx tx, IReadOnlyList<Decision> decisions) => tx.InsertManyAsync(
        InsertText, decisions, static (d, v) => (v[0], v[1], v[2]) = (d.Message.Id.Value, (d as SendDecision)?.TextCipher, d.InboxCipher),
        $"{tx.Dialect.OnConflictUpdate("message_id")} text_cipher = COALESCE({tx.Dialect.New("text_cipher")}, message_text.text_cipher), inbox_cipher = {tx.Dialect.New("inbox_cipher")}");

    private static async Task<IReadOnlyList<int>> LostAsync(Tx tx, IReadOnlyList<OwnedShard> shards)
    {
        var fences = await FencesAsync(tx, shards).ConfigureAwait(false);
        return [.. shards.Where(shard => fences.GetValueOrDefault(shard.Id) != shard.Fence).Select(shard => shard.Id)];
    }

    private static async Task<Dictionary<int, long>> FencesAsync(Tx tx, IReadOnlyList<OwnedShard> shards) =>
        (await tx.QueryAsync<FenceRow>($"{Fences} {tx.Dialect.ForUpdate}", new { ids = shards.Select(s => s.Id) }).ConfigureAwait(false))
        .ToDictionary(row => (int)row.Id, row => row.Fence);

    private static async Task<IReadOnlyList<Decision>> UnchangedAsync(Tx tx, IReadOnlyList<Decision> decisions)
    {
        var versions = new Dictionary<long, long>(decisions.Count);
        await tx.ReadInAsync(Versions, [.. decisions.Select(d => d.Message.Member.Value)], row => versions[row.GetInt64(0)] = row.GetInt64(1)).ConfigureAwait(false);
        var runs = decisions.OfType<SendDecision>().Select(d => d.Message.Run.Value).Distinct().ToList();
        var stopped = runs.Count == 0 ? [] : await tx.QueryAsync<long>(Stopped, new { runs }).ConfigureAwait(false);
        return [.. decisions.Where(d => versions.GetValueOrDefault(d.Message.Member.Value, -1) == d.GateVersion
            && (stopped.Count == 0 || d is not SendDecision || !stopped.Contains(d.Message.Run.Value)))];
    }

    private static async Task<IReadOnlyList<SendDecision>> SendAsync(Tx tx, IReadOnlyList<SendDecision> sends, long now)
    {
        var granted = new HashSet<SendDecision>(ReferenceEqualityComparer.Instance);
        await tx.UpdateManyAsync(s_takeGrant, [.. sends.Where(d => d.Channel == Channel.WeChatSubscribe)], Grant,
            Taken).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_takeWindow, [.. sends.Where(d => d.Channel == Channel.CustomerService)], SetWindow, Taken).ConfigureAwait(false);

        var durable = new List<SendDecision>(sends.Count);
        await tx.UpdateManyAsync(s_send, [.. sends.Where(d => d.Channel is Channel.Sms or Channel.OfficialAccount || granted.Contains(d))], (d, v) =>
        {
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (d.Message.Id.Value, (int)d.Channel, d.Provider, d.Reference, d.AddressIndex, d.Segments);
            (v[6], v[7], v[8], v[9], v[10]) = (d.CostFen, d.Refusals, now, DoubtPolicy.ReceiptDueAt(now), d.Message.AttemptNo);
        }, (d, changed) =>
        {
            if (changed) durable.Add(d);
        }).ConfigureAwait(false);

        granted.ExceptWith(durable);
        await ReturnAsync(tx, granted, now).ConfigureAwait(false);
        return durable;

        void Taken(SendDecision d, bool changed)
        {
            if (changed) granted.Add(d);
        }

        void Grant(SendDecision d, object?[] v) => SetGrant(d, v, now);
    }

    // What an intent took of somebody's allowance, and that was not used.
    private static async Task ReturnAsync(Tx tx, IReadOnlyCollection<SendDecision> sends, long now)
    {
        await tx.UpdateManyAsync(s_returnGrant, [.. sends.Where(d => d.Channel == Channel.WeChatSubscribe)], (d, v) => SetGrant(d, v, now)).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_returnWindow, [.. sends.Where(d => d.Channel == Channel.CustomerService)], SetWindow).ConfigureAwait(false);
    }

    private static void SetGrant(SendDecision d, object?[] v, long now) => (v[0], v[1], v[2]) = (d.Message.Member.Value, d.TemplateId, now);

    private static void SetWindow(SendDecision d, object?[] v) => v[0] = d.WindowId;

    private sealed class FenceRow
    {
        public long Id { get; init; }
        public long Fence { get; init; }
    }
}
