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

    private const string TakeGrant = """
        UPDATE wechat_grant SET remaining = remaining - 1, changed_at = @p2
        WHERE  member_id = @p0 AND template_id = @p1 AND remaining > 0
        """;

    private const string ReturnGrant = "UPDATE wechat_grant SET remaining = remaining + 1, changed_at = @p2 WHERE member_id = @p0 AND template_id = @p1";

    private const string Send = """
        UPDATE message
        SET    state = 2, attempt_no = attempt_no + 1, channel = @p1, provider = @p2, reference = @p3, provider_ref = NULL, address_index = @p4,
               outcome_code = NULL, segments = @p5, cost_fen = @p6, text_cipher = @p7, inbox_cipher = @p8, verdicts = @p9, intent_at = @p10,
               outcome_at = NULL, ready_at = @p11
        WHERE  id = @p0 AND state = 1 AND attempt_no = @p12
        """;

    private const string Stop = """
        UPDATE message
        SET    state = @p1, reason = @p2, verdicts = @p3, inbox_cipher = @p4, outcome_at = @p5, ready_at = NULL
        WHERE  id = @p0 AND state = 1
        """;

    private const string Defer = "UPDATE message SET ready_at = @p1, verdicts = @p2 WHERE id = @p0 AND state = 1";

    // Long enough for any time-out of a provider; after it a row that is still Sending has lost its sender.
    private const long StuckAfterMs = 10 * 60 * 1000;

    /// <summary>Writes the decisions on messages of <paramref name="shards"/>; those of a shard that has another owner by now are dropped.</summary>
    /// <remarks>A decision whose member changed since it was made is left alone: the next wave decides anew.</remarks>
    public static async Task<Intents> WriteAsync(Tx tx, IReadOnlyList<OwnedShard> shards, IReadOnlyList<Decision> decisions, long now)
    {
        var lost = await LostAsync(tx, shards).ConfigureAwait(false);
        var held = lost.Count == 0 ? decisions : [.. decisions.Where(d => !lost.Contains(d.Message.Shard))];
        var current = await UnchangedAsync(tx, held).ConfigureAwait(false);
        await tx.ExecuteManyAsync(Stop, 6, [.. current.OfType<StopDecision>()], (d, v) =>
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (d.Message.Id.Value, (int)d.State, d.Reason, d.Refusals, d.InboxCipher, now)).ConfigureAwait(false);
        await tx.ExecuteManyAsync(Defer, 3, [.. current.OfType<DeferDecision>()], static (d, v) =>
            (v[0], v[1], v[2]) = (d.Message.Id.Value, d.Until, d.Refusals)).ConfigureAwait(false);
        return new Intents(await SendAsync(tx, [.. current.OfType<SendDecision>()], now).ConfigureAwait(false), held.Count, lost);
    }

    private static async Task<IReadOnlyList<int>> LostAsync(Tx tx, IReadOnlyList<OwnedShard> shards)
    {
        var fences = await tx.QueryAsync<FenceRow>($"{Fences} {tx.Dialect.ForUpdate}", new { ids = shards.Select(s => s.Id) }).ConfigureAwait(false);
        return [.. shards.Select(s => s.Id).Except(fences.Where(f => shards.Contains(new OwnedShard((int)f.Id, f.Fence))).Select(f => (int)f.Id))];
    }

    private static async Task<IReadOnlyList<Decision>> UnchangedAsync(Tx tx, IReadOnlyList<Decision> decisions)
    {
        var versions = new Dictionary<long, long>(decisions.Count);
        await tx.ReadInAsync(Versions, [.. decisions.Select(d => d.Message.Member.Value)], row => versions[row.GetInt64(0)] = row.GetInt64(1)).ConfigureAwait(false);
        return [.. decisions.Where(d => versions.GetValueOrDefault(d.Message.Member.Value, -1) == d.GateVersion)];
    }

    private static async Task<IReadOnlyList<SendDecision>> SendAsync(Tx tx, IReadOnlyList<SendDecision> sends, long now)
    {
        var granted = new HashSet<SendDecision>(ReferenceEqualityComparer.Instance);
        await tx.ExecuteManyAsync(TakeGrant, 3, [.. sends.Where(d => d.Channel == Channel.WeChatSubscribe)],
            (d, v) => (v[0], v[1], v[2]) = (d.Message.Member.Value, d.TemplateId, now),
            (d, changed) =>
            {
                if (changed == 1) granted.Add(d);
            }).ConfigureAwait(false);

        var durable = new List<SendDecision>(sends.Count);
        await tx.ExecuteManyAsync(Send, 13, [.. sends.Where(d => d.Channel != Channel.WeChatSubscribe || granted.Contains(d))], (d, v) =>
        {
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (d.Message.Id.Value, (int)d.Channel, d.Provider, d.Reference, d.AddressIndex, d.Segments);
            (v[6], v[7], v[8], v[9], v[10], v[11], v[12]) = (d.CostFen, d.TextCipher, d.InboxCipher, d.Refusals, now, now + StuckAfterMs, d.Message.AttemptNo);
        }, (d, changed) =>
        {
            if (changed == 1) durable.Add(d);
        }).ConfigureAwait(false);

        granted.ExceptWith(durable);
        await tx.ExecuteManyAsync(ReturnGrant, 3, [.. granted], (d, v) => (v[0], v[1], v[2]) = (d.Message.Member.Value, d.TemplateId, now)).ConfigureAwait(false);
        return durable;
    }

    private sealed class FenceRow
    {
        public long Id { get; init; }
        public long Fence { get; init; }
    }
}
