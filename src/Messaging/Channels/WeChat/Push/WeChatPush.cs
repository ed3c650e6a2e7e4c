using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Engagement.Messaging.Channels.WeChat.Push;

/// <summary>The query of a push's address, as it came.</summary>
/// <param name="Timestamp"><c>timestamp</c>.</param>
/// <param name="Nonce"><c>nonce</c>.</param>
/// <param name="Signature"><c>signature</c>, which covers no part of the body.</param>
/// <param name="MessageSignature"><c>msg_signature</c>, which covers the encrypted body.</param>
public sealed record WeChatPushQuery(string? Timestamp, string? Nonce, string? Signature, string? MessageSignature);

/// <summary>A push that was let in, or the reason why it was not.</summary>
/// <param name="Problem"><c>null</c> = let in; else <c>bad_signature</c>, <c>not_encrypted</c>, <c>bad_cipher</c>, <c>other_account</c> or <c>too_large</c>.</param>
/// <param name="Body">The plain body, to be stored before WeChat is answered.</param>
public readonly record struct OpenedPush(string? Problem, ReadOnlyMemory<byte> Body);

/// <summary>What a plain body says.</summary>
/// <param name="Events">In the order of the push; at least one, unless <paramref name="Problem"/> is set.</param>
/// <param name="Problem"><c>null</c>, or <c>bad_json</c>, <c>bad_xml</c>, <c>empty</c>, <c>too_large</c>: the body is kept all the same, for people.</param>
public readonly record struct ParsedPush(IReadOnlyList<WeChatEvent> Events, string? Problem);

/// <summary>What WeChat pushes to us: let in by its signature, told apart by a key, read into events.</summary>
/// <remarks>Pure functions. Nothing here throws for what a stranger may send.</remarks>
public static class WeChatPush
{
    /// <summary>Whether a request knows our token: for the address check and for plain pushes. An empty token knows nobody.</summary>
    public static bool VerifySignature(string token, string? timestamp, string? nonce, string? signature) =>
        Matches(signature, token, timestamp, nonce);

    /// <summary>Lets a push in: checks the signature that covers it and decrypts it.</summary>
    /// <remarks>With an <see cref="WeChatAccountOptions.EncodingAesKey"/>, only encrypted pushes come in: the plain signature covers no
    /// part of the body, so whoever saw one could put any words under it.</remarks>
    public static OpenedPush Open(WeChatAccountOptions options, WeChatPushQuery query, ReadOnlyMemory<byte> body)
    {
        if (body.Length > PushDocument.SizeLimit) return new OpenedPush("too_large", default);
        if (string.IsNullOrEmpty(options.EncodingAesKey))
        {
            return VerifySignature(options.PushToken, query.Timestamp, query.Nonce, query.Signature)
                ? new OpenedPush(null, body)
                : new OpenedPush("bad_signature", default);
        }

        var encrypt = PushDocument.Read(body, out _)?["Encrypt"];
        if (string.IsNullOrEmpty(encrypt)) return new OpenedPush("not_encrypted", default);
        if (!Matches(query.MessageSignature, options.PushToken, query.Timestamp, query.Nonce, encrypt)) return new OpenedPush("bad_signature", default);
        if (!PushCipher.TryDecrypt(options.EncodingAesKey, encrypt, out var plain, out var appId)) return new OpenedPush("bad_cipher", default);
        return appId == options.AppId ? new OpenedPush(null, plain) : new OpenedPush("other_account", default);
    }

    /// <summary>Reads a plain body, XML or JSON.</summary>
    public static ParsedPush Parse(ReadOnlyMemory<byte> body) =>
        PushDocument.Read(body, out var problem) is { } document ? new ParsedPush([.. Events(document)], null) : new ParsedPush([], problem);

    /// <summary>The same text for the same push sent again: 64 hex digits, which tell nothing about the person.</summary>
    /// <remarks>Messages go by <c>MsgId</c>. Events go by person, second and event name, and subscribe events also by their entries:
    /// two messages of one template to one person in the same second end in two pushes. What cannot be read goes by its bytes.</remarks>
    public static string DedupeKey(ReadOnlyMemory<byte> body)
    {
        if (PushDocument.Read(body, out _) is not { } document) return Hash(body.Span);
        if (document["MsgId"] is { Length: > 0 } id) return Hash(["message", document["FromUserName"], id]);
        // Neither an id nor a time: two different pushes must not be taken for one.
        if (document.CreateTime is null) return Hash(body.Span);

        var entries = document.Entries
            .Select(entry => string.Join('\n', Field(entry, "TemplateId"), Field(entry, "SubscribeStatusString"), Field(entry, "MsgID")))
            .Order(StringComparer.Ordinal);
        return Hash(["event", document["FromUserName"], document["CreateTime"], document["Event"], document["MsgID"], .. entries]);
    }

