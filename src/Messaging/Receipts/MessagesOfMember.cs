using System.Globalization;
using Engagement.Members;
using Engagement.Members.Privacy;
using Engagement.Storage;

namespace Engagement.Messaging.Receipts;

/// <summary>What was said to a member, and what they said to us: shown on request, forgotten with the member.</summary>
internal sealed class MessagesOfMember(FieldCipher cipher) : IPersonalData
{
    private const int MostRows = 1_000;

    private const string Messages = """
        SELECT m.id AS Id, m.kind AS Kind, m.channel AS Channel, m.state AS State, m.created_at AS At
        FROM   message m
        WHERE  m.member_id = @member ORDER BY m.id DESC LIMIT @limit
        """;

    private const string Chats = """
        SELECT c.id AS Id, c.text_cipher AS Text, c.said_at AS At
        FROM   wechat_chat c JOIN member_identity i ON i.account = c.account AND i.openid = c.openid
        WHERE  i.member_id = @member ORDER BY c.id DESC LIMIT @limit
        """;

    // While the openids and the phone are still known. The number itself stays barred: a refusal outlives the member.
    private static readonly string[] s_forget =
    [
        "DELETE FROM message_text WHERE message_id IN (SELECT id FROM message WHERE member_id = @member)",
        "UPDATE message SET address_index = NULL, params = '{}' WHERE member_id = @member AND state <> 1",
        "DELETE FROM wechat_grant WHERE member_id = @member",
        "DELETE FROM wechat_tap WHERE member_id = @member",
        "DELETE FROM member_merge_grant WHERE merge_id IN (SELECT id FROM member_merge WHERE survivor_id = @member OR merged_id = @member)",
        "DELETE FROM wechat_window WHERE EXISTS (SELECT 1 FROM member_identity i WHERE i.member_id = @member AND i.account = wechat_window.account AND i.openid = wechat_window.openid)",
        "DELETE FROM wechat_follower WHERE EXISTS (SELECT 1 FROM member_identity i WHERE i.member_id = @member AND i.account = wechat_follower.account AND i.openid = wechat_follower.openid)",
        "DELETE FROM wechat_chat WHERE EXISTS (SELECT 1 FROM member_identity i WHERE i.member_id = @member AND i.account = wechat_chat.account AND i.openid = wechat_chat.openid)",
    ];

    // A family shares a phone: what was said by it goes when nobody else has it.
    private const string ForgetReplies = """
        DELETE FROM sms_reply
        WHERE  phone_index IN (SELECT phone_index FROM member WHERE id = @member)
        AND    NOT EXISTS (SELECT 1 FROM member o WHERE o.phone_index = sms_reply.phone_index AND o.id <> @member AND o.erased_at IS NULL)
        """;

    public async Task<IReadOnlyList<DataSection>> ShowAsync(Session session, MemberId member)
    {
        var args = new { member = member.Value, limit = MostRows };
        var messages = await session.QueryAsync<MessageRow>(Messages, args).ConfigureAwait(false);
        var chats = await session.QueryAsync<ChatRow>(Chats, args).ConfigureAwait(false);
        return
        [
            new DataSection("messages", new("发给您的消息", "Messages to you"), [.. messages.Select(row => new DataRow(
                Same(At(row.At)), Same($"{(MessageKind)row.Kind} · {(MessageState)row.State}"), row.Channel is { } channel ? Same(((Channel)channel).Code()) : new("站内信", "inbox")))]),
            new DataSection("chats", new("您发给我们的消息", "Messages from you"), [.. chats.Where(row => row.Text is not null).Select(row => new DataRow(
                Same(At(row.At)), Same(cipher.Decrypt(ChatDesk.Text, row.Id, row.Text)!), new("微信", "WeChat")))]),
        ];
    }

    public async Task ForgetAsync(Tx tx, MemberId member)
    {
        foreach (var statement in s_forget) await tx.ExecuteAsync(statement, new { member = member.Value }).ConfigureAwait(false);
        await tx.ExecuteAsync(ForgetReplies, new { member = member.Value }).ConfigureAwait(false);
    }

    private static string At(long at) => ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(at)).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static Phrase Same(string text) => new(text, text);

    private sealed class MessageRow
    {
        public long Id { get; init; }
        public int Kind { get; init; }
        public int? Channel { get; init; }
        public int State { get; init; }
        public long At { get; init; }
    }

    private sealed class ChatRow
    {
        public long Id { get; init; }
        public byte[]? Text { get; init; }
        public long At { get; init; }
    }
}
