using System.Security.Cryptography;
using System.Text;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Messaging.Channels.Sms.Tencent;
using Engagement.Messaging.Receipts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Webhooks;

/// <summary>What SMS providers call: receipts, replies and the results of reviews. None of them signs a push, so the address holds a secret.</summary>
/// <remarks>
/// One address takes everything of a provider; the endings are for consoles that ask for one address each. What a push is, its shape tells.
/// The same push again is answered the same and kept once.
/// </remarks>
internal static class SmsWebhook
{
    public static RouteGroupBuilder MapSms(this RouteGroupBuilder webhooks)
    {
        var group = webhooks.MapGroup("/sms/{provider}/{secret}").WithTags("Webhooks");

        group.MapPost("/", PushAsync).WithSummary("Any push by an SMS provider");
        group.MapPost("/report", PushAsync).WithSummary("Receipts: SmsReport by Aliyun, delivery reports by Tencent Cloud");
        group.MapPost("/reply", PushAsync).WithSummary("Replies: SmsUp by Aliyun, replies by Tencent Cloud");
        group.MapPost("/review", PushAsync).WithSummary("Results of reviews: TemplateSmsReport and SignSmsReport by Aliyun");

        return webhooks;
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> PushAsync(
        string provider, string secret, HttpRequest request, IOptions<AliyunSmsOptions> aliyun, IOptions<TencentSmsOptions> tencent, InboundStore inbound, CancellationToken ct)
    {
        var expected = provider switch { "aliyun" => aliyun.Value.WebhookSecret, "tencent" => tencent.Value.WebhookSecret, _ => "" };
        if (SmsPushDoor.AnswerTo(provider) is not { } answer || !Knows(secret, expected)) return SmsPushProblems.UnknownAddress();
        if (await Bodies.ReadAsync(request, SmsPushLimits.Size, ct) is not { } body) return SmsPushProblems.TooLarge();
        var seen = SmsPushDoor.See(provider, body);
        if (seen.Problem is not null) return SmsPushProblems.Unreadable();
        await inbound.AddAsync(seen.Source, seen.Key, body, ct);
        return TypedResults.Text(answer, "application/json");
    }

    private static bool Knows(string given, string expected) =>
        expected.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));
}

/// <summary>Every refusal of an SMS provider's push. The code is the contract; the title is for whoever looks into the provider's console.</summary>
internal static class SmsPushProblems
{
    public static ProblemHttpResult UnknownAddress() => Problem(StatusCodes.Status404NotFound, "unknown_address", "We have no such address.");

    public static ProblemHttpResult TooLarge() => Problem(StatusCodes.Status413PayloadTooLarge, "too_large", "The push is too large.");

    /// <summary>Cut short, or no JSON: there is nothing to keep, and the provider pushes again.</summary>
    public static ProblemHttpResult Unreadable() => Problem(StatusCodes.Status400BadRequest, "bad_json", "The push is not readable.");

    private static ProblemHttpResult Problem(int status, string code, string title) => TypedResults.Problem(
        title: title, statusCode: status, type: $"urn:engagement:problem:webhook.{code}", extensions: new Dictionary<string, object?> { ["code"] = $"webhook.{code}" });
}
