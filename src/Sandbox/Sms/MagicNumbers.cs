using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.Sms;

/// <summary>Numbers whose last four digits force a result, where the setup allows it: a refusal by either provider, or what the receipt says.</summary>
internal static class MagicNumbers
{
    private static readonly Dictionary<string, (string Aliyun, string Tencent)> Refusals = new(StringComparer.Ordinal)
    {
        ["0429"] = ("isv.BUSINESS_LIMIT_CONTROL", "LimitExceeded.PhoneNumberDailyLimit"),
        ["0451"] = ("isv.SMS_CONTENT_ILLEGAL", "FailedOperation.PhoneNumberInBlacklist"),
        ["0500"] = ("isp.SYSTEM_ERROR", "InternalError.Timeout"),
    };

    private static readonly Dictionary<string, string> Receipts = new(StringComparer.Ordinal)
    {
        ["0408"] = "none",
        ["0410"] = "MK:0001",
        ["0411"] = "EXPIRED",
        ["0412"] = "DB:0102",
        ["0413"] = "REJECTD",
    };

    public static string? AliyunRefusal(Setup setup, string phone) =>
        setup.MagicNumbers && Refusals.TryGetValue(phone[^4..], out var codes) ? codes.Aliyun : null;

    public static string? TencentRefusal(Setup setup, string phone) =>
        setup.MagicNumbers && Refusals.TryGetValue(phone[^4..], out var codes) ? codes.Tencent : null;

    /// <summary>The receipt's code, <c>none</c> for a carrier that never says, or <c>null</c>.</summary>
    public static string? Receipt(Setup setup, string phone) =>
        setup.MagicNumbers && phone.Length >= 4 ? Receipts.GetValueOrDefault(phone[^4..]) : null;
}
