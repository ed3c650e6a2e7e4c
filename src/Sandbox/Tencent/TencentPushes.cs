using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;
using Engagement.Sandbox.Sms;

namespace Engagement.Sandbox.Tencent;

/// <summary>The delivery reports: an array, up to 100 in a body.</summary>
internal sealed class TencentReportPushes(
    CurrentSetup setup, MessageLedger ledger, TencentOutcomes outcomes, Counters counters, SandboxClock sandboxClock, TimeProvider clock)
    : SmsPushes("result", counters, clock, hands: 4, batch: 100)
{
    protected override (int TimeoutMs, double RetryScale)? Manner => setup.Tencent?.Push is { } push ? (push.TimeoutMs, push.RetryScale) : null;

    protected override HttpRequestMessage? Build(IReadOnlyList<PushItem> items)
    {
        var now = ChinaTime.Text(sandboxClock.GetUtcNow());
        var reports = new List<TencentReport>(items.Count);
        foreach (var item in items)
        {
            if (Report(item.Seq, now) is { } report && !item.Silent) reports.Add(report);
        }
        return reports.Count == 0 ? null : Post(setup.Tencent?.Push?.ReportUrl, reports);
    }

    private TencentReport? Report(long seq, string now)
    {
        if (ledger.Find(seq) is not { } entry) return null;
        var failure = outcomes.FailureOf(entry);
        if (failure == "none") return null;

        if (entry.Status == DeliveryStatus.Accepted)
        {
            ledger.SetStatus(seq, failure is null ? DeliveryStatus.Delivered : DeliveryStatus.Undelivered);
            outcomes.Reported(seq);
        }
        return new TencentReport(
            now, "86", entry.To, failure is null ? "SUCCESS" : "FAIL", failure ?? "DELIVRD", failure is null ? "用户短信送达成功" : "用户短信接收失败",
            entry.ProviderRef, setup.Tencent?.Push?.WithSession == true ? entry.Reference : null);
    }
}

/// <summary>The replies: one object a request.</summary>
internal sealed class TencentReplyPushes(
    CurrentSetup setup, TencentOutcomes outcomes, OptOuts optOuts, Counters counters, SandboxClock sandboxClock, TimeProvider clock)
    : SmsPushes("result", counters, clock, hands: 1, batch: 1)
{
    protected override (int TimeoutMs, double RetryScale)? Manner => setup.Tencent?.Push is { } push ? (push.TimeoutMs, push.RetryScale) : null;

    /// <summary>A phone answers this message.</summary>
    public void Reply(in LedgerEntry answered, string content)
    {
        optOuts.Hear(answered.SignName, answered.To, content);
        var now = sandboxClock.GetUtcNow().ToUnixTimeSeconds();
        outcomes.Replied(new PulledReply(answered.ExtendCode, "86", "+86" + answered.To, answered.SignName, content, now, answered.To));
        Add(new PushItem(0, new TencentReply(answered.ExtendCode, answered.To, "86", answered.SignName, content, now)), TimeSpan.Zero);
    }

    protected override HttpRequestMessage? Build(IReadOnlyList<PushItem> items) => Post(setup.Tencent?.Push?.ReplyUrl, (TencentReply)items[0].Content!);
}

internal sealed record TencentReport(
    string UserReceiveTime, [property: System.Text.Json.Serialization.JsonPropertyName("nationcode")] string NationCode, string Mobile,
    string ReportStatus, [property: System.Text.Json.Serialization.JsonPropertyName("errmsg")] string ErrMsg, string Description, string Sid, string? Ext);

internal sealed record TencentReply(
    string Extend, string Mobile, [property: System.Text.Json.Serialization.JsonPropertyName("nationcode")] string NationCode, string Sign, string Text, long Time);
