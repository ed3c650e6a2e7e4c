namespace Engagement.Messaging.Channels.WeChat;

/// <summary>The calls that we make to WeChat: the seam behind which the client may be exchanged.</summary>
internal interface IWeChatApi
{
    /// <summary>Sends one subscribe message, once.</summary>
    /// <remarks>
    /// A second request follows only when the first was refused for its access token (a definite refusal), and only once. Two
    /// messages to one person must not overlap (43108): the caller sees to it. Throws for a cancelled
    /// <paramref name="ct"/> only before the request begins; from then on the send runs to its own time-out, so that
    /// stopping the process makes no doubt. With a token to fetch and to replace, one send may take four time-outs.
    /// </remarks>
    ValueTask<SendResult> SendSubscribeAsync(SubscribeMessage message, CancellationToken ct);
}
