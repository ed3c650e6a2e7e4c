using System.Globalization;
using System.Text.Json;
using Engagement.Messaging.Content;
using static Engagement.Messaging.Channels.Sms.PushJson;

namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>Reads what Aliyun pushes: <c>SmsReport</c> (receipts), <c>SmsUp</c> (replies) and the results of reviews, arrays of JSON objects.</summary>
/// <remarks>Pure functions. Nothing here throws for what a stranger may send; the answer to a push that was stored is <see cref="Answer"/>.</remarks>
public static class AliyunPush
{
    /// <summary>What Aliyun wants to hear, with status 200, once the push is stored; <c>code</c> must be a number.</summary>
    public const string Answer = """{"code":0,"msg":"ok"}""";

    /// <summary>Reads a push of receipts.</summary>
    public static SmsPush<SmsReceipt> ParseReceipts(ReadOnlyMemory<byte> body) => Parse(body, Receipt);

    /// <summary>Reads a push of replies.</summary>
    public static SmsPush<SmsReply> ParseReplies(ReadOnlyMemory<byte> body) => Parse(body, Reply);

    /// <summary>Reads what became of a template's review (<c>TemplateSmsReport</c>).</summary>
    public static SmsPush<SmsApproval> ParseTemplates(ReadOnlyMemory<byte> body) => Parse(body, Template);

    /// <summary>Reads what became of a signature's review (<c>SignSmsReport</c>).</summary>
    public static SmsPush<SmsApproval> ParseSignatures(ReadOnlyMemory<byte> body) => Parse(body, Signature);

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

    private static SmsApproval? Template(JsonElement item)
    {
        var (code, state) = (Text(item, "template_code"), State(Text(item, "template_status")));
        if (code.Length is 0 or > SmsApprovals.LongestCode || state is not { } known) return null;
        return new SmsApproval("aliyun", SmsSubject.Template, code, known, Type(Text(item, "template_type")), known == SmsApprovalState.Refused ? Text(item, "reason") : "");
    }

    private static SmsApproval? Signature(JsonElement item)
    {
        var (name, state) = (Text(item, "sign_name"), State(Text(item, "sign_status")));
        if (name.Length is 0 or > SmsApprovals.LongestCode || state is not { } known) return null;
        return new SmsApproval("aliyun", SmsSubject.Signature, name, known, SmsTemplateType.Unknown, known == SmsApprovalState.Refused ? Text(item, "reason") : "");
    }

    private static SmsApprovalState? State(string status) => status switch
    {
        "approving" => SmsApprovalState.InReview,
        "approved" => SmsApprovalState.Approved,
        "rejected" => SmsApprovalState.Refused,
        _ => null,
    };

    // In words, and in the language of the account.
    private static SmsTemplateType Type(string said) =>
        said.Contains("验证码", StringComparison.Ordinal) || said.Contains("aptcha", StringComparison.Ordinal) ? SmsTemplateType.Verification
        : said.Contains("通知", StringComparison.Ordinal) || said.Contains("otif", StringComparison.Ordinal) ? SmsTemplateType.Notice
        : said.Contains("推广", StringComparison.Ordinal) || said.Contains("romotion", StringComparison.Ordinal) ? SmsTemplateType.Marketing
        : SmsTemplateType.Unknown;
}
