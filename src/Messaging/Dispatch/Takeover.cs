using Engagement.Messaging.Content;
using Engagement.Messaging.Settling;
using Engagement.Storage;

namespace Engagement.Messaging.Dispatch;

/// <summary>What was found in a shard that changed hands.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="NeverLeft">Messages that its owner had intended and not begun to send: they wait again.</param>
/// <param name="Accepted">Messages whose owner had the provider's word that it has them, and had not written it down.</param>
/// <param name="InDoubt">Messages of which nobody can say.</param>
internal sealed record TakenShard(int Shard, int NeverLeft, int Accepted, int InDoubt);

/// <summary>Settles what an owner that is gone had under way, before anything else is sent from its shards.</summary>
internal sealed class Takeover(Clocks clocks)
{
    // A clock that is set back lets an intent look older than the mark of its owner.
    private const long ClockStepMs = 70 * 60 * 1000;

    // While Sending, ready_at is the intent's time plus a constant: so a range of the index holds the rows that its owner may have left.
    private const string Sending = """
        SELECT m.id AS Id, m.attempt_no AS AttemptNo, m.class AS Class, m.channel AS Channel, m.member_id AS MemberId, m.not_after AS NotAfter,
               m.template_version_id AS VersionId
        FROM   run r JOIN message m ON m.run_id = r.id
        WHERE  r.state IN (1, 2, 4) AND m.shard = @shard AND m.ready_at >= @from AND m.state = 2
        """;

    private const string Contents = "SELECT id AS Id, contents AS Contents FROM template_version WHERE id IN @ids";

    private static readonly BatchUpdate s_doubt = new(
        "message", "id, attempt, now, attention", "state = 8, outcome_code = 'owner_lost', outcome_at = {now}, ready_at = {attention}", "attempt_no = {attempt} AND state = 2");

    private static readonly BatchUpdate s_wait = new(
        "message", "id, attempt, now", "state = 1, outcome_code = 'never_left', outcome_at = {now}, ready_at = {now}, segments = 0, cost_fen = 0",
        "attempt_no = {attempt} AND state = 2");

    private static readonly BatchUpdate s_accepted = new(
        "message", "id, attempt, ref, now", "state = 3, provider_ref = {ref}, outcome_code = 'recorded', outcome_at = {now}", "attempt_no = {attempt} AND state = 2");

    private static readonly BatchUpdate s_returnGrant = new(
        "wechat_grant", "member_id, template, now", "remaining = remaining + 1, changed_at = {now}", "template_id = {template:text}");

    /// <summary>Settles one shard inside the write that takes it.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="intentsFrom">Its owner's mark: nothing that it left is older.</param>
    /// <param name="record">The attempts that its owner had begun to send; <c>null</c> when nobody knows.</param>
    public async Task<TakenShard> SettleAsync(Tx tx, int shard, long intentsFrom, IReadOnlyDictionary<(long Message, int Attempt), FlightEntry>? record)
    {
        var from = intentsFrom == 0 ? 0 : DoubtPolicy.ReceiptDueAt(intentsFrom) - ClockStepMs;
        var sending = await tx.QueryAsync<SendingRow>(Sending, new { shard, from }).ConfigureAwait(false);
        if (sending.Count == 0) return new TakenShard(shard, 0, 0, 0);

        var now = clocks.Business.NowMs();
        var found = sending.ToLookup(row => StageOf(record, row));
        await tx.UpdateManyAsync(s_doubt, [.. found[FlightStage.Left]], (row, v) => (v[0], v[1], v[2], v[3]) = (row.Id, row.AttemptNo, now,
            DoubtPolicy.FirstLookAt((DeliveryClass)row.Class, (Channel)row.Channel, now, now, row.NotAfter))).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_accepted, [.. found[FlightStage.Accepted]], (row, v) => (v[0], v[1], v[2], v[3]) =
            (row.Id, row.AttemptNo, record![(row.Id, (int)row.AttemptNo)].ProviderRef, now)).ConfigureAwait(false);
        // What was refused was no more sent than what never left; should the refusal stand, the provider says it again.
        await WaitAgainAsync(tx, [.. found[FlightStage.Refused]], now).ConfigureAwait(false);
        return new TakenShard(shard, found[FlightStage.Refused].Count(), found[FlightStage.Accepted].Count(), found[FlightStage.Left].Count());
    }

    private static FlightStage StageOf(IReadOnlyDictionary<(long Message, int Attempt), FlightEntry>? record, SendingRow row) =>
        record is null ? FlightStage.Left : record.TryGetValue((row.Id, (int)row.AttemptNo), out var entry) ? entry.Stage : FlightStage.Refused;

    private static async Task WaitAgainAsync(Tx tx, IReadOnlyList<SendingRow> rows, long now)
    {
        if (rows.Count == 0) return;
        await tx.UpdateManyAsync(s_wait, rows, (row, v) => (v[0], v[1], v[2]) = (row.Id, row.AttemptNo, now)).ConfigureAwait(false);

        // The subscription that the intent took was not used.
        var contents = await tx.QueryAsync<ContentsRow>(Contents, new { ids = rows.Select(row => row.VersionId).Distinct() }).ConfigureAwait(false);
        var templates = contents.ToDictionary(row => row.Id, row => TemplateContents.FromJson(row.Contents).WeChatSubscribe?.TemplateId);
        await tx.UpdateManyAsync(
            s_returnGrant, [.. rows.Where(row => row.Channel == (int)Channel.WeChatSubscribe && templates.GetValueOrDefault(row.VersionId) is not null)],
            (row, v) => (v[0], v[1], v[2]) = (row.MemberId, templates[row.VersionId], now)).ConfigureAwait(false);
    }

    private sealed class SendingRow
    {
        public long Id { get; init; }
        public long AttemptNo { get; init; }
        public long Class { get; init; }
        public long Channel { get; init; }
        public long MemberId { get; init; }
        public long NotAfter { get; init; }
        public long VersionId { get; init; }
    }

    private sealed class ContentsRow
    {
        public long Id { get; init; }
        public string Contents { get; init; } = "";
    }
}
