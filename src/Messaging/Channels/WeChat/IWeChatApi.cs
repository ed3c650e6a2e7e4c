namespace Engagement.Messaging.Channels.WeChat;

/// <summary>The calls that we make to WeChat: the seam behind which the client may be exchanged. Here those that send.</summary>
/// <remarks>
/// A second request follows only when the first was refused for its access token (a definite refusal), and only once. Every call throws for
/// a cancelled token only before the request begins; from then on the send runs to its own time-out, so that stopping the process makes no
/// doubt. With a token to fetch and to replace, one send may take four time-outs.
/// </remarks>
internal interface IWeChatApi
{
    /// <summary>Sends one subscribe message, once. Two to one person must not overlap (43108): the caller sees to it.</summary>
    ValueTask<SendResult> SendSubscribeAsync(SubscribeMessage message, CancellationToken ct);

    /// <summary>Sends one template message of the official account, once; WeChat sends the same reference to the same person only once within ten minutes.</summary>
    ValueTask<SendResult> SendTemplateAsync(OfficialAccountMessage message, CancellationToken ct);

    /// <summary>Sends one customer-service message, once; there is no receipt for it, and WeChat takes it only in an open window.</summary>
    ValueTask<SendResult> SendCustomerServiceAsync(CustomerServiceMessage message, CancellationToken ct);
}

/// <summary>The other calls that we make to WeChat: those that ask or administer. The second half of the seam.</summary>
/// <remarks>None is repeated, but for an access token that WeChat refused. Codes that are good for one use are used up by an answer that got lost.</remarks>
public interface IWeChatAccountApi
{
    /// <summary>Who signed in: the code of <c>wx.login</c> is good for one use within five minutes.</summary>
    ValueTask<WeChatReply<WeChatSession>> SessionAsync(string code, CancellationToken ct);

    /// <summary>The phone number behind the code of the phone button; <paramref name="openId"/> when it must be this person's.</summary>
    ValueTask<WeChatReply<WeChatPhone>> PhoneAsync(string code, string? openId, CancellationToken ct);

    /// <summary>Whether a session key is still good; refused with 87009 when it is not.</summary>
    ValueTask<WeChatReply<WeChatDone>> CheckSessionAsync(string openId, string sessionKey, CancellationToken ct);

    /// <summary>The account's own templates: subscribe templates of the mini-program, template messages of the official account.</summary>
    ValueTask<WeChatReply<IReadOnlyList<WeChatTemplate>>> TemplatesAsync(WeChatApp app, CancellationToken ct);

    /// <summary>Takes a subscribe template from WeChat's library; the reply is its id.</summary>
    ValueTask<WeChatReply<string>> AddTemplateAsync(string libraryId, IReadOnlyList<int> keywordIds, string scene, CancellationToken ct);

    /// <summary>Deletes a subscribe template of ours.</summary>
    ValueTask<WeChatReply<WeChatDone>> DeleteTemplateAsync(string templateId, CancellationToken ct);

    /// <summary>Whether somebody follows the official account, and who that is across our accounts.</summary>
    ValueTask<WeChatReply<WeChatFollower>> FollowerAsync(string openId, CancellationToken ct);

    /// <summary>A mini-program code (picture) without limit of number, for one page and a short scene.</summary>
    ValueTask<WeChatReply<byte[]>> CodeAsync(MiniProgramCode code, CancellationToken ct);

    /// <summary>A <c>weixin://</c> address that opens a page of the mini-program.</summary>
    ValueTask<WeChatReply<string>> SchemeAsync(MiniProgramLink link, CancellationToken ct);

    /// <summary>An <c>https://</c> address that opens a page of the mini-program: the one that goes into an SMS.</summary>
    ValueTask<WeChatReply<string>> LinkAsync(MiniProgramLink link, CancellationToken ct);

    /// <summary>What WeChat thinks of a text of somebody who was in the mini-program within the last two hours.</summary>
    ValueTask<WeChatReply<TextVerdict>> CheckTextAsync(TextToCheck text, CancellationToken ct);

    /// <summary>How much of a call's day is used up.</summary>
    /// <param name="app">Of which account.</param>
    /// <param name="path">The call's path, with its slash and without host.</param>
    /// <param name="ct">Stops before the request.</param>
    ValueTask<WeChatReply<WeChatQuota>> QuotaAsync(WeChatApp app, string path, CancellationToken ct);

    /// <summary>Sets all counters of an account back; WeChat allows it ten times a month.</summary>
    ValueTask<WeChatReply<WeChatDone>> ClearQuotaAsync(WeChatApp app, CancellationToken ct);
}
