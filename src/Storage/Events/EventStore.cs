using System.Text.Json;

namespace Engagement.Storage.Events;

/// <summary>The kinds of events, and what their bodies hold.</summary>
public static class EventKind
{
    /// <summary>Therapy lines of these members were changed by purchases; the body is a JSON array of member ids, as strings.</summary>
    public const string TherapyChanged = "therapy_changed";

    /// <summary>These members took something back that messages rest on: a consent, or their membership; the body is a JSON array of member ids, as strings.</summary>
    public const string ConsentWithdrawn = "consent_withdrawn";

    /// <summary>Somebody on the phone of these members refused SMS by a reply; the body is a JSON array of member ids, as strings.</summary>
    public const string SmsOptedOut = "sms_opted_out";

    /// <summary>Tickets with a member came in, or lines of them; the body is a JSON array of purchase ids, as strings.</summary>
    public const string PurchasesRecorded = "purchases_recorded";

    /// <summary>These members are about to lose their tier if they buy nothing more; the body is a JSON array of member ids, as strings.</summary>
    public const string TierDowngradeNear = "tier_downgrade_near";

    /// <summary>Service cases of these members were answered or done; the body is a JSON array of member ids, as strings.</summary>
    public const string CaseAnswered = "case_answered";

    /// <summary>What waiting messages rest on, and what members are to be told of: consumed by Messaging.</summary>
    public static readonly IReadOnlyList<string> ForMessaging = [TherapyChanged, ConsentWithdrawn, SmsOptedOut, CaseAnswered];

    /// <summary>What the points ledger rests on: consumed by Members.</summary>
    public static readonly IReadOnlyList<string> ForPoints = [PurchasesRecorded];
}

/// <summary>One thing that happened.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">One of <see cref="EventKind"/>.</param>
/// <param name="Body">What it is about.</param>
/// <param name="Attempts">How often it was tried in vain.</param>
public sealed record StoredEvent(long Id, string Kind, string Body, int Attempts)
{
    /// <summary>The ids of a body that is a list of them.</summary>
    public IReadOnlyList<long> Ids()
    {
        using var body = JsonDocument.Parse(Body);
        return [.. body.RootElement.EnumerateArray().Select(id => long.Parse(id.GetString()!))];
    }
}

/// <summary>The way from a lower project to a higher one: rows that are written with the change and deleted with what follows from it.</summary>
/// <remarks>Not a queue with an order: a consumer takes what is due, in any order, and what it does may be done twice.</remarks>
public sealed class EventStore(IdGenerator ids)
{
    // Well inside a TEXT column of MySQL, at twenty-two characters an id.
    private const int IdsPerEvent = 2000;

    private const string Insert = "INSERT INTO event (id, kind, body, attempts, next_at)";

    internal const string Due = """
        SELECT id AS Id, kind AS Kind, body AS Body, attempts AS Attempts
        FROM   event
        WHERE  kind IN @kinds AND next_at <= @now
        ORDER BY next_at
        LIMIT  @limit
        """;

    private const string Delete = "DELETE FROM event WHERE id = @id";

    private const string Postpone = "UPDATE event SET attempts = attempts + 1, next_at = @nextAt WHERE id = @id AND attempts = @attempts";

    /// <summary>Writes an event in the caller's transaction; it is there if and only if the change is.</summary>
    public Task AppendAsync(Tx tx, string kind, string body) => InsertAsync(tx, kind, [body]);

    /// <summary>Writes what is to be known of many members or purchases: one row for a batch of an ordinary size, none for nobody.</summary>
    public Task AppendAsync(Tx tx, string kind, IReadOnlyCollection<long> about) =>
        InsertAsync(tx, kind, [.. about.Distinct().Chunk(IdsPerEvent).Select(chunk => $"[{string.Join(',', chunk.Select(id => $"\"{id}\""))}]")]);

    /// <summary>Events of these kinds that are due: a consumer names its own.</summary>
    public static async Task<IReadOnlyList<StoredEvent>> DueAsync(Session session, IReadOnlyList<string> kinds, long now, int limit) =>
        [.. (await session.QueryAsync<EventRow>(Due, new { kinds, now, limit }).ConfigureAwait(false)).Select(row => new StoredEvent(row.Id, row.Kind, row.Body, (int)row.Attempts))];

    /// <summary>Takes an event off the table in the transaction of what follows from it; <c>false</c> when another process has done so.</summary>
    public static async Task<bool> TakeAsync(Tx tx, StoredEvent taken) => await tx.ExecuteAsync(Delete, new { id = taken.Id }).ConfigureAwait(false) == 1;

    /// <summary>Puts an event off that could not be consumed; with <c>null</c> it is given up and stays for a person.</summary>
    public static Task PostponeAsync(Tx tx, StoredEvent failed, long? nextAt) => tx.ExecuteAsync(Postpone, new { id = failed.Id, attempts = failed.Attempts, nextAt });

    private Task<int> InsertAsync(Tx tx, string kind, string[] bodies) =>
        tx.InsertManyAsync(Insert, bodies, (body, v) => (v[0], v[1], v[2], v[3], v[4]) = (ids.Next(), kind, body, 0, 0L));

    private sealed class EventRow
    {
        public long Id { get; init; }
        public string Kind { get; init; } = "";
        public string Body { get; init; } = "";
        public long Attempts { get; init; }
    }
}
