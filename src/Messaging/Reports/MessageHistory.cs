using Engagement.Members;
using Engagement.Members.Profiles;
using Engagement.Members.Timelines;
using Engagement.Messaging.Receipts;
using Engagement.Storage;

namespace Engagement.Messaging.Reports;

/// <summary>Messages and why there were none. Those that tell of illness are shown for a purpose only, and so is every word that was said.</summary>
internal sealed class MessageHistory(MemberTimeline timeline) : ITimelineSource
{
    public TimelineKind Kind => TimelineKind.Message;

    public async Task<IReadOnlyList<TimelineItem>> ReadAsync(Session session, MemberId member, TimelinePlace place, int limit, TimelineView view) =>
        [.. (await timeline.MessagesAsync(session, member, campaign: null).ConfigureAwait(false))
            .Where(entry => view.Health || entry.About is not (MessageKind.Refill or MessageKind.Dose or MessageKind.Recall))
            .Select(entry => new TimelineItem(entry.At.ToUnixTimeMilliseconds(), Kind, entry.Id, entry.Title,
                [new($"来自 {entry.Producer}", $"by {entry.Producer}"), .. entry.Details]) { Text = view.Health ? entry.Text : null })
            .Where(item => place.IsBefore(item.At, item.Kind, item.Id)).OrderByDescending(item => item.At).ThenByDescending(item => item.Id).Take(limit)];
}

/// <summary>What came back by SMS from the member's phone; a family may share it.</summary>
internal sealed class ReplyHistory(MemberStore members, BlindIndex index, FieldCipher cipher) : ITimelineSource
{
    internal const string Select = """
        SELECT id AS Id, said_at AS At, state AS State, text_cipher AS Text
        FROM   sms_reply
        WHERE  phone_index IN @indexes AND (said_at < @at OR (said_at = @at AND id < @id))
        ORDER BY said_at DESC, id DESC
        LIMIT  @limit
        """;

    public TimelineKind Kind => TimelineKind.Reply;

    public async Task<IReadOnlyList<TimelineItem>> ReadAsync(Session session, MemberId member, TimelinePlace place, int limit, TimelineView view)
    {
        var profiles = await members.ProfilesAsync(session, [member]).ConfigureAwait(false);
        if (!profiles.TryGetValue(member, out var profile) || profile.Phone is not { } phone) return [];
        var rows = await session.QueryAsync<Row>(Select, new { indexes = index.Candidates(MemberColumns.PhoneIndex, phone.Digits), at = place.At, id = place.IdFor(Kind), limit }).ConfigureAwait(false);
        return [.. rows.Select(row => new TimelineItem(row.At, Kind, row.Id, new("短信回复", "Answered by SMS"), [row.State == 1 ? new("等待处理", "waits for staff") : new("已处理", "seen to")])
        {
            Text = view.Health ? cipher.Decrypt(ReplyDesk.Text, row.Id, row.Text) : null,
        })];
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public long At { get; init; }
        public long State { get; init; }
        public byte[]? Text { get; init; }
    }
}
