using Engagement.Members.Staff;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Members.Recalls;

/// <summary>A batch that is taken back.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Product">The product.</param>
/// <param name="ProductName">Its name.</param>
/// <param name="BatchNo">The batch.</param>
/// <param name="Level">1 within 24 hours, 2 within 48, 3 within 72.</param>
/// <param name="Reason">Why.</param>
/// <param name="Advice">What buyers are to do.</param>
/// <param name="At">When it was announced.</param>
public sealed record Recall(long Id, ProductId Product, string ProductName, string BatchNo, int Level, string Reason, string Advice, DateTimeOffset At);

/// <summary>What a member finds for a code on a box.</summary>
/// <param name="Day">The day of the member's own purchase; <c>null</c> when there is none with the code.</param>
/// <param name="Store">Where.</param>
/// <param name="Product">What.</param>
/// <param name="Recall">The recall of its batch; <c>null</c> when there is none.</param>
public sealed record RecallLook(int? Day, string? Store, string? Product, Recall? Recall);

/// <summary>Somebody who bought a recalled batch and kept some of it.</summary>
/// <param name="Member">Who.</param>
/// <param name="Packs">How many packs, returns taken off.</param>
public sealed record RecallBuyer(MemberId Member, int Packs);

/// <summary>Announces recalls, finds buyers, and answers members who look up a code.</summary>
public sealed class RecallDesk(Database database, IdGenerator ids, Clocks clocks)
{
    private const string Columns = """
        SELECT r.id AS Id, r.product_id AS Product, p.name AS ProductName, r.batch_no AS BatchNo, r.level AS Level, r.reason AS Reason, r.advice AS Advice, r.announced_at AS At
        FROM   recall r JOIN product p ON p.id = r.product_id
        """;

    private const string Own = """
        SELECT p.business_day AS Day, s.name AS Store, r.name AS Product, l.product_id AS ProductId, l.batch_no AS BatchNo, l.trace_codes AS TraceCodes
        FROM   purchase p JOIN purchase_line l ON l.purchase_id = p.id JOIN product r ON r.id = l.product_id LEFT JOIN store s ON s.id = p.store_id
        WHERE  p.member_id = @member AND l.quantity > 0 AND (l.batch_no = @code OR l.trace_codes IS NOT NULL)
        ORDER BY p.business_day DESC, l.id DESC
        """;

    // From those who bought the product at all: batches have no index, and need none. A refund names the line that it takes back.
    private const string Buyers = """
        SELECT b.member_id AS Member, SUM(l.quantity + COALESCE((SELECT SUM(x.quantity) FROM purchase_line x WHERE x.original_line_id = l.id AND x.product_id = @product AND x.quantity < 0), 0)) AS Packs
        FROM   (SELECT member_id FROM member_product WHERE product_id = @product AND member_id > @after) b
               JOIN purchase p ON p.member_id = b.member_id JOIN purchase_line l ON l.purchase_id = p.id
        WHERE  l.product_id = @product AND l.batch_no = @batch AND l.quantity > 0
        GROUP BY b.member_id
        ORDER BY b.member_id
        LIMIT  @limit
        """;

    /// <summary>Announces a recall; <c>null</c> when there is no such product, and the same recall again for the same batch.</summary>
    public async Task<Recall?> AnnounceAsync(Tx tx, ProductId product, string batch, int level, string reason, string advice, StaffId staff)
    {
        if (await tx.ScalarAsync<long>("SELECT COUNT(*) FROM product WHERE id = @product", new { product = product.Value }).ConfigureAwait(false) == 0) return null;
        await tx.InsertManyAsync("INSERT INTO recall (id, product_id, batch_no, level, reason, advice, staff_id, announced_at)", [ids.Next()], (one, v) =>
        {
            (v[0], v[1], v[2], v[3]) = (one, product.Value, batch, level);
            (v[4], v[5], v[6], v[7]) = (reason, advice, staff.Value, clocks.Business.NowMs());
        }, tx.Dialect.OnConflictKeep("product_id, batch_no")).ConfigureAwait(false);
        return (await ReadAsync(tx, "r.product_id = @product AND r.batch_no = @batch", new { product = product.Value, batch }).ConfigureAwait(false)).Single();
    }

