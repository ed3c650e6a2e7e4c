namespace Engagement.Messaging.Channels.Sms;

/// <summary>A provider of SMS, as dispatch and the settler know it: they ask for it by name and never know which it is.</summary>
/// <remarks>
/// No send is idempotent and none is ever repeated. A cancelled token throws only before a request begins; from then on it runs to its
/// own time-out. A question changes nothing and may be asked as often as one likes.
/// </remarks>
internal interface ISmsProvider
{
    /// <summary>Its stable name: <c>aliyun</c>, <c>tencent</c>. It stands in rows of the outbox.</summary>
    string Name { get; }

    /// <summary>Whether there is an account to send from; without one every send is refused with <c>not_configured</c>.</summary>
    bool IsConfigured { get; }

    /// <summary>What it takes, and how.</summary>
    SmsCapabilities Capabilities { get; }

    /// <summary>Sends messages that can share a call, in one call.</summary>
    /// <param name="call">Of one template, one signature and one <see cref="SmsMessage.OutId"/>, no number twice, at most <see cref="SmsCapabilities.NumbersPerCall"/>;
    /// with one set of values where <see cref="SmsCapabilities.SharedParameters"/> says so.</param>
    /// <param name="ct">Throws before the request begins.</param>
    /// <exception cref="ArgumentException">The messages make no call; nothing was sent.</exception>
    ValueTask<CallAnswer> SendAsync(IReadOnlyList<SmsMessage> call, CancellationToken ct);

    /// <summary>Asks what became of one send.</summary>
    /// <param name="send">The send.</param>
    /// <param name="ct">Throws before a request begins.</param>
    ValueTask<SmsFinding> AskAsync(SmsSend send, CancellationToken ct);
}
