using System.Security.Cryptography;
using Engagement.Members.Points;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Referrals;

/// <summary>What became of somebody who came with a code.</summary>
public enum ReferralOutcome
{
    /// <summary>They belong together now.</summary>
    Joined = 1,

    /// <summary>Nobody has this code.</summary>
    UnknownCode = 2,

    /// <summary>It is their own.</summary>
    Self = 3,

    /// <summary>Known before: by phone, by WeChat, by a purchase or by another code.</summary>
    NotNew = 4,
}

/// <summary>A referral as its inviter sees it: without a name, which is not theirs to know.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">How far it has come.</param>
/// <param name="IsRewarded">Whether the inviter has points for it; not when the month was full.</param>
public sealed record ReferralView(long Id, ReferralState State, bool IsRewarded);

/// <summary>Members bring members. The code is the member's; the reward is for a result (a first purchase that stays), never for sharing, and has one level.</summary>
public sealed class ReferralDesk(Database database, IdGenerator ids, Clocks clocks, PointsDesk points, IOptions<ReferralOptions> options)
{
    private const int BatchSize = 100;

    // Read aloud and typed by hand: without what looks alike.
    private const string Letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    private const int CodeLength = 8;

    private const string SelectCode = "SELECT code FROM referral_code WHERE member_id = @id";
    private const string SelectOwner = "SELECT member_id FROM referral_code WHERE code = @code";
    private const string InsertCode = "INSERT INTO referral_code (member_id, code)";

    private const string SelectKnown = """
        SELECT (SELECT COUNT(*) FROM referral WHERE invited_id = @id)
             + (SELECT COUNT(*) FROM purchase WHERE member_id = @id)
             + (SELECT COUNT(*) FROM member m JOIN member o ON o.phone_index = m.phone_index AND o.id <> m.id WHERE m.id = @id)
             + (SELECT COUNT(*) FROM member_identity m JOIN member_identity o ON o.unionid = m.unionid AND o.member_id <> m.member_id WHERE m.member_id = @id)
             + (SELECT COUNT(*) FROM member WHERE id = @id AND joined_day < @today)
        """;

    /// <summary>The code of a member, made when first asked for.</summary>
    public Task<string> CodeAsync(MemberId member, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await LedgerStore.LockAsync(tx, [member.Value]).ConfigureAwait(false);
        if (await tx.ScalarAsync<string?>(SelectCode, new { id = member.Value }).ConfigureAwait(false) is { } code) return code;
        code = RandomNumberGenerator.GetString(Letters, CodeLength);
        await tx.InsertManyAsync(InsertCode, [code], (text, v) => (v[0], v[1]) = (member.Value, text)).ConfigureAwait(false);
        return code;
    }, ct);

    /// <summary>Notes who brought a new member; called when somebody registers with a code, in that write.</summary>
    public async Task<ReferralOutcome> JoinAsync(Tx tx, MemberId invited, string code)
    {
        if (await tx.ScalarAsync<long?>(SelectOwner, new { code }).ConfigureAwait(false) is not { } inviter) return ReferralOutcome.UnknownCode;
        if (inviter == invited.Value) return ReferralOutcome.Self;
        await LedgerStore.LockAsync(tx, [invited.Value]).ConfigureAwait(false);
        var today = clocks.Business.Today();
        if (await tx.ScalarAsync<long>(SelectKnown, new { id = invited.Value, today }).ConfigureAwait(false) > 0) return ReferralOutcome.NotNew;
        await ReferralStore.InsertAsync(tx, ids.Next(), inviter, invited.Value, today).ConfigureAwait(false);
        return ReferralOutcome.Joined;
    }

    /// <summary>Whom a member has brought, the newest first; the last hundred.</summary>
    public static async Task<IReadOnlyList<ReferralView>> ListAsync(Session session, MemberId inviter) =>
        [.. (await ReferralStore.OfInviterAsync(session, inviter.Value).ConfigureAwait(false)).Select(row => new ReferralView(row.Id, (ReferralState)row.State, row.InviterEntry is not null))];

    /// <summary>Rewards purchases that are safe by now, and takes back what refunds have undone; how many were looked at.</summary>
    internal async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var today = clocks.Business.Today();
        var due = await database.ReadAsync(session => ReferralStore.DueAsync(session, today, BatchSize), ct).ConfigureAwait(false);
        foreach (var row in due) await database.WriteAsync(tx => SettleAsync(tx, row, today), ct).ConfigureAwait(false);
        return due.Count;
    }

    private async Task SettleAsync(Tx tx, ReferralRow seen, int today)
    {
        // Both accounts before the row: whoever books a purchase comes in the same order.
        await LedgerStore.LockAsync(tx, [Math.Min(seen.InviterId, seen.InvitedId), Math.Max(seen.InviterId, seen.InvitedId)]).ConfigureAwait(false);
        if (await ReferralStore.LockDueAsync(tx, seen.Id, today).ConfigureAwait(false) is not { } row) return;
        if (row.State == (int)ReferralState.Rewarded) await TakeBackAsync(tx, row).ConfigureAwait(false);
        else await RewardAsync(tx, row, today).ConfigureAwait(false);
    }

    private async Task RewardAsync(Tx tx, ReferralRow row, int today)
    {
        var date = ChinaTime.Date(today);
        var month = date.Year * 100 + date.Month;
        var full = await ReferralStore.CountRewardedAsync(tx, row.InviterId, month).ConfigureAwait(false) >= options.Value.MonthlyCap;
        var inviter = full ? (PointsResult?)null : await GiveAsync(tx, row.InviterId, options.Value.InviterPoints, $"referral:{row.Id}:inviter", "邀请好友奖励").ConfigureAwait(false);
        var invited = await GiveAsync(tx, row.InvitedId, options.Value.InvitedPoints, $"referral:{row.Id}:invited", "新会员首购奖励").ConfigureAwait(false);
        await ReferralStore.RewardedAsync(tx, row.Id, month, inviter?.EntryId, invited.EntryId).ConfigureAwait(false);
    }

    private Task<PointsResult> GiveAsync(Tx tx, long member, int reward, string key, string what) =>
        points.GiveAsync(tx, new MemberId(member), reward, PointsPart.Referral, key, options.Value.ValidDays, what);

    private async Task TakeBackAsync(Tx tx, ReferralRow row)
    {
        if (row.InviterEntry is { } inviter) await points.TakeBackAsync(tx, new MemberId(row.InviterId), inviter).ConfigureAwait(false);
        if (row.InvitedEntry is { } invited) await points.TakeBackAsync(tx, new MemberId(row.InvitedId), invited).ConfigureAwait(false);
        await ReferralStore.RestAsync(tx, row.Id, ReferralState.TakenBack).ConfigureAwait(false);
    }
}
