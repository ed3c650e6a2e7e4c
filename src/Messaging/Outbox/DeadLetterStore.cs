using Engagement.Storage;

namespace Engagement.Messaging.Outbox;

/// <summary>A message that failed and waits for a person.</summary>
/// <param name="Message">The message.</param>
/// <param name="Run">Its run.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Reason">Why it failed: a code of <see cref="Gate.Reason"/>.</param>
/// <param name="Code">The provider's code, when it was one who refused.</param>
/// <param name="FailedAt">When (business time, Unix milliseconds).</param>
/// <param name="NotAfter">The last moment to send it.</param>
public sealed record DeadLetter(MessageId Message, RunId Run, MessageKind Kind, string Reason, string? Code, long FailedAt, long NotAfter);

/// <summary>Which dead letters are meant; what is <c>null</c> does not narrow.</summary>
/// <param name="Message">This one.</param>
/// <param name="Reason">Failed for this reason.</param>
/// <param name="Kind">Of this kind.</param>
/// <param name="Run">Of this run.</param>
/// <param name="Since">Failed at this moment or later (business time, Unix milliseconds).</param>
public sealed record DeadLetterFilter(MessageId? Message = null, string? Reason = null, MessageKind? Kind = null, RunId? Run = null, long? Since = null);

/// <summary>What came of a decision on dead letters.</summary>
/// <param name="Done">Those that it was carried out on.</param>
/// <param name="Refused">The others, by reason: a code of <see cref="Gate.Reason"/>.</param>
public sealed record DeadLetterDecision(int Done, IReadOnlyDictionary<string, int> Refused);

/// <summary>Messages that failed, until a person sends them on their way again or closes them.</summary>
public sealed class DeadLetterStore(Database database, Clocks clocks, OutboxSignals signals)
{
    private const int PageSize = 500;

    // A message that failed, was released and failed again is open again.
    private const string Keep = """
        INSERT INTO dead_letter (message_id, run_id, kind, reason, code, failed_at, state)
        SELECT id, run_id, kind, COALESCE(reason, ''), outcome_code, @p1, 1
        FROM   message
        WHERE  id = @p0 AND state = 7
        """;

    // A late receipt may have shown since that it arrived after all.
    private const string Select = """
        SELECT d.message_id AS Message, d.run_id AS Run, d.kind AS Kind, d.reason AS Reason, d.code AS Code, d.failed_at AS FailedAt,
               m.not_after AS NotAfter, m.attempt_no AS AttemptNo, r.state AS RunState, c.state AS CampaignState
        FROM   dead_letter d JOIN message m ON m.id = d.message_id LEFT JOIN run r ON r.id = d.run_id LEFT JOIN campaign c ON c.id = r.campaign_id
        WHERE  d.state = 1 AND m.state = 7
        """;

    private const string Release = """
        UPDATE message
        SET    state = 1, reason = NULL, ready_at = @p1, not_after = @p2, channels_tried = 0, queries = 0, segments = 0, cost_fen = 0
        WHERE  id = @p0 AND state = 7
        """;

    // A run that was over has something to do again, and is read by the dispatcher again.
    private const string Reopen = "UPDATE run SET state = 2 WHERE id = @p0 AND state = 5";

    private const string Decide = "UPDATE dead_letter SET state = @p1, decided_by = @p2, decided_at = @p3 WHERE message_id = @p0 AND state = 1";

    /// <summary>Writes down messages that have just failed, in the transaction in which they did; one that has not failed is left out.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="messageIds">The messages.</param>
    /// <param name="now">Business time.</param>
    public static Task KeepAsync(Tx tx, IReadOnlyList<long> messageIds, long now) => tx.ExecuteManyAsync(
        $"""
        {Keep} {tx.Dialect.OnConflictUpdate("message_id")} reason = {tx.Dialect.New("reason")}, code = {tx.Dialect.New("code")},
            failed_at = {tx.Dialect.New("failed_at")}, state = 1, decided_by = NULL, decided_at = NULL
        """,
        2, messageIds, (id, v) => (v[0], v[1]) = (id, now));

    /// <summary>Open dead letters, the newest first.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="filter">Which.</param>
    /// <param name="after">The last of the page before, or <c>null</c>.</param>
    /// <param name="limit">At most so many.</param>
    public static async Task<IReadOnlyList<DeadLetter>> ListAsync(Session session, DeadLetterFilter filter, DeadLetter? after, int limit) =>
        [.. (await PageAsync(session, filter, after?.FailedAt, after?.Message.Value, limit).ConfigureAwait(false)).Select(row => row.ToLetter())];

