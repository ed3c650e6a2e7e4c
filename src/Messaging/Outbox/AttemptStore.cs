using Engagement.Storage;

namespace Engagement.Messaging.Outbox;

/// <summary>An attempt that another one will follow.</summary>
/// <param name="Message">Of which message.</param>
/// <param name="AttemptNo">Which attempt.</param>
/// <param name="State">The state that the message must still be in.</param>
/// <param name="Code">What to remember as its outcome; <c>null</c> keeps what is there.</param>
internal readonly record struct PastAttempt(MessageId Message, int AttemptNo, MessageState State, string? Code);

/// <summary>Keeps the attempts of the past, so that late receipts of them still find their message.</summary>
internal static class AttemptStore
{
    // A message that never got as far as a send has no attempt; rows edited by hand may lack anything.
    private const string Keep = """
        INSERT INTO attempt (message_id, attempt_no, channel, provider, reference, provider_ref, outcome_code, intent_at, outcome_at, segments, cost_fen)
        SELECT id, attempt_no, channel, COALESCE(provider, ''), COALESCE(reference, ''), provider_ref, COALESCE(@p3, outcome_code),
               COALESCE(intent_at, created_at), outcome_at, segments, cost_fen
        FROM   message
        WHERE  id = @p0 AND attempt_no = @p1 AND state = @p2 AND channel IS NOT NULL
        """;

    /// <summary>Copies the present attempts, in the transaction that moves their messages on.</summary>
    public static Task KeepAsync(Tx tx, IReadOnlyList<PastAttempt> attempts) => tx.ExecuteManyAsync(
        $"{Keep} {tx.Dialect.OnConflictKeep("message_id, attempt_no")}", 4, attempts,
        static (a, v) => (v[0], v[1], v[2], v[3]) = (a.Message.Value, a.AttemptNo, (int)a.State, a.Code));
}
