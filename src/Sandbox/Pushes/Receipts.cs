using Engagement.Sandbox.Aliyun;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Tencent;
using Engagement.Sandbox.WeChat;

namespace Engagement.Sandbox.Pushes;

/// <summary>Decides when the receipt of an accepted message comes, and whether it comes at all.</summary>
internal sealed class Receipts(CurrentSetup setup, Faults faults, MiniProgramPushes miniProgram, OfficialAccountPushes official, SmsReportPushes smsReports, TencentReportPushes tencentReports)
{
    /// <summary>Plans the receipts of one accepted request.</summary>
    public async Task PlanAsync(Channel channel, long seq, bool beforeResponse, CancellationToken ct)
    {
        var receipts = setup.Value.Receipts;
        if (!receipts.Enabled) return;

        PushLine line = channel switch
        {
            Channel.AliyunSms => smsReports,
            Channel.TencentSms => tencentReports,
            Channel.WeChatSubscribe => miniProgram,
            Channel.OfficialAccount or Channel.CustomerService => official,
        };
        var fault = faults.DrawReceipt(channel);
        var delay = Random.Shared.Next(receipts.MinDelayMs, receipts.MaxDelayMs + 1) + fault.ExtraDelayMs;
        var item = new PushItem(seq, Silent: fault.Lost);
        if (beforeResponse) await line.PushNowAsync(item, ct);
        else line.Add(item, TimeSpan.FromMilliseconds(delay));
        if (fault.Twice) line.Add(item, TimeSpan.FromMilliseconds(delay + receipts.MaxDelayMs + 1));
    }
}
