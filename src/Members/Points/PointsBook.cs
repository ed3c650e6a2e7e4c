using Engagement.Storage;

namespace Engagement.Members.Points;

/// <summary>What a member has.</summary>
/// <param name="Pending">待生效: earned, not to be spent yet.</param>
/// <param name="Active">可用.</param>
/// <param name="Owed">因退货待抵扣: taken from what is earned next.</param>
/// <param name="ExpiringSoon">即将过期: of the active points, those whose last day is within thirty days.</param>
/// <param name="NextExpiryDay">The last day of the points that expire first; <c>null</c> when there are none.</param>
public sealed record PointsBalance(long Pending, long Active, long Owed, long ExpiringSoon, int? NextExpiryDay);

/// <summary>One line of the ledger in plain words.</summary>
/// <param name="Id">The entry.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Day">The civil day on which it took effect.</param>
/// <param name="Points">Added, or taken when below zero.</param>
/// <param name="ActiveAfter">The active points after it.</param>
/// <param name="Title">What it is.</param>
/// <param name="Notes">What else is to be said of it: pending, about to expire, owed, a multiplier.</param>
public sealed record PointsLine(long Id, EntryKind Kind, int Day, long Points, long ActiveAfter, Phrase Title, IReadOnlyList<Phrase> Notes)
{
    /// <summary>When it was written, in Unix milliseconds of the business clock.</summary>
    public long MadeAt { get; init; }
}

/// <summary>A page of the ledger, the newest first.</summary>
/// <param name="Lines">The lines.</param>
/// <param name="Next">What to ask with for the next page; <c>null</c> when this is the last.</param>
public sealed record PointsPage(IReadOnlyList<PointsLine> Lines, long? Next);

/// <summary>The ledger as its member reads it. Reads only; what falls due today counts, though the worker may not have booked it yet.</summary>
public sealed class PointsBook(TimeProvider businessClock)
{
    /// <summary>The most lines of a page.</summary>
    public const int LongestPage = 100;

    /// <summary>For how many days ahead points count as about to expire.</summary>
    internal const int SoonDays = 30;

    // An activation is news only when it settled something.
    private const string SelectLines = """
        SELECT e.id AS Id, e.kind AS Kind, e.day AS Day, e.points AS Points, e.active_after AS ActiveAfter, e.about AS About, e.made_at AS MadeAt,
               l.remaining AS Remaining, l.activates_day AS ActivatesDay, l.expires_day AS ExpiresDay
        FROM   points_entry e LEFT JOIN points_lot l ON l.member_id = e.member_id AND l.id = e.id
        WHERE  e.member_id = @member AND (e.kind <> 2 OR e.points <> 0)
        """;

    internal const string SelectPage = $"""
        {SelectLines} AND e.id < @before
        ORDER BY e.id DESC
        LIMIT  @limit
        """;

    internal const string SelectBefore = $"""
        {SelectLines} AND (e.made_at < @at OR (e.made_at = @at AND e.id < @id))
        ORDER BY e.made_at DESC, e.id DESC
        LIMIT  @limit
        """;

    internal const string SelectParts = "SELECT entry_id, account, part, amount FROM points_posting WHERE entry_id IN";

    /// <summary>The balances of a member; all zero for one who never had points.</summary>
    public async Task<PointsBalance> BalanceAsync(Session session, MemberId member)
    {
        var today = businessClock.Today();
        var account = new Account(member.Value, static () => 0) { HasLots = true };
        await LedgerStore.ReadAccountsAsync(session, [member.Value], _ => account).ConfigureAwait(false);
        await LedgerStore.ReadOpenLotsAsync(session, [member.Value], _ => account).ConfigureAwait(false);
        account.CatchUp(today);
        var active = account.Lots.Where(lot => lot is { IsPending: false, Remaining: > 0 }).ToList();
        return new PointsBalance(account.Pending, account.Active, account.Owed,
            active.Where(lot => lot.ExpiresDay <= today + SoonDays).Sum(lot => lot.Remaining), active.Min(lot => lot.ExpiresDay));
    }

    /// <summary>A page of a member's ledger.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="member">The member.</param>
    /// <param name="before"><see cref="PointsPage.Next"/> of the page before; <c>null</c> for the first.</param>
    /// <param name="limit">How many lines, from 1 to <see cref="LongestPage"/>.</param>
    public async Task<PointsPage> PageAsync(Session session, MemberId member, long? before, int limit)
    {
        limit = Math.Clamp(limit, 1, LongestPage);
        var rows = await session.QueryAsync<Row>(SelectPage, new { member = member.Value, before = before ?? long.MaxValue, limit = limit + 1 }).ConfigureAwait(false);
        var lines = await LinesAsync(session, [.. rows.Take(limit)]).ConfigureAwait(false);
        return new PointsPage(lines, rows.Count > limit ? lines[^1].Id : null);
    }

