using System.Globalization;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Channels.WeChat.Push;
using Engagement.Messaging.Receipts;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Webhooks;

/// <summary>What WeChat calls: the address check, and its pushes, for each account of ours. A push is kept, then answered; nothing else happens here.</summary>
/// <remarks>The same push again is answered the same and kept once.</remarks>
internal static class WeChatWebhook
{
    private const int SizeLimit = 1024 * 1024;

    // WeChat waits five seconds, then drops the connection and pushes again.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    public static RouteGroupBuilder MapWeChat(this RouteGroupBuilder webhooks)
    {
        var group = webhooks.MapGroup("/wechat/{account}").WithTags("Webhooks");

        group.MapGet("/", Check).WithSummary("Address check by WeChat");
        group.MapPost("/", PushAsync).WithSummary("Message and event push by WeChat");

        return webhooks;
    }

    private static Results<ContentHttpResult, ProblemHttpResult> Check(
        string account, string? signature, string? timestamp, string? nonce, string? echostr, IOptions<WeChatOptions> options)
    {
        if (Known(options.Value, account) is not { } known) return PushProblems.UnknownAccount();
        return WeChatPush.VerifySignature(known.Account.PushToken, timestamp, nonce, signature)
            ? TypedResults.Text(echostr ?? "")
            : PushProblems.Refused("bad_signature");
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> PushAsync(
        string account, [FromQuery] string? signature, [FromQuery] string? timestamp, [FromQuery] string? nonce,
        [FromQuery(Name = "msg_signature")] string? messageSignature, HttpRequest request, IOptions<WeChatOptions> options, InboundStore inbound, Clocks clocks, CancellationToken ct)
    {
        if (Known(options.Value, account) is not { } known) return PushProblems.UnknownAccount();
        if (await Bodies.ReadAsync(request, SizeLimit, ct) is not { } body) return PushProblems.Refused("too_large");
        var opened = WeChatPush.Open(known.Account, new WeChatPushQuery(timestamp, nonce, signature, messageSignature), body);
        if (opened.Problem is { } problem) return PushProblems.Refused(problem);

        var key = WeChatPush.DedupeKey(opened.Body);
        // Somebody else's copy of an old push; WeChat signs each of its own repeats anew.
        if (!IsOfNow(options.Value, timestamp, clocks.System.GetUtcNow()) && !await inbound.HasAsync(known.Source, key, ct)) return PushProblems.Refused("stale");
        try
        {
            // A write that ends later is kept all the same; WeChat's repeat then finds it.
            await inbound.AddAsync(known.Source, key, opened.Body, ct).WaitAsync(s_patience, clocks.System, ct);
            return TypedResults.Text("success");
        }
        catch (TimeoutException)
        {
            return PushProblems.NotKept();
        }
    }

    private static (WeChatAccountOptions Account, string Source)? Known(WeChatOptions options, string account) =>
        account == options.Account ? (options, InboundSource.WeChat)
        : account == options.OfficialAccount.Account && options.OfficialAccount.PushToken.Length > 0 ? (options.OfficialAccount, InboundSource.WeChatOfficial)
        : null;

    private static bool IsOfNow(WeChatOptions options, string? timestamp, DateTimeOffset now) =>
        options.PushWindow == TimeSpan.Zero
        || (long.TryParse(timestamp, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(now.ToUnixTimeSeconds() - (decimal)seconds) <= (decimal)options.PushWindow.TotalSeconds);
}
