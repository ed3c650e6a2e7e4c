using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>The SQL of definitions, their versions and their stock.</summary>
internal static class DefinitionStore
{
    private const string SelectDefinition = """
        SELECT d.id AS Id, d.code AS Code, d.version AS Version, v.terms AS Terms, v.author_id AS AuthorId, d.published_version AS PublishedVersion,
               s.is_open AS IsOpen, s.claimed AS Claimed, s.committed_fen AS CommittedFen
        FROM   coupon_definition d
        JOIN   coupon_definition_version v ON v.definition_id = d.id AND v.version = d.version
        LEFT JOIN coupon_stock s ON s.definition_id = d.id
        """;

    private const string SelectVersion = """
        SELECT version AS Version, terms AS Terms, author_id AS AuthorId, saved_at AS SavedAt, approver_id AS ApproverId, published_at AS PublishedAt
        FROM   coupon_definition_version
        WHERE  definition_id = @id
        """;

    private const string SelectAuthors = """
        SELECT DISTINCT author_id
        FROM   coupon_definition_version
        WHERE  definition_id = @id AND version <= @version AND version > @published
        """;

    private const string InsertDefinition = "INSERT INTO coupon_definition (id, code, version, published_version) VALUES (@id, @code, 1, NULL)";

    private const string InsertVersion = """
        INSERT INTO coupon_definition_version (definition_id, version, terms, author_id, saved_at, approver_id, published_at)
        VALUES (@id, @version, @terms, @author, @now, NULL, NULL)
        """;

    // The version that the editor saw is the fence.
    private const string Raise = "UPDATE coupon_definition SET version = version + 1 WHERE id = @id AND version = @version";

    private const string Publish = "UPDATE coupon_definition SET published_version = @version WHERE id = @id AND version = @version";

    private const string MarkApproved = """
        UPDATE coupon_definition_version
        SET    approver_id = @approver, published_at = @now
        WHERE  definition_id = @id AND version = @version AND approver_id IS NULL
        """;

    // While no budget is set nobody keeps committed_fen exact, so it is added up anew whenever one may begin to count.
    private const string Committed = """
        (SELECT COALESCE(SUM(c.face_fen), 0) FROM coupon c WHERE c.definition_id = @id AND c.state IN (1, 2))
        + (SELECT COALESCE(SUM(r.discount_fen + r.delivery_fen), 0) FROM coupon c JOIN coupon_redemption r ON r.live_coupon_id = c.id
           WHERE c.definition_id = @id AND r.state = 2)
        """;

    private const string InsertStock = """
        INSERT INTO coupon_stock (definition_id, version, is_open, claim_from, claim_until, total, claimed, daily, count_day, day_claimed, budget_fen, committed_fen)
        VALUES (@id, @version, 1, @from, @until, @total, 0, @daily, 0, 0, @budget, 0)
        """;

    private const string UpdateStock = $"""
        UPDATE coupon_stock
        SET    version = @version, is_open = 1, claim_from = @from, claim_until = @until, total = @total, daily = @daily, budget_fen = @budget, committed_fen = @committed
        WHERE  definition_id = @id
        """;

    private const string Open = "UPDATE coupon_stock SET is_open = @open WHERE definition_id = @id";

    public static async Task<CouponDefinition?> DefinitionAsync(this Session session, CouponDefinitionId id) =>
        (await session.SingleOrDefaultAsync<DefinitionRow>($"{SelectDefinition} WHERE d.id = @id", new { id = id.Value }).ConfigureAwait(false))?.ToDefinition();

    public static async Task<List<CouponDefinition>> DefinitionsAsync(this Session session, long after, int limit) =>
        [.. (await session.QueryAsync<DefinitionRow>($"{SelectDefinition} WHERE d.id < @after ORDER BY d.id DESC LIMIT @limit", new { after, limit }).ConfigureAwait(false)).Select(row => row.ToDefinition())];

    public static Task<long?> DefinitionIdAsync(this Session session, string code) =>
        session.SingleOrDefaultAsync<long?>("SELECT id FROM coupon_definition WHERE code = @code", new { code });

