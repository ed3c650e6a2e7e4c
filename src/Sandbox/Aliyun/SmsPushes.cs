using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;
using Engagement.Sandbox.Sms;

namespace Engagement.Sandbox.Aliyun;

/// <summary>SmsReport: the receipts, up to 100 in a body.</summary>
internal sealed class SmsReportPushes(
    CurrentSetup setup, MessageLedger ledger, SmsOutcomes outcomes, Counters counters, SandboxClock sandboxClock, TimeProvider clock)
    : SmsPushes("code", counters, clock, hands: 4, batch: 100)
{
    private readonly CurrentSetup _setup = setup;

    protected override (int TimeoutMs, double RetryScale)? Manner => _setup.Aliyun?.Push is { } push ? (push.TimeoutMs, push.RetryScale) : null;

    protected override HttpRequestMessage? Build(IReadOnlyList<PushItem> items)
    {
        var now = ChinaTime.Text(sandboxClock.GetUtcNow());
        var reports = new List<Report>(items.Count);
        foreach (var item in items)
        {
            if (Report(item.Seq, now) is { } report && !item.Silent) reports.Add(report);
        }
        return reports.Count == 0 ? null : Post(_setup.Aliyun?.Push?.ReportUrl, reports);
    }

    private Report? Report(long seq, string now)
    {
        if (ledger.Find(seq) is not { } entry) return null;
        var failure = outcomes.FailureOf(entry);
        if (failure == "none") return null;

        ledger.SetStatus(seq, failure is null ? DeliveryStatus.Delivered : DeliveryStatus.Undelivered);
        return new Report(
            entry.To, ChinaTime.Text(entry.AtMs), now, failure is null,
            failure ?? "DELIVERED", failure is null ? "用户接收成功" : "用户接收失败",
            Math.Max(1, entry.Parts).ToString(System.Globalization.CultureInfo.InvariantCulture), entry.ProviderRef, entry.Reference);
    }
}

/// <summary>SmsUp: what members reply.</summary>
internal sealed class SmsUpPushes(CurrentSetup setup, MessageLedger ledger, OptOuts optOuts, Counters counters, SandboxClock sandboxClock, TimeProvider clock)
    : SmsPushes("code", counters, clock, hands: 1, batch: 20)
{
    private readonly CurrentSetup _setup = setup;
    private long _lastSequence = 1_000_000;

    protected override (int TimeoutMs, double RetryScale)? Manner => _setup.Aliyun?.Push is { } push ? (push.TimeoutMs, push.RetryScale) : null;

    /// <summary>A phone answers the newest message that it got; the number of the push.</summary>
    public long Reply(string phone, string content)
    {
        var answered = ledger.Newest(Channel.AliyunSms, phone)?.Entry;
        var signName = answered?.SignName ?? "";
        optOuts.Hear(signName, phone, content);

        var sequence = Interlocked.Increment(ref _lastSequence);
        object sequenceId = _setup.Aliyun?.Push?.SequenceIdAsNumber == true
            ? sequence
            : sequence.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Add(new PushItem(0, new Up(phone, ChinaTime.Text(sandboxClock.GetUtcNow()), content, answered?.ExtendCode ?? "", sequenceId, signName)), TimeSpan.Zero);
        return sequence;
    }

    protected override HttpRequestMessage? Build(IReadOnlyList<PushItem> items) =>
        Post(_setup.Aliyun?.Push?.UpUrl, items.Select(item => (Up)item.Content!).ToList());
}

internal sealed record Report(
    string PhoneNumber, string SendTime, string ReportTime, bool Success, string ErrCode, string ErrMsg, string SmsSize, string BizId, string OutId);

internal sealed record Up(string PhoneNumber, string SendTime, string Content, string DestCode, object SequenceId, string SignName);
