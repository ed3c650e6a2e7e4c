using System.Collections.Concurrent;
using System.Text.Json;
using Engagement.Members;
using Engagement.Members.CarePlans;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Dispatch;

/// <summary>A message that is due. It is possibly twice when an earlier attempt of it is in doubt for good.</summary>
internal sealed record DueMessage(
    MessageId Id, int Shard, MessageKind Kind, RunId Run, MemberId Member, long TemplateVersionId, string Params, long NotAfter, int AttemptNo, int ChannelsTried,
    bool PossiblyTwice);

/// <summary>A run whose messages may be due.</summary>
internal sealed record DueRun(RunId Id, DeliveryClass Class, bool Cancelled, CampaignId? Campaign, bool SmsFallback);

/// <summary>What a lane asks of one run and one of its shards: at most so many due messages.</summary>
internal readonly record struct DueAsk(DueRun Run, int Shard, int Limit);

/// <summary>A campaign as it is now.</summary>
/// <param name="Content">What it offers.</param>
/// <param name="PromotesPrescription">Whether one of its products is a prescription or unclassified product by now.</param>
internal sealed record DueCampaign(CampaignContent Content, bool PromotesPrescription);

/// <summary>A therapy line as it is now.</summary>
internal sealed record DueTherapy(long Id, int CoverageEnd, TherapyState State, int? RemindOn, string Product)
{
    /// <summary>Whether a reminder that was planned for this end still holds.</summary>
    public bool IsDue(int plannedEnd, int today) => State == TherapyState.Active && CoverageEnd == plannedEnd && !(RemindOn > today);

    /// <summary>Whether the member has said since that it is taken no more, or to be asked again later.</summary>
    public bool IsAnswered(int today) => State == TherapyState.Stopped || RemindOn > today;
}

/// <summary>Reads what a wave needs; changes nothing.</summary>
internal static class DueStore
{
    // SQLite takes 500 parts in one statement; drivers look each parameter up by its name.
    private const int AsksPerStatement = 128;

    private static readonly ConcurrentDictionary<int, string> s_due = new();

    private const string Runs = """
        SELECT r.id, r.class, r.state, r.campaign_id, c.sms_fallback
        FROM   run r LEFT JOIN campaign c ON c.id = r.campaign_id
        WHERE  (r.state IN (1, 2) OR (r.state = 4 AND r.started_at >= @p0)) AND r.paused IS NULL
        ORDER BY r.id
        """;

    // Classes 0 and 1 are unknown and prescription; a product that is not there counts as one.
    private const string Sellable = "SELECT COUNT(*) FROM product WHERE sku IN @skus AND class NOT IN (0, 1)";

    // What a person entered may be no product of ours, and its name is theirs: encrypted, and said nowhere outside.
    private const string Therapies = """
        SELECT t.id, t.coverage_end, t.state, t.remind_on, COALESCE(p.name, '您的药品')
        FROM   therapy_line t LEFT JOIN product p ON p.id = t.product_id
        WHERE  t.id IN
        """;

    /// <summary>The runs that are not done and not paused, oldest first; of the cancelled ones those from <paramref name="cancelledSince"/> on.</summary>
    /// <remarks>What waits of a cancelled run is suppressed elsewhere; what comes back from the wire afterwards finds its end here.</remarks>
    public static async Task<List<DueRun>> RunsAsync(Session session, long cancelledSince)
    {
        var runs = new List<DueRun>();
        await session.ReadRowsAsync(Runs, row => runs.Add(new DueRun(
            new RunId(row.GetInt64(0)), Known((DeliveryClass)row.GetInt32(1)), row.GetInt32(2) == (int)RunState.Cancelled,
            row.IsDBNull(3) ? null : new CampaignId(row.GetInt64(3)), !row.IsDBNull(4) && row.GetInt32(4) == 1)), cancelledSince).ConfigureAwait(false);
        return runs;
    }

    // A class that there is not was written by hand; the messages are looked at all the same, and last.
    private static DeliveryClass Known(DeliveryClass c) => Enum.IsDefined(c) ? c : DeliveryClass.Promotional;

    /// <summary>What is due of that which a lane asks for, with its due time; of each run and shard the oldest first.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="asks">What is wanted.</param>
    /// <param name="now">Business time.</param>
    public static async Task<List<(long ReadyAt, DueMessage Message)>> DueAsync(Session session, IReadOnlyList<DueAsk> asks, long now)
    {
        var found = new List<(long, DueMessage)>();
        for (var start = 0; start < asks.Count; start += AsksPerStatement)
        {
            var count = Math.Min(AsksPerStatement, asks.Count - start);
            var values = new object?[count * 4];
            for (var i = 0; i < count; i++)
            {
                var ask = asks[start + i];
                (values[i * 4], values[i * 4 + 1], values[i * 4 + 2], values[i * 4 + 3]) =
                    (ask.Run.Id.Value, ask.Shard, now, ask.Limit);
            }

            await session.ReadRowsAsync(s_due.GetOrAdd(count, DueText), row => found.Add((row.GetInt64(9),
                new DueMessage(new MessageId(row.GetInt64(0)), row.GetInt32(10), (MessageKind)row.GetInt32(1), new RunId(row.GetInt64(2)), new MemberId(row.GetInt64(3)),
                    row.GetInt64(4), row.GetString(5), row.GetInt64(6), row.GetInt32(7), row.GetInt32(8), row.GetInt32(11) != 0))), values).ConfigureAwait(false);
        }

        return found;
    }

    // ready_at leads into rows that wait for a receipt or a settler as well; those are past it only when overdue.
    // Only ids stand in the derived tables: with a TEXT among their columns MariaDB makes a file of each, and 10.11 dies of dropping some dozens of them.
    private static string DueText(int asks) => string.Join("\nUNION ALL\n",
        from ask in Enumerable.Range(0, asks)
        select $"""
            SELECT m.id, m.kind, m.run_id, m.member_id, m.template_version_id, m.params, m.not_after, m.attempt_no, m.channels_tried, m.ready_at, m.shard, m.possibly_twice
            FROM  (SELECT id
                   FROM   message
                   WHERE  run_id = @p{ask * 4} AND shard = @p{ask * 4 + 1} AND ready_at <= @p{ask * 4 + 2} AND state = 1
                   ORDER BY ready_at, id
                   LIMIT  @p{ask * 4 + 3}) a{ask}
            JOIN   message m ON m.id = a{ask}.id
            """);

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
            lines[row.GetInt64(0)] = new DueTherapy(
                row.GetInt64(0), row.GetInt32(1), (TherapyState)row.GetInt32(2), row.IsDBNull(3) ? null : row.GetInt32(3), row.GetString(4))).ConfigureAwait(false);
        return lines;
    }
}
