using System.Globalization;
using System.Text.Json;

namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>Reads what Aliyun pushes: <c>SmsReport</c> (receipts) and <c>SmsUp</c> (replies), arrays of JSON objects.</summary>
/// <remarks>Pure functions. Nothing here throws for what a stranger may send; the answer to a push that was stored is <see cref="Answer"/>.</remarks>
public static class AliyunPush
{
    /// <summary>What Aliyun wants to hear, with status 200, once the push is stored; <c>code</c> must be a number.</summary>
    public const string Answer = """{"code":0,"msg":"ok"}""";

    /// <summary>The largest push that is looked at, in bytes.</summary>
    public const int SizeLimit = 1024 * 1024;

    private static readonly TimeSpan s_beijing = TimeSpan.FromHours(8);

    /// <summary>Reads a push of receipts.</summary>
    public static SmsPush<SmsReceipt> ParseReceipts(ReadOnlyMemory<byte> body) => Parse(body, Receipt);

    /// <summary>Reads a push of replies.</summary>
    public static SmsPush<SmsReply> ParseReplies(ReadOnlyMemory<byte> body) => Parse(body, Reply);

    private static SmsReceipt? Receipt(JsonElement item)
    {
        var (phone, bizId) = (Text(item, "phone_number"), Text(item, "biz_id"));
        if (phone.Length == 0 || bizId.Length == 0) return null;
        // A receipt that does not say whether it was delivered is no receipt.
        return Text(item, "success").ToUpperInvariant() switch
        {
            "TRUE" => Receipt(item, phone, bizId, delivered: true),
            "FALSE" => Receipt(item, phone, bizId, delivered: false),
            _ => null,
        };
    }

    private static SmsReceipt Receipt(JsonElement item, string phone, string bizId, bool delivered) => new(
        phone, bizId, Text(item, "out_id"), delivered, Text(item, "err_code"),
        int.TryParse(Text(item, "sms_size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null,
        Time(item, "report_time"));

    private static SmsReply? Reply(JsonElement item)
    {
        var (phone, sequenceId) = (Text(item, "phone_number"), Text(item, "sequence_id"));
        return phone.Length == 0 || sequenceId.Length == 0
            ? null
            : new SmsReply(phone, Text(item, "content"), sequenceId, Text(item, "dest_code"), Time(item, "send_time"));
    }

    private static SmsPush<T> Parse<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T?> read)
        where T : class
    {
        if (body.Length > SizeLimit) return new SmsPush<T>([], 0, "too_large");
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Array) return new SmsPush<T>([], 0, "bad_json");
            var items = document.RootElement.EnumerateArray()
                .Select(item => item.ValueKind == JsonValueKind.Object ? read(item) : null)
                .ToList();
            return new SmsPush<T>([.. items.OfType<T>()], items.Count(item => item is null), null);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a JSON string that is no Unicode text.
            return new SmsPush<T>([], 0, "bad_json");
        }
    }

    // Numbers and text change places between editions of the documentation.
    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => "",
        }
        : "";

    private static DateTimeOffset? Time(JsonElement item, string name) =>
        DateTime.TryParseExact(Text(item, name), "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? new DateTimeOffset(time, s_beijing)
            : null;
}