    /// <summary>Sends failed messages on their way again: Pending, due now, every channel open to them.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="notAfter">A new last moment (business time); <c>null</c> keeps that of each message.</param>
    /// <param name="by">Who decided.</param>
    /// <param name="ct">Stops between pages.</param>
    /// <remarks>Refused: <c>expired</c> when its last moment has passed and no new one is given, <c>cancelled</c> when its run or campaign is.</remarks>
    public Task<DeadLetterDecision> ReleaseAsync(DeadLetterFilter filter, long? notAfter, string by, CancellationToken ct) =>
        DecideAsync(filter, async (tx, page) =>
        {
            var now = clocks.Business.NowMs();
            var verdicts = page.ToLookup(row => row.Refusal(notAfter, now));
            var released = verdicts[null].ToList();
            await AttemptStore.KeepAsync(tx, [.. released.Select(row => new PastAttempt(new MessageId(row.Message), (int)row.AttemptNo, MessageState.Failed, null))]).ConfigureAwait(false);
            await tx.ExecuteManyAsync(Release, 3, released, (row, v) => (v[0], v[1], v[2]) = (row.Message, now, notAfter ?? row.NotAfter)).ConfigureAwait(false);
            await tx.ExecuteManyAsync(Reopen, 1, [.. released.Select(row => row.Run).Distinct()], static (run, v) => v[0] = run).ConfigureAwait(false);
            await CloseAsync(tx, released, DeadLetterState.Released, by, now).ConfigureAwait(false);
            tx.AfterCommit(signals.Due.Set);
            return (released.Count, verdicts.Where(v => v.Key is not null).ToDictionary(v => v.Key!, v => v.Count()));
        }, ct);

    /// <summary>Closes failed messages: they stay Failed and are out of the way.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="by">Who decided.</param>
    /// <param name="ct">Stops between pages.</param>
    public Task<DeadLetterDecision> CloseAsync(DeadLetterFilter filter, string by, CancellationToken ct) => DecideAsync(filter, async (tx, page) =>
    {
        await CloseAsync(tx, page, DeadLetterState.Closed, by, clocks.Business.NowMs()).ConfigureAwait(false);
        return (page.Count, []);
    }, ct);

    private async Task<DeadLetterDecision> DecideAsync(
        DeadLetterFilter filter, Func<Tx, List<LetterRow>, Task<(int Done, Dictionary<string, int> Refused)>> decide, CancellationToken ct)
    {
        var (done, refused) = (0, new SortedDictionary<string, int>(StringComparer.Ordinal));
        long? failedAt = null, message = null;
        while (true)
        {
            // Page by page in writes of their own: half a million letters must not be one transaction.
            var (page, result) = await database.WriteAsync(async tx =>
            {
                var rows = await PageAsync(tx, filter, failedAt, message, PageSize).ConfigureAwait(false);
                return (rows, rows.Count == 0 ? (0, []) : await decide(tx, rows).ConfigureAwait(false));
            }, ct).ConfigureAwait(false);
            done += result.Item1;
            foreach (var (reason, count) in result.Item2) refused[reason] = refused.GetValueOrDefault(reason) + count;
            if (page.Count < PageSize) return new DeadLetterDecision(done, refused);
            (failedAt, message) = (page[^1].FailedAt, page[^1].Message);
        }
    }

    private static Task CloseAsync(Tx tx, List<LetterRow> rows, DeadLetterState state, string by, long now) =>
        tx.ExecuteManyAsync(Decide, 4, rows, (row, v) => (v[0], v[1], v[2], v[3]) = (row.Message, (int)state, by.Length <= 64 ? by : by[..64], now));

    private static Task<List<LetterRow>> PageAsync(Session session, DeadLetterFilter filter, long? failedAt, long? message, int limit)
    {
        string?[] conditions =
        [
            Select,
            filter.Message is null ? null : "AND d.message_id = @id",
            filter.Reason is null ? null : "AND d.reason = @Reason",
            filter.Kind is null ? null : "AND d.kind = @kind",
            filter.Run is null ? null : "AND d.run_id = @run",
            filter.Since is null ? null : "AND d.failed_at >= @Since",
            failedAt is null ? null : "AND (d.failed_at < @failedAt OR (d.failed_at = @failedAt AND d.message_id < @message))",
            "ORDER BY d.failed_at DESC, d.message_id DESC LIMIT @limit",
        ];
        return session.QueryAsync<LetterRow>(string.Join('\n', conditions.OfType<string>()), new
        {
            id = filter.Message?.Value, filter.Reason, kind = (int?)filter.Kind, run = filter.Run?.Value, filter.Since, failedAt, message, limit,
        });
    }

    private enum DeadLetterState
    {
        Released = 2,
        Closed = 3,
    }

    private sealed class LetterRow
    {
        public long Message { get; init; }
        public long Run { get; init; }
        public long Kind { get; init; }
        public string Reason { get; init; } = "";
        public string? Code { get; init; }
        public long FailedAt { get; init; }
        public long NotAfter { get; init; }
        public long AttemptNo { get; init; }
        public long? RunState { get; init; }
        public long? CampaignState { get; init; }

        public DeadLetter ToLetter() => new(new MessageId(Message), new RunId(Run), (MessageKind)Kind, Reason, Code, FailedAt, NotAfter);

        // A run that is not there is a fault of the data, and nothing would ever read the message.
        public string? Refusal(long? notAfter, long now) =>
            RunState is null ? Gate.Reason.DataError
            : RunState == (int)Runs.RunState.Cancelled || CampaignState == (int)Campaigns.CampaignState.Cancelled ? Gate.Reason.Cancelled
            : (notAfter ?? NotAfter) < now ? Gate.Reason.Expired : null;
    }
}
