using Engagement.Members.Consents;
using Engagement.Members.Coupons;
using Engagement.Members.Points;
using Engagement.Storage;

namespace Engagement.Members.Timelines;

/// <summary>Lines of the points ledger.</summary>
internal sealed class PointsHistory(PointsBook book) : ITimelineSource
{
    public TimelineKind Kind => TimelineKind.Points;

    public async Task<IReadOnlyList<TimelineItem>> ReadAsync(Session session, MemberId member, TimelinePlace place, int limit, TimelineView view) =>
        [.. (await book.LinesBeforeAsync(session, member, place.At, place.IdFor(Kind), limit).ConfigureAwait(false)).Select(line =>
            new TimelineItem(line.MadeAt, Kind, line.Id, line.Title, [new($"{line.Points:+0;-0;0} 分，可用 {line.ActiveAfter} 分", $"{line.Points:+0;-0;0} points, {line.ActiveAfter} active"), .. line.Notes]))];
}

/// <summary>Coupons: when they were got, and on which ticket they were used.</summary>
internal sealed class CouponHistory : ITimelineSource
{
    internal const string SelectClaims = """
        SELECT c.id AS Id, c.claimed_at AS At, c.origin AS Origin, c.points AS Points, c.state AS State, v.terms AS Terms
        FROM   coupon c JOIN coupon_definition_version v ON v.definition_id = c.definition_id AND v.version = c.version
        WHERE  c.member_id = @member AND (c.claimed_at < @at OR (c.claimed_at = @at AND c.id < @id))
        ORDER BY c.claimed_at DESC, c.id DESC
        LIMIT  @limit
        """;

    internal const string SelectUses = """
        SELECT r.id AS Id, r.made_at AS At, r.state AS State, r.ticket_no AS TicketNo, s.name AS Store, r.discount_fen + r.delivery_fen AS Fen, v.terms AS Terms
        FROM   coupon_redemption r
               JOIN coupon c ON c.id = r.coupon_id
               JOIN coupon_definition_version v ON v.definition_id = c.definition_id AND v.version = c.version
               JOIN store s ON s.id = r.store_id
        WHERE  r.member_id = @member AND (r.made_at < @at OR (r.made_at = @at AND r.id < @id))
        ORDER BY r.made_at DESC, r.id DESC
        LIMIT  @limit
        """;

    public TimelineKind Kind => TimelineKind.Coupon;

    public async Task<IReadOnlyList<TimelineItem>> ReadAsync(Session session, MemberId member, TimelinePlace place, int limit, TimelineView view)
    {
        var asked = new { member = member.Value, at = place.At, id = place.IdFor(Kind), limit };
        var claims = (await session.QueryAsync<Row>(SelectClaims, asked).ConfigureAwait(false)).Select(row => new TimelineItem(row.At, Kind, row.Id, Got(row), Held(row)));
        var uses = (await session.QueryAsync<Row>(SelectUses, asked).ConfigureAwait(false)).Select(row => new TimelineItem(row.At, Kind, row.Id, Used(row),
            [new($"优惠 {row.Fen / 100m:0.00} 元，{row.Store}，小票 {row.TicketNo}", $"{row.Fen / 100m:0.00} yuan off, {row.Store}, ticket {row.TicketNo}")]));
        return [.. claims.Concat(uses).OrderByDescending(item => item.At).ThenByDescending(item => item.Id).Take(limit)];
    }

    private static Phrase Got(Row row)
    {
        var title = CouponTerms.FromJson(row.Terms).Title;
        return (CouponOrigin)row.Origin switch
        {
            CouponOrigin.Benefit => new($"获赠券：{title}", $"Was given a coupon: {title}"),
            CouponOrigin.Staff => new($"员工发券：{title}", $"Staff gave a coupon: {title}"),
            _ => new($"领券：{title}", $"Claimed a coupon: {title}"),
        };
    }

    private static List<Phrase> Held(Row row)
    {
        var told = new List<Phrase>();
        if (row.Points > 0) told.Add(new($"用 {row.Points} 积分兑换", $"paid with {row.Points} points"));
        if (row.State == (long)CouponState.Void) told.Add(new("已作废", "made void"));
        return told;
    }

    // The numbers of the states stand in the table's migration.
    private static Phrase Used(Row row)
    {
        var title = CouponTerms.FromJson(row.Terms).Title;
        return row.State switch
        {
            1 => new($"券被收银台占用：{title}", $"A till holds the coupon: {title}"),
            2 => new($"用券：{title}", $"Used a coupon: {title}"),
            3 or 4 => new($"用券未完成，已退回：{title}", $"Not used after all: {title}"),
            _ => new($"退货后券已返还：{title}", $"The coupon came back with a refund: {title}"),
        };
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public long At { get; init; }
        public long Origin { get; init; }
        public long Points { get; init; }
        public long State { get; init; }
        public string TicketNo { get; init; } = "";
        public string Store { get; init; } = "";
        public long Fen { get; init; }
        public string Terms { get; init; } = "";
    }
}

/// <summary>Consents that were given and withdrawn.</summary>
internal sealed class ConsentHistory : ITimelineSource
{
    public TimelineKind Kind => TimelineKind.Consent;

    // A member changes a consent a dozen times in a lifetime: the steps are numbered in their order, and read whole.
    public async Task<IReadOnlyList<TimelineItem>> ReadAsync(Session session, MemberId member, TimelinePlace place, int limit, TimelineView view) =>
        [.. (await ConsentStore.HistoryAsync(session, member).ConfigureAwait(false)).Select((change, i) => Told(change, i + 1))
            .Where(item => place.IsBefore(item.At, item.Kind, item.Id)).Reverse().Take(limit)];

    private static TimelineItem Told(ConsentChange change, int number)
    {
        var purpose = PurposeNames.Of(change.Purpose);
        return new TimelineItem(change.At, TimelineKind.Consent, number,
            change.Granted ? new($"同意：{purpose.Zh}", $"Agreed: {purpose.En}") : new($"撤回同意：{purpose.Zh}", $"Withdrew: {purpose.En}"),
            [new($"来源 {change.Source}，文本 {change.TextVersion}，凭证 {change.Evidence}", $"source {change.Source}, text {change.TextVersion}, evidence {change.Evidence}")]);
    }
}