    /// <summary>Recalls, the newest first.</summary>
    public static Task<List<Recall>> ListAsync(Session session, long? before, int limit) =>
        ReadAsync(session, "r.id < @before ORDER BY r.id DESC LIMIT @limit", new { before = before ?? long.MaxValue, limit });

    /// <summary>Those who bought the batch and kept some of it, page by page; <c>null</c> when there is no such recall.</summary>
    /// <remarks>A page may be shorter than asked although more follow: who returned everything is left out. Ask on until <c>Last</c> is <c>null</c>.</remarks>
    public static async Task<(IReadOnlyList<RecallBuyer> Buyers, long? Last)?> BuyersAsync(Session session, long recall, long? after, int limit)
    {
        if (await ReadAsync(session, "r.id = @recall", new { recall }).ConfigureAwait(false) is not [var found]) return null;
        var rows = await session.QueryAsync<BuyerRow>(Buyers, new { product = found.Product.Value, batch = found.BatchNo, after = after ?? 0, limit }).ConfigureAwait(false);
        return ([.. rows.Where(row => row.Packs > 0).Select(row => new RecallBuyer(new MemberId(row.Member), (int)row.Packs))], rows.Count == limit ? rows[^1].Member : null);
    }

    /// <summary>What a member sees of a trace code or batch: their own purchase, and whether its batch is recalled.</summary>
    public Task<RecallLook> LookAsync(MemberId member, string code, CancellationToken ct) => database.ReadAsync(async session =>
    {
        var mine = (await session.QueryAsync<OwnRow>(Own, new { member = member.Value, code }).ConfigureAwait(false)).FindAll(row => row.Has(code));
        var batch = mine is [var first, ..] ? first.BatchNo : code;
        var recalls = await ReadAsync(session, "r.batch_no = @batch ORDER BY r.id DESC", new { batch }).ConfigureAwait(false);
        // Batches of different makers may share a number: of what was bought, the product counts.
        var bought = mine.Find(row => recalls.Exists(recall => recall.Product.Value == row.ProductId)) ?? (mine.Count > 0 ? mine[0] : null);
        var recalled = bought is null ? recalls.FirstOrDefault() : recalls.Find(recall => recall.Product.Value == bought.ProductId);
        return new RecallLook((int?)bought?.Day, bought?.Store, bought?.Product, recalled);
    }, ct);

    private static async Task<List<Recall>> ReadAsync(Session session, string where, object parameters) =>
        [.. (await session.QueryAsync<Row>($"{Columns} WHERE {where}", parameters).ConfigureAwait(false)).Select(row => new Recall(
            row.Id, new ProductId(row.Product), row.ProductName, row.BatchNo, (int)row.Level, row.Reason, row.Advice, ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(row.At))))];

    private sealed class Row
    {
        public long Id { get; init; }
        public long Product { get; init; }
        public string ProductName { get; init; } = "";
        public string BatchNo { get; init; } = "";
        public long Level { get; init; }
        public string Reason { get; init; } = "";
        public string Advice { get; init; } = "";
        public long At { get; init; }
    }

    private sealed class OwnRow
    {
        private static readonly char[] s_between = [',', ';', '|', ' ', '，', '；', '"', '[', ']'];

        public long Day { get; init; }
        public string? Store { get; init; }
        public string Product { get; init; } = "";
        public long ProductId { get; init; }
        public string BatchNo { get; init; } = "";
        public string? TraceCodes { get; init; }

        public bool Has(string code) => BatchNo == code || (TraceCodes?.Split(s_between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Contains(code) ?? false);
    }

    private sealed class BuyerRow
    {
        public long Member { get; init; }
        public long Packs { get; init; }
    }
}

/// <summary>Registers recalls.</summary>
public static class RecallRegistration
{
    /// <summary>Adds the desk.</summary>
    public static IServiceCollection AddRecalls(this IServiceCollection services) => services.AddSingleton<RecallDesk>();
}
