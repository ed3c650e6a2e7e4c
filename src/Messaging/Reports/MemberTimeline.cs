using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Reports;

/// <summary>One thing that happened between a member and us.</summary>
/// <param name="At">When (business time).</param>
/// <param name="Producer">The run's producer, or <c>consent</c>.</param>
/// <param name="Title">What happened, in one line.</param>
/// <param name="Details">Why, line by line.</param>
/// <param name="Text">What was said, for those who may read it.</param>
public sealed record TimelineEntry(DateTimeOffset At, string Producer, Phrase Title, IReadOnlyList<Phrase> Details, string? Text)
{
    /// <summary>The message, or where there is none the run.</summary>
    public long Id { get; init; }

    /// <summary>What it is about; <c>null</c> of a consent.</summary>
    public MessageKind? About { get; init; }
}

/// <summary>Answers "why did this member get this, or not?" from the rows that decided it.</summary>
public sealed class MemberTimeline(FieldCipher cipher)
{
    /// <summary>The producer of entries that tell of a consent.</summary>
    public const string ConsentProducer = "consent";

    private const string Entries = """
        SELECT r.id AS RunId, r.kind AS Kind, r.producer AS Producer, r.business_day AS Day, r.started_at AS StartedAt, rm.arm AS Arm, rm.reason AS RunReason, c.code AS Campaign,
               m.id AS MessageId, m.state AS State, m.reason AS Reason, m.verdicts AS Verdicts, m.channel AS Channel, m.outcome_code AS OutcomeCode,
               m.ready_at AS ReadyAt, m.possibly_twice AS PossiblyTwice, m.intent_at AS IntentAt, m.outcome_at AS OutcomeAt, m.segments AS Segments, t.text_cipher AS TextCipher,
               t.inbox_cipher AS InboxCipher
        FROM   run_member rm
               JOIN run r ON r.id = rm.run_id
               LEFT JOIN message m ON m.id = rm.message_id
               LEFT JOIN message_text t ON t.message_id = m.id
               LEFT JOIN campaign c ON c.id = r.campaign_id
        WHERE  rm.member_id = @member AND (rm.reason IS NULL OR rm.reason <> 'already')
        ORDER BY r.started_at, r.id
        """;

    /// <summary>Everything between us and the member, oldest first; with <paramref name="campaign"/> only that producer or campaign.</summary>
    public async Task<IReadOnlyList<TimelineEntry>> ReadAsync(Session session, MemberId member, string? campaign)
    {
        var messages = await MessagesAsync(session, member, campaign).ConfigureAwait(false);
        var consents = campaign is null ? await ConsentStore.HistoryAsync(session, member).ConfigureAwait(false) : [];
        return [.. messages.Concat(consents.Select(Consent)).OrderBy(entry => entry.At)];
    }

    /// <summary>The messages alone, and those that were not made.</summary>
    internal async Task<IEnumerable<TimelineEntry>> MessagesAsync(Session session, MemberId member, string? campaign)
    {
        var rows = await session.QueryAsync<Row>(Entries, new { member = member.Value }).ConfigureAwait(false);
        // A producer that ran twice on a day said the same no twice.
        return rows.Where(row => campaign is null || row.Producer == campaign || row.Campaign == campaign)
            .DistinctBy(row => (row.Producer, row.Campaign, row.Day, row.Arm, row.RunReason, row.MessageId))
            .Select(row => Message(row) with { Id = row.MessageId ?? row.RunId, About = (MessageKind)row.Kind });
    }

