using Engagement.Members.Products;
using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Members.CarePlans;

/// <summary>Keeps therapy lines equal to what the purchases say.</summary>
/// <remarks>
/// Fills in date order extend a line; anything else (a late row, a refund, a second ticket of the same day) adds the line up
/// again from the member's purchases. Both give the same line; a property test holds that.
/// </remarks>
public sealed class TherapyStore(Database database, IdGenerator ids)
{
    private const int RebuildChunk = 500;

    private const string SelectLines = """
        SELECT member_id, therapy_key, product_id, first_fill_day, last_fill_day, coverage_end, state, stated
        FROM therapy_line WHERE member_id IN
        """;

    private const string SelectPurchases = """
        SELECT p.member_id, l.id, p.business_day, l.product_id, l.quantity, l.days_supply, l.original_line_id
        FROM purchase p JOIN purchase_line l ON l.purchase_id = p.id
        WHERE p.member_id IN
        """;

    private const string InsertLine = """
        INSERT INTO therapy_line (id, member_id, therapy_key, product_id, units_per_day_milli, dose_estimated,
                                  first_fill_day, last_fill_day, coverage_end, state, source, remind_on, stated)
        """;

    private readonly EventStore _events = new(ids);

    private const string DeleteLine = "DELETE FROM therapy_line WHERE member_id = @p0 AND therapy_key = @p1";
    private const string SelectOwners = "SELECT DISTINCT member_id FROM member_product WHERE product_id IN";
    private const string SelectMembers = "SELECT id FROM member WHERE id > @after ORDER BY id LIMIT @limit";

