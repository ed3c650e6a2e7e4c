using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Members.Timelines;

/// <summary>Tickets. What was bought tells of illness, so products are named only to who reads health data for a purpose; toiletries and food always.</summary>
internal sealed class PurchaseHistory : ITimelineSource
{
    private const int MostLines = 50;

    internal const string Select = """
        SELECT p.id AS Id, p.business_day AS Day, p.event AS Event, p.ticket_no AS TicketNo, s.name AS Store,
               (SELECT COALESCE(SUM(l.net_fen), 0) FROM purchase_line l WHERE l.purchase_id = p.id) AS Fen
        FROM   purchase p JOIN store s ON s.id = p.store_id
        WHERE  p.member_id = @member AND (p.business_day < @day OR (p.business_day = @day AND p.id < @id))
        """;

    internal const string SelectLines = """
        SELECT l.purchase_id, pr.name, pr.class, pr.is_sensitive, l.quantity, l.net_fen
        FROM   purchase_line l JOIN product pr ON pr.id = l.product_id
        WHERE  l.purchase_id IN
        """;

    public TimelineKind Kind => TimelineKind.Purchase;

    public async Task<IReadOnlyList<TimelineItem>> ReadAsync(Session session, MemberId member, TimelinePlace place, int limit, TimelineView view)
    {
        var (day, id) = DayOf(place);
        // A purpose opens the whole record; without one, other stores' tickets are theirs.
        var sight = view.Health ? "1 = 1" : view.Scope.Sql("p.store_id");
        var rows = await session.QueryAsync<Row>($"{Select} AND {sight} ORDER BY p.business_day DESC, p.id DESC LIMIT @limit", new
        {
            member = member.Value, day, id, limit, view.Scope.Stores, view.Scope.Owner,
        }).ConfigureAwait(false);
        var lines = rows.ToDictionary(row => row.Id, _ => new List<Phrase>());
        await session.ReadInAsync(SelectLines, [.. lines.Keys], line =>
        {
            var told = lines[line.GetInt64(0)];
            if (told.Count < MostLines) told.Add(Line(line.GetString(1), (ProductClass)line.GetInt32(2), line.GetInt32(3) != 0, line.GetInt32(4), line.GetInt64(5), view.Health));
        }).ConfigureAwait(false);
        return [.. rows.Select(row => new TimelineItem(StartOf((int)row.Day), Kind, row.Id, Title(row), lines[row.Id]))];
    }

    // Tickets have a day and no time: they stand at its beginning.
    private static long StartOf(int day) => ChinaTime.At(day, TimeOnly.MinValue).ToUnixTimeMilliseconds();

    private static (int Day, long Id) DayOf(TimelinePlace place)
    {
        if (place.At >= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return (int.MaxValue, 0);
        var day = ChinaTime.DayOf(DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(place.At, DateTimeOffset.MinValue.AddDays(1).ToUnixTimeMilliseconds())));
        return place.At == StartOf(day) ? (day, place.IdFor(TimelineKind.Purchase)) : (day, long.MaxValue);
    }

    private static Phrase Title(Row row)
    {
        var (zh, en) = row.Event == 2 ? ("退货", "Returned") : ("购买", "Bought");
        return new($"{zh} {Math.Abs(row.Fen) / 100m:0.00} 元（{row.Store}，小票 {row.TicketNo}）", $"{en} for {Math.Abs(row.Fen) / 100m:0.00} yuan ({row.Store}, ticket {row.TicketNo})");
    }

    private static Phrase Line(string name, ProductClass @class, bool sensitive, int quantity, long fen, bool health) => health || (@class == ProductClass.Other && !sensitive)
        ? new($"{name} × {quantity}，{fen / 100m:0.00} 元", $"{name} × {quantity}, {fen / 100m:0.00} yuan")
        : new($"药品或健康商品 × {quantity}（说明用途后可见）", $"medicine or health product × {quantity} (shown for a purpose)");

    private sealed class Row
    {
        public long Id { get; init; }
        public long Day { get; init; }
        public long Event { get; init; }
        public string TicketNo { get; init; } = "";
        public string Store { get; init; } = "";
        public long Fen { get; init; }
    }
}
