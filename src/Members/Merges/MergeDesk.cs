using Engagement.Members.CarePlans;
using Engagement.Members.Consents;
using Engagement.Members.Facts;
using Engagement.Members.Profiles;
using Engagement.Members.Staff;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Members.Merges;

/// <summary>What came of a wish to merge or to part.</summary>
public enum MergeOutcome
{
    /// <summary>Done.</summary>
    Done = 1,

    /// <summary>No such record or merge, or it is out of sight.</summary>
    NotFound = 2,

    /// <summary>A hard conflict: two verified phones, or sex and year of birth far apart.</summary>
    Conflict = 3,

    /// <summary>One of them waits for its erasure.</summary>
    ErasureWaits = 4,

    /// <summary>The 90 days are over, or it was parted before.</summary>
    TooLate = 5,

    /// <summary>The record that stayed was itself merged or erased since: part that merge first.</summary>
    NotLatest = 6,
}

/// <summary>Merges two member records into one, and parts them again within 90 days.</summary>
/// <remarks>
/// The record that goes counts as erased from then on, and its card is an alias of the other. Points, coupons and the rest move by their features' own
/// means (<see cref="IMergePart"/>); consents become the strictest of both, and stay so when the records are parted: nobody is asked less than they refused.
/// A yes that one record had only from the other is a no again then.
/// </remarks>
public sealed class MergeDesk
{
    private const string Insert = """
        INSERT INTO member_merge (id, survivor_id, merged_id, reason, decided_by, originals_cipher, merged_at, undo_until)
        VALUES (@id, @kept, @gone, @reason, @by, @originals, @now, @until)
        """;

    private const string Select = """
        SELECT id, survivor_id AS Kept, merged_id AS Gone, originals_cipher AS Originals, merged_at AS MergedAt, undo_until AS UndoUntil, undone_at AS UndoneAt FROM member_merge WHERE id = @id
        """;

    private const string Undo = "UPDATE member_merge SET undone_at = @now, undone_by = @by WHERE id = @id AND undone_at IS NULL";
    private const string CountErasures = "SELECT COUNT(*) FROM privacy_request WHERE member_id IN @members AND kind = 2 AND state IN (1, 2, 3)";
    private const string SelectBusiest = "SELECT store_id FROM purchase WHERE member_id = @member AND event = 1 AND business_day > @since AND store_id > 0 GROUP BY store_id ORDER BY COUNT(*) DESC, store_id LIMIT 1";
    private const string SelectConsents = "SELECT purpose, granted, text_version AS TextVersion FROM consent WHERE member_id = @member";

    // The first half: what the kept record has a yes for from this merge alone. The second: what it refuses and the other still allows; without membership (1), the
    // contract, which ends with the account, and without a health consent (2) that the kept one had refused before: that would delete what the other's own yes stands for.
    private const string SelectNoLonger = """
        SELECT k.member_id AS Member, k.purpose AS Purpose FROM consent k
        WHERE  k.member_id = @kept AND k.granted = 1 AND k.source = 'merge' AND EXISTS
               (SELECT 1 FROM consent_change c WHERE c.member_id = k.member_id AND c.purpose = k.purpose AND c.changed_at = k.changed_at AND c.evidence = @evidence)
        UNION ALL
        SELECT g.member_id AS Member, g.purpose AS Purpose FROM consent g JOIN consent k ON k.member_id = @kept AND k.purpose = g.purpose
        WHERE  g.member_id = @gone AND g.granted = 1 AND k.granted = 0 AND g.purpose <> 1 AND (g.purpose <> 2 OR k.changed_at >= @mergedAt)
        """;

    private const string CopyPreferences = """
        INSERT INTO member_preference (member_id, name, value, origin, changed_at)
        SELECT @to, g.name, g.value, 'merge', g.changed_at FROM member_preference g
        WHERE  g.member_id = @from AND NOT EXISTS (SELECT 1 FROM (SELECT name FROM member_preference WHERE member_id = @to) k WHERE k.name = g.name)
        """;

    private static readonly TimeSpan s_undo = TimeSpan.FromDays(90);

    private readonly IdGenerator _ids;
    private readonly Clocks _clocks;
    private readonly FieldCipher _cipher;
    private readonly OpenRecords _records;
    private readonly ConsentStore _consents;
    private readonly TherapyStore _therapies;
    private readonly AuditLog _audit;
    private readonly IReadOnlyList<IMergePart> _parts;

