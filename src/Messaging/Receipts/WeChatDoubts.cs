using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Content;
using Engagement.Messaging.Settling;
using Engagement.Storage;
using Engagement.Templates;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Receipts;

/// <summary>How a send ended, as WeChat's event tells it.</summary>
/// <param name="Channel">Subscribe message, or template message of the official account.</param>
/// <param name="OpenId">Who was to receive it, in that account.</param>
/// <param name="TemplateId">Of which template; empty for the official account, whose event does not say.</param>
/// <param name="MsgId">WeChat's number of the send.</param>
/// <param name="Delivered">Whether the person has it.</param>
/// <param name="Code">WeChat's word for it.</param>
/// <param name="At">When.</param>
internal sealed record SendEnd(Channel Channel, string OpenId, string TemplateId, string MsgId, bool Delivered, string Code, DateTimeOffset? At)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => $"end of a send by {Channel}";
}

/// <summary>Finds what an event of WeChat's means when nobody holds its <c>MsgID</c>: the one send of that template to that person at that time.</summary>
internal sealed class WeChatDoubts(TemplateBook templates, Clocks clocks, IOptions<WeChatOptions> options)
{
    private const string Known = "SELECT provider_ref FROM message WHERE provider_ref IN @refs UNION SELECT provider_ref FROM attempt WHERE provider_ref IN @refs";

    // On the wire or in doubt; or it was, has moved on because nobody could be asked, and has not been sent again.
    private const string Candidates = """
        SELECT i.openid AS OpenId, m.channel AS Channel, m.id AS Id, m.attempt_no AS AttemptNo, m.template_version_id AS Version, m.intent_at AS IntentAt
        FROM   member_identity i JOIN message m ON m.member_id = i.member_id
        WHERE  i.account IN @accounts AND i.openid IN @openIds AND m.channel IN (1, 3) AND m.provider_ref IS NULL
               AND m.intent_at >= @from AND m.intent_at <= @until
               AND (m.state IN (2, 8) OR (m.state IN (1, 6, 7) AND m.possibly_twice = 1))
        """;

    // The event tells of the end of a send, so it comes after it; the two clocks may differ a little.
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_clocksDiffer = TimeSpan.FromMinutes(2);

    /// <summary>The sends that these events can mean, each event with all of its candidates; events whose <c>MsgID</c> is known are left out.</summary>
    public async Task<ILookup<SendEnd, DoubtfulSend>> FindAsync(Database database, IReadOnlyList<SendEnd> events, CancellationToken ct)
    {
        var found = new List<(SendEnd Event, DoubtfulSend Send)>();
        // The same event may be pushed twice.
        var dated = events.Where(e => e is { At: not null, OpenId.Length: > 0 }).Distinct().ToList();
        if (dated.Count == 0) return found.ToLookup(f => f.Event, f => f.Send);
        var (strangers, rows) = await database.ReadAsync(session => ReadAsync(session, dated), ct).ConfigureAwait(false);
        var byPerson = rows.ToLookup(row => row.OpenId);
        foreach (var one in strangers)
        {
            var at = BusinessTime(one);
            foreach (var row in byPerson[one.OpenId].Where(row => row.Channel == (int)one.Channel && row.IntentAt <= at + Ms(s_clocksDiffer) && row.IntentAt >= at - Ms(s_longest)))
            {
                if (one.TemplateId.Length == 0 || await TemplateOfAsync(row.Version, ct).ConfigureAwait(false) == one.TemplateId) found.Add((one, new DoubtfulSend(row.Id, (int)row.AttemptNo)));
            }
        }

        return found.ToLookup(f => f.Event, f => f.Send);
    }

    private async Task<(IReadOnlyList<SendEnd> Strangers, List<CandidateRow> Rows)> ReadAsync(Session session, List<SendEnd> events)
    {
        var known = (await session.QueryAsync<string>(Known, new { refs = events.Select(e => e.MsgId).Distinct() }).ConfigureAwait(false)).ToHashSet();
        var strangers = events.FindAll(e => !known.Contains(e.MsgId));
        if (strangers.Count == 0) return (strangers, []);
        var rows = await session.QueryAsync<CandidateRow>(Candidates, new
        {
            accounts = new[] { options.Value.AppId, options.Value.OfficialAccount.AppId }.Where(account => account.Length > 0), openIds = strangers.Select(e => e.OpenId).Distinct(),
            from = strangers.Min(BusinessTime) - Ms(s_longest), until = strangers.Max(BusinessTime) + Ms(s_clocksDiffer),
        }).ConfigureAwait(false);
        return (strangers, rows);
    }

    private async ValueTask<string?> TemplateOfAsync(long version, CancellationToken ct)
    {
        try
        {
            return (await templates.GetAsync(version, ct).ConfigureAwait(false)).Version.Contents.WeChatSubscribe?.TemplateId;
        }
        catch (Exception failure) when (failure is TemplateException or KeyNotFoundException)
        {
            // A version that is not there or cannot be read was never sent.
            return null;
        }
    }

    private long BusinessTime(SendEnd sent) => (sent.At!.Value + clocks.BusinessOffset()).ToUnixTimeMilliseconds();

    private static long Ms(TimeSpan span) => (long)span.TotalMilliseconds;

    private sealed class CandidateRow
    {
        public string OpenId { get; init; } = "";
        public long Channel { get; init; }
        public long Id { get; init; }
        public long AttemptNo { get; init; }
        public long Version { get; init; }
        public long IntentAt { get; init; }
    }
}
