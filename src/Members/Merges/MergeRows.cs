using Engagement.Members.Profiles;
using Engagement.Storage;

namespace Engagement.Members.Merges;

/// <summary>Moves the rows of a merge that belong to no other feature: tickets, cards, identities at WeChat, sign-ins. Each is written down, so that it can go back.</summary>
internal static class MergeRows
{
    private const int Tickets = 1;
    private const int SignIns = 2;
    private const int Aliases = 3;

    private const string Note = "INSERT INTO member_merge_row (merge_id, kind, row_id) SELECT @merge, @kind, id FROM";
    private const string NoteIdentities = "INSERT INTO member_merge_identity (merge_id, account, openid) SELECT @merge, account, openid FROM member_identity WHERE member_id = @from";

    private const string InsertAlias = """
        INSERT INTO member_alias (id, source, member_no, member_id, reason, content_hash, merged_at) VALUES (@alias, @source, @memberNo, @to, @reason, @hash, @now)
        """;

    private const string Back = "WHERE id IN (SELECT row_id FROM member_merge_row WHERE merge_id = @merge AND kind = @kind)";

    private const string IdentitiesBack = """
        UPDATE member_identity SET member_id = @from
        WHERE  member_id = @to AND EXISTS (SELECT 1 FROM member_merge_identity m WHERE m.merge_id = @merge AND m.account = member_identity.account AND m.openid = member_identity.openid)
        """;

    // Whoever signed in with one of those openids while the records were one did so as the one that goes again.
    private const string SignInsSince = """
        UPDATE member_session SET member_id = @from
        WHERE  member_id = @to AND ended_at IS NULL
               AND EXISTS (SELECT 1 FROM member_merge_identity m WHERE m.merge_id = @merge AND m.account = member_session.account AND m.openid = member_session.openid)
        """;

    /// <summary>Moves them.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="merge">The merge.</param>
    /// <param name="gone">The record that goes; its card becomes an alias.</param>
    /// <param name="reason">Why.</param>
    /// <param name="alias">An id for the alias.</param>
    /// <param name="now">Business time.</param>
    public static async Task MoveAsync(Tx tx, Merge merge, OpenRecord gone, string reason, long alias, long now)
    {
        var (from, to) = (merge.From.Value, merge.To.Value);
        await MoveAsync(tx, merge, Tickets, "purchase WHERE member_id = @from", "UPDATE purchase SET member_id = @to WHERE member_id = @from").ConfigureAwait(false);
        await MoveAsync(tx, merge, SignIns, "member_session WHERE member_id = @from AND ended_at IS NULL", "UPDATE member_session SET member_id = @to WHERE member_id = @from AND ended_at IS NULL").ConfigureAwait(false);
        await MoveAsync(tx, merge, Aliases, "member_alias WHERE member_id = @from", "UPDATE member_alias SET member_id = @to WHERE member_id = @from").ConfigureAwait(false);
        await tx.ExecuteAsync("UPDATE parked_refund SET member_id = @to WHERE member_id = @from", new { from, to }).ConfigureAwait(false);
        await tx.ExecuteAsync(NoteIdentities, new { merge = merge.Id, from }).ConfigureAwait(false);
        await tx.ExecuteAsync("UPDATE member_identity SET member_id = @to WHERE member_id = @from", new { from, to }).ConfigureAwait(false);
        await tx.ExecuteAsync(InsertAlias, new { alias, source = gone.Source, memberNo = gone.MemberNo, to, reason, hash = gone.ContentHash, now }).ConfigureAwait(false);
        await tx.ExecuteAsync("UPDATE merge_review SET state = 2, decided_at = @now WHERE state = 1 AND ((member_id = @from AND other_id = @to) OR (member_id = @to AND other_id = @from))", new { from, to, now }).ConfigureAwait(false);
    }

    /// <summary>Moves them back.</summary>
    public static async Task MoveBackAsync(Tx tx, Merge merge, OpenRecord gone)
    {
        var (from, to) = (merge.From.Value, merge.To.Value);
        await BackAsync(tx, merge, Tickets, "purchase").ConfigureAwait(false);
        await BackAsync(tx, merge, SignIns, "member_session").ConfigureAwait(false);
        await BackAsync(tx, merge, Aliases, "member_alias").ConfigureAwait(false);
        await tx.ExecuteAsync(IdentitiesBack, new { merge = merge.Id, from, to }).ConfigureAwait(false);
        await tx.ExecuteAsync(SignInsSince, new { merge = merge.Id, from, to }).ConfigureAwait(false);
        await tx.ExecuteAsync("DELETE FROM member_alias WHERE source = @source AND member_no = @memberNo AND member_id = @to", new { source = gone.Source, memberNo = gone.MemberNo, to }).ConfigureAwait(false);
        await tx.ExecuteAsync("DELETE FROM member_merge_row WHERE merge_id = @merge", new { merge = merge.Id }).ConfigureAwait(false);
        await tx.ExecuteAsync("DELETE FROM member_merge_identity WHERE merge_id = @merge", new { merge = merge.Id }).ConfigureAwait(false);
    }

    private static async Task MoveAsync(Tx tx, Merge merge, int kind, string rows, string update)
    {
        var args = new { merge = merge.Id, kind, from = merge.From.Value, to = merge.To.Value };
        await tx.ExecuteAsync($"{Note} {rows}", args).ConfigureAwait(false);
        await tx.ExecuteAsync(update, args).ConfigureAwait(false);
    }

    private static Task<int> BackAsync(Tx tx, Merge merge, int kind, string table) =>
        tx.ExecuteAsync($"UPDATE {table} SET member_id = @from {Back} AND member_id = @to", new { merge = merge.Id, kind, from = merge.From.Value, to = merge.To.Value });
}
