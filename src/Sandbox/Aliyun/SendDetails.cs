using System.Globalization;
using System.Text;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Sms;

namespace Engagement.Sandbox.Aliyun;

/// <summary>QuerySendDetails: what became of the messages to one number on one day.</summary>
internal sealed class SendDetails(MessageLedger ledger, SmsOutcomes outcomes)
{
    private const int LargestPage = 50;

    public object Find(AliyunRequest request)
    {
        if (ChinaPhone.Digits(request["PhoneNumber"]) is not { } phone) return Refused(SmsRefusal.NumberFormat);
        if (!DateOnly.TryParseExact(request["SendDate"], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            || !int.TryParse(request["PageSize"], CultureInfo.InvariantCulture, out var size) || size is < 1 or > LargestPage
            || !int.TryParse(request["CurrentPage"], CultureInfo.InvariantCulture, out var page) || page < 1) return Refused(SmsRefusal.Parameters);

        var found = All(phone).Where(entry => DateOnly.FromDateTime(At(entry).Date) == day
            && (request["BizId"].Length == 0 || request["BizId"] == entry.ProviderRef)).ToList();
        return new
        {
            RequestId = Guid.NewGuid().ToString().ToUpperInvariant(),
            Code = "OK",
            Message = "OK",
            TotalCount = found.Count.ToString(CultureInfo.InvariantCulture),
            SmsSendDetailDTOs = new { SmsSendDetailDTO = found.Skip((page - 1) * size).Take(size).Select(Detail).ToList() },
        };
    }

    private IEnumerable<LedgerEntry> All(string phone)
    {
        var to = Encoding.UTF8.GetBytes(phone);
        for (var at = ledger.NextAfter(0, Channel.AliyunSms, to); at is { } found; at = ledger.NextAfter(found.Seq, Channel.AliyunSms, to))
            yield return found.Entry;
    }

    private object Detail(LedgerEntry entry) => new
    {
        PhoneNum = entry.To,
        SendStatus = entry.Status switch { DeliveryStatus.Accepted => 1, DeliveryStatus.Undelivered => 2, DeliveryStatus.Delivered => 3 },
        ErrCode = entry.Status switch { DeliveryStatus.Accepted => "", DeliveryStatus.Undelivered => outcomes.FailureOf(entry) ?? "UNDELIV", DeliveryStatus.Delivered => "DELIVERED" },
        TemplateCode = entry.TemplateId,
        Content = entry.Text,
        SendDate = ChinaTime.Text(entry.AtMs),
        ReceiveDate = entry.Status == DeliveryStatus.Accepted ? "" : ChinaTime.Text(entry.AtMs),
        OutId = entry.Reference,
    };

    private static object Refused(SmsRefusal refusal) =>
        new { RequestId = Guid.NewGuid().ToString().ToUpperInvariant(), refusal.Code, refusal.Message };

    private static DateTimeOffset At(LedgerEntry entry) => DateTimeOffset.FromUnixTimeMilliseconds(entry.AtMs).ToOffset(SandboxClock.China);
}
