using System.Collections.Concurrent;
using System.Text.Json;
using Engagement.Members;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Dispatch;

/// <summary>A message that is due.</summary>
internal sealed record DueMessage(
    MessageId Id, int Shard, MessageKind Kind, RunId Run, MemberId Member, long TemplateVersionId, string Params, long NotAfter, int AttemptNo, int ChannelsTried);

/// <summary>What a wave needs to know of a run.</summary>
internal sealed record DueRun(RunId Id, bool Cancelled, CampaignId? Campaign, bool SmsFallback);

/// <summary>A campaign as it is now.</summary>
/// <param name="Content">What it offers.</param>
/// <param name="PromotesPrescription">Whether one of its products is a prescription or unclassified product by now.</param>
internal sealed record DueCampaign(CampaignContent Content, bool PromotesPrescription);

/// <summary>A therapy line as it is now.</summary>
internal sealed record DueTherapy(long Id, int CoverageEnd, bool Active, string Product);

/// <summary>Reads what a wave needs; changes nothing.</summary>
internal static class DueStore
{
    private static readonly DeliveryClass[] s_classes = [DeliveryClass.Service, DeliveryClass.Reminder, DeliveryClass.Promotional];

    private static readonly ConcurrentDictionary<int, string> s_due = new();

    private const string Runs = """
        SELECT r.id, r.state, r.campaign_id, c.state, c.sms_fallback
        FROM   run r LEFT JOIN campaign c ON c.id = r.campaign_id
        WHERE  r.id IN
        """;

    // Classes 0 and 1 are unknown and prescription; a product that is not there counts as one.
    private const string Sellable = "SELECT COUNT(*) FROM product WHERE sku IN @skus AND class NOT IN (0, 1)";

    private const string Therapies = """
        SELECT t.id, t.coverage_end, t.state, p.name
        FROM   therapy_line t JOIN product p ON p.id = t.product_id
        WHERE  t.id IN
        """;

    /// <summary>Due messages of some shards: Service before Reminder before Promotional, oldest first, at most one a member.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="shards">The shards.</param>
    /// <param name="now">Business time.</param>
    /// <param name="perShard">At most so many of each class and shard are looked at: one full shard must not hide the others.</param>
    /// <param name="limit">At most so many in all.</param>
    public static async Task<List<DueMessage>> DueAsync(Session session, IReadOnlyList<int> shards, long now, int perShard, int limit)
    {
        var found = new List<(int Class, long ReadyAt, DueMessage Message)>(limit);
        await session.ReadRowsAsync(s_due.GetOrAdd(shards.Count, DueText), row => found.Add((row.GetInt32(9), row.GetInt64(10),
            new DueMessage(new MessageId(row.GetInt64(0)), row.GetInt32(11), (MessageKind)row.GetInt32(1), new RunId(row.GetInt64(2)), new MemberId(row.GetInt64(3)),
                row.GetInt64(4), row.GetString(5), row.GetInt64(6), row.GetInt32(7), row.GetInt32(8)))),
            [now, perShard, .. shards]).ConfigureAwait(false);
        // Neighbours in time are neighbours in the table: what a wave touches lies together.
        return [.. found.OrderBy(m => (m.Class, m.ReadyAt, m.Message.Id.Value)).Select(m => m.Message).DistinctBy(m => m.Member).Take(limit)];
    }

    private static string DueText(int shards) => string.Join("\nUNION ALL\n",
        from shard in Enumerable.Range(0, shards)
        from c in s_classes
        select $"""
            SELECT * FROM (
                SELECT id, kind, run_id, member_id, template_version_id, params, not_after, attempt_no, channels_tried, class, ready_at, shard
                FROM   message
                WHERE  shard = @p{shard + 2} AND class = {(int)c} AND ready_at <= @p0 AND state = 1
                ORDER BY ready_at, id
                LIMIT  @p1) s{shard}c{(int)c}
            """);

    public static async Task<Dictionary<RunId, DueRun>> RunsAsync(Session session, IReadOnlyList<long> ids)
    {
        var runs = new Dictionary<RunId, DueRun>();
        await session.ReadInAsync(Runs, ids, row =>
        {
            var id = new RunId(row.GetInt64(0));
            var cancelled = row.GetInt32(1) == (int)RunState.Cancelled || (!row.IsDBNull(3) && row.GetInt32(3) == (int)CampaignState.Cancelled);
            runs[id] = new DueRun(id, cancelled, row.IsDBNull(2) ? null : new CampaignId(row.GetInt64(2)), !row.IsDBNull(4) && row.GetInt32(4) == 1);
        }).ConfigureAwait(false);
        return runs;
    }

    /// <summary>The campaigns with these ids; one that is not there or cannot be read is left out.</summary>
    /// <remarks>A product may have been classified anew since the campaign was approved, so its class is read again.</remarks>
    public static async Task<Dictionary<CampaignId, DueCampaign>> CampaignsAsync(Session session, IEnumerable<CampaignId> ids)
    {
        var campaigns = new Dictionary<CampaignId, DueCampaign>();
        foreach (var id in ids)
        {
            if (await CampaignAsync(session, id).ConfigureAwait(false) is { } campaign) campaigns[id] = campaign;
        }

        return campaigns;
    }

    private static async Task<DueCampaign?> CampaignAsync(Session session, CampaignId id)
    {
        try
        {
            if (await CampaignStore.FindAsync(session, id).ConfigureAwait(false) is not { Content: var content }) return null;
            var sellable = content.Skus.Count == 0 ? 0 : await session.ScalarAsync<long>(Sellable, new { skus = content.Skus }).ConfigureAwait(false);
            return new DueCampaign(content, sellable < content.Skus.Distinct().Count());
        }
        catch (JsonException)
        {
            // Each of its messages finds that out for itself.
            return null;
        }
    }

    public static async Task<Dictionary<long, DueTherapy>> TherapiesAsync(Session session, IReadOnlyList<long> ids)
    {
        var lines = new Dictionary<long, DueTherapy>();
        await session.ReadInAsync(Therapies, ids, row =>
            lines[row.GetInt64(0)] = new DueTherapy(row.GetInt64(0), row.GetInt32(1), row.GetInt32(2) == 1, row.GetString(3))).ConfigureAwait(false);
        return lines;
    }
}
