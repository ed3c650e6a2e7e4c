using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Channels.WeChat.Push;
using Engagement.Messaging.Receipts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Webhooks;

/// <summary>What WeChat calls: the address check, and its pushes. A push is kept, then answered; nothing else happens here.</summary>
internal static class WeChatWebhook
{
    private const int SizeLimit = 1024 * 1024;

    public static RouteGroupBuilder MapWeChat(this RouteGroupBuilder webhooks)
    {
        var group = webhooks.MapGroup("/wechat/{account}").WithTags("Webhooks");

        group.MapGet("/", Check).WithSummary("Address check by WeChat");
        group.MapPost("/", PushAsync).WithSummary("Message and event push by WeChat");

        return webhooks;
    }

    private static Results<ContentHttpResult, NotFound, ForbidHttpResult, StatusCodeHttpResult> Check(
        string account, string? signature, string? timestamp, string? nonce, string? echostr, IOptions<WeChatOptions> options)
    {
        if (account != options.Value.Account) return TypedResults.NotFound();
        return WeChatPush.VerifySignature(options.Value.PushToken, timestamp, nonce, signature)
            ? TypedResults.Text(echostr ?? "")
            : TypedResults.StatusCode(StatusCodes.Status403Forbidden);
    }

    private static async Task<Results<ContentHttpResult, NotFound, StatusCodeHttpResult>> PushAsync(
        string account, [FromQuery] string? signature, [FromQuery] string? timestamp, [FromQuery] string? nonce,
        [FromQuery(Name = "msg_signature")] string? messageSignature, HttpRequest request, IOptions<WeChatOptions> options, InboundStore inbound, CancellationToken ct)
    {
        if (account != options.Value.Account) return TypedResults.NotFound();
        if (await Bodies.ReadAsync(request, SizeLimit, ct) is not { } body) return TypedResults.StatusCode(StatusCodes.Status413PayloadTooLarge);
        var opened = WeChatPush.Open(options.Value, new WeChatPushQuery(timestamp, nonce, signature, messageSignature), body);
        if (opened.Problem is not null) return TypedResults.StatusCode(StatusCodes.Status403Forbidden);
        await inbound.AddAsync(InboundSource.WeChat, WeChatPush.DedupeKey(opened.Body), opened.Body, ct);
        return TypedResults.Text("success");
    }
}
