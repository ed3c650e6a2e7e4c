using System.Globalization;
using Engagement.Members.Consents;
using Engagement.Members.Facts;
using Engagement.Members.Merges;
using Engagement.Members.Profiles;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Members.SignIn;

/// <summary>What came of giving a phone number.</summary>
public enum PhoneOutcome
{
    /// <summary>Nobody had it: a new member.</summary>
    New = 1,

    /// <summary>It is the number of a member whom the tills know, or the caller's own record has it now.</summary>
    Joined = 2,

    /// <summary>Others have it too and nobody can say whether they are the caller: a record of their own, and a pair for a member of staff.</summary>
    Review = 3,
}

/// <summary>Where a phone number was proved.</summary>
/// <param name="Source">How: <c>phone_button</c> or <c>sms_code</c>.</param>
/// <param name="GuideVersion">The version of the privacy guide that was shown before.</param>
public readonly record struct PhoneProof(string Source, string GuideVersion);

/// <summary>Makes a visitor a member by a proved phone number, and gives a member a new number. The rules are those of domain 7.2.</summary>
public sealed class PhoneDesk
{
    private const string Source = "miniprogram";

    // More people than this on one number: a shop's or a village's phone.
    private const int MostOnOnePhone = 5;

    private const string SelectByPhone = "SELECT id FROM member WHERE phone_index IN @phones AND erased_at IS NULL ORDER BY id LIMIT 6";
    private const string CountIdentities = "SELECT COUNT(*) FROM member_identity WHERE account = @account AND member_id = @member AND openid <> @openId";
    private const string Verify = "UPDATE member SET phone_verified_at = @now, version = version + 1 WHERE id = @member";
    private const string HasMembership = "SELECT COUNT(*) FROM consent WHERE member_id = @member AND purpose = 1 AND granted = 1";

    private readonly Database _database;
    private readonly IdGenerator _ids;
    private readonly FieldCipher _cipher;
    private readonly BlindIndex _index;
    private readonly Clocks _clocks;
    private readonly ConsentStore _consents;
    private readonly OpenRecords _records;
    private readonly MergeDesk _merges;
    private readonly AuditLog _audit;

    internal PhoneDesk(Database database, IdGenerator ids, FieldCipher cipher, BlindIndex index, Clocks clocks, ConsentStore consents, OpenRecords records, MergeDesk merges, AuditLog audit) =>
        (_database, _ids, _cipher, _index, _clocks, _consents, _records, _merges, _audit) = (database, ids, cipher, index, clocks, consents, records, merges, audit);

    /// <summary>Takes a proved number.</summary>
    public Task<(MemberId Member, PhoneOutcome Outcome)> TakeAsync(MemberSession session, PhoneNumber phone, PhoneProof proof, CancellationToken ct) => _database.WriteAsync(async tx =>
    {
        var phones = _index.Candidates(MemberColumns.PhoneIndex, phone.Digits);
        var sharers = await tx.QueryAsync<long>($"{SelectByPhone} {tx.Dialect.ForUpdate}", new { phones }).ConfigureAwait(false);
        var person = new WeChatPerson(session.Account, session.OpenId, session.UnionId);
        // The row may know more than the request did: two taps at once.
        var member = session.Member ?? await PersonDesk.OwnerAsync(tx, person).ConfigureAwait(false);
        var (owner, outcome) = member is { } known
            ? await RenewAsync(tx, person, known, phone, sharers).ConfigureAwait(false)
            : await JoinAsync(tx, person, phone, sharers).ConfigureAwait(false);
        await MemberSessions.MakeMemberAsync(tx, person, owner).ConfigureAwait(false);
        if (await tx.ScalarAsync<long>(HasMembership, new { member = owner.Value }).ConfigureAwait(false) == 0)
        {
            await _consents.RecordAsync(tx, [new ConsentChange(owner, Purpose.Membership, true, proof.GuideVersion, Source, $"{proof.Source}:session:{session.Id}", _clocks.Business.NowMs())]).ConfigureAwait(false);
        }

        await _audit.AppendAsync(tx, new AuditEntry(new AuditActor(owner.Value, "member", "member"), "member.phone_bound") { MemberId = owner.Value, Detail = $$"""{"outcome":"{{outcome}}","proof":"{{proof.Source}}"}""" }).ConfigureAwait(false);
        return (owner, outcome);
    }, ct);

