namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>The calls that we make to Aliyun's SMS service.</summary>
/// <remarks>
/// No send is idempotent and none is ever repeated. A cancelled token throws only before a request begins; from then on it runs to its
/// own time-out. A question changes nothing and may be asked as often as one likes.
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

    /// <summary>Asks what became of one send (<c>QuerySendDetails</c>), page by page; it is known by our reference.</summary>
    /// <param name="phoneDigits">The number that it went to.</param>
    /// <param name="day">The day in China on which it was sent, by the provider's clock; the last 30 can be asked about.</param>
    /// <param name="outId">Our reference.</param>
    /// <param name="ct">Throws before a page is asked for.</param>
    ValueTask<SmsFinding> FindAsync(string phoneDigits, DateOnly day, string outId, CancellationToken ct);
}
