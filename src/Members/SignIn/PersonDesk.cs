using Engagement.Members.Merges;
using Engagement.Members.Profiles;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Members.SignIn;

/// <summary>Knows which member a person of WeChat is, and signs them in.</summary>
public sealed class PersonDesk
{
    private const string SelectOwner = """
        SELECT i.member_id FROM member_identity i JOIN member m ON m.id = i.member_id
        WHERE  i.account = @account AND i.openid = @openId AND m.erased_at IS NULL
        """;

    private const string SelectUnion = """
        SELECT DISTINCT i.member_id FROM member_identity i JOIN member m ON m.id = i.member_id
        WHERE  i.unionid = @unionId AND m.erased_at IS NULL
        """;

    private const string Insert = "INSERT INTO member_identity (account, openid, member_id, unionid)";
    private const string Learn = "UPDATE member_identity SET unionid = @unionId WHERE account = @account AND openid = @openId AND unionid IS NULL";
    private const string Bump = "UPDATE member SET gate_version = gate_version + 1 WHERE id = @member";

    private readonly Database _database;
    private readonly MemberSessions _sessions;
    private readonly IdGenerator _ids;
    private readonly Clocks _clocks;
    private readonly OpenRecords _records;
    private readonly MergeDesk _merges;

    internal PersonDesk(Database database, MemberSessions sessions, IdGenerator ids, Clocks clocks, OpenRecords records, MergeDesk merges) =>
        (_database, _sessions, _ids, _clocks, _records, _merges) = (database, sessions, ids, clocks, records, merges);

    /// <summary>Begins a session of whoever WeChat says it is: a member who is known, or a visitor.</summary>
    public Task<MemberSession> SignInAsync(WeChatPerson person, CancellationToken ct) => _database.WriteAsync(async tx =>
    {
        var member = await OwnerAsync(tx, person).ConfigureAwait(false);
        if (member is { } known && person.UnionId is not null) await UniteAsync(tx, person, known).ConfigureAwait(false);
        return await _sessions.BeginAsync(tx, person, member).ConfigureAwait(false);
    }, ct);

    /// <summary>Signs out.</summary>
    public Task SignOutAsync(MemberSession session, CancellationToken ct) => _database.WriteAsync(tx => _sessions.EndAsync(tx, session.Id, "signed_out"), ct);

    /// <summary>Notes that a person of WeChat is a member.</summary>
    public static async Task LinkAsync(Tx tx, WeChatPerson person, MemberId member)
    {
        await tx.InsertManyAsync(Insert, [member], (m, v) => (v[0], v[1], v[2], v[3]) = (person.Account, person.OpenId, m.Value, person.UnionId),
            $"{tx.Dialect.OnConflictUpdate("account, openid")} member_id = {tx.Dialect.New("member_id")}, unionid = {tx.Dialect.New("unionid")}").ConfigureAwait(false);
        await tx.ExecuteAsync(Bump, new { member = member.Value }).ConfigureAwait(false);
    }

    // One unionid is one person, whatever records there are; a hard conflict is left to people, and so is what they have kept apart or parted.
    private async Task UniteAsync(Tx tx, WeChatPerson person, MemberId member)
    {
        foreach (var id in await tx.QueryAsync<long>(SelectUnion, new { unionId = person.UnionId }).ConfigureAwait(false))
        {
            if (id == member.Value || await _records.ReadAsync(tx, id).ConfigureAwait(false) is not { } other || await _records.ReadAsync(tx, member.Value).ConfigureAwait(false) is not { } own) continue;
            var (verdict, reason) = MergeRules.Decide(own, other, sameUnionId: true);
            if (verdict == MergeVerdict.Merge && await MergeReviews.IsForPeopleAsync(tx, member, new MemberId(id)).ConfigureAwait(false)) verdict = MergeVerdict.Review;
            if (verdict == MergeVerdict.Merge && await _merges.MergeAsync(tx, member, new MemberId(id), reason, AuditActor.System).ConfigureAwait(false) == MergeOutcome.Done) continue;
            await MergeReviews.AddAsync(tx, _ids.Next(), member, new MemberId(id), reason, _clocks.Business.NowMs()).ConfigureAwait(false);
        }
    }

    /// <summary>The member whom a person of WeChat is, or <c>null</c>; learns what the unionid tells.</summary>
    internal static async Task<MemberId?> OwnerAsync(Tx tx, WeChatPerson person)
    {
        var args = new { account = person.Account, openId = person.OpenId, unionId = person.UnionId };
        if (await tx.SingleOrDefaultAsync<long?>(SelectOwner, args).ConfigureAwait(false) is { } owner)
        {
            if (person.UnionId is not null) await tx.ExecuteAsync(Learn, args).ConfigureAwait(false);
            return new MemberId(owner);
        }

        // Known from the official account, or from another mini-program of ours.
        if (person.UnionId is null || await tx.QueryAsync<long>(SelectUnion, args).ConfigureAwait(false) is not [var same]) return null;
        await LinkAsync(tx, person, new MemberId(same)).ConfigureAwait(false);
        return new MemberId(same);
    }
}