    private static IEnumerable<WeChatEvent> Events(PushDocument push)
    {
        var openId = push["FromUserName"];
        var at = push.CreateTime;
        var unknown = new UnknownPush(openId, push["MsgType"], push["Event"], at);
        if (openId.Length == 0) return [unknown];
        if (push["MsgType"] == "event" && push.Entries.Count > 0) return Entries(push, at, unknown);
        return [(push["MsgType"] == "event" ? Event(push, at) : (WeChatEvent?)Message(push, at)) ?? unknown];
    }

    // Subscribe events: one entry a template.
    private static IEnumerable<WeChatEvent> Entries(PushDocument push, DateTimeOffset? at, UnknownPush unknown)
    {
        var openId = push["FromUserName"];
        return push["Event"] switch
        {
            "subscribe_msg_sent_event" => push.Entries.Select(WeChatEvent (entry) => Field(entry, "TemplateId") is { Length: > 0 } template
                ? new SubscribeSent(openId, template, Field(entry, "MsgID"), Field(entry, "ErrorCode"), Field(entry, "ErrorStatus"), at)
                : unknown),
            "subscribe_msg_popup_event" => push.Entries.Select(WeChatEvent (entry) => Choice(entry) is var (template, accepted)
                ? new SubscribePopup(openId, template, accepted, at)
                : unknown),
            "subscribe_msg_change_event" => push.Entries.Select(WeChatEvent (entry) => Choice(entry) is var (template, accepted)
                ? new SubscribeChange(openId, template, accepted, at)
                : unknown),
            _ => [unknown],
        };
    }

    private static WeChatEvent? Event(PushDocument push, DateTimeOffset? at)
    {
        const string byCode = "qrscene_";
        var (openId, key) = (push["FromUserName"], push["EventKey"]);
        return push["Event"] switch
        {
            "subscribe" => new Followed(openId, key.StartsWith(byCode, StringComparison.Ordinal) ? key[byCode.Length..] : key, at),
            "unsubscribe" => new Unfollowed(openId, at),
            "SCAN" => new Scanned(openId, key, at),
            "CLICK" or "scancode_push" or "scancode_waitmsg" => new MenuTapped(openId, key, OpensChat: true, at),
            "VIEW" or "view_miniprogram" => new MenuTapped(openId, key, OpensChat: false, at),
            "TEMPLATESENDJOBFINISH" when push["MsgID"].Length > 0 => new TemplateSent(openId, push["MsgID"], push["Status"], at),
            _ => null,
        };
    }

    private static ChatMessage? Message(PushDocument push, DateTimeOffset? at) => push["MsgType"] switch
    {
        "text" or "image" or "voice" or "video" or "shortvideo" or "location" or "link" or "miniprogrampage" =>
            new ChatMessage(push["FromUserName"], push["MsgType"], push["Content"], push["MediaId"], push["MsgId"], at),
        _ => null,
    };

    // Only the two words that WeChat documents decide about a consent.
    private static (string Template, bool Accepted)? Choice(IReadOnlyDictionary<string, string> entry) =>
        (Field(entry, "TemplateId"), Field(entry, "SubscribeStatusString")) switch
        {
            ({ Length: > 0 } template, "accept") => (template, true),
            ({ Length: > 0 } template, "reject") => (template, false),
            _ => null,
        };

    private static string Field(IReadOnlyDictionary<string, string> entry, string name) => entry.GetValueOrDefault(name, "");

    private static bool Matches(string? signature, string token, params ReadOnlySpan<string?> parts)
    {
        if (token.Length == 0 || signature is not { Length: 40 }) return false;
        string?[] sorted = [token, .. parts];
        Array.Sort(sorted, StringComparer.Ordinal);
        // The comparison takes the same time whatever differs.
        var expected = Sha1(string.Concat(sorted));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(signature));
    }

    [SuppressMessage("Security", "CA5350", Justification = "SHA-1 is WeChat's choice, not ours; nothing else is signed with it.")]
    private static string Sha1(string text) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Hash(IEnumerable<string> parts) =>
        Hash(Encoding.UTF8.GetBytes(string.Join('\0', parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Length}:{part}")))));

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
