using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using static Engagement.Messaging.Channels.Sms.PushJson;

namespace Engagement.Messaging.Channels.Sms.Tencent;

/// <summary>Reads what Tencent Cloud pushes: receipts, an array of JSON objects, and replies, one object each.</summary>
/// <remarks>Pure functions. Nothing here throws for what a stranger may send; the answer to a push that was stored is <see cref="Answer"/>.</remarks>
public static class TencentPush
{
    /// <summary>What Tencent wants to hear once the push is stored.</summary>
    public const string Answer = """{"result":0,"errmsg":"OK"}""";

    /// <summary>Reads a push of receipts.</summary>
    public static SmsPush<SmsReceipt> ParseReceipts(ReadOnlyMemory<byte> body) => Parse(body, Receipt);

    /// <summary>Reads a push of replies.</summary>
    public static SmsPush<SmsReply> ParseReplies(ReadOnlyMemory<byte> body) => Parse(body, Reply, alone: true);

    private static SmsReceipt? Receipt(JsonElement item)
    {
        var (phone, sid) = (Text(item, "mobile"), Text(item, "sid"));
        if (phone.Length == 0 || sid.Length == 0) return null;
        // A receipt that does not say whether it was delivered is no receipt. The session context comes back where the account has asked for it.
        return Text(item, "report_status") switch
        {
            "SUCCESS" => new SmsReceipt(phone, sid, Text(item, "ext"), true, Text(item, "errmsg"), null, Time(item, "user_receive_time")),
            "FAIL" => new SmsReceipt(phone, sid, Text(item, "ext"), false, Text(item, "errmsg"), null, Time(item, "user_receive_time")),
            _ => null,
        };
    }

    private static SmsReply? Reply(JsonElement item)
    {
        var phone = Text(item, "mobile");
        if (phone.Length == 0 || !item.TryGetProperty("text", out _)) return null;
        var (text, extend, time) = (Text(item, "text"), Text(item, "extend"), Text(item, "time"));
        var at = long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : (DateTimeOffset?)null;
        return new SmsReply(phone, text, SequenceOf(phone, time, extend, text), extend, at);
    }

    // Tencent numbers no reply: the same words from the same number in the same second are the same reply.
    private static string SequenceOf(params ReadOnlySpan<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, 16));
}
