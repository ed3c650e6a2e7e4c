using Engagement.Storage;

namespace Engagement.Members.Tips;

/// <summary>The published articles, kept in memory for a while: there are few of them and every reader asks.</summary>
/// <remarks>What is withdrawn is gone at once in this process and within <see cref="Life"/> in the others.</remarks>
public sealed class TipShelf(Database database, Clocks clocks)
{
    /// <summary>How long what was read is believed.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    private const string Columns = """
        SELECT t.id AS Id, t.code AS Code, v.version AS Version, v.content AS Content, v.state AS State, v.author_id AS Author, v.valid_from AS ValidFrom, v.valid_until AS ValidUntil,
               v.reviewer AS Reviewer, v.licence_no AS LicenceNo, v.reviewed_day AS ReviewedDay
        FROM   tip t JOIN tip_version v ON v.tip_id = t.id
        """;

    private volatile Shelf? _shelf;

    /// <summary>The published articles, by id.</summary>
    public async ValueTask<IReadOnlyList<TipVersion>> ReadAsync(CancellationToken ct)
    {
        var now = clocks.System.GetUtcNow();
        if (_shelf is { } shelf && shelf.Until > now) return shelf.Tips;
        var tips = await database.ReadAsync(session => VersionsAsync(session, "v.version = t.published_version", null), ct).ConfigureAwait(false);
        _shelf = new Shelf(now + Life, tips);
        return tips;
    }

    /// <summary>The newest version of each article, for staff.</summary>
    public static Task<IReadOnlyList<TipVersion>> LatestAsync(Session session, long? before, int limit) =>
        VersionsAsync(session, "v.version = t.latest_version AND t.id < @before", new { before = before ?? long.MaxValue, limit }, "ORDER BY t.id DESC LIMIT @limit");

    /// <summary>The newest version of one article, or <c>null</c>.</summary>
    public static async Task<TipVersion?> FindAsync(Session session, long tip) =>
        await VersionsAsync(session, "v.version = t.latest_version AND t.id = @tip", new { tip }).ConfigureAwait(false) is [var found] ? found : null;

    /// <summary>Reads anew next time.</summary>
    internal void Clear() => _shelf = null;

    private static async Task<IReadOnlyList<TipVersion>> VersionsAsync(Session session, string where, object? parameters, string order = "ORDER BY t.id") =>
        [.. (await session.QueryAsync<Row>($"{Columns} WHERE {where} {order}", parameters).ConfigureAwait(false)).Select(row => new TipVersion(
            row.Id, row.Code, (int)row.Version, TipContent.FromJson(row.Content), (TipState)row.State, new(row.Author), (int)row.ValidFrom, (int)row.ValidUntil)
        {
            Reviewer = row.Reviewer, LicenceNo = row.LicenceNo, ReviewedDay = (int?)row.ReviewedDay,
        })];

    private sealed record Shelf(DateTimeOffset Until, IReadOnlyList<TipVersion> Tips);

    private sealed class Row
    {
        public long Id { get; init; }
        public string Code { get; init; } = "";
        public long Version { get; init; }
        public string Content { get; init; } = "";
        public long State { get; init; }
        public long Author { get; init; }
        public long ValidFrom { get; init; }
        public long ValidUntil { get; init; }
        public string? Reviewer { get; init; }
        public string? LicenceNo { get; init; }
        public long? ReviewedDay { get; init; }
    }
}
