using Engagement.Storage;

namespace Engagement.Members.Facts;

/// <summary>What one inserted purchase line adds to the facts of a member.</summary>
/// <param name="MemberId">The member.</param>
/// <param name="ProductId">The product.</param>
/// <param name="Day">The business day.</param>
/// <param name="Sale">Sale or refund.</param>
/// <param name="NewTicket">Whether it is the first line of a ticket that was not there before.</param>
/// <param name="Quantity">Packs, negative on a refund.</param>
/// <param name="NetFen">What was paid, negative on a refund.</param>
internal readonly record struct FactEntry(long MemberId, long ProductId, int Day, bool Sale, bool NewTicket, int Quantity, long NetFen);

/// <summary>Keeps <c>member_fact</c> and <c>member_product</c>, from which audiences are chosen, equal to what the purchases say.</summary>
/// <remarks>
/// A visit is a sale ticket; first and last day are those of sales; spending is net of refunds. In <c>member_product</c> a product
/// that was only ever given back has no times, and the days of the refunds. Every rule holds in any order of arrival.
/// </remarks>
public sealed class FactStore(Database database)
{
    private const int RebuildChunk = 1000;

    private const string InsertFact = "INSERT INTO member_fact (member_id, store_id, birth_year, sex, joined_day, first_day, last_day, visits, spend_fen)";
    private const string InsertProduct = "INSERT INTO member_product (member_id, product_id, first_day, last_day, times, quantity, fen)";
    private const string SelectChunkEnd = "SELECT MAX(id) FROM (SELECT id FROM member WHERE id > @after ORDER BY id LIMIT @limit) chunk";
    private const string DeleteFacts = "DELETE FROM member_fact WHERE member_id > @after AND member_id <= @last";
    private const string DeleteProducts = "DELETE FROM member_product WHERE member_id > @after AND member_id <= @last";

    private const string RebuildFacts = $"""
        {InsertFact}
        SELECT m.id, m.store_id, m.birth_year, m.sex, m.joined_day, t.first_day, t.last_day, COALESCE(t.visits, 0), COALESCE(s.fen, 0)
        FROM   member m
        LEFT JOIN (SELECT member_id, MIN(business_day) AS first_day, MAX(business_day) AS last_day, COUNT(*) AS visits
                   FROM purchase WHERE member_id > @after AND member_id <= @last AND event = 1 GROUP BY member_id) t ON t.member_id = m.id
        LEFT JOIN (SELECT p.member_id, SUM(l.net_fen) AS fen
                   FROM purchase p JOIN purchase_line l ON l.purchase_id = p.id
                   WHERE p.member_id > @after AND p.member_id <= @last GROUP BY p.member_id) s ON s.member_id = m.id
        WHERE  m.id > @after AND m.id <= @last AND m.erased_at IS NULL
        """;

    private const string RebuildProducts = $"""
        {InsertProduct}
        SELECT p.member_id, l.product_id,
               COALESCE(MIN(CASE WHEN p.event = 1 THEN p.business_day END), MIN(p.business_day)),
               COALESCE(MAX(CASE WHEN p.event = 1 THEN p.business_day END), MAX(p.business_day)),
               SUM(CASE WHEN p.event = 1 THEN 1 ELSE 0 END), SUM(l.quantity), SUM(l.net_fen)
        FROM   purchase p JOIN purchase_line l ON l.purchase_id = p.id
        WHERE  p.member_id > @after AND p.member_id <= @last
        GROUP BY p.member_id, l.product_id
        """;

    private const string UpdateProfile = "UPDATE member_fact SET store_id = @p0, birth_year = @p1, sex = @p2, joined_day = @p3 WHERE member_id = @p4";

    /// <summary>Makes all facts again from members and purchases; returns how many members have them.</summary>
    public async Task<long> RebuildAsync(CancellationToken ct)
    {
        long members = 0;
        for (long after = 0; ;)
        {
            var last = await database.ReadAsync(s => s.ScalarAsync<long?>(SelectChunkEnd, new { after, limit = RebuildChunk }), ct).ConfigureAwait(false);
            if (last is null) return members;
            var from = after;
            members += await database.WriteAsync(tx => RebuildAsync(tx, from, last.Value), ct).ConfigureAwait(false);
            after = last.Value;
        }
    }

    /// <summary>Makes the facts of one member again: tickets were moved to it or away.</summary>
    internal static Task RebuildAsync(Tx tx, MemberId member) => RebuildAsync(tx, member.Value - 1, member.Value);

    private static async Task<int> RebuildAsync(Tx tx, long after, long last)
    {
        var range = new { after, last };
        await tx.ExecuteAsync(DeleteFacts, range).ConfigureAwait(false);
        await tx.ExecuteAsync(DeleteProducts, range).ConfigureAwait(false);
        await tx.ExecuteAsync(RebuildProducts, range).ConfigureAwait(false);
        return await tx.ExecuteAsync(RebuildFacts, range).ConfigureAwait(false);
    }

    /// <summary>Starts the facts of new members.</summary>
    internal static Task AddMembersAsync(Tx tx, IReadOnlyList<MemberFacts> members) =>
        tx.InsertManyAsync(InsertFact, members, static (member, values) =>
        {
            FillProfile(member, values.AsSpan(1));
            (values[0], values[5], values[6], values[7], values[8]) = (member.MemberId, null, null, 0, 0L);
        });

