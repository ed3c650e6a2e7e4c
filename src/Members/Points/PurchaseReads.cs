using System.Data.Common;
using Engagement.Members.Coupons;
using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Members.Points;

/// <summary>A ticket as points look at it.</summary>
internal sealed record EarningTicket(long Id, long? Member, int Day, bool IsSale, TicketRef Place)
{
    public List<EarningLine> Lines { get; } = [];
}

/// <summary>A line of it. Money is what the member paid, and what the insurance paid of it.</summary>
internal readonly record struct EarningLine(long Id, long Product, ProductClass Class, long NetFen, long InsuranceFen, long? Original);

/// <summary>The SQL that earning reads purchases with, and the orders that it keeps of them.</summary>
internal static class PurchaseReads
{
    internal const string SelectTickets = """
        SELECT p.id, p.member_id, p.business_day, p.event, p.store_id, l.id, l.product_id, r.class, l.net_fen, l.insurance_fen, l.original_line_id, p.till_no, p.ticket_no
        FROM   purchase p JOIN purchase_line l ON l.purchase_id = p.id JOIN product r ON r.id = l.product_id
        WHERE  p.id IN
        """;

    internal const string SelectLineTickets = "SELECT id, purchase_id FROM purchase_line WHERE id IN";
    private const string SelectBirthdays = "SELECT id, birth_md FROM member WHERE birth_md IS NOT NULL AND id IN";
    private const string OrderColumns = "purchase_id, member_id, rules_version, day, base_points, bonus_points, multiplier_milli, bonus_part, reversed, order_lines";
    internal const string SelectOrders = $"SELECT {OrderColumns} FROM points_order WHERE purchase_id IN";
    private const string InsertOrder = $"INSERT INTO points_order ({OrderColumns})";

    private static readonly BatchUpdate s_updateOrder = new("points_order", "purchase_id, base_points, bonus_points, reversed, order_lines",
        "base_points = {base_points}, bonus_points = {bonus_points}, reversed = {reversed}, order_lines = {order_lines}", "1 = 1");

    public static Task ReadTicketsAsync(Session session, IReadOnlyList<long> purchases, Dictionary<long, EarningTicket> tickets) =>
        session.ReadInAsync(SelectTickets, purchases, row =>
        {
            var id = row.GetInt64(0);
            if (!tickets.TryGetValue(id, out var ticket))
            {
                tickets.Add(id, ticket = new EarningTicket(id, row.IsDBNull(1) ? null : row.GetInt64(1), row.GetInt32(2), row.GetInt32(3) == (int)PurchaseEvent.Sale,
                    new TicketRef(new StoreId(row.GetInt64(4)), row.GetString(11), row.GetString(12))));
            }

            ticket.Lines.Add(new EarningLine(row.GetInt64(5), row.GetInt64(6), (ProductClass)row.GetInt32(7), row.GetInt64(8), row.GetInt64(9), row.IsDBNull(10) ? null : row.GetInt64(10)));
        });

    /// <summary>The tickets of lines.</summary>
    public static async Task<Dictionary<long, long>> TicketsOfAsync(Session session, IReadOnlyList<long> lines)
    {
        var tickets = new Dictionary<long, long>(lines.Count);
        await session.ReadInAsync(SelectLineTickets, lines, row => tickets[row.GetInt64(0)] = row.GetInt64(1)).ConfigureAwait(false);
        return tickets;
    }

    public static async Task<Dictionary<long, int>> BirthdaysAsync(Session session, IReadOnlyList<long> members)
    {
        var birthdays = new Dictionary<long, int>(members.Count);
        await session.ReadInAsync(SelectBirthdays, members, row => birthdays[row.GetInt64(0)] = row.GetInt32(1)).ConfigureAwait(false);
        return birthdays;
    }

    public static async Task<Dictionary<long, PointsOrder>> OrdersAsync(Session session, IReadOnlyList<long> purchases)
    {
        var orders = new Dictionary<long, PointsOrder>(purchases.Count);
        await session.ReadInAsync(SelectOrders, purchases, row => orders.Add(row.GetInt64(0), ReadOrder(row))).ConfigureAwait(false);
        return orders;
    }

    public static async Task SaveOrdersAsync(Tx tx, IEnumerable<PointsOrder> orders)
    {
        var changed = orders.Where(order => order.IsChanged).OrderBy(order => order.PurchaseId).ToList();
        await tx.InsertManyAsync(InsertOrder, changed.FindAll(order => order.IsNew), static (order, v) =>
        {
            (v[0], v[1], v[2], v[3], v[4]) = (order.PurchaseId, order.Member, order.RulesVersion, order.Day, order.Base);
            (v[5], v[6], v[7], v[8], v[9]) = (order.Bonus, order.MultiplierMilli, (int)order.BonusPart, order.Reversed, order.LinesJson());
        }).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_updateOrder, changed.FindAll(order => !order.IsNew), static (order, v) =>
            (v[0], v[1], v[2], v[3], v[4]) = (order.PurchaseId, order.Base, order.Bonus, order.Reversed, order.LinesJson())).ConfigureAwait(false);
    }

    private static PointsOrder ReadOrder(DbDataReader row) => new()
    {
        PurchaseId = row.GetInt64(0), Member = row.GetInt64(1), RulesVersion = row.GetInt32(2), Day = row.GetInt32(3), Base = row.GetInt64(4), Bonus = row.GetInt64(5),
        MultiplierMilli = row.GetInt32(6), BonusPart = (PointsPart)row.GetInt32(7), Reversed = row.GetInt64(8), Lines = PointsOrder.ParseLines(row.GetString(9)),
    };
}
