using System.Data.Common;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Runs;
using Engagement.Messaging.Settling.Sweeps;
using Engagement.Storage;

namespace Engagement.Messaging.Settling;

/// <summary>A run whose messages may still want attention.</summary>
internal readonly record struct OpenRun(RunId Id, bool Cancelled);

/// <summary>Reads what wants attention and writes what became of it. A row that moved meanwhile is left as it is.</summary>
internal static class SettlingStore
{
    // A cancelled run keeps its messages that had left already, until each has its end.
    private const string Runs = """
        SELECT id, state
        FROM   run
        WHERE  state IN (1, 2) OR (state = 4 AND closing <> 0)
        ORDER BY id
        """;

    private const string Columns = """
        SELECT id, state, class, member_id, attempt_no, channels_tried, queries, not_after, channel, provider, reference, address_index,
               COALESCE(intent_at, created_at), provider_ref
        FROM   message
        """;

    private const string NoReceipt = "UPDATE message SET state = 5, reason = @p2, ready_at = NULL WHERE id = @p0 AND attempt_no = @p1 AND state = 3";

    private const string Sent = """
        UPDATE message SET state = 3, outcome_code = @p2, outcome_at = @p3, ready_at = @p4 WHERE id = @p0 AND attempt_no = @p1 AND state = 8
        """;

    private const string Ended = """
        UPDATE message SET state = @p4, outcome_code = @p2, receipt_at = @p3, ready_at = NULL WHERE id = @p0 AND attempt_no = @p1 AND state IN (3, 8)
        """;

    private const string Later = "UPDATE message SET ready_at = @p2, queries = @p3 WHERE id = @p0 AND attempt_no = @p1 AND state IN (3, 8)";

    // Its segments and its price stay: should a late receipt come, the first attempt was the one that arrived.
    private const string Again = """
        UPDATE message SET state = 1, ready_at = @p2, channels_tried = @p3, queries = 0,
               possibly_twice = CASE WHEN @p4 = 1 THEN 1 ELSE possibly_twice END
        WHERE  id = @p0 AND attempt_no = @p1 AND state = 8
        """;

    // Sent only in a chat, which has no receipt.
    private const string Rest = "UPDATE message SET ready_at = NULL WHERE id = @p0 AND attempt_no = @p1 AND (state IN (4, 5, 6, 7) OR (state = 3 AND channel = 4))";

    private const string Fail = "UPDATE message SET state = 7, reason = @p2, ready_at = NULL WHERE id = @p0 AND attempt_no = @p1 AND (state < 1 OR state > 8)";

    private static readonly string s_doubt = $"""
        UPDATE message SET state = 8, outcome_code = 'stuck', outcome_at = @p2, ready_at = {DoubtPolicy.FirstLookSql("@p2")}
        WHERE  id = @p0 AND attempt_no = @p1 AND state = 2
        """;

    /// <summary>The runs to look at.</summary>
    public static async Task<IReadOnlyList<OpenRun>> RunsAsync(Session session)
    {
        var runs = new List<OpenRun>();
        await session.ReadRowsAsync(Runs, row => runs.Add(new OpenRun(new RunId(row.GetInt64(0)), row.GetInt32(1) == (int)RunState.Cancelled))).ConfigureAwait(false);
        return runs;
    }

    /// <summary>Messages of a run that were sent, or perhaps were, and whose time has come; and those in a state that there is not.</summary>
    public static async Task<IReadOnlyList<OpenMessage>> DueAsync(Session session, OpenRun run, IReadOnlyList<int> shards, long now, int limit)
    {
        var found = new List<OpenMessage>();
        await session.ReadRowsAsync(
            $"{Columns} WHERE run_id = @p0 AND ready_at <= @p1 AND state <> 1 AND shard IN ({string.Join(',', shards.Select((_, i) => $"@p{i + 3}"))}) LIMIT @p2",
            row => found.Add(Read(row, run.Cancelled)), [run.Id.Value, now, limit, .. shards]).ConfigureAwait(false);
        return found;
    }

    /// <summary>Messages of a run that are Sending and whose receipt is due in this span, the end included: it tells when their intent was.</summary>
    public static async Task<IReadOnlyList<OpenMessage>> SendingAsync(Session session, OpenRun run, int shard, long after, long until)
    {
        var found = new List<OpenMessage>();
        await session.ReadRowsAsync($"{Columns} WHERE run_id = @p0 AND shard = @p1 AND ready_at > @p2 AND ready_at <= @p3 AND state = 2",
            row => found.Add(Read(row, run.Cancelled)), run.Id.Value, shard, after, until).ConfigureAwait(false);
        return found;
    }

