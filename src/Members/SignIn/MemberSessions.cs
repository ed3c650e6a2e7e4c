using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.SignIn;

/// <summary>Sessions of members and visitors. Instants are those of the system clock.</summary>
public sealed class MemberSessions(Database database, IdGenerator ids, Clocks clocks, IOptions<SignInOptions> options)
{
    private const string Insert = """
        INSERT INTO member_session (id, account, openid, unionid, member_id, created_at, idle_until, expires_at, refresh_no, refreshed_at)
        VALUES (@id, @account, @openId, @unionId, @member, @now, @idle, @expires, 1, @now)
        """;

    private const string Select = """
        SELECT s.account, s.openid, s.unionid, s.member_id, s.idle_until, s.expires_at, s.refresh_no, s.refreshed_at
        FROM   member_session s LEFT JOIN member m ON m.id = s.member_id
        WHERE  s.id = @p0 AND s.ended_at IS NULL AND m.erased_at IS NULL
        """;

    private const string UpdateRefresh = "UPDATE member_session SET refresh_no = @no, refreshed_at = @now, idle_until = @idle WHERE id = @id";
    private const string UpdateMember = "UPDATE member_session SET member_id = @member WHERE account = @account AND openid = @openId AND ended_at IS NULL";
    private const string UpdateOwner = "UPDATE member_session SET member_id = @to WHERE member_id = @from AND ended_at IS NULL";
    private const string EndOne = "UPDATE member_session SET ended_at = @now, ended_why = @why WHERE id = @id AND ended_at IS NULL";
    private const string EndAll = "UPDATE member_session SET ended_at = @now, ended_why = @why WHERE member_id = @member AND ended_at IS NULL";
    private const string Sweep = "DELETE FROM member_session WHERE idle_until < @before";

    /// <summary>Begins a session.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="person">Who WeChat says it is.</param>
    /// <param name="member">The member that they are, or <c>null</c>.</param>
    public async Task<MemberSession> BeginAsync(Tx tx, WeChatPerson person, MemberId? member)
    {
        var (id, now) = (ids.Next(), clocks.System.NowMs());
        await tx.ExecuteAsync(Insert, new
        {
            id, account = person.Account, openId = person.OpenId, unionId = person.UnionId, member = member?.Value, now,
            idle = now + (long)options.Value.Idle.TotalMilliseconds, expires = now + (long)options.Value.Longest.TotalMilliseconds,
        }).ConfigureAwait(false);
        return new MemberSession(id, person.Account, person.OpenId, person.UnionId, member, 1);
    }

    /// <summary>The session, as it is now; <c>null</c> when it has ended or run out.</summary>
    public Task<MemberSession?> FindAsync(long id, CancellationToken ct) =>
        database.ReadAsync(async session => (await LiveAsync(session, Select, id).ConfigureAwait(false))?.ToSession(), ct);

    /// <summary>Takes a refresh token for the next one. One that was used before ends the session: two people hold it.</summary>
    /// <param name="id">The session.</param>
    /// <param name="no">The number of the token.</param>
    /// <param name="ct">Stops before the write.</param>
    public Task<MemberSession?> RefreshAsync(long id, int no, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await LiveAsync(tx, $"{Select} {tx.Dialect.ForUpdate}", id).ConfigureAwait(false) is not { } row) return null;
        var now = clocks.System.NowMs();
        // The answer to the last refresh may have been lost: the same token again gets what that answer held.
        if (no == row.RefreshNo - 1 && now - row.RefreshedAt <= options.Value.RefreshGrace.TotalMilliseconds) return row.ToSession();
        if (no != row.RefreshNo)
        {
            await EndAsync(tx, id, "token_reused").ConfigureAwait(false);
            return null;
        }

        var idle = Math.Min(row.ExpiresAt, now + (long)options.Value.Idle.TotalMilliseconds);
        await tx.ExecuteAsync(UpdateRefresh, new { id, no = no + 1, now, idle }).ConfigureAwait(false);
        return row.ToSession() with { RefreshNo = no + 1 };
    }, ct);

    /// <summary>Makes a visitor's sessions those of a member.</summary>
    public static Task MakeMemberAsync(Tx tx, WeChatPerson person, MemberId member) =>
        tx.ExecuteAsync(UpdateMember, new { account = person.Account, openId = person.OpenId, member = member.Value });

    /// <summary>Hands the sessions of one record over to another: they were found to be one person.</summary>
    public static Task MoveAsync(Tx tx, MemberId from, MemberId to) => tx.ExecuteAsync(UpdateOwner, new { from = from.Value, to = to.Value });

    /// <summary>Ends one session.</summary>
    public Task EndAsync(Tx tx, long id, string why) => tx.ExecuteAsync(EndOne, new { id, why, now = clocks.System.NowMs() });

    /// <summary>Ends every session of a member.</summary>
    public Task EndAllAsync(Tx tx, MemberId member, string why) => tx.ExecuteAsync(EndAll, new { member = member.Value, why, now = clocks.System.NowMs() });

    /// <summary>Removes what ran out before a moment; how many.</summary>
    public Task<int> SweepAsync(long before, CancellationToken ct) => database.WriteAsync(tx => tx.ExecuteAsync(Sweep, new { before }), ct);

    // Every request of a member begins with it.
    private async Task<Row?> LiveAsync(Session session, string select, long id)
    {
        var now = clocks.System.NowMs();
        Row? found = null;
        await session.ReadRowsAsync(select, row => found = new Row(
            id, row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : new MemberId(row.GetInt64(3)),
            row.GetInt64(4), row.GetInt64(5), row.GetInt32(6), row.GetInt64(7)), id).ConfigureAwait(false);
        return found is null || found.IdleUntil <= now || found.ExpiresAt <= now ? null : found;
    }

    private sealed record Row(long Id, string Account, string OpenId, string? UnionId, MemberId? Member, long IdleUntil, long ExpiresAt, int RefreshNo, long RefreshedAt)
    {
        public MemberSession ToSession() => new(Id, Account, OpenId, UnionId, Member, RefreshNo);
    }
}
