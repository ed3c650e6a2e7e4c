using System.Data.Common;
using Engagement.Members.Points;
using Engagement.Members.Profiles;
using Engagement.Members.Referrals;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Home;

/// <summary>What a member sees first.</summary>
/// <param name="Name">The name, masked: the page is open where others look on. <c>null</c> when it is not known.</param>
/// <param name="BirthYear">The year of birth, when known.</param>
/// <param name="LargeText">Whether large letters were chosen; <c>null</c> when nobody has been asked.</param>
/// <param name="Tier">The tier; <c>null</c> when the chain has none.</param>
/// <param name="Points">The balances.</param>
/// <param name="UsableCoupons">How many coupons can be used now.</param>
/// <param name="Refills">Medicines that run out, what ends first comes first; only with consent to the use of health data.</param>
/// <param name="HasBirthdayBenefit">Whether the benefit of a birthday waits to be taken.</param>
public sealed record HomeView(string? Name, int? BirthYear, bool? LargeText, TierView? Tier, HomePoints Points, int UsableCoupons, IReadOnlyList<RefillNear> Refills, bool HasBirthdayBenefit);

/// <summary>The balances on the first page; see <see cref="PointsBalance"/>.</summary>
public readonly record struct HomePoints(long Active, long Pending, long Owed, long Expiring);

/// <summary>A medicine that runs out.</summary>
/// <param name="Line">The line of the care plan.</param>
/// <param name="Medicine">Its name; <c>null</c> for what is sensitive and is named nowhere unasked, and for what is no product of ours.</param>
/// <param name="LastDay">The last day that the supply covers.</param>
public sealed record RefillNear(long Line, string? Medicine, int LastDay);

/// <summary>Reads the first page: the most asked-for read of all, so it is one statement where nothing special is the matter.</summary>
/// <remarks>
/// What the worker has not yet booked today (a lot that expires, a tier under review) is worked out by <see cref="PointsBook"/> and <see cref="TierReview"/>,
/// which know how; that concerns a member for a second a year.
/// </remarks>
public sealed class HomeBook(FieldCipher cipher, PointsBook points, TierReview tiers, IOptions<BirthdayOptions> birthdays, Clocks clocks)
{
    private const int RefillDaysAhead = 7;
    private const int RefillDaysPast = 14;
    private const int MostRefills = 5;

    // @p0 member, @p1 now, @p2 today, @p3 the last day that is soon, @p4 this day a year ago, @p5 and @p6 the days of refills. The plus signs keep SQLite from the index by state and end.
    internal const string Select = """
        SELECT m.name_cipher, m.birth_year, m.birth_md, a.pending, a.active, a.owed, a.next_day,
               (SELECT COALESCE(SUM(l.remaining), 0) FROM points_lot l WHERE l.member_id = m.id AND l.remaining > 0 AND l.expires_day <= @p3),
               t.tier, t.review_day, t.next_day,
               (SELECT COALESCE(SUM(s.fen), 0) FROM tier_spend s WHERE s.member_id = m.id AND s.day > @p4 AND s.day <= @p2),
               (SELECT r.body FROM tier_rules r WHERE r.valid_from <= @p2 ORDER BY r.version DESC LIMIT 1),
               (SELECT COUNT(*) FROM coupon c WHERE c.member_id = m.id AND c.valid_until > @p1 AND c.valid_from <= @p1 AND (c.state = 1 OR (c.state = 2 AND c.reserved_until <= @p1))),
               (SELECT COUNT(*) FROM consent h JOIN therapy_line x ON x.member_id = h.member_id
                WHERE  h.member_id = m.id AND h.purpose = 2 AND h.granted = 1 AND +x.state = 1 AND +x.coverage_end BETWEEN @p5 AND @p6),
               (SELECT f.value FROM member_preference f WHERE f.member_id = m.id AND f.name = 'large_text')
        FROM   member m
        LEFT JOIN points_account a ON a.member_id = m.id
        LEFT JOIN member_tier t ON t.member_id = m.id
        WHERE  m.id = @p0 AND m.erased_at IS NULL
        """;

    internal const string SelectRefills = """
        SELECT x.id, x.coverage_end, p.generic_name, p.strength, COALESCE(p.is_sensitive, 1)
        FROM   therapy_line x LEFT JOIN product p ON p.id = x.product_id
        WHERE  x.member_id = @p0 AND +x.state = 1 AND +x.coverage_end BETWEEN @p1 AND @p2
        ORDER BY x.coverage_end, x.id
        LIMIT  @p3
        """;

