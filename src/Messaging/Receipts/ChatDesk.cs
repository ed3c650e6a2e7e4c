using Engagement.Members;
using Engagement.Members.Cases;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Channels.WeChat.Push;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Receipts;

/// <summary>Who comes to us at WeChat: followers, scans, menu taps, and what people write. Opens the windows in which we may answer.</summary>
/// <remarks>Everything here may be applied twice. A text is answered from the configured words (<c>WeChat:Replies</c>); a member's other words go into a service case, those of others wait for staff.</remarks>
internal sealed class ChatDesk(IOptions<WeChatOptions> options, IdGenerator ids, Clocks clocks, FieldCipher cipher, CaseDesk cases)
{
    internal static readonly CipherColumn Text = new("wechat_chat", "text");
    internal static readonly CipherColumn Reply = new("wechat_chat", "reply");

    private static readonly TimeSpan s_afterMessage = TimeSpan.FromHours(48);
    private static readonly TimeSpan s_afterTap = TimeSpan.FromMinutes(1);

    private const string Window = "INSERT INTO wechat_window (id, account, openid, source, remaining, until_at)";

    private const string Follow = "INSERT INTO wechat_follower (account, openid, scene, followed_at, look_at, looks)";

    private const string Kept = "SELECT COUNT(*) FROM wechat_chat WHERE id = @id";

    private const string Writer = "SELECT member_id FROM member_identity WHERE account = @account AND openid = @openId";

    private const string Chat = "INSERT INTO wechat_chat (id, account, openid, message_type, text_cipher, media_id, reply_cipher, state, said_at, ready_at)";

    private const string Bump = """
        UPDATE member SET gate_version = gate_version + 1
        WHERE  id IN (SELECT member_id FROM member_identity WHERE account = @account AND openid = @openId)
        """;

    /// <summary>Applies one event inside the caller's write.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="app">The account that it came to.</param>
    /// <param name="push">The stored push that it came in.</param>
    /// <param name="one">The event.</param>
    public Task ApplyAsync(Tx tx, WeChatApp app, long push, WeChatEvent one)
    {
        var account = options.Value.Of(app).AppId;
        return one switch
        {
            Followed followed => FollowedAsync(tx, account, followed),
            Unfollowed gone => ForgetAsync(tx, account, gone.OpenId),
            Scanned or MenuTapped { OpensChat: true } => OpenAsync(tx, account, one, WindowSource.Tap, options.Value.RepliesPerTap, s_afterTap),
            MenuTapped => Task.CompletedTask,
            ChatMessage message => SaidAsync(tx, account, push, message),
            _ => throw new InvalidOperationException($"{one.GetType().Name} is no visit."),
        };
    }

    /// <summary>Somebody follows no more: what we knew of them in that account goes.</summary>
    public static async Task ForgetAsync(Tx tx, string account, string openId)
    {
        await tx.ExecuteAsync(Bump, new { account, openId }).ConfigureAwait(false);
        await tx.ExecuteAsync("DELETE FROM member_identity WHERE account = @account AND openid = @openId", new { account, openId }).ConfigureAwait(false);
        await tx.ExecuteAsync("DELETE FROM wechat_follower WHERE account = @account AND openid = @openId", new { account, openId }).ConfigureAwait(false);
        await tx.ExecuteAsync("DELETE FROM wechat_window WHERE account = @account AND openid = @openId", new { account, openId }).ConfigureAwait(false);
    }

    private async Task FollowedAsync(Tx tx, string account, Followed followed)
    {
        var now = clocks.System.NowMs();
        var scene = followed.Scene.Length <= 64 ? followed.Scene : followed.Scene[..64];
        await tx.InsertManyAsync(Follow, [followed], (f, v) => (v[0], v[1], v[2], v[3], v[4], v[5]) = (account, f.OpenId, scene, Ms(f.At) ?? now, now, 0),
            $"{tx.Dialect.OnConflictUpdate("account, openid")} look_at = {tx.Dialect.New("look_at")}, looks = 0").ConfigureAwait(false);
        await OpenAsync(tx, account, followed, WindowSource.Tap, options.Value.RepliesPerTap, s_afterTap).ConfigureAwait(false);
    }

