using Engagement.Members.Points;
using Engagement.Storage;

namespace Engagement.Members.Referrals;

/// <summary>How far a referral has come. The numbers are in the table.</summary>
public enum ReferralState
{
    /// <summary>The new member has bought nothing that counts.</summary>
    Waiting = 1,

    /// <summary>A purchase was made; it may still come back.</summary>
    Bought = 2,

    /// <summary>Both sides have their points.</summary>
    Rewarded = 3,

    /// <summary>The purchase came back, and the points with it.</summary>
    TakenBack = 4,
}

/// <summary>A row of the table.</summary>
internal sealed class ReferralRow
{
    public long Id { get; init; }
    public long InviterId { get; init; }
    public long InvitedId { get; init; }
    public long State { get; init; }
    public long? OrderId { get; init; }
    public long? InviterEntry { get; init; }
    public long? InvitedEntry { get; init; }
}

/// <summary>The SQL of referrals.</summary>
internal static class ReferralStore
{
    private const string Columns = """
        id AS Id, inviter_id AS InviterId, invited_id AS InvitedId, state AS State, order_id AS OrderId, inviter_entry AS InviterEntry, invited_entry AS InvitedEntry
        """;

    private const string SelectAny = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM referral LIMIT 1) some_rows";
    internal const string SelectInvited = "SELECT id, invited_id, state, order_id FROM referral WHERE invited_id IN";
    internal const string SelectDue = $"SELECT {Columns} FROM referral WHERE next_day <= @today ORDER BY next_day LIMIT @limit";
    private const string SelectOne = $"SELECT {Columns} FROM referral WHERE id = @id AND next_day <= @today";
    internal const string SelectOfInviter = $"SELECT {Columns} FROM referral WHERE inviter_id = @inviter ORDER BY id DESC LIMIT 100";
    private const string Follow = "UPDATE referral SET state = @p1, order_id = @p2, next_day = @p3 WHERE id = @p0";

    internal const string CountRewarded = """
        SELECT COUNT(*) FROM referral WHERE inviter_id = @inviter AND reward_month = @month AND inviter_entry IS NOT NULL
        """;

    private const string Settle = """
        UPDATE referral
        SET    state = @state, next_day = NULL, reward_month = @month, inviter_entry = @inviterEntry, invited_entry = @invitedEntry
        WHERE  id = @id
        """;

    private const string Rest = "UPDATE referral SET state = @state, next_day = NULL WHERE id = @id";

    private const string Insert = """
        INSERT INTO referral (id, inviter_id, invited_id, joined_day, state) VALUES (@id, @inviter, @invited, @today, 1)
        """;

    /// <summary>Tells referrals of what their new members have bought or given back.</summary>
    /// <param name="tx">The write of the orders.</param>
    /// <param name="orders">Orders that were changed.</param>
    /// <param name="safeDay">From which day on a purchase will hardly come back.</param>
    /// <param name="today">Today.</param>
    public static async Task FollowAsync(Tx tx, IReadOnlyList<PointsOrder> orders, Func<PointsOrder, int> safeDay, int today)
    {
        if (orders.Count == 0 || await tx.ScalarAsync<long>(SelectAny).ConfigureAwait(false) == 0) return;
        var byMember = orders.ToLookup(order => order.Member);
        var changes = new List<(long Id, ReferralState State, long? Order, int? Next)>();
        await tx.ReadInAsync(SelectInvited, [.. byMember.Select(group => group.Key)], row =>
        {
            var (id, state, bought) = (row.GetInt64(0), (ReferralState)row.GetInt32(2), row.IsDBNull(3) ? (long?)null : row.GetInt64(3));
            if (state == ReferralState.Waiting && byMember[row.GetInt64(1)].Where(order => !order.IsRefunded).MinBy(order => (order.Day, order.PurchaseId)) is { } first)
            {
                changes.Add((id, ReferralState.Bought, first.PurchaseId, safeDay(first)));
            }
            else if (byMember[row.GetInt64(1)].Any(order => order.PurchaseId == bought && order.IsRefunded))
            {
                if (state == ReferralState.Bought) changes.Add((id, ReferralState.Waiting, null, null));
                else if (state == ReferralState.Rewarded) changes.Add((id, ReferralState.Rewarded, bought, today));
            }
        }).ConfigureAwait(false);
        await tx.ExecuteManyAsync(Follow, 4, changes, static (change, v) => (v[0], v[1], v[2], v[3]) = (change.Id, (int)change.State, change.Order, change.Next)).ConfigureAwait(false);
    }

    public static Task<List<ReferralRow>> DueAsync(Session session, int today, int limit) => session.QueryAsync<ReferralRow>(SelectDue, new { today, limit });

    /// <summary>The referral, if it still has to be looked at; locked.</summary>
    public static Task<ReferralRow?> LockDueAsync(Tx tx, long id, int today) => tx.SingleOrDefaultAsync<ReferralRow>($"{SelectOne} {tx.Dialect.ForUpdate}", new { id, today });

    public static Task<List<ReferralRow>> OfInviterAsync(Session session, long inviter) => session.QueryAsync<ReferralRow>(SelectOfInviter, new { inviter });

    public static Task<long> CountRewardedAsync(Session session, long inviter, int month) => session.ScalarAsync<long>(CountRewarded, new { inviter, month });

    public static Task<int> RewardedAsync(Tx tx, long id, int month, long? inviterEntry, long invitedEntry) =>
        tx.ExecuteAsync(Settle, new { id, state = (int)ReferralState.Rewarded, month, inviterEntry, invitedEntry });

    public static Task<int> RestAsync(Tx tx, long id, ReferralState state) => tx.ExecuteAsync(Rest, new { id, state = (int)state });

    public static Task<int> InsertAsync(Tx tx, long id, long inviter, long invited, int today) => tx.ExecuteAsync(Insert, new { id, inviter, invited, today });
}
