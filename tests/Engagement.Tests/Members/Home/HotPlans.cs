using Engagement.Members.Codes;
using Engagement.Members.Coupons;
using Engagement.Members.Home;
using Engagement.Members.Points;
using Engagement.Members.Referrals;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Home;

/// <summary>What the mini-program asks with each tap is searched for by index on both databases, over two thousand members; on a small table any plan looks good.</summary>
public abstract class HotPlansContract(TestDatabase test) : IAsyncLifetime
{
    private const int Members = 2000;
    private const long Day = 20_500;
    private const long Now = Day * 86_400_000;

    // Every version of the rules; there is a handful in the life of a chain.
    private static readonly string[] s_tiny = ["r", "tier_rules"];

    private static readonly CancellationToken None = CancellationToken.None;

    public static IReadOnlyList<(string What, string Sql, object Values)> Asked { get; } =
    [
        ("home", HomeBook.Select, new { p0 = 77, p1 = Now, p2 = Day, p3 = Day + 30, p4 = Day - 365, p5 = Day - 14, p6 = Day + 7 }),
        ("home: medicines", HomeBook.SelectRefills, new { p0 = 77, p1 = Day - 14, p2 = Day + 7, p3 = 5 }),
        ("home: birthday", BirthdayBenefit.SelectTaken, new { id = 77, year = 2026 }),
        ("points: account", LedgerStore.SelectAccounts + " (@p0, @p1)", new { p0 = 77, p1 = (long?)null }),
        ("points: lots", LedgerStore.SelectOpenLots + " (@p0, @p1)", new { p0 = 77, p1 = (long?)null }),
        ("points: ledger", PointsBook.SelectPage, new { member = 77, before = long.MaxValue, limit = 51 }),
        ("points: its parts", PointsBook.SelectParts + " (@p0, @p1)", new { p0 = 77_001, p1 = 77_002 }),
        ("tier", TierReview.SelectTier, new { p0 = 77 }),
        ("tier: spending", TierReview.SelectSpend, new { p0 = 77 }),
        ("tier: history", TierReview.SelectPeriods, new { id = 77 }),
        ("wallet", $"{TillStore.SelectCoupons} WHERE {CouponWallet.Open}", new { member = 77, now = Now, key = long.MinValue, id = 0, limit = 51 }),
        ("wallet: past", $"{TillStore.SelectCoupons} WHERE {CouponWallet.Past}", new { member = 77, now = Now, key = long.MaxValue, id = 0, limit = 51 }),
        ("coupon", $"{TillStore.SelectCoupons} WHERE {CouponWallet.ById}", new { member = 77, id = 77_001 }),
        ("centre", CouponWallet.SelectOffers, new { member = 77, now = Now, key = long.MinValue, id = 0, limit = 51 }),
        ("code: the live one", MemberCodes.SelectLive, new { p0 = 77, p1 = Now }),
        ("code: whose", MemberCodes.SelectMember, new { p0 = "C77", p1 = Now }),
        ("referrals", ReferralStore.SelectOfInviter, new { inviter = 77 }),
    ];

