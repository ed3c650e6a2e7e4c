using Engagement.Members.CarePlans;
using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Members.Consents;

/// <summary>One yes or no of a member, with its evidence.</summary>
/// <param name="Member">Whose.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Granted">Yes or no.</param>
/// <param name="TextVersion">The version of the text that the member saw.</param>
/// <param name="Source">Where it came from: <c>till</c>, <c>miniprogram</c>, <c>sms_reply</c> …</param>
/// <param name="Evidence">Where the proof is kept.</param>
/// <param name="At">When it was given (business time), Unix milliseconds.</param>
public sealed record ConsentChange(
    MemberId Member, Purpose Purpose, bool Granted, string TextVersion, string Source, string Evidence, long At);

/// <summary>What members have agreed to. A change counts from the next intent on: it raises the member's gate version.</summary>
public sealed class ConsentStore(IdGenerator ids)
{
    private const string Bump = "UPDATE member SET gate_version = gate_version + 1 WHERE id = @p0";

    private const string Changes = """
        SELECT member_id AS MemberId, purpose AS Purpose, granted AS Granted, text_version AS TextVersion,
               source AS Source, evidence AS Evidence, changed_at AS ChangedAt
        FROM   consent_change
        WHERE  member_id = @member
        ORDER BY changed_at, id
        """;

    private readonly EventStore _events = new(ids);

    /// <summary>Records changes, each with its history row, inside the caller's write.</summary>
    public async Task RecordAsync(Tx tx, IReadOnlyList<ConsentChange> changes)
    {
        await tx.InsertManyAsync(
            "INSERT INTO consent (member_id, purpose, granted, text_version, source, changed_at)", changes,
            static (c, v) => (v[0], v[1], v[2], v[3], v[4], v[5]) = (c.Member.Value, (int)c.Purpose, c.Granted ? 1 : 0, c.TextVersion, c.Source, c.At),
            $"""
            {tx.Dialect.OnConflictUpdate("member_id, purpose")} granted = {tx.Dialect.New("granted")},
                text_version = {tx.Dialect.New("text_version")}, source = {tx.Dialect.New("source")}, changed_at = {tx.Dialect.New("changed_at")}
            """).ConfigureAwait(false);
        await tx.InsertManyAsync(
            "INSERT INTO consent_change (id, member_id, purpose, granted, text_version, source, evidence, changed_at)", changes,
            (c, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]) =
                (ids.Next(), c.Member.Value, (int)c.Purpose, c.Granted ? 1 : 0, c.TextVersion, c.Source, c.Evidence, c.At)).ConfigureAwait(false);
        await tx.ExecuteManyAsync(Bump, 1, [.. changes.Select(c => c.Member.Value).Distinct()], static (id, v) => v[0] = id).ConfigureAwait(false);
        await HealthBook.ForgetAsync(tx, [.. changes.Where(c => c is { Granted: false, Purpose: Purpose.Health }).Select(c => c.Member.Value)]).ConfigureAwait(false);
        await _events.AppendAsync(tx, EventKind.ConsentWithdrawn, [.. changes.Where(c => !c.Granted).Select(c => c.Member.Value)]).ConfigureAwait(false);
    }

    /// <summary>Every step of one member, oldest first.</summary>
    public static async Task<IReadOnlyList<ConsentChange>> HistoryAsync(Session session, MemberId member) =>
        [.. (await session.QueryAsync<ChangeRow>(Changes, new { member = member.Value }).ConfigureAwait(false)).Select(row => row.ToChange())];

    private sealed class ChangeRow
    {
        public long MemberId { get; init; }
        public int Purpose { get; init; }
        public int Granted { get; init; }
        public string TextVersion { get; init; } = "";
        public string Source { get; init; } = "";
        public string Evidence { get; init; } = "";
        public long ChangedAt { get; init; }

        public ConsentChange ToChange() =>
            new(new MemberId(MemberId), (Purpose)Purpose, Granted == 1, TextVersion, Source, Evidence, ChangedAt);
    }
}