    /// <summary>Lines of a member's ledger by time, the newest first: those written before an instant, and those of the instant with a smaller id.</summary>
    public async Task<IReadOnlyList<PointsLine>> LinesBeforeAsync(Session session, MemberId member, long at, long id, int limit) =>
        await LinesAsync(session, await session.QueryAsync<Row>(SelectBefore, new { member = member.Value, at, id, limit }).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task<List<PointsLine>> LinesAsync(Session session, List<Row> rows)
    {
        var parts = new List<(long Entry, LedgerAccount Account, PointsPart Part, long Amount)>();
        await session.ReadInAsync(SelectParts, [.. rows.Select(row => row.Id)],
            row => parts.Add((row.GetInt64(0), (LedgerAccount)row.GetInt32(1), (PointsPart)row.GetInt32(2), row.GetInt64(3)))).ConfigureAwait(false);
        var today = businessClock.Today();
        return [.. rows.Select(row => new PointsLine(row.Id, (EntryKind)row.Kind, (int)row.Day, row.Points, row.ActiveAfter, Title(row),
            [.. parts.Where(part => part.Entry == row.Id).Select(part => Part(part.Account, part.Part, part.Amount)).Concat([Life(row, today)]).OfType<Phrase>()]) { MadeAt = row.MadeAt })];
    }

    private static Phrase Title(Row row) => (EntryKind)row.Kind switch
    {
        EntryKind.Earned when row.About.Length > 0 => new(row.About, row.About),
        EntryKind.Earned => new("消费获得积分", "Earned with a purchase"),
        EntryKind.Activated => new("抵扣退货欠下的积分", "Settled what was owed after a return"),
        EntryKind.Redeemed => new($"兑换：{row.About}", $"Redeemed: {row.About}"),
        EntryKind.Cancelled => new("取消兑换，积分退回", "A redemption was cancelled, the points came back"),
        EntryKind.Expired => new("积分过期", "Points expired"),
        EntryKind.ClawedBack => new("退货，扣回当时获得的积分", "Goods were returned, the points they had earned were taken back"),
        EntryKind.Moved => row.Points > 0 ? new("会员合并转入", "Came with another card of yours") : new("会员合并转出", "Went to another card of yours"),
        EntryKind.Adjusted => new($"人工调整：{row.About}", $"Corrected by staff: {row.About}"),
    };

    private static Phrase? Part(LedgerAccount account, PointsPart part, long amount) => (account, part) switch
    {
        (LedgerAccount.Issuance, PointsPart.Tier) => new($"含会员等级加赠 {-amount} 分", $"{-amount} of them for your tier"),
        (LedgerAccount.Issuance, PointsPart.Birthday) => new($"含生日加赠 {-amount} 分", $"{-amount} of them for your birthday"),
        (LedgerAccount.Issuance, PointsPart.MemberDay) => new($"含会员日加赠 {-amount} 分", $"{-amount} of them for the member day"),
        (LedgerAccount.Issuance, PointsPart.Coupon) => new($"含优惠券加赠 {-amount} 分", $"{-amount} of them by your coupon"),
        (LedgerAccount.Debt, _) when amount < 0 => new($"因退货待抵扣 {-amount} 分，从以后获得的积分中抵扣", $"{-amount} are owed after the return and will be taken from what you earn next"),
        _ => null,
    };

    private static Phrase? Life(Row row, int today) => row switch
    {
        { Remaining: null or 0 } => null,
        { ExpiresDay: null } when row.ActivatesDay > today => new($"待生效，{Zh(row.ActivatesDay!.Value)}起可用", $"Pending, usable from {En(row.ActivatesDay.Value)}"),
        { ExpiresDay: { } last } when last >= today && last <= today + SoonDays => new($"即将过期，剩余 {row.Remaining} 分，{Zh(last)}到期", $"Expiring soon, {row.Remaining} left, until {En(last)}"),
        _ => null,
    };

    private static string Zh(long day) => $"{ChinaTime.Date((int)day):yyyy年M月d日}";

    private static string En(long day) => $"{ChinaTime.Date((int)day):yyyy-MM-dd}";

    private sealed class Row
    {
        public long Id { get; init; }
        public long Kind { get; init; }
        public long Day { get; init; }
        public long Points { get; init; }
        public long ActiveAfter { get; init; }
        public string About { get; init; } = "";
        public long MadeAt { get; init; }
        public long? Remaining { get; init; }
        public long? ActivatesDay { get; init; }
        public long? ExpiresDay { get; init; }
    }
}