    /// <summary>The lines of a member, those that run out first first; none without the health consent. Whoever calls it writes the access log.</summary>
    public static async Task<IReadOnlyList<TherapyCard>> LinesOfAsync(Session session, MemberId member)
    {
        if (!await HealthDoor.IsOpenAsync(session, member).ConfigureAwait(false)) return [];
        var cards = new List<TherapyCard>();
        await session.ReadRowsAsync("""
            SELECT t.id, COALESCE(p.name, t.therapy_key), t.first_fill_day, t.last_fill_day, t.coverage_end, t.state, t.dose_estimated
            FROM   therapy_line t LEFT JOIN product p ON p.id = t.product_id
            WHERE  t.member_id = @p0
            ORDER BY t.coverage_end, t.id
            """, row => cards.Add(new TherapyCard(row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), (TherapyStanding)row.GetInt32(5), row.GetInt32(6) != 0)), member.Value).ConfigureAwait(false);
        return cards;
    }

    /// <summary>Adds up every therapy line again from the purchases; returns how many lines there are.</summary>
    public async Task<long> RebuildAsync(CancellationToken ct)
    {
        long lines = 0;
        for (long after = 0; ;)
        {
            var members = await database.ReadAsync(s => s.QueryAsync<long>(SelectMembers, new { after, limit = RebuildChunk }), ct).ConfigureAwait(false);
            if (members.Count == 0) return lines;
            after = members[^1];
            lines += await RebuildAsync(members, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Adds up the lines of everybody who bought this product, if its dose or ingredient was changed and they do not follow yet.</summary>
    public async Task RebuildRedosedAsync(ProductId product, CancellationToken ct) =>
        await RebuildAsync(await database.ReadAsync(session => RedosedProducts.OfAsync(session, product), ct).ConfigureAwait(false), ct).ConfigureAwait(false);

    /// <summary>Does so for all products that were changed before <paramref name="mark"/> (an id), whoever changed them and was cut off; how many.</summary>
    public async Task<int> RebuildRedosedAsync(long mark, CancellationToken ct)
    {
        for (var done = 0; ;)
        {
            var some = await database.ReadAsync(session => RedosedProducts.BeforeAsync(session, mark), ct).ConfigureAwait(false);
            if (some.Count == 0) return done;
            await RebuildAsync(some, ct).ConfigureAwait(false);
            done += some.Count;
        }
    }

    /// <summary>Brings the lines up to date with purchase lines that this transaction has inserted.</summary>
    internal async Task ApplyAsync(Tx tx, IReadOnlyList<(long MemberId, TherapyPurchase Purchase)> inserted, ProductCatalog catalog)
    {
        if (inserted.Count == 0) return;
        await catalog.LoadTherapiesAsync(tx).ConfigureAwait(false);
        var touched = inserted.GroupBy(i => (i.MemberId, Key: i.Purchase.Product.TherapyKey!)).ToList();
        var lines = await LinesAsync(tx, [.. touched.Select(g => g.Key.MemberId).Distinct()], catalog).ConfigureAwait(false);
        var results = new List<Line>(touched.Count);
        var again = new HashSet<(long, string)>();
        foreach (var group in touched)
        {
            var known = lines.TryGetValue(group.Key, out var before);
            if (known == before is not null && TryExtend(before, group.Select(g => g.Purchase), out var after)) results.Add(new Line(group.Key.MemberId, group.Key.Key, after));
            else again.Add(group.Key);
        }

        if (again.Count > 0) results.AddRange(await AddUpAsync(tx, [.. again.Select(a => a.Item1).Distinct()], again, catalog).ConfigureAwait(false));
        await SaveAsync(tx, results).ConfigureAwait(false);
    }

    /// <summary>Takes down what somebody said of a line and adds it up again; messages that rest on it are looked at anew.</summary>
    /// <remarks>The caller has locked the member's row.</remarks>
    internal async Task SayAsync(Tx tx, long member, string key, IReadOnlyList<TherapyStatement> statements)
    {
        await StatementStore.AddAsync(tx, member, key, statements).ConfigureAwait(false);
        await SaveAsync(tx, await AddUpAsync(tx, [member], [(member, key)], new ProductCatalog()).ConfigureAwait(false)).ConfigureAwait(false);
        await _events.AppendAsync(tx, EventKind.TherapyChanged, [member]).ConfigureAwait(false);
    }

    /// <summary>How long the last supply of a line lasts; <c>null</c> when nobody can tell.</summary>
    internal static async Task<int?> LastSupplyAsync(Tx tx, long member, string key)
    {
        var catalog = new ProductCatalog();
        var history = (await HistoriesAsync(tx, [member], [(member, key)], catalog).ConfigureAwait(false)).Values.SingleOrDefault();
        return history?.Fills is [.., { Days: > 0 and var days }] ? days : null;
    }

    private static bool TryExtend(TherapySupply? before, IEnumerable<TherapyPurchase> fills, out TherapySupply after)
    {
        var supply = before;
        foreach (var day in fills.GroupBy(f => f.Day).OrderBy(g => g.Key))
        {
            if (supply is { } known && day.Key <= known.LastFillDay || day.Any(f => f.Quantity < 0))
            {
                after = default;
                return false;
            }

            supply = TherapySupply.After(supply, day.Key, [.. day.Select(f => new KeptFill(f, f.Quantity))]);
        }

        after = supply!.Value;
        return true;
    }

    // The marks go last: cut off before, it is all done again.
    private async Task RebuildAsync(List<RedosedProduct> products, CancellationToken ct)
    {
        if (products.Count == 0) return;
        var owners = new HashSet<long>();
        await database.ReadAsync(async session =>
        {
            await session.ReadInAsync(SelectOwners, [.. products.Select(p => p.ProductId)], row => owners.Add(row.GetInt64(0))).ConfigureAwait(false);
            return 0;
        }, ct).ConfigureAwait(false);
        foreach (var chunk in owners.Order().Chunk(RebuildChunk)) await RebuildAsync(chunk, ct).ConfigureAwait(false);
        await database.WriteAsync(tx => RedosedProducts.RemoveAsync(tx, products), ct).ConfigureAwait(false);
    }

    private Task<long> RebuildAsync(IReadOnlyList<long> members, CancellationToken ct) => database.WriteAsync(tx => RebuildAsync(tx, members), ct);

    /// <summary>Adds up every line of these members again: tickets were moved to them or away.</summary>
    internal async Task<long> RebuildAsync(Tx tx, IReadOnlyList<long> members)
    {
        var catalog = new ProductCatalog();
        await catalog.LoadTherapiesAsync(tx).ConfigureAwait(false);
        var lines = await AddUpAsync(tx, members, null, catalog).ConfigureAwait(false);
        var there = lines.Where(l => l.Supply is not null).Select(l => (l.MemberId, l.Key)).ToHashSet();
        var gone = new List<Line>();
        await tx.ReadInAsync(SelectLines, members, row =>
        {
            var key = (row.GetInt64(0), row.GetString(1));
            if (!there.Contains(key)) gone.Add(new Line(key.Item1, key.Item2, null));
        }).ConfigureAwait(false);
        await SaveAsync(tx, [.. lines, .. gone]).ConfigureAwait(false);
        return there.Count;
    }

    // A line whose product is no long-term medicine any more is null, and so is one of which somebody has said something: it has to be added up again.
    private static async Task<Dictionary<(long, string), TherapySupply?>> LinesAsync(Tx tx, IReadOnlyList<long> members, ProductCatalog catalog)
    {
        var lines = new Dictionary<(long, string), TherapySupply?>();
        await tx.ReadInAsync(SelectLines, members, row =>
        {
            lines[(row.GetInt64(0), row.GetString(1))] = row.GetInt32(7) != 0 || catalog.Therapy(row.GetInt64(2)) is not { } product ? null : new TherapySupply(
                product, row.GetInt32(3), row.GetInt32(4), row.GetInt32(5), row.GetInt32(6) != (int)TherapyState.DoseUnknown);
        }).ConfigureAwait(false);
        return lines;
    }

    private static async Task<List<Line>> AddUpAsync(Tx tx, IReadOnlyList<long> members, HashSet<(long, string)>? only, ProductCatalog catalog) =>
        [.. (await HistoriesAsync(tx, members, only, catalog).ConfigureAwait(false)).Select(h => new Line(h.Key.Member, h.Key.Key, h.Value.Supply))];

    private static async Task<Dictionary<(long Member, string Key), TherapyHistory>> HistoriesAsync(Session tx, IReadOnlyList<long> members, HashSet<(long, string)>? only, ProductCatalog catalog)
    {
        await catalog.LoadTherapiesAsync(tx).ConfigureAwait(false);
        var purchases = new Dictionary<(long, string), List<TherapyPurchase>>();
        await tx.ReadInAsync(SelectPurchases, members, row =>
        {
            if (catalog.Therapy(row.GetInt64(3)) is not { } product) return;
            var key = (row.GetInt64(0), product.TherapyKey!);
            if (only is not null && !only.Contains(key)) return;
            if (!purchases.TryGetValue(key, out var list)) purchases.Add(key, list = []);
            list.Add(new TherapyPurchase(row.GetInt64(1), row.GetInt32(2), product, row.GetInt32(4),
                row.IsDBNull(5) ? null : row.GetInt32(5), row.IsDBNull(6) ? null : row.GetInt64(6)));
        }).ConfigureAwait(false);
        var said = await StatementStore.OfAsync(tx, members).ConfigureAwait(false);
        foreach (var key in said.Keys.Where(key => only is null || only.Contains(key))) purchases.TryAdd(key, []);
        return purchases.ToDictionary(p => p.Key, p => TherapyHistory.Of(p.Value, said.GetValueOrDefault(p.Key) ?? [], catalog.Therapy));
    }

    private async Task SaveAsync(Tx tx, List<Line> lines)
    {
        var gone = lines.FindAll(l => l.Supply is null);
        var kept = lines.FindAll(l => l.Supply is not null);
        await tx.ExecuteManyAsync(DeleteLine, 2, gone, static (line, values) => (values[0], values[1]) = (line.MemberId, line.Key)).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertLine, kept, FillLine, OnConflict(tx.Dialect)).ConfigureAwait(false);
    }

    private void FillLine(Line line, object?[] values)
    {
        var supply = line.Supply!.Value;
        values[0] = ids.Next();
        values[1] = line.MemberId;
        values[2] = line.Key;
        values[3] = supply.Product?.Id ?? 0;
        values[4] = supply.UnitsPerDayMilli;
        values[5] = supply.StatedDose is null && supply.Product is { DoseEstimated: true } ? 1 : 0;
        values[6] = supply.FirstFillDay;
        values[7] = supply.LastFillDay;
        values[8] = supply.CoverageEnd;
        values[9] = (int)(supply.Stopped ? TherapyState.Stopped : supply.DoseKnown ? TherapyState.Active : TherapyState.DoseUnknown);
        values[10] = (int)supply.Source;
        values[11] = supply.RemindOn;
        values[12] = supply.Stated ? 1 : 0;
    }

    // What somebody stopped stays stopped until there is a new fill; of a line with statements they say so. The state comes first: MySQL assigns from left to right.
    private static string OnConflict(Dialect dialect) => $"""
        {dialect.OnConflictUpdate("member_id, therapy_key")}
            state = CASE WHEN state = {(int)TherapyState.Stopped} AND {dialect.New("stated")} = 0 AND last_fill_day = {dialect.New("last_fill_day")} THEN state ELSE {dialect.New("state")} END,
            product_id = {dialect.New("product_id")}, units_per_day_milli = {dialect.New("units_per_day_milli")}, dose_estimated = {dialect.New("dose_estimated")},
            first_fill_day = {dialect.New("first_fill_day")}, last_fill_day = {dialect.New("last_fill_day")}, coverage_end = {dialect.New("coverage_end")},
            source = {dialect.New("source")}, remind_on = {dialect.New("remind_on")}, stated = {dialect.New("stated")}
        """;

    private sealed record Line(long MemberId, string Key, TherapySupply? Supply);
}
