using System.Globalization;
using Engagement.Members.Coupons;
using Engagement.Members.Points;
using Engagement.Storage;

namespace Engagement.Members.Privacy;

/// <summary>What a member bought, and what it brought: tickets, points, coupons, tier. Tickets themselves are cut loose by the eraser.</summary>
internal sealed class LoyaltyData : IPersonalData
{
    private const int MostRows = 2_000;

    private const string Purchases = """
        SELECT p.business_day AS Day, COALESCE(s.name, '') AS Store, o.name AS Product, l.quantity AS Quantity, l.net_fen AS Fen
        FROM   purchase p JOIN purchase_line l ON l.purchase_id = p.id JOIN product o ON o.id = l.product_id LEFT JOIN store s ON s.id = p.store_id
        WHERE  p.member_id = @member ORDER BY p.business_day DESC, l.id LIMIT @limit
        """;

    private const string Medicines = """
        SELECT o.name AS Name, t.last_fill_day AS Day, t.coverage_end AS Until FROM therapy_line t JOIN product o ON o.id = t.product_id WHERE t.member_id = @member ORDER BY t.id
        """;

    private const string Points = "SELECT kind, points, day FROM points_entry WHERE member_id = @member ORDER BY id DESC LIMIT @limit";
    private const string Coupons = "SELECT code, claimed_at FROM coupon WHERE member_id = @member ORDER BY id DESC LIMIT @limit";

    // Ledgers of points keep their totals under the bare id; the rest goes.
    private static readonly string[] s_forget =
    [
        "DELETE FROM tier_spend WHERE member_id = @member",
        "DELETE FROM tier_period WHERE member_id = @member",
        "DELETE FROM member_tier WHERE member_id = @member",
        "DELETE FROM referral_code WHERE member_id = @member",
        "DELETE FROM birthday_benefit WHERE member_id = @member",
        "DELETE FROM coupon_invitation WHERE member_id = @member",
    ];

    public async Task<IReadOnlyList<DataSection>> ShowAsync(Session session, MemberId member)
    {
        var args = new { member = member.Value, limit = MostRows };
        var bought = await session.QueryAsync<Line>(Purchases, args).ConfigureAwait(false);
        var medicines = await session.QueryAsync<(string Name, int Day, int Until)>(Medicines, args).ConfigureAwait(false);
        var points = await session.QueryAsync<(int Kind, long Points, int Day)>(Points, args).ConfigureAwait(false);
        var coupons = await session.QueryAsync<(string Code, long At)>(Coupons, args).ConfigureAwait(false);
        return
        [
            new DataSection("purchases", new("购买记录", "Purchases"), [.. bought.Select(line => new DataRow(
                Same(Day(line.Day)), Same($"{line.Product} × {line.Quantity}，{(line.Fen / 100m).ToString("0.00", CultureInfo.InvariantCulture)} 元"), Same(line.Store)))]),
            new DataSection("medicines", new("长期用药", "Long-term medicines"), [.. medicines.Select(line => new DataRow(Same(line.Name), new($"用到 {Day(line.Until)}", $"until {Day(line.Until)}"), new($"购买 {Day(line.Day)}", $"bought {Day(line.Day)}")))]),
            new DataSection("points", new("积分", "Points"), [.. points.Select(one => new DataRow(Named((EntryKind)one.Kind), Same(one.Points.ToString(CultureInfo.InvariantCulture)), Same(Day(one.Day))))]),
            new DataSection("coupons", new("优惠券", "Coupons"), [.. coupons.Select(one => new DataRow(new("优惠券", "coupon"), Same(one.Code), Same(Day(ChinaTime.DayOf(DateTimeOffset.FromUnixTimeMilliseconds(one.At))))))]),
        ];
    }

    public async Task ForgetAsync(Tx tx, MemberId member)
    {
        await CouponOwners.ForgetAsync(tx, member).ConfigureAwait(false);
        foreach (var statement in s_forget) await tx.ExecuteAsync(statement, new { member = member.Value }).ConfigureAwait(false);
    }

    private static Phrase Named(EntryKind kind) => kind switch
    {
        EntryKind.Earned => new("获得", "earned"),
        EntryKind.Activated => new("生效", "activated"),
        EntryKind.Redeemed => new("使用", "spent"),
        EntryKind.Cancelled => new("退回", "given back"),
        EntryKind.Expired => new("过期", "expired"),
        EntryKind.ClawedBack => new("退货扣回", "taken back"),
        EntryKind.Adjusted => new("人工调整", "corrected"),
        _ => new("其他", "other"),
    };

    private static string Day(int day) => ChinaTime.Date(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Phrase Same(string text) => new(text, text);

    private sealed class Line
    {
        public int Day { get; init; }
        public string Store { get; init; } = "";
        public string Product { get; init; } = "";
        public int Quantity { get; init; }
        public long Fen { get; init; }
    }
}
