using System.Security.Cryptography;
using System.Text;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Messaging.Receipts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Webhooks;

/// <summary>What SMS providers call: receipts and replies. Aliyun signs no push, so the address holds a secret.</summary>
internal static class SmsWebhook
{
    public static RouteGroupBuilder MapSms(this RouteGroupBuilder webhooks)
    {
        var group = webhooks.MapGroup("/sms/aliyun/{secret}").WithTags("Webhooks");

        group.MapPost("/report", (string secret, HttpRequest request, IOptions<AliyunSmsOptions> options, InboundStore inbound, CancellationToken ct) =>
            KeepAsync(InboundSource.AliyunReport, secret, request, options.Value, inbound, ct)).WithSummary("SmsReport push by Aliyun");
        group.MapPost("/reply", (string secret, HttpRequest request, IOptions<AliyunSmsOptions> options, InboundStore inbound, CancellationToken ct) =>
            KeepAsync(InboundSource.AliyunReply, secret, request, options.Value, inbound, ct)).WithSummary("SmsUp push by Aliyun");

        return webhooks;
    }

    private static async Task<Results<ContentHttpResult, NotFound, StatusCodeHttpResult>> KeepAsync(
        string source, string secret, HttpRequest request, AliyunSmsOptions options, InboundStore inbound, CancellationToken ct)
    {
        if (!Knows(secret, options.WebhookSecret)) return TypedResults.NotFound();
        if (await Bodies.ReadAsync(request, AliyunPush.SizeLimit, ct) is not { } body) return TypedResults.StatusCode(StatusCodes.Status413PayloadTooLarge);
        await inbound.AddAsync(source, InboundStore.KeyOf(body), body, ct);
        return TypedResults.Text(AliyunPush.Answer, "application/json");
    }

    private static bool Knows(string given, string expected) =>
        expected.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));
}
