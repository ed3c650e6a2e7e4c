using Engagement.Members;
using Engagement.Storage;

namespace Engagement.Messaging.Receipts;

/// <summary>What somebody wrote to us and what became of it, for staff.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Member">The member who wrote; <c>null</c> when the person is none.</param>
/// <param name="MessageType">WeChat's word: <c>text</c>, <c>image</c> …</param>
/// <param name="Text">What they wrote.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Code">What WeChat said to our answer.</param>
/// <param name="SaidAt">When they wrote.</param>
public sealed record Chat(long Id, long? Member, string MessageType, string? Text, ChatState State, string? Code, DateTimeOffset SaidAt)
{
    /// <summary>Shows no words.</summary>
    public override string ToString() => $"chat {Id} {State}";
}

/// <summary>What waits for staff of that which people wrote to us at WeChat, and their answers.</summary>
public sealed class ChatsWaiting(Database database, Clocks clocks, FieldCipher cipher)
{
    private const string Waiting = """
        SELECT c.id AS Id, i.member_id AS Member, c.message_type AS MessageType, c.text_cipher AS Text, c.state AS State, c.reply_code AS Code, c.said_at AS SaidAt
        FROM   wechat_chat c LEFT JOIN member_identity i ON i.account = c.account AND i.openid = c.openid
        WHERE  c.state IN (2, 4, 5)
        ORDER BY c.id
        LIMIT  @limit
        """;

    private const string Answer = "UPDATE wechat_chat SET state = 1, reply_cipher = @reply, reply_code = NULL, ready_at = @now WHERE id = @id AND state IN (2, 4, 5)";

    private const string Last = """
        SELECT c.id
        FROM   wechat_chat c JOIN member_identity i ON i.account = c.account AND i.openid = c.openid
        WHERE  i.member_id = @member AND c.said_at > @since AND c.state IN (3, 5, 6)
        ORDER BY c.id DESC
        LIMIT  1
        """;

    private const string AnswerInCase = "UPDATE wechat_chat SET state = 1, reply_cipher = @reply, reply_code = NULL, ready_at = @now WHERE id = @id AND state IN (3, 5, 6)";

    private static readonly TimeSpan s_window = TimeSpan.FromHours(48);

    /// <summary>What waits for a person, the oldest first.</summary>
    public async Task<IReadOnlyList<Chat>> WaitingAsync(int limit, CancellationToken ct) =>
        [.. (await database.ReadAsync(session => session.QueryAsync<WaitingRow>(Waiting, new { limit }), ct).ConfigureAwait(false)).Select(row => new Chat(
            row.Id, row.Member, row.MessageType, cipher.Decrypt(ChatDesk.Text, row.Id, row.Text), (ChatState)row.State, row.Code, DateTimeOffset.FromUnixTimeMilliseconds(row.SaidAt)))];

    /// <summary>A person's answer; <c>false</c> when nothing with this number waits for one.</summary>
    public async Task<bool> AnswerAsync(long id, string text, CancellationToken ct) => await database.WriteAsync(
        tx => tx.ExecuteAsync(Answer, new { id, reply = cipher.Encrypt(ChatDesk.Reply, id, text), now = clocks.System.NowMs() }), ct).ConfigureAwait(false) == 1;

    /// <summary>What staff answered in a member's case goes out as WeChat chat too, if the member wrote there in the last two days; <c>false</c> when not. In the caller's write.</summary>
    public async Task<bool> AnswerAsync(Tx tx, MemberId member, string text)
    {
        var now = clocks.System.NowMs();
        return await tx.SingleOrDefaultAsync<long?>(Last, new { member = member.Value, since = now - (long)s_window.TotalMilliseconds }).ConfigureAwait(false) is { } id
            && await tx.ExecuteAsync(AnswerInCase, new { id, reply = cipher.Encrypt(ChatDesk.Reply, id, text), now }).ConfigureAwait(false) == 1;
    }

    private sealed class WaitingRow
    {
        public long Id { get; init; }
        public long? Member { get; init; }
        public string MessageType { get; init; } = "";
        public byte[]? Text { get; init; }
        public long State { get; init; }
        public string? Code { get; init; }
        public long SaidAt { get; init; }
    }
}
