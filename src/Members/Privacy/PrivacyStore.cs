using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Members.Privacy;

/// <summary>The SQL of requests, their steps and their files.</summary>
internal sealed class PrivacyStore(IdGenerator ids, FieldCipher cipher)
{
    // A piece stays well below the 64 KB of a BLOB, also in three bytes a character.
    private const int PieceLength = 15_000;

    private const string Columns = """
        SELECT r.id AS Id, r.member_id AS MemberId, r.kind AS Kind, r.state AS State, r.reason AS Reason, r.session_id AS SessionId, r.submitted_at AS SubmittedAt,
               r.due_at AS DueAt, r.act_at AS ActAt, r.done_at AS DoneAt, r.file_until AS FileUntil
        FROM   privacy_request r
        """;

    private const string Insert = """
        INSERT INTO privacy_request (id, member_id, kind, state, note_cipher, reason, session_id, submitted_at, due_at, act_at)
        VALUES (@id, @member, @kind, @state, @note, '', @session, @now, @due, @act)
        """;

    private const string Update = "UPDATE privacy_request SET state = @state, reason = @reason, act_at = NULL, done_at = @done, file_until = @file, handled_by = @by WHERE id = @id";

    private const string Lock = "SELECT id FROM member WHERE id = @member AND erased_at IS NULL";

    private static readonly CipherColumn s_note = new("privacy_request", "note");
    private static readonly CipherColumn s_file = new("privacy_file", "body");

    public static Task<PrivacyRequest?> FindAsync(Session session, MemberId member, long id) =>
        session.SingleOrDefaultAsync<PrivacyRequest>($"{Columns} WHERE r.id = @id AND r.member_id = @member", new { id, member = member.Value });

    /// <summary>Locks the member's row, so that a request, its taking back and the erasure take turns; <c>false</c> when the member is gone.</summary>
    public static async Task<bool> LockAsync(Tx tx, MemberId member) => await tx.ScalarAsync<long?>($"{Lock} {tx.Dialect.ForUpdate}", new { member = member.Value }).ConfigureAwait(false) is not null;

    public static Task<List<PrivacyRequest>> OpenAsync(Session session, MemberId member, RequestKind kind) => session.QueryAsync<PrivacyRequest>(
        $"{Columns} WHERE r.member_id = @member AND r.kind = @kind AND r.state IN (1, 2, 3) ORDER BY r.id", new { member = member.Value, kind = (int)kind });

    public static Task<List<PrivacyRequest>> OfAsync(Session session, MemberId member) =>
        session.QueryAsync<PrivacyRequest>($"{Columns} WHERE r.member_id = @member ORDER BY r.id DESC LIMIT 100", new { member = member.Value });

    public static Task<List<PrivacyRequest>> DueAsync(Session session, long now, int limit) =>
        session.QueryAsync<PrivacyRequest>($"{Columns} WHERE r.act_at <= @now ORDER BY r.act_at LIMIT @limit", new { now, limit });

    /// <summary>Requests of members within a scope, newest first; one of an erased member has no store, and only who sees everything sees it.</summary>
    public static Task<List<PrivacyRequest>> ListAsync(Session session, StaffScope scope, bool open, long? before, int limit) => session.QueryAsync<PrivacyRequest>(
        $"{Columns} JOIN member m ON m.id = r.member_id WHERE {scope.Sql("m.store_id")} AND r.id < @before {(open ? "AND r.state IN (1, 2, 3)" : "")} ORDER BY r.id DESC LIMIT @limit",
        new { before = before ?? long.MaxValue, limit, scope.Stores, scope.Owner });

    /// <summary>One request within a scope.</summary>
    public static Task<PrivacyRequest?> FindAsync(Session session, StaffScope scope, long id) => session.SingleOrDefaultAsync<PrivacyRequest>(
        $"{Columns} JOIN member m ON m.id = r.member_id WHERE {scope.Sql("m.store_id")} AND r.id = @id", new { id, scope.Stores, scope.Owner });

    public async Task<long> AddAsync(Tx tx, MemberId member, RequestKind kind, RequestState state, string? note, long session, long now, long due, long? act)
    {
        var id = ids.Next();
        await tx.ExecuteAsync(Insert, new
        {
            id, member = member.Value, kind = (int)kind, state = (int)state, note = cipher.Encrypt(s_note, id, note), session, now, due, act,
        }).ConfigureAwait(false);
        return id;
    }

    public static Task<int> SetAsync(Tx tx, long id, RequestState state, string reason, long? done, long? file, long? by) =>
        tx.ExecuteAsync(Update, new { id, state = (int)state, reason, done, file, by });

    public Task<int> StepAsync(Tx tx, long request, RequestState state, long actor, string role, long now) => tx.InsertManyAsync(
        "INSERT INTO privacy_step (id, request_id, state, actor_id, role, at)", [state], (s, v) => (v[0], v[1], v[2], v[3], v[4], v[5]) = (ids.Next(), request, (int)s, actor, role, now));

    /// <summary>What the member wrote with a request.</summary>
    public async Task<string?> NoteAsync(Session session, long id) =>
        cipher.Decrypt(s_note, id, await session.SingleOrDefaultAsync<byte[]>("SELECT note_cipher FROM privacy_request WHERE id = @id", new { id }).ConfigureAwait(false));

    public Task<int> SaveFileAsync(Tx tx, long request, string text) => tx.InsertManyAsync(
        "INSERT INTO privacy_file (request_id, part, body_cipher)", [.. Pieces(text).Index()],
        (piece, v) => (v[0], v[1], v[2]) = (request, piece.Index, cipher.Encrypt(s_file, request, piece.Item)));

    public async Task<string> FileAsync(Session session, long request) =>
        string.Concat((await session.QueryAsync<byte[]>("SELECT body_cipher FROM privacy_file WHERE request_id = @request ORDER BY part", new { request }).ConfigureAwait(false)).Select(part => cipher.Decrypt(s_file, request, part)));

    public static async Task SweepAsync(Tx tx, long now) =>
        await tx.ExecuteAsync("DELETE FROM privacy_file WHERE request_id IN (SELECT id FROM privacy_request WHERE file_until < @now)", new { now }).ConfigureAwait(false);

    // Never between the halves of a rare character.
    private static IEnumerable<string> Pieces(string text)
    {
        for (var from = 0; from < text.Length;)
        {
            var length = Math.Min(PieceLength, text.Length - from);
            if (from + length < text.Length && char.IsHighSurrogate(text[from + length - 1])) length--;
            yield return text.Substring(from, length);
            from += length;
        }
    }
}
