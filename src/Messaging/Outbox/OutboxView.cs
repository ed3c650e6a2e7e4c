using Engagement.Storage;

namespace Engagement.Messaging.Outbox;

/// <summary>A message as operators see it: no address, no text.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Run">Its run.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Class">Its delivery class.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why, when it was refused, failed or given up.</param>
/// <param name="Channel">The channel of the present attempt.</param>
/// <param name="Code">The provider's code.</param>
/// <param name="AttemptNo">Which attempt.</param>
/// <param name="ReadyAt">When it wants attention; <c>null</c> when nothing is left to do.</param>
/// <param name="NotAfter">The last moment to send it.</param>
/// <param name="IntentAt">When the present attempt began.</param>
/// <param name="PossiblyTwice">Whether it was sent again although nobody can say that the first did not arrive.</param>
/// <param name="Queries">How often the provider has said that it does not know it.</param>
public sealed record OutboxMessage(
    MessageId Id, RunId Run, MessageKind Kind, DeliveryClass Class, MessageState State, string? Reason, Channel? Channel, string? Code,
    int AttemptNo, long? ReadyAt, long NotAfter, long? IntentAt, bool PossiblyTwice, int Queries);

/// <summary>An attempt that was followed by another.</summary>
/// <param name="No">Which.</param>
/// <param name="Channel">Its channel.</param>
/// <param name="Code">What came of it.</param>
/// <param name="IntentAt">When it began.</param>
public sealed record OutboxAttempt(int No, Channel Channel, string? Code, long IntentAt);

/// <summary>Reads the outbox for people.</summary>
public static class OutboxView
{
    private const string Columns = """
        SELECT m.id AS Id, m.run_id AS Run, m.kind AS Kind, m.class AS Class, m.state AS State, m.reason AS Reason, m.channel AS Channel, m.outcome_code AS Code,
               m.attempt_no AS AttemptNo, m.ready_at AS ReadyAt, m.not_after AS NotAfter, m.intent_at AS IntentAt, m.possibly_twice AS PossiblyTwice, m.queries AS Queries
        FROM   message m
        """;

    private const string Attempts = "SELECT attempt_no AS AttemptNo, channel AS Channel, outcome_code AS Code, intent_at AS IntentAt FROM attempt WHERE message_id = @id ORDER BY attempt_no";

    /// <summary>One message, or <c>null</c>.</summary>
    public static async Task<OutboxMessage?> FindAsync(Session session, MessageId id) =>
        (await session.SingleOrDefaultAsync<Row>($"{Columns} WHERE m.id = @id", new { id = id.Value }).ConfigureAwait(false))?.ToMessage();

    /// <summary>Its attempts of the past.</summary>
    public static async Task<IReadOnlyList<OutboxAttempt>> AttemptsAsync(Session session, MessageId id) =>
        [.. (await session.QueryAsync<Row>(Attempts, new { id = id.Value }).ConfigureAwait(false)).Select(row => new OutboxAttempt((int)row.AttemptNo, (Channel)row.Channel!, row.Code, row.IntentAt!.Value))];

    /// <summary>Messages in doubt, by id; <paramref name="after"/> is the last of the page before.</summary>
    public static async Task<IReadOnlyList<OutboxMessage>> InDoubtAsync(Session session, MessageKind? kind, RunId? run, MessageId? after, int limit) =>
        [.. (await session.QueryAsync<Row>($"""
            {Columns} WHERE m.state = 8 AND m.id > @after {(kind is null ? "" : "AND m.kind = @kind")} {(run is null ? "" : "AND m.run_id = @run")}
            ORDER BY m.id LIMIT @limit
            """, new { kind = (int?)kind, run = run?.Value, after = after?.Value ?? 0, limit }).ConfigureAwait(false)).Select(row => row.ToMessage())];

    private sealed class Row
    {
        public long Id { get; init; }
        public long Run { get; init; }
        public long Kind { get; init; }
        public long Class { get; init; }
        public long State { get; init; }
        public string? Reason { get; init; }
        public long? Channel { get; init; }
        public string? Code { get; init; }
        public long AttemptNo { get; init; }
        public long? ReadyAt { get; init; }
        public long NotAfter { get; init; }
        public long? IntentAt { get; init; }
        public long PossiblyTwice { get; init; }
        public long Queries { get; init; }

        public OutboxMessage ToMessage() => new(
            new MessageId(Id), new RunId(Run), (MessageKind)Kind, (DeliveryClass)Class, (MessageState)State, Reason, (Channel?)Channel, Code,
            (int)AttemptNo, ReadyAt, NotAfter, IntentAt, PossiblyTwice != 0, (int)Queries);
    }
}