    private async Task<(MemberId, PhoneOutcome)> JoinAsync(Tx tx, WeChatPerson person, PhoneNumber phone, List<long> sharers)
    {
        // One till member who is nobody else's in the mini-program: the owner of the number is that member.
        if (sharers is [var only] && !await IsOfOtherWeChatAsync(tx, person, only).ConfigureAwait(false))
        {
            await VerifyAsync(tx, new MemberId(only)).ConfigureAwait(false);
            await PersonDesk.LinkAsync(tx, person, new MemberId(only)).ConfigureAwait(false);
            return (new MemberId(only), PhoneOutcome.Joined);
        }

        var member = await AddAsync(tx, phone).ConfigureAwait(false);
        await PersonDesk.LinkAsync(tx, person, member).ConfigureAwait(false);
        if (sharers.Count == 0) return (member, PhoneOutcome.New);
        var reason = sharers.Count >= MostOnOnePhone ? "phone_shared_by_many" : sharers.Count == 1 ? "phone_of_other_wechat" : "phone_shared";
        await ReviewAsync(tx, member, sharers, reason).ConfigureAwait(false);
        return (member, PhoneOutcome.Review);
    }

    // A member proves a number: the own one, or a new one that others may have.
    private async Task<(MemberId, PhoneOutcome)> RenewAsync(Tx tx, WeChatPerson person, MemberId member, PhoneNumber phone, List<long> sharers)
    {
        var record = (await _records.ReadAsync(tx, member.Value).ConfigureAwait(false))!;
        await _records.WriteAsync(tx, record with
        {
            Phone = phone.Digits, PhoneVerifiedAt = _clocks.Business.NowMs(), Sources = new Dictionary<string, string>(record.Sources) { ["phone"] = Source },
        }).ConfigureAwait(false);
        var outcome = PhoneOutcome.Joined;
        foreach (var other in sharers.Where(id => id != member.Value))
        {
            var one = (await _records.ReadAsync(tx, member.Value).ConfigureAwait(false))!;
            if (await _records.ReadAsync(tx, other).ConfigureAwait(false) is not { } two) continue;
            var (verdict, reason) = sharers.Count > MostOnOnePhone ? (MergeVerdict.Review, "phone_shared_by_many") : MergeRules.Decide(one, two, sameUnionId: false);
            // The number alone takes nobody's record over: not that of another WeChat, and not one that people have to decide about, or have decided.
            if (verdict == MergeVerdict.Merge && await IsOfOtherWeChatAsync(tx, person, other).ConfigureAwait(false)) (verdict, reason) = (MergeVerdict.Review, "phone_of_other_wechat");
            if (verdict == MergeVerdict.Merge && await MergeReviews.IsForPeopleAsync(tx, member, new MemberId(other)).ConfigureAwait(false)) verdict = MergeVerdict.Review;
            if (verdict == MergeVerdict.Merge && await _merges.MergeAsync(tx, member, new MemberId(other), reason, AuditActor.System).ConfigureAwait(false) == MergeOutcome.Done) continue;
            await ReviewAsync(tx, member, [other], reason).ConfigureAwait(false);
            outcome = PhoneOutcome.Review;
        }

        return (member, outcome);
    }

    private static async Task<bool> IsOfOtherWeChatAsync(Tx tx, WeChatPerson person, long member) =>
        await tx.ScalarAsync<long>(CountIdentities, new { account = person.Account, member, openId = person.OpenId }).ConfigureAwait(false) > 0;

    private async Task<MemberId> AddAsync(Tx tx, PhoneNumber phone)
    {
        var id = _ids.Next();
        var record = new MemberRecord
        {
            Id = id, Source = Source, MemberNo = id.ToString(CultureInfo.InvariantCulture), IsNew = true, JoinedDay = _clocks.Business.Today(), FieldSources = { ["phone"] = Source },
            PhoneCipher = _cipher.Encrypt(MemberColumns.Phone, id, phone.Digits), PhoneIndex = _index.Of(MemberColumns.PhoneIndex, phone.Digits), TailIndex = _index.Of(MemberColumns.TailIndex, phone.Tail),
        };
        await tx.InsertMembersAsync([record]).ConfigureAwait(false);
        await FactStore.AddMembersAsync(tx, [new MemberFacts(id, null, null, 0, record.JoinedDay)]).ConfigureAwait(false);
        await VerifyAsync(tx, new MemberId(id)).ConfigureAwait(false);
        return new MemberId(id);
    }

    private Task<int> VerifyAsync(Tx tx, MemberId member) => tx.ExecuteAsync(Verify, new { member = member.Value, now = _clocks.Business.NowMs() });

    private async Task ReviewAsync(Tx tx, MemberId member, IReadOnlyList<long> others, string reason)
    {
        foreach (var other in others) await MergeReviews.AddAsync(tx, _ids.Next(), member, new MemberId(other), reason, _clocks.Business.NowMs()).ConfigureAwait(false);
    }
}