    /// <summary>Copies what changed in profiles.</summary>
    internal static Task UpdateMembersAsync(Tx tx, IReadOnlyList<MemberFacts> members) =>
        tx.ExecuteManyAsync(UpdateProfile, 5, members, static (member, values) =>
        {
            FillProfile(member, values);
            values[4] = member.MemberId;
        });

    /// <summary>Adds purchase lines that this transaction has inserted.</summary>
    internal static async Task ApplyAsync(Tx tx, IReadOnlyList<FactEntry> entries)
    {
        if (entries.Count == 0) return;
        var members = new Dictionary<long, Sum>();
        var products = new Dictionary<(long Member, long Product), Sum>();
        foreach (var entry in entries)
        {
            Add(members, entry.MemberId, entry, entry.NewTicket && entry.Sale ? 1 : 0, entry.Sale);
            Add(products, (entry.MemberId, entry.ProductId), entry, entry.Sale ? 1 : 0, true);
        }

        // In key order, so that neighbours in the table are written together.
        await tx.InsertManyAsync(InsertFact, [.. members.OrderBy(m => m.Key)], FillFact, FactConflict(tx.Dialect)).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertProduct, [.. products.OrderBy(p => p.Key)], FillProduct, ProductConflict(tx.Dialect)).ConfigureAwait(false);
    }

    private static void Add<TKey>(Dictionary<TKey, Sum> sums, TKey key, FactEntry entry, int times, bool dated) where TKey : notnull
    {
        ref var sum = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out var exists);
        if (!exists) sum = new Sum();
        sum!.Add(entry, times, dated);
    }

    private static void FillProfile(MemberFacts member, Span<object?> values)
    {
        values[0] = member.StoreId;
        values[1] = member.BirthYear;
        values[2] = member.Sex;
        values[3] = member.JoinedDay;
    }

    // The profile columns are dummies: every member has a row since it was made, and the conflict clause leaves them alone.
    private static void FillFact(KeyValuePair<long, Sum> member, object?[] values)
    {
        var sum = member.Value;
        (values[0], values[1], values[2], values[3], values[4]) = (member.Key, null, null, 0, 0);
        (values[5], values[6], values[7], values[8]) = (sum.First, sum.Last, sum.Times, sum.Fen);
    }

    private static void FillProduct(KeyValuePair<(long Member, long Product), Sum> product, object?[] values)
    {
        var sum = product.Value;
        (values[0], values[1], values[2], values[3]) = (product.Key.Member, product.Key.Product, sum.First, sum.Last);
        (values[4], values[5], values[6]) = (sum.Times, sum.Quantity, sum.Fen);
    }

    private static string FactConflict(Dialect dialect) => $"""
        {dialect.OnConflictUpdate("member_id")}
            first_day = CASE WHEN first_day IS NULL THEN {dialect.New("first_day")} WHEN {dialect.New("first_day")} IS NULL THEN first_day
                             ELSE {dialect.Least}(first_day, {dialect.New("first_day")}) END,
            last_day = CASE WHEN last_day IS NULL THEN {dialect.New("last_day")} WHEN {dialect.New("last_day")} IS NULL THEN last_day
                            ELSE {dialect.Greatest}(last_day, {dialect.New("last_day")}) END,
            visits = visits + {dialect.New("visits")}, spend_fen = spend_fen + {dialect.New("spend_fen")}
        """;

    // Days of refunds count only until there is a sale. The days come before "times", on which they depend: MySQL assigns from left to right.
    private static string ProductConflict(Dialect dialect) => $"""
        {dialect.OnConflictUpdate("member_id, product_id")}
            first_day = CASE WHEN times = 0 AND {dialect.New("times")} > 0 THEN {dialect.New("first_day")} WHEN times > 0 AND {dialect.New("times")} = 0 THEN first_day
                             ELSE {dialect.Least}(first_day, {dialect.New("first_day")}) END,
            last_day = CASE WHEN times = 0 AND {dialect.New("times")} > 0 THEN {dialect.New("last_day")} WHEN times > 0 AND {dialect.New("times")} = 0 THEN last_day
                            ELSE {dialect.Greatest}(last_day, {dialect.New("last_day")}) END,
            times = times + {dialect.New("times")}, quantity = quantity + {dialect.New("quantity")}, fen = fen + {dialect.New("fen")}
        """;

    private sealed class Sum
    {
        private bool _sold;

        public int? First { get; private set; }

        public int? Last { get; private set; }

        public int Times { get; private set; }

        public int Quantity { get; private set; }

        public long Fen { get; private set; }

        public void Add(FactEntry entry, int times, bool dated)
        {
            Times += times;
            Quantity += entry.Quantity;
            Fen += entry.NetFen;
            if (!dated || (_sold && !entry.Sale)) return;
            var fresh = First is null || (entry.Sale && !_sold);
            First = fresh ? entry.Day : Math.Min(First!.Value, entry.Day);
            Last = fresh ? entry.Day : Math.Max(Last!.Value, entry.Day);
            _sold |= entry.Sale;
        }
    }
}

/// <summary>The part of a profile that audiences ask about.</summary>
/// <param name="MemberId">The member.</param>
/// <param name="StoreId">The home store.</param>
/// <param name="BirthYear">The year of birth.</param>
/// <param name="Sex">0 unknown, 1 male, 2 female.</param>
/// <param name="JoinedDay">The day of joining.</param>
internal sealed record MemberFacts(long MemberId, long? StoreId, int? BirthYear, int Sex, int JoinedDay);