    internal MergeDesk(IdGenerator ids, Clocks clocks, FieldCipher cipher, OpenRecords records, ConsentStore consents, TherapyStore therapies, AuditLog audit, IEnumerable<IMergePart> parts) =>
        (_ids, _clocks, _cipher, _records, _consents, _therapies, _audit, _parts) = (ids, clocks, cipher, records, consents, therapies, audit, [.. parts]);

    /// <summary>Merges two records, in the caller's write.</summary>
    /// <param name="tx">The open write; the audit entry is its last statement.</param>
    /// <param name="kept">The record that stays.</param>
    /// <param name="gone">The record that becomes part of it.</param>
    /// <param name="reason">Why, as a code.</param>
    /// <param name="actor">Who decided; <see cref="AuditActor.System"/> for a rule.</param>
    public async Task<MergeOutcome> MergeAsync(Tx tx, MemberId kept, MemberId gone, string reason, AuditActor actor)
    {
        // In the order of their ids, so that two merges cannot wait for each other.
        var first = await _records.ReadAsync(tx, Math.Min(kept.Value, gone.Value)).ConfigureAwait(false);
        var second = await _records.ReadAsync(tx, Math.Max(kept.Value, gone.Value)).ConfigureAwait(false);
        if (first is null || second is null || kept == gone) return MergeOutcome.NotFound;
        var (stays, goes) = first.Id == kept.Value ? (first, second) : (second, first);
        if (MergeRules.Conflict(stays, goes) is not null) return MergeOutcome.Conflict;
        if (await tx.ScalarAsync<long>(CountErasures, new { members = (long[])[kept.Value, gone.Value] }).ConfigureAwait(false) > 0) return MergeOutcome.ErasureWaits;

        var merge = new Merge(_ids.Next(), gone, kept, MergeRules.SameName(stays, goes));
        var now = _clocks.Business.NowMs();
        await OpenRecords.RetireAsync(tx, gone.Value, kept.Value, now).ConfigureAwait(false);
        await MergeRows.MoveAsync(tx, merge, goes, reason, _ids.Next(), now).ConfigureAwait(false);
        var result = MergeRules.Combine(stays, goes);
        var busiest = await tx.SingleOrDefaultAsync<long?>(SelectBusiest, new { member = kept.Value, since = _clocks.Business.Today() - 365 }).ConfigureAwait(false);
        result = result with { StoreId = busiest ?? result.StoreId };
        await _records.WriteAsync(tx, result).ConfigureAwait(false);
        await tx.ExecuteAsync(Insert, new
        {
            id = merge.Id, kept = kept.Value, gone = gone.Value, reason, by = actor.Id, originals = new Originals(stays, goes, result).Seal(_cipher, merge.Id), now,
            until = now + (long)s_undo.TotalMilliseconds,
        }).ConfigureAwait(false);
        await StrictestAsync(tx, merge, now).ConfigureAwait(false);
        await tx.ExecuteAsync(CopyPreferences, new { from = gone.Value, to = kept.Value }).ConfigureAwait(false);
        foreach (var part in _parts) await part.MergeAsync(tx, merge).ConfigureAwait(false);
        await AddUpAsync(tx, merge).ConfigureAwait(false);
        await _audit.AppendAsync(tx, new AuditEntry(actor, "member.merged") { MemberId = kept.Value, Subject = $"member:{gone}", Detail = $$"""{"merge":"{{merge.Id}}","reason":"{{reason}}"}""" }).ConfigureAwait(false);
        return MergeOutcome.Done;
    }