    // Rules are few and their text is the same for weeks.
    private volatile ParsedRules? _rules;

    /// <summary>The first page of a member; <c>null</c> when there is no such member, or not any more.</summary>
    public async Task<HomeView?> ReadAsync(Session session, MemberId member)
    {
        var today = clocks.Business.Today();
        Row? found = null;
        await session.ReadRowsAsync(Select, row => found = Row.Of(row), member.Value, clocks.Business.NowMs(), today, today + PointsBook.SoonDays,
            MemberTier.YearBefore(today), today - RefillDaysPast, today + RefillDaysAhead).ConfigureAwait(false);
        if (found is not { } row) return null;
        return new HomeView(
            row.Name is null ? null : PersonName.Parse(cipher.Decrypt(MemberColumns.Name, member.Value, row.Name)).ToString(), row.BirthYear, row.LargeText,
            await TierAsync(session, member, row, today).ConfigureAwait(false), await PointsAsync(session, member, row, today).ConfigureAwait(false), row.Coupons,
            row.Refills == 0 ? [] : await RefillsAsync(session, member, today).ConfigureAwait(false),
            row.BirthMonthDay is { } born && BirthdayDates.YearServed(born, ChinaTime.Date(today), birthdays.Value.Window) is { } year
                && !await BirthdayBenefit.IsTakenAsync(session, member, year).ConfigureAwait(false));
    }

    private async Task<HomePoints> PointsAsync(Session session, MemberId member, Row row, int today)
    {
        if (row.PointsNextDay > today) return new HomePoints(row.Active, row.Pending, row.Owed, row.Expiring);
        if (row.PointsNextDay is null) return new HomePoints(row.Active, row.Pending, row.Owed, 0);
        var balance = await points.BalanceAsync(session, member).ConfigureAwait(false);
        return new HomePoints(balance.Active, balance.Pending, balance.Owed, balance.ExpiringSoon);
    }

    private async Task<TierView?> TierAsync(Session session, MemberId member, Row row, int today)
    {
        if (row.TierRules is not { } body) return null;
        var rules = RulesOf(body);
        if (row.TierNextDay <= today || (rules.ReviewMonths == 0 && row.Tier > 0)) return await tiers.OfAsync(session, member).ConfigureAwait(false);
        return TierView.Of(rules, row.Tier, row.SpentFen, row.Tier > 0 ? row.TierReviewDay + rules.GraceDays - 1 : null);
    }

    private TierRules RulesOf(string body)
    {
        if (_rules is { } known && known.Body == body) return known.Rules;
        var parsed = new ParsedRules(body, TierRules.Parse(body));
        _rules = parsed;
        return parsed.Rules;
    }

    private static async Task<IReadOnlyList<RefillNear>> RefillsAsync(Session session, MemberId member, int today)
    {
        var refills = new List<RefillNear>();
        await session.ReadRowsAsync(SelectRefills, row => refills.Add(new RefillNear(
            row.GetInt64(0), row.GetInt32(4) != 0 ? null : $"{row.GetString(2)} {row.GetString(3)}".Trim(), row.GetInt32(1))),
            member.Value, today - RefillDaysPast, today + RefillDaysAhead, MostRefills).ConfigureAwait(false);
        return refills;
    }

    private sealed record ParsedRules(string Body, TierRules Rules);

    private readonly record struct Row(
        byte[]? Name, int? BirthYear, int? BirthMonthDay, long Pending, long Active, long Owed, int? PointsNextDay, long Expiring,
        int Tier, int TierReviewDay, int? TierNextDay, long SpentFen, string? TierRules, int Coupons, int Refills, bool? LargeText)
    {
        public static Row Of(DbDataReader row) => new(
            row.IsDBNull(0) ? null : row.GetFieldValue<byte[]>(0), Int(row, 1), Int(row, 2), Long(row, 3), Long(row, 4), Long(row, 5), Int(row, 6), Long(row, 7),
            Int(row, 8) ?? 0, Int(row, 9) ?? 0, Int(row, 10), Long(row, 11), row.IsDBNull(12) ? null : row.GetString(12), row.GetInt32(13), row.GetInt32(14), row.IsDBNull(15) ? null : row.GetInt32(15) != 0);

        private static int? Int(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

        private static long Long(DbDataReader row, int column) => row.IsDBNull(column) ? 0 : row.GetInt64(column);
    }
}