    private TimelineEntry Message(Row row)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(row.OutcomeAt ?? row.IntentAt ?? row.StartedAt);
        if ((Arm)row.Arm == Arm.HeldOut) return new TimelineEntry(at, row.Producer, new("未发送：对照组", "Not sent: held out"), [Reason.Sentence(Reason.HeldOut)], null);
        if ((Arm)row.Arm == Arm.Excluded) return new TimelineEntry(at, row.Producer, new("未生成消息", "No message was made"), [Reason.Sentence(row.RunReason!)], null);
        var text = row.TextCipher is null
            ? cipher.Decrypt(WavePlanner.InboxColumn, row.MessageId!.Value, row.InboxCipher)
            : cipher.Decrypt(WavePlanner.TextColumn, row.MessageId!.Value, row.TextCipher);
        return new TimelineEntry(at, row.Producer, Title(row), [.. Details(row)], text);
    }

    private static Phrase Title(Row row)
    {
        var by = row.Channel is { } channel ? (Channel)channel switch
        {
            Channel.WeChatSubscribe => new Phrase("微信订阅消息", "WeChat subscribe message"),
            Channel.Sms => new Phrase("短信", "SMS"),
            Channel.OfficialAccount => new Phrase("服务号模板消息", "official-account message"),
            Channel.CustomerService => new Phrase("客服消息", "customer-service message"),
            _ => new Phrase($"渠道 {channel}", $"channel {channel}"),
        } : new Phrase("消息", "message");
        return (MessageState)row.State!.Value switch
        {
            MessageState.Pending => new("待发送", "Waiting to be sent"),
            MessageState.Sending => new($"正在发送（{by.Zh}）", $"On the wire ({by.En})"),
            MessageState.Sent => new($"已发送（{by.Zh}），等待回执", $"Sent ({by.En}), no receipt yet"),
            MessageState.Delivered => new($"已送达（{by.Zh}）", $"Delivered ({by.En})"),
            MessageState.Undelivered => new($"未送达（{by.Zh}，{row.OutcomeCode}）", $"Not delivered ({by.En}, {row.OutcomeCode})"),
            MessageState.Suppressed => new("未发送", "Not sent"),
            MessageState.Failed => new($"发送失败（{row.OutcomeCode}）", $"Failed ({row.OutcomeCode})"),
            MessageState.InDoubt when row.ReadyAt is null => new($"结果未知（{by.Zh}，{row.OutcomeCode}），不会重发", $"In doubt ({by.En}, {row.OutcomeCode}); not sent again"),
            MessageState.InDoubt => new($"结果未知（{by.Zh}，{row.OutcomeCode}），正在核实", $"In doubt ({by.En}, {row.OutcomeCode}); being looked into"),
            _ => new($"状态无效（{row.State}）", $"A state that there is not ({row.State})"),
        };
    }

    private static IEnumerable<Phrase> Details(Row row)
    {
        if (row.PossiblyTwice != 0) yield return new("可能收到两次：第一次发送的结果无法核实", "possibly twice: nobody could say what became of the first send");
        if (row.Reason is { } reason) yield return Reason.Sentence(reason);
        foreach (var refusal in (row.Verdicts ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = refusal.Split('=', 2);
            var why = Reason.Sentence(parts[1]);
            yield return parts[0] switch
            {
                "sms" => new($"短信：{why.Zh}", $"SMS: {why.En}"),
                "official_account" => new($"服务号：{why.Zh}", $"official account: {why.En}"),
                "customer_service" => new($"客服消息：{why.Zh}", $"customer service: {why.En}"),
                _ => new($"微信：{why.Zh}", $"WeChat: {why.En}"),
            };
        }

        if (row is { State: (int)MessageState.Delivered or (int)MessageState.Sent, Channel: (int)Channel.WeChatSubscribe }) yield return new("有同意、有订阅授权、在允许时段内", "consent, a subscription and the hour allowed it");
        if (row is { State: (int)MessageState.Delivered or (int)MessageState.Sent, Channel: (int)Channel.Sms }) yield return new($"有同意、号码未拒收、在允许时段内，计费 {row.Segments} 条", $"consent, the number and the hour allowed it; billed as {row.Segments} part(s)");
    }

    private static TimelineEntry Consent(ConsentChange change)
    {
        var purpose = PurposeNames.Of(change.Purpose);
        return new TimelineEntry(DateTimeOffset.FromUnixTimeMilliseconds(change.At), ConsentProducer,
            change.Granted ? new($"同意：{purpose.Zh}", $"Agreed: {purpose.En}") : new($"撤回同意：{purpose.Zh}", $"Withdrew: {purpose.En}"),
            [new($"来源 {change.Source}，凭证 {change.Evidence}", $"source {change.Source}, evidence {change.Evidence}")], null);
    }

    private sealed class Row
    {
        public long RunId { get; init; }
        public long Kind { get; init; }
        public string Producer { get; init; } = "";
        public string? Campaign { get; init; }
        public long Day { get; init; }
        public long StartedAt { get; init; }
        public long Arm { get; init; }
        public string? RunReason { get; init; }
        public long? MessageId { get; init; }
        public long? State { get; init; }
        public string? Reason { get; init; }
        public string? Verdicts { get; init; }
        public long? Channel { get; init; }
        public string? OutcomeCode { get; init; }
        public long? ReadyAt { get; init; }
        public long? PossiblyTwice { get; init; }
        public long? IntentAt { get; init; }
        public long? OutcomeAt { get; init; }
        public long? Segments { get; init; }
        public byte[]? TextCipher { get; init; }
        public byte[]? InboxCipher { get; init; }
    }
}
