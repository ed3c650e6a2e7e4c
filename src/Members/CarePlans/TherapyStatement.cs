using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>What people say of a therapy line, in addition to what they buy.</summary>
public enum StatementKind
{
    /// <summary>It is taken; the line need not have a ticket.</summary>
    Entered = 1,

    /// <summary>How much is taken a day.</summary>
    Dose = 2,

    /// <summary>已购买: a supply from elsewhere, or a ticket that is still to come in.</summary>
    Bought = 3,

    /// <summary>还有药: so many days are left, today included.</summary>
    StillHave = 4,

    /// <summary>不再服用.</summary>
    Stopped = 5,

    /// <summary>3 天后提醒.</summary>
    Later = 6,
}

/// <summary>One statement.</summary>
/// <param name="Id">Its id; with purchase lines of the same day it says which came first.</param>
/// <param name="Kind">What is said.</param>
/// <param name="Day">The civil day.</param>
internal sealed record TherapyStatement(long Id, StatementKind Kind, int Day)
{
    /// <summary>Days of supply, of what has them.</summary>
    public int? Days { get; init; }

    /// <summary>Units a day in thousandths, of a dose.</summary>
    public int? UnitsPerDayMilli { get; init; }

    /// <summary>The product, of a line that was entered for one of ours.</summary>
    public long? ProductId { get; init; }

    /// <summary>Who said so.</summary>
    public TherapySource Teller { get; init; } = TherapySource.Member;

    /// <summary>The pharmacist, when it was one.</summary>
    public StaffId? Staff { get; init; }

    /// <summary>The name of a medicine that is none of ours, or a dose with its times; encrypted.</summary>
    public byte[]? Detail { get; init; }

    /// <summary>When, business time.</summary>
    public long SaidAt { get; init; }
}

/// <summary>The SQL of statements.</summary>
internal static class StatementStore
{
    public static readonly CipherColumn Detail = new("therapy_statement", "detail");

    private const string Select = """
        SELECT member_id, therapy_key, id, kind, day, days, units_per_day_milli, product_id, teller, staff_id, detail_cipher, said_at
        FROM   therapy_statement
        WHERE  member_id IN
        """;

    private const string Insert = """
        INSERT INTO therapy_statement (id, member_id, therapy_key, kind, day, days, units_per_day_milli, product_id, teller, staff_id, detail_cipher, said_at)
        """;

    public static async Task<Dictionary<(long, string), List<TherapyStatement>>> OfAsync(Session session, IReadOnlyList<long> members)
    {
        var said = new Dictionary<(long, string), List<TherapyStatement>>();
        await session.ReadInAsync(Select, members, row =>
        {
            var key = (row.GetInt64(0), row.GetString(1));
            if (!said.TryGetValue(key, out var list)) said.Add(key, list = []);
            list.Add(new TherapyStatement(row.GetInt64(2), (StatementKind)row.GetInt32(3), row.GetInt32(4))
            {
                Days = row.IsDBNull(5) ? null : row.GetInt32(5), UnitsPerDayMilli = row.IsDBNull(6) ? null : row.GetInt32(6), ProductId = row.IsDBNull(7) ? null : row.GetInt64(7),
                Teller = (TherapySource)row.GetInt32(8), Staff = row.IsDBNull(9) ? null : new StaffId(row.GetInt64(9)),
                Detail = row.IsDBNull(10) ? null : row.GetFieldValue<byte[]>(10), SaidAt = row.GetInt64(11),
            });
        }).ConfigureAwait(false);
        return said;
    }

    public static Task AddAsync(Tx tx, long member, string key, IReadOnlyList<TherapyStatement> statements) => tx.InsertManyAsync(Insert, statements, (s, v) =>
    {
        (v[0], v[1], v[2], v[3], v[4], v[5]) = (s.Id, member, key, (int)s.Kind, s.Day, s.Days);
        (v[6], v[7], v[8], v[9], v[10], v[11]) = (s.UnitsPerDayMilli, s.ProductId, (int)s.Teller, s.Staff?.Value, s.Detail, s.SaidAt);
    });
}