    /// <summary>Parts two records that were merged. Both are again what they were; what happened to the merged record since stays with the one that stayed.</summary>
    /// <param name="tx">The open write; the audit entry is its last statement.</param>
    /// <param name="id">The merge.</param>
    /// <param name="scope">Which members the caller may see.</param>
    /// <param name="actor">Who decided.</param>
    public async Task<MergeOutcome> PartAsync(Tx tx, long id, StaffScope scope, AuditActor actor)
    {
        var row = await tx.SingleOrDefaultAsync<Row>($"{Select} {tx.Dialect.ForUpdate}", new { id }).ConfigureAwait(false);
        if (row is null) return MergeOutcome.NotFound;
        var now = _clocks.Business.NowMs();
        if (row.UndoneAt is not null || row.UndoUntil < now) return MergeOutcome.TooLate;
        if (await _records.ReadAsync(tx, row.Kept).ConfigureAwait(false) is not { } kept) return MergeOutcome.NotLatest;
        if (!scope.Covers(kept.StoreId)) return MergeOutcome.NotFound;

        var originals = Originals.Unseal(_cipher, id, row.Originals);
        var merge = new Merge(id, new MemberId(row.Gone), new MemberId(row.Kept), MergeRules.SameName(originals.Kept, originals.Gone));
        foreach (var part in _parts.Reverse()) await part.PartAsync(tx, merge).ConfigureAwait(false);
        await MergeRows.MoveBackAsync(tx, merge, originals.Gone).ConfigureAwait(false);
        await _records.WriteAsync(tx, originals.Gone).ConfigureAwait(false);
        await _records.WriteAsync(tx, MergeRules.Part(kept, originals)).ConfigureAwait(false);
        await NoLongerAsync(tx, merge, row.MergedAt, now).ConfigureAwait(false);
        await AddUpAsync(tx, merge).ConfigureAwait(false);
        await tx.ExecuteAsync(Undo, new { id, now, by = actor.Id }).ConfigureAwait(false);
        await _audit.AppendAsync(tx, new AuditEntry(actor, "member.parted") { MemberId = row.Kept, Subject = $"member:{row.Gone}", Detail = $$"""{"merge":"{{id}}"}""" }).ConfigureAwait(false);
        return MergeOutcome.Done;
    }

    // A refusal on either record wins; a yes fills only what nobody has spoken about; health consent does not cross to another name.
    private async Task StrictestAsync(Tx tx, Merge merge, long now)
    {
        var kept = (await tx.QueryAsync<ConsentRow>(SelectConsents, new { member = merge.To.Value }).ConfigureAwait(false)).ToDictionary(row => row.Purpose);
        var changes = new List<ConsentChange>();
        foreach (var said in await tx.QueryAsync<ConsentRow>(SelectConsents, new { member = merge.From.Value }).ConfigureAwait(false))
        {
            var purpose = (Purpose)said.Purpose;
            var spoken = kept.TryGetValue(said.Purpose, out var before);
            var takes = said.Granted != 0 ? !spoken && (purpose != Purpose.Health || merge.SameName) : !spoken || before!.Granted != 0;
            if (takes) changes.Add(new ConsentChange(merge.To, purpose, said.Granted != 0, said.TextVersion, "merge", $"merge:{merge.Id}", now));
        }

        if (changes.Count > 0) await _consents.RecordAsync(tx, changes).ConfigureAwait(false);
    }

    // After the parts: a no to health data deletes it where it lies by then.
    private async Task NoLongerAsync(Tx tx, Merge merge, long mergedAt, long now)
    {
        var evidence = $"merge:{merge.Id}";
        var rows = await tx.QueryAsync<NoLongerRow>(SelectNoLonger, new { kept = merge.To.Value, gone = merge.From.Value, evidence, mergedAt }).ConfigureAwait(false);
        if (rows.Count > 0) await _consents.RecordAsync(tx, [.. rows.Select(row => new ConsentChange(new MemberId(row.Member), (Purpose)row.Purpose, false, "", "parting", evidence, now))]).ConfigureAwait(false);
    }

    private async Task AddUpAsync(Tx tx, Merge merge)
    {
        await FactStore.RebuildAsync(tx, merge.From).ConfigureAwait(false);
        await FactStore.RebuildAsync(tx, merge.To).ConfigureAwait(false);
        await _therapies.RebuildAsync(tx, [merge.From.Value, merge.To.Value]).ConfigureAwait(false);
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public long Kept { get; init; }
        public long Gone { get; init; }
        public byte[] Originals { get; init; } = [];
        public long MergedAt { get; init; }
        public long UndoUntil { get; init; }
        public long? UndoneAt { get; init; }
    }

    private sealed class NoLongerRow
    {
        public long Member { get; init; }
        public int Purpose { get; init; }
    }

    private sealed class ConsentRow
    {
        public int Purpose { get; init; }
        public int Granted { get; init; }
        public string TextVersion { get; init; } = "";
    }
}