    /// <summary>Writes the steps, and counts them; returns how many rows changed.</summary>
    public static async Task<int> ApplyAsync(Tx tx, IReadOnlyList<(OpenMessage Message, Settlement Settlement)> settled, long now)
    {
        var steps = settled.ToLookup(s => s.Settlement.Step);
        var changed = 0;
        await RunAsync(NoReceipt, 3, SettlingStep.NoReceipt, "no_receipt", (_, v) => v[2] = Gate.Reason.NoReceipt).ConfigureAwait(false);
        await RunAsync(s_doubt, 3, SettlingStep.Doubt, "stuck", (_, v) => v[2] = now).ConfigureAwait(false);
        await RunAsync(Sent, 5, SettlingStep.Sent, "settled_by_query", (s, v) => (v[2], v[3], v[4]) = (s.Code, now, s.ReadyAt)).ConfigureAwait(false);
        await RunAsync(Ended, 5, SettlingStep.Delivered, "settled_by_query", (s, v) => (v[2], v[3], v[4]) = (s.Code, now, (int)MessageState.Delivered)).ConfigureAwait(false);
        await RunAsync(Ended, 5, SettlingStep.Undelivered, "settled_by_query", (s, v) => (v[2], v[3], v[4]) = (s.Code, now, (int)MessageState.Undelivered)).ConfigureAwait(false);
        await RunAsync(Later, 4, SettlingStep.Later, null, static (s, v) => (v[2], v[3]) = (s.ReadyAt, s.Queries)).ConfigureAwait(false);
        await RunAsync(Later, 4, SettlingStep.Close, "closed_in_doubt", static (s, v) => (v[2], v[3]) = (null, s.Queries)).ConfigureAwait(false);
        await AttemptStore.KeepAsync(tx, [.. steps[SettlingStep.Again].Select(s => new PastAttempt(s.Message.Id, s.Message.AttemptNo, MessageState.InDoubt, s.Settlement.Code))]).ConfigureAwait(false);
        await RunAsync(Again, 5, SettlingStep.Again, "sent_again", static (s, v) => (v[2], v[3], v[4]) = (s.ReadyAt, s.ChannelsTried, s.PossiblyTwice ? 1 : 0)).ConfigureAwait(false);
        await RunAsync(Rest, 2, SettlingStep.Rest, null, (_, _) => { }).ConfigureAwait(false);
        await RunAsync(Fail, 3, SettlingStep.Fail, "impossible_rows", (_, v) => v[2] = Gate.Reason.DataError).ConfigureAwait(false);
        await DeadLetterStore.KeepAsync(tx, [.. steps[SettlingStep.Fail].Select(s => s.Message.Id.Value)], now).ConfigureAwait(false);
        return changed;

        async Task RunAsync(string sql, int parameters, SettlingStep step, string? counter, Action<Settlement, object?[]> fill)
        {
            var mended = 0;
            await tx.ExecuteManyAsync(sql, parameters, [.. steps[step]], (s, v) =>
            {
                (v[0], v[1]) = (s.Message.Id.Value, s.Message.AttemptNo);
                fill(s.Settlement, v);
            }, (_, rows) => mended += rows).ConfigureAwait(false);
            if (mended > 0 && counter is not null) await SweepStore.CountAsync(tx, counter, mended, now).ConfigureAwait(false);
            changed += mended;
        }
    }

    private static OpenMessage Read(DbDataReader row, bool cancelled) => new()
    {
        Id = new MessageId(row.GetInt64(0)), State = (MessageState)row.GetInt32(1), Class = (DeliveryClass)row.GetInt32(2), Member = row.GetInt64(3),
        AttemptNo = row.GetInt32(4), ChannelsTried = row.GetInt32(5), Queries = row.GetInt32(6), NotAfter = row.GetInt64(7),
        Channel = row.IsDBNull(8) ? 0 : (Channel)row.GetInt32(8), Provider = Text(row, 9) ?? "", Reference = Text(row, 10) ?? "", AddressIndex = Text(row, 11),
        IntentAt = row.GetInt64(12), ProviderRef = Text(row, 13), Cancelled = cancelled,
    };

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