    public async Task InitializeAsync()
    {
        await test.Database.WriteAsync(SeedAsync, None);
        if (test.Database.Dialect == Dialect.MySql)
        {
            foreach (var table in (string[])["member", "points_account", "points_lot", "points_entry", "points_posting", "member_tier", "tier_spend", "tier_period", "coupon", "coupon_stock", "coupon_definition_version", "consent", "therapy_line", "product", "member_code", "referral", "birthday_benefit"])
            {
                await test.Database.WriteAsync(tx => tx.QueryAsync<object>($"ANALYZE TABLE {table}"), None);
            }
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [DatabaseFact]
    public async Task Nothing_that_is_asked_often_goes_through_a_table()
    {
        var scans = new List<string>();
        foreach (var (what, sql, values) in Asked) scans.AddRange((await ScansAsync(sql, values)).Select(scan => $"{what}: {scan}"));

        Assert.Empty(scans);
    }

    [DatabaseFact]
    public async Task A_question_without_an_index_is_found()
    {
        Assert.NotEmpty(await ScansAsync("SELECT id FROM coupon WHERE points = @points", new { points = 7 }));
        Assert.NotEmpty(await ScansAsync("SELECT m.id, (SELECT COUNT(*) FROM coupon c WHERE c.points = m.id) FROM member m WHERE m.id = @id", new { id = 77 }));
    }

    private Task<List<string>> ScansAsync(string sql, object values) => test.Database.ReadAsync(async session => session.Dialect == Dialect.Sqlite
        ? (await session.QueryAsync<(long, long, long, string Step)>($"EXPLAIN QUERY PLAN {sql}", values)).Select(row => row.Step)
            .Where(step => (step.StartsWith("SCAN ", StringComparison.Ordinal) && !s_tiny.Contains(step.Split(' ')[1])) || step.Contains("AUTOMATIC", StringComparison.Ordinal)).ToList()
        : (await session.QueryAsync<dynamic>($"EXPLAIN {sql}", values)).Cast<IDictionary<string, object?>>()
            .Where(row => row["type"] is "ALL" or "index" && !s_tiny.Contains((string?)row["table"])).Select(row => $"{row["type"]} of {row["table"]} ({row["key"]})").ToList(), None);

    private static async Task SeedAsync(Tx tx)
    {
        if (await tx.ScalarAsync<long>("SELECT COUNT(*) FROM member") > 0) return;
        List<long> members = [.. Enumerable.Range(1, Members).Select(i => (long)i)];
        List<(long Member, long N)> threes = [.. from member in members from n in Enumerable.Range(1, 3) select (member, member * 1000 + n)];
        await tx.ExecuteAsync("INSERT INTO tier_rules (version, valid_from, body, made_by, made_at) VALUES (1, 1, '{}', 'hq', 1)");
        await tx.InsertManyAsync("INSERT INTO member (id, source, member_no, ref, sex, joined_day, private_mode, field_sources, content_hash, gate_version, version)", members,
            (m, v) => ((object?[])[m, "till", $"M{m}", $"R{m}", 0, 20_000, 0, "{}", "", 1, 1]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO points_account (member_id, pending, active, owed, next_day)", members, (m, v) => ((object?[])[m, 0, 10, 0, 30_000]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO points_lot (member_id, id, order_id, earned, remaining, activates_day, valid_days, expires_day)", threes, (t, v) => ((object?[])[t.Member, t.N, null, 9, t.N % 10, 1, 365, 30_000]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO points_entry (id, member_id, kind, idem_key, day, made_at, points, active_after, until_day, about_id, about)", threes, (t, v) => ((object?[])[t.N, t.Member, 1, $"k{t.N}", 1, 1, 9, 9, null, null, ""]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO points_posting (entry_id, seq, account, part, amount)", threes, (t, v) => ((object?[])[t.N, 1, 1, 1, -9]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO member_tier (member_id, tier, since_day, review_day, as_of, next_day, noticed_for)", members, (m, v) => ((object?[])[m, 1, 1, 30_000, 1, 30_000, null]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO tier_spend (member_id, day, fen)", threes, (t, v) => ((object?[])[t.Member, Day - t.N % 1000, 100]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO tier_period (member_id, id, tier, valid_from, valid_to, reason)", threes, (t, v) => ((object?[])[t.Member, t.N, 1, 1, 2, 1]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO coupon (id, code, definition_id, version, member_id, sequence, origin, state, claimed_at, valid_from, valid_until, face_fen, points)", threes,
            (t, v) => ((object?[])[t.N, $"C{t.N}", t.N % 40, 1, t.Member, t.N, 1, 1, 1, 1, Now + t.N, 0, 0]).CopyTo(v, 0));
        List<long> definitions = [.. Enumerable.Range(0, 40).Select(i => (long)i)];
        await tx.InsertManyAsync("INSERT INTO coupon_definition_version (definition_id, version, terms, author_id, saved_at)", definitions, (d, v) => ((object?[])[d, 1, "{}", 1, 1]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO coupon_stock (definition_id, version, is_open, claim_from, claim_until, claimed, count_day, day_claimed, committed_fen)", definitions, (d, v) => ((object?[])[d, 1, d % 10 == 0 ? 1 : 0, 1, Now + d, 0, 0, 0, 0]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO consent (member_id, purpose, granted, text_version, source, changed_at)", threes, (t, v) => ((object?[])[t.Member, t.N % 10, 1, "1", "till", 1]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO product (id, sku, name, generic_name, strength, spec, maker, approval_no, class, is_sensitive, dose_estimated, price_fen, content_hash)", definitions,
            (d, v) => ((object?[])[d, $"S{d}", "药", "药", "5mg", "", "", "", 1, 0, 0, 100, ""]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO therapy_line (id, member_id, therapy_key, product_id, dose_estimated, first_fill_day, last_fill_day, coverage_end, state)", threes,
            (t, v) => ((object?[])[t.N, t.Member, $"药{t.N}", t.N % 40, 0, 1, 1, Day + t.N % 10, 1]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO member_code (code, member_id, expires_at)", members, (m, v) => ((object?[])[$"C{m}", m, Now + m]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO referral (id, inviter_id, invited_id, joined_day, state)", members, (m, v) => ((object?[])[m, m / 3, m, 1, 1]).CopyTo(v, 0));
        await tx.InsertManyAsync("INSERT INTO birthday_benefit (member_id, year, taken_at, what)", members, (m, v) => ((object?[])[m, 2026, 1, "points"]).CopyTo(v, 0));
    }
}

public sealed class HotPlansOnSqlite(SqliteTestDatabase database) : HotPlansContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class HotPlansOnMySql(MySqlTestDatabase database) : HotPlansContract(database), IClassFixture<MySqlTestDatabase>;
