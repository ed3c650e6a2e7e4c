using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging.Content;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Gate;
using Engagement.Storage;

namespace Engagement.Messaging.Inbox;

/// <summary>A message in a member's inbox.</summary>
/// <param name="Id">The message.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Title">Its title.</param>
/// <param name="Body">What it says.</param>
/// <param name="At">When it came (business time).</param>
/// <param name="Read">Whether the member has opened it.</param>
/// <param name="Page">The page of the mini-program that it opens; <c>null</c> when it opens none.</param>
public sealed record InboxItem(MessageId Id, MessageKind Kind, string Title, string Body, DateTimeOffset At, bool Read, string? Page);

/// <summary>A message that was opened.</summary>
/// <param name="Item">The message.</param>
/// <param name="Why">Why it came.</param>
/// <param name="On">Whether the member still wants this kind; <c>null</c> for a kind without a switch.</param>
public sealed record InboxDetail(InboxItem Item, Phrase Why, bool? On);

/// <summary>The in-app inbox (消息): whatever the gate lets be said lands here, whether another channel carries it or none does.</summary>
/// <remarks>What was frozen at the intent is what is read; nothing is rendered again.</remarks>
public sealed class MemberInbox
{
    private const int SummaryLength = 60;

    private const string Columns = """
        SELECT m.id AS Id, m.kind AS Kind, m.template_version_id AS Version, COALESCE(m.intent_at, m.outcome_at, m.created_at) AS At, t.inbox_cipher AS Cipher, i.message_id AS ReadId, c.name AS Campaign
        FROM   message m JOIN message_text t ON t.message_id = m.id
               LEFT JOIN inbox_read i ON i.message_id = m.id LEFT JOIN run r ON r.id = m.run_id LEFT JOIN campaign c ON c.id = r.campaign_id
        WHERE  m.member_id = @member AND t.inbox_cipher IS NOT NULL
        """;

    private const string Unread = """
        SELECT COUNT(*)
        FROM   message m JOIN message_text t ON t.message_id = m.id LEFT JOIN inbox_read i ON i.message_id = m.id
        WHERE  m.member_id = @p0 AND t.inbox_cipher IS NOT NULL AND i.message_id IS NULL
        """;

    private const string Agreed = "SELECT purpose FROM consent WHERE member_id = @member AND granted = 1";

    private readonly Database _database;
    private readonly Clocks _clocks;
    private readonly FieldCipher _cipher;
    private readonly TemplateBook _templates;
    private readonly GateTable _gates;

    internal MemberInbox(Database database, Clocks clocks, FieldCipher cipher, TemplateBook templates, GateTable gates) =>
        (_database, _clocks, _cipher, _templates, _gates) = (database, clocks, cipher, templates, gates);

    /// <summary>A page of the inbox, the newest first.</summary>
    /// <param name="member">Whose.</param>
    /// <param name="before">The last message of the page before; <c>null</c> for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Stops the look.</param>
    public async Task<IReadOnlyList<InboxItem>> ListAsync(MemberId member, MessageId? before, int limit, CancellationToken ct)
    {
        var rows = await _database.ReadAsync(session => session.QueryAsync<Row>(
            $"{Columns} AND m.id < @before ORDER BY m.id DESC LIMIT @limit", new { member = member.Value, before = before?.Value ?? long.MaxValue, limit }), ct).ConfigureAwait(false);
        var items = new List<InboxItem>(rows.Count);
        foreach (var row in rows) items.Add(await ItemAsync(row, ct).ConfigureAwait(false));
        return items;
    }

    /// <summary>How many messages wait to be opened.</summary>
    public static async Task<long> UnreadAsync(Session session, MemberId member)
    {
        var unread = 0L;
        await session.ReadRowsAsync(Unread, row => unread = row.GetInt64(0), member.Value).ConfigureAwait(false);
        return unread;
    }

    /// <summary>Opens a message and marks it read; <c>null</c> when it is not in this member's inbox.</summary>
    public async Task<InboxDetail?> OpenAsync(MemberId member, MessageId id, CancellationToken ct)
    {
        var (row, consents, switches) = await _database.WriteAsync<(Row?, PurposeSet, IReadOnlyDictionary<MessageKind, bool>)>(async tx =>
        {
            var found = await tx.SingleOrDefaultAsync<Row>($"{Columns} AND m.id = @id", new { member = member.Value, id = id.Value }).ConfigureAwait(false);
            if (found is null) return (null, default, new Dictionary<MessageKind, bool>());
            if (found.ReadId is null)
            {
                await tx.InsertManyAsync("INSERT INTO inbox_read (message_id, member_id, read_at)", [found],
                    (one, v) => (v[0], v[1], v[2]) = (one.Id, member.Value, _clocks.Business.NowMs()), tx.Dialect.OnConflictKeep("message_id")).ConfigureAwait(false);
            }

            var agreed = await tx.QueryAsync<int>(Agreed, new { member = member.Value }).ConfigureAwait(false);
            return (found, PurposeSet.Of([.. agreed.Select(purpose => (Purpose)purpose)]), await KindSwitches.ReadAsync(tx, member).ConfigureAwait(false));
        }, ct).ConfigureAwait(false);
        if (row is null) return null;
        var kind = (MessageKind)row.Kind;
        return new InboxDetail(await ItemAsync(row, ct).ConfigureAwait(false) with { Read = true }, InboxKinds.Why(_gates[kind], row.Campaign, consents),
            switches.TryGetValue(kind, out var on) ? on : null);
    }

    /// <summary>The beginning of a text, for a list.</summary>
    public static string Summary(string body)
    {
        var line = body.ReplaceLineEndings(" ").Trim();
        if (line.Length <= SummaryLength) return line;
        var end = char.IsHighSurrogate(line[SummaryLength - 2]) ? SummaryLength - 2 : SummaryLength - 1;
        return line[..end] + "…";
    }

    private async Task<InboxItem> ItemAsync(Row row, CancellationToken ct)
    {
        var text = _cipher.Decrypt(WavePlanner.InboxColumn, row.Id, row.Cipher!).Split('\n', 2);
        var version = await _templates.GetAsync(row.Version, ct).ConfigureAwait(false);
        var page = version.Version.Contents.Inbox?.Page;
        return new InboxItem(new MessageId(row.Id), (MessageKind)row.Kind, text[0], text.Length > 1 ? text[1] : "",
            ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(row.At)), row.ReadId is not null, page is null ? null : $"{page}?message={row.Id}");
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public long Kind { get; init; }
        public long Version { get; init; }
        public long At { get; init; }
        public byte[]? Cipher { get; init; }
        public long? ReadId { get; init; }
        public string? Campaign { get; init; }
    }
}
