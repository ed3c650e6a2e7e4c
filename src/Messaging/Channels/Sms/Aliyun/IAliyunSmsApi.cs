namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>The calls that we make to Aliyun's SMS service.</summary>
/// <remarks>
/// Neither call is idempotent and neither is ever repeated. A cancelled token throws only before the request begins; from then on a
/// send runs to its own time-out.
/// </remarks>
internal interface IAliyunSmsApi
{
    /// <summary>Sends one message (<c>SendSms</c>).</summary>
    ValueTask<SendResult> SendAsync(SmsMessage message, CancellationToken ct);

    /// <summary>Sends up to 100 messages of one template in one call (<c>SendBatchSms</c>): one outcome, one BizId for all.</summary>
    /// <remarks>
    /// A batch has one OutId, so all messages must carry the same one, and no number twice: receipts name BizId and
    /// number only, and two messages to one phone could not be told apart.
    /// </remarks>
    /// <exception cref="ArgumentException">The messages make no batch; nothing was sent.</exception>
    ValueTask<SendResult> SendBatchAsync(IReadOnlyList<SmsMessage> messages, CancellationToken ct);
}
