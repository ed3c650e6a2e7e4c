using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Receipts;

/// <summary>Finds out which members follow the official account: only the unionid tells that two openids are one person (wechat.md 9).</summary>
internal sealed class FollowerLinks(Database database, Clocks clocks, IWeChatAccountApi weChat, IOptions<WeChatOptions> options, ILogger<FollowerLinks> logger)
{
    private const int BatchSize = 20;

    // Somebody who follows today may sign in to the mini-program tomorrow; after a month of days we stop asking.
    private const int MostLooks = 30;

    private static readonly TimeSpan s_again = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromMinutes(10);

    private const string Due = "SELECT openid AS OpenId, looks AS Looks FROM wechat_follower WHERE account = @account AND look_at <= @now ORDER BY look_at LIMIT @limit";

    private const string Owners = "SELECT DISTINCT member_id FROM member_identity WHERE unionid = @unionId";

    private const string Insert = "INSERT INTO member_identity (account, openid, member_id, unionid)";

    private const string Bump = "UPDATE member SET gate_version = gate_version + 1 WHERE id = @member";

    private const string Postpone = "UPDATE wechat_follower SET look_at = @lookAt, looks = @looks WHERE account = @account AND openid = @openId";

    private string Account => options.Value.OfficialAccount.AppId;

    /// <summary>Asks about the followers that are due; how many were looked at.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        if (!options.Value.OfficialAccount.IsConfigured) return 0;
        var due = await database.ReadAsync(session => session.QueryAsync<DueRow>(Due, new { account = Account, now = clocks.System.NowMs(), limit = BatchSize }), ct).ConfigureAwait(false);
        foreach (var row in due)
        {
            var reply = await weChat.FollowerAsync(row.OpenId, ct).ConfigureAwait(false);
            await database.WriteAsync(tx => SettleAsync(tx, row, reply), ct).ConfigureAwait(false);
        }

        return due.Count;
    }

    private Task SettleAsync(Tx tx, DueRow row, WeChatReply<WeChatFollower> reply)
    {
        if (reply.Value is not { } follower)
        {
            Log.FollowerUnknown(logger, reply.Code);
            // Nobody there: asking again would not help.
            return PostponeAsync(tx, row, reply.Class == ErrorClass.PermanentRecipient ? null : s_afterFailure, row.Looks);
        }

        if (!follower.Follows) return ChatDesk.ForgetAsync(tx, Account, row.OpenId);
        return follower.UnionId is { } unionId ? LinkAsync(tx, row, unionId) : PostponeAsync(tx, row, null, row.Looks);
    }

    private async Task LinkAsync(Tx tx, DueRow row, string unionId)
    {
        var owners = await tx.QueryAsync<long>(Owners, new { unionId }).ConfigureAwait(false);
        // Two members with one unionid are a matter of merging, and none is nobody yet.
        if (owners is not [var member])
        {
            await PostponeAsync(tx, row, row.Looks + 1 < MostLooks ? s_again : null, row.Looks + 1).ConfigureAwait(false);
            return;
        }

        await tx.InsertManyAsync(Insert, [member], (m, v) => (v[0], v[1], v[2], v[3]) = (Account, row.OpenId, m, unionId), tx.Dialect.OnConflictKeep("account, openid")).ConfigureAwait(false);
        await tx.ExecuteAsync(Bump, new { member }).ConfigureAwait(false);
        await PostponeAsync(tx, row, null, row.Looks + 1).ConfigureAwait(false);
    }

    private Task<int> PostponeAsync(Tx tx, DueRow row, TimeSpan? pause, long looks) => tx.ExecuteAsync(Postpone, new
    {
        account = Account, openId = row.OpenId, looks, lookAt = pause is { } p ? (long?)(clocks.System.GetUtcNow() + p).ToUnixTimeMilliseconds() : null,
    });

    private sealed class DueRow
    {
        public string OpenId { get; init; } = "";
        public long Looks { get; init; }
    }
}