    public static async Task<IReadOnlyList<CouponVersion>> VersionsAsync(this Session session, CouponDefinitionId id) =>
        [.. (await session.QueryAsync<VersionRow>($"{SelectVersion} ORDER BY version", new { id = id.Value }).ConfigureAwait(false)).Select(row => row.ToVersion())];

    public static async Task<CouponVersion?> VersionAsync(this Session session, CouponDefinitionId id, long version) =>
        (await session.SingleOrDefaultAsync<VersionRow>($"{SelectVersion} AND version = @version", new { id = id.Value, version }).ConfigureAwait(false))?.ToVersion();

    public static Task<List<long>> AuthorsAsync(this Session session, CouponDefinitionId id, long version, long published) =>
        session.QueryAsync<long>(SelectAuthors, new { id = id.Value, version, published });

    public static async Task InsertDefinitionAsync(this Tx tx, long id, string code, CouponTerms terms, long author, long now)
    {
        await tx.ExecuteAsync(InsertDefinition, new { id, code }).ConfigureAwait(false);
        await tx.ExecuteAsync(InsertVersion, new { id, version = 1, terms = terms.ToJson(), author, now }).ConfigureAwait(false);
    }

    /// <summary>Adds a version after the one that the editor saw; <c>false</c> when that is no longer the newest.</summary>
    public static async Task<bool> InsertVersionAsync(this Tx tx, CouponDefinitionId id, long seen, CouponTerms terms, long author, long now)
    {
        if (await tx.ExecuteAsync(Raise, new { id = id.Value, version = seen }).ConfigureAwait(false) == 0) return false;
        await tx.ExecuteAsync(InsertVersion, new { id = id.Value, version = seen + 1, terms = terms.ToJson(), author, now }).ConfigureAwait(false);
        return true;
    }

    /// <summary>Makes the newest version the one that is claimed; <c>false</c> when it is no longer the newest.</summary>
    public static async Task<bool> PublishAsync(this Tx tx, CouponDefinition definition, long approver, long now)
    {
        var (id, version, terms) = (definition.Id.Value, definition.Version, definition.Terms);
        if (await tx.ExecuteAsync(Publish, new { id, version }).ConfigureAwait(false) == 0) return false;
        await tx.ExecuteAsync(MarkApproved, new { id, version, approver, now }).ConfigureAwait(false);
        var stock = new
        {
            id, version, from = terms.ClaimFrom.ToUnixTimeMilliseconds(), until = terms.ClaimUntil.ToUnixTimeMilliseconds(),
            total = terms.Total, daily = terms.Daily, budget = terms.BudgetFen,
            committed = definition.Stock is null ? 0 : await tx.ScalarAsync<long>($"SELECT {Committed}", new { id }).ConfigureAwait(false),
        };
        await tx.ExecuteAsync(definition.Stock is null ? InsertStock : UpdateStock, stock).ConfigureAwait(false);
        return true;
    }

    public static async Task<bool> OpenAsync(this Tx tx, CouponDefinitionId id, bool open) =>
        await tx.ExecuteAsync(Open, new { id = id.Value, open = open ? 1 : 0 }).ConfigureAwait(false) == 1;

    private sealed class DefinitionRow
    {
        public long Id { get; init; }
        public string Code { get; init; } = "";
        public long Version { get; init; }
        public string Terms { get; init; } = "";
        public long AuthorId { get; init; }
        public long? PublishedVersion { get; init; }
        public long? IsOpen { get; init; }
        public long? Claimed { get; init; }
        public long? CommittedFen { get; init; }

        public CouponDefinition ToDefinition() => new(
            new CouponDefinitionId(Id), Code, Version, CouponTerms.FromJson(Terms), AuthorId, PublishedVersion,
            IsOpen is null ? null : new CouponStock(IsOpen == 1, Claimed!.Value, CommittedFen!.Value));
    }

    private sealed class VersionRow
    {
        public long Version { get; init; }
        public string Terms { get; init; } = "";
        public long AuthorId { get; init; }
        public long SavedAt { get; init; }
        public long? ApproverId { get; init; }
        public long? PublishedAt { get; init; }

        public CouponVersion ToVersion() => new(Version, CouponTerms.FromJson(Terms), AuthorId, DateTimeOffset.FromUnixTimeMilliseconds(SavedAt), ApproverId,
            PublishedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
    }
}
