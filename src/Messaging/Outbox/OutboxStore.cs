using Engagement.Storage;

namespace Engagement.Messaging.Outbox;

/// <summary>How messages come in: batched rows in the caller's write.</summary>
public static class OutboxStore
{
    private const string InsertMessage = """
        INSERT INTO message (id, kind, class, run_id, member_id, shard, template_version_id, params, state, ready_at, not_after,
                             attempt_no, channels_tried, segments, cost_fen, created_at)
        """;

    private const string InsertKey = "INSERT INTO message_key (dedupe_key, message_id)";

    private const string KeysBetween = "SELECT dedupe_key FROM message_key WHERE dedupe_key BETWEEN @p0 AND @p1 ORDER BY dedupe_key LIMIT @p2";

    private const string ExistingKeys = "SELECT dedupe_key FROM message_key WHERE dedupe_key IN";

    /// <summary>Of <paramref name="keys"/> those that a message holds already; there may be others among them.</summary>
    /// <remarks>Keys of a chunk lie close together, and most often nothing lies between the first and the last: one look instead of a thousand.</remarks>
    public static async Task<HashSet<string>> TakenAsync(Session session, IReadOnlyList<string> keys)
    {
        var taken = new HashSet<string>();
        if (keys.Count == 0) return taken;
        await session.ReadRowsAsync(KeysBetween, row => taken.Add(row.GetString(0)), keys.Min(StringComparer.Ordinal), keys.Max(StringComparer.Ordinal), keys.Count + 1).ConfigureAwait(false);
        if (taken.Count <= keys.Count) return taken;
        taken.Clear();
        await session.ReadInAsync(ExistingKeys, keys, row => taken.Add(row.GetString(0))).ConfigureAwait(false);
        return taken;
    }

    /// <summary>Inserts messages with their keys. A key that exists already is an error: ask <see cref="TakenAsync"/> first.</summary>
    public static async Task EnqueueAsync(Tx tx, IReadOnlyList<NewMessage> messages, long now)
    {
        await tx.InsertManyAsync(InsertMessage, messages, (m, v) =>
        {
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (m.Id.Value, (int)m.Kind, (int)m.Class, m.Run.Value, m.Member.Value, Shards.Of(m.Member));
            (v[6], v[7], v[8], v[9], v[10]) = (m.TemplateVersionId, m.Params, (int)MessageState.Pending, m.ReadyAt, m.NotAfter);
            (v[11], v[12], v[13], v[14], v[15]) = (0, 0, 0, 0L, now);
        }).ConfigureAwait(false);
        var keys = new List<(string Key, long Message)>(messages.Count);
        foreach (var message in messages)
        {
            foreach (var key in message.Keys) keys.Add((key, message.Id.Value));
        }

        await tx.InsertManyAsync(InsertKey, keys, static (k, v) => (v[0], v[1]) = (k.Key, k.Message)).ConfigureAwait(false);
    }
}
