using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Members.Merges;

/// <summary>Where a pair stands.</summary>
public enum ReviewState
{
    /// <summary>Nobody has decided.</summary>
    Open = 1,

    /// <summary>One person.</summary>
    Merged = 2,

    /// <summary>Two people.</summary>
    Apart = 3,
}

/// <summary>Two records that may be one person.</summary>
public sealed class ReviewPair
{
    /// <summary>The pair's id.</summary>
    public long Id { get; init; }

    /// <summary>One record.</summary>
    public long MemberId { get; init; }

    /// <summary>The other.</summary>
    public long OtherId { get; init; }

    /// <summary>Why they are on the list, as a code.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Since when, Unix milliseconds.</summary>
    public long CreatedAt { get; init; }
}

/// <summary>A merge that was carried out.</summary>
public sealed class MergeRow
{
    /// <summary>The merge's id.</summary>
    public long Id { get; init; }

    /// <summary>The record that stayed.</summary>
    public long SurvivorId { get; init; }

    /// <summary>The record that went.</summary>
    public long MergedId { get; init; }

    /// <summary>Why, as a code.</summary>
    public string Reason { get; init; } = "";

    /// <summary>When, Unix milliseconds.</summary>
    public long MergedAt { get; init; }

    /// <summary>Until when it can be parted.</summary>
    public long UndoUntil { get; init; }

    /// <summary>When it was parted, or <c>null</c>.</summary>
    public long? UndoneAt { get; init; }
}

/// <summary>The list of pairs that wait for a member of staff, and of merges that can be undone.</summary>
public static class MergeReviews
{
    private const string SelectOpen = """
        SELECT r.id AS Id, r.member_id AS MemberId, r.other_id AS OtherId, r.reason AS Reason, r.created_at AS CreatedAt
        FROM   merge_review r JOIN member m ON m.id = r.member_id JOIN member o ON o.id = r.other_id
        WHERE  r.state = 1 AND m.erased_at IS NULL AND o.erased_at IS NULL
        """;

    private const string SelectMerges = """
        SELECT g.id AS Id, g.survivor_id AS SurvivorId, g.merged_id AS MergedId, g.reason AS Reason, g.merged_at AS MergedAt, g.undo_until AS UndoUntil, g.undone_at AS UndoneAt
        FROM   member_merge g JOIN member m ON m.id = g.survivor_id
        """;

    private const string Insert = "INSERT INTO merge_review (id, member_id, other_id, reason, created_at)";
    private const string Decide = "UPDATE merge_review SET state = @state, decided_by = @by, decided_at = @now WHERE id = @id";

    private const string CountReversed = "SELECT COUNT(*) FROM merge_review WHERE member_id = @other AND other_id = @member";

    // state 1: nobody has decided. 3: two people. A parting says that too.
    private const string CountForPeople = """
        SELECT (SELECT COUNT(*) FROM merge_review
                WHERE  state IN (1, 3) AND ((member_id = @one AND other_id = @other) OR (member_id = @other AND other_id = @one)))
             + (SELECT COUNT(*) FROM member_merge
                WHERE  undone_at IS NOT NULL AND ((survivor_id = @one AND merged_id = @other) OR (survivor_id = @other AND merged_id = @one)))
        """;

    /// <summary>Notes a pair; one that is noted already, whichever of the two it names first, stays as it is.</summary>
    public static async Task AddAsync(Tx tx, long id, MemberId member, MemberId other, string reason, long now)
    {
        if (await tx.ScalarAsync<long>(CountReversed, new { member = member.Value, other = other.Value }).ConfigureAwait(false) > 0) return;
        await tx.InsertManyAsync(Insert, [other], (o, v) => (v[0], v[1], v[2], v[3], v[4]) = (id, member.Value, o.Value, reason, now),
            tx.Dialect.OnConflictKeep("member_id, other_id")).ConfigureAwait(false);
    }

    /// <summary>Whether only people may make one of two records: the pair waits for them, they kept it apart, or they parted it.</summary>
    public static async Task<bool> IsForPeopleAsync(Session session, MemberId one, MemberId other) =>
        await session.ScalarAsync<long>(CountForPeople, new { one = one.Value, other = other.Value }).ConfigureAwait(false) > 0;

    /// <summary>Open pairs of which the scope covers both records, newest first.</summary>
    public static Task<List<ReviewPair>> OpenAsync(Session session, StaffScope scope, long? before, int limit) => session.QueryAsync<ReviewPair>(
        $"{SelectOpen} AND {scope.Sql("m.store_id")} AND {scope.Sql("o.store_id")} AND r.id < @before ORDER BY r.id DESC LIMIT @limit",
        new { before = before ?? long.MaxValue, limit, scope.Stores, scope.Owner });

    /// <summary>One open pair.</summary>
    public static Task<ReviewPair?> FindAsync(Session session, StaffScope scope, long id) => session.SingleOrDefaultAsync<ReviewPair>(
        $"{SelectOpen} AND {scope.Sql("m.store_id")} AND {scope.Sql("o.store_id")} AND r.id = @id", new { id, scope.Stores, scope.Owner });

    /// <summary>Settles a pair.</summary>
    public static Task DecideAsync(Tx tx, long id, ReviewState state, StaffId by, long now) => tx.ExecuteAsync(Decide, new { id, state = (int)state, by = by.Value, now });

    /// <summary>Merges, newest first.</summary>
    public static Task<List<MergeRow>> MergesAsync(Session session, StaffScope scope, long? before, int limit) => session.QueryAsync<MergeRow>(
        $"{SelectMerges} WHERE {scope.Sql("m.store_id")} AND g.id < @before ORDER BY g.id DESC LIMIT @limit", new { before = before ?? long.MaxValue, limit, scope.Stores, scope.Owner });
}
