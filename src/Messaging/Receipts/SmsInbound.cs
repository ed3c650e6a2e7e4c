using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Messaging.Channels.Sms.Tencent;
using Engagement.Messaging.Content;

namespace Engagement.Messaging.Receipts;

/// <summary>What a kept push of an SMS provider says.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Receipts">What became of sends.</param>
/// <param name="Replies">What people answered.</param>
/// <param name="Approvals">What became of reviews.</param>
/// <param name="Unreadable">Whether a part of it could not be read.</param>
internal sealed record SmsInbound(string Provider, IReadOnlyList<SmsReceipt> Receipts, IReadOnlyList<SmsReply> Replies, IReadOnlyList<SmsApproval> Approvals, bool Unreadable)
{
    /// <summary>Reads a push by its source; <c>null</c> when it is none of an SMS provider's that is understood.</summary>
    public static SmsInbound? Read(string source, byte[] body) => source switch
    {
        InboundSource.AliyunReport => Of("aliyun", AliyunPush.ParseReceipts(body)),
        InboundSource.AliyunReply => Of("aliyun", AliyunPush.ParseReplies(body)),
        InboundSource.AliyunTemplate => Of("aliyun", AliyunPush.ParseTemplates(body)),
        InboundSource.AliyunSign => Of("aliyun", AliyunPush.ParseSignatures(body)),
        InboundSource.TencentReport => Of("tencent", TencentPush.ParseReceipts(body)),
        InboundSource.TencentReply => Of("tencent", TencentPush.ParseReplies(body)),
        _ => null,
    };

    private static SmsInbound Of(string provider, SmsPush<SmsReceipt> push) => new(provider, push.Items, [], [], push.Unreadable > 0);

    private static SmsInbound Of(string provider, SmsPush<SmsReply> push) => new(provider, [], push.Items, [], push.Unreadable > 0);

    private static SmsInbound Of(string provider, SmsPush<SmsApproval> push) => new(provider, [], [], push.Items, push.Unreadable > 0);
}