    private async Task SaidAsync(Tx tx, string account, long id, ChatMessage message)
    {
        await OpenAsync(tx, account, message, WindowSource.Message, options.Value.RepliesPerMessage, s_afterMessage).ConfigureAwait(false);
        if (await tx.ScalarAsync<long>(Kept, new { id }).ConfigureAwait(false) > 0) return;
        var now = clocks.System.NowMs();
        var (reply, waiting) = message.MsgType == "text" && options.Value.Replies.GetValueOrDefault(message.Content.Trim()) is { } word ? (word, ChatState.ToAnswer)
            : await ToCaseAsync(tx, account, message).ConfigureAwait(false);
        var media = message.MediaId.Length <= 200 ? message.MediaId : message.MediaId[..200];
        await tx.InsertManyAsync(Chat, [message], (m, v) =>
        {
            (v[0], v[1], v[2], v[3]) = (id, account, m.OpenId, m.MsgType);
            (v[4], v[5], v[6]) = (m.Content.Length == 0 ? null : cipher.Encrypt(Text, id, m.Content), media.Length == 0 ? null : media, reply is null ? null : cipher.Encrypt(Reply, id, reply));
            (v[7], v[8], v[9]) = ((int)(reply is null ? waiting : ChatState.ToAnswer), Ms(m.At) ?? now, now);
        }, tx.Dialect.OnConflictKeep("id")).ConfigureAwait(false);
    }

    // What may be an emergency gets its fixed text at once, from whomever it comes, and is a case for a person too.
    private async Task<(string? Reply, ChatState Waiting)> ToCaseAsync(Tx tx, string account, ChatMessage message)
    {
        var said = message.MsgType == "text" ? message.Content : Stand(message.MsgType);
        var member = await tx.SingleOrDefaultAsync<long?>(Writer, new { account, openId = message.OpenId }).ConfigureAwait(false) is { } id ? new MemberId(id) : (MemberId?)null;
        return member is null && CaseTexts.For(said) is null ? (null, ChatState.WaitsForStaff) : (await cases.HearAsync(tx, member, CaseChannel.WeChat, said).ConfigureAwait(false), ChatState.InCase);
    }

    // What stands in a thread for something that is no text.
    private static string Stand(string messageType) => messageType switch
    {
        "image" => "[图片]",
        "voice" => "[语音]",
        "video" or "shortvideo" => "[视频]",
        "location" => "[位置]",
        "link" => "[链接]",
        _ => "[小程序卡片]",
    };

    // WeChat counts anew with each contact; one that comes late must not take a later one's place.
    private Task<int> OpenAsync(Tx tx, string account, WeChatEvent one, WindowSource source, int replies, TimeSpan life)
    {
        var until = (Ms(one.At) ?? clocks.System.NowMs()) + (long)life.TotalMilliseconds;
        return tx.InsertManyAsync(Window, [one], (e, v) => (v[0], v[1], v[2], v[3], v[4], v[5]) = (ids.Next(), account, e.OpenId, (int)source, replies, until),
            $"""
            {tx.Dialect.OnConflictUpdate("account, openid, source")}
                remaining = CASE WHEN {tx.Dialect.New("until_at")} > wechat_window.until_at THEN {tx.Dialect.New("remaining")} ELSE wechat_window.remaining END,
                until_at = {tx.Dialect.Greatest}(wechat_window.until_at, {tx.Dialect.New("until_at")})
            """);
    }

    private static long? Ms(DateTimeOffset? at) => at?.ToUnixTimeMilliseconds();
}

/// <summary>What opened a customer-service window.</summary>
internal enum WindowSource
{
    /// <summary>The person wrote to us: five messages in 48 hours.</summary>
    Message = 1,

    /// <summary>A menu tap, a follow or a scan: three messages in a minute.</summary>
    Tap = 2,
}

/// <summary>Where something that was written to us stands.</summary>
public enum ChatState
{
    /// <summary>An answer is to be sent.</summary>
    ToAnswer = 1,

    /// <summary>The answer is on the wire, or its process died with it: never sent again.</summary>
    Answering = 2,

    /// <summary>WeChat took the answer.</summary>
    Answered = 3,

    /// <summary>No configured word: a person answers.</summary>
    WaitsForStaff = 4,

    /// <summary>The answer was refused, or nobody can say; a person sees to it.</summary>
    NotAnswered = 5,

    /// <summary>It is in the thread of a service case, and answered there.</summary>
    InCase = 6,
}
