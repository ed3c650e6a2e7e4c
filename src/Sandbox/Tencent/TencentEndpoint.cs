using System.Text.Encodings.Web;
using System.Text.Json;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;
using Engagement.Sandbox.Sms;

namespace Engagement.Sandbox.Tencent;

/// <summary>The short message product: every action on <c>/</c> by POST, always HTTP 200, the verdict inside <c>Response</c>.</summary>
internal sealed class TencentEndpoint(
    SandboxOptions options, CurrentSetup setup, TencentGateway gateway, TencentSend sending, TencentOutcomes outcomes, MessageLedger ledger,
    Counters counters, Faults faults, Receipts receipts, SandboxClock sandboxClock, TimeProvider clock)
{
    private const int MostPulled = 100;

    private static readonly JsonSerializerOptions PascalCase = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task HandleAsync(HttpContext http)
    {
        var request = await TencentRequest.ReadAsync(http.Request, http.RequestAborted);
        // A benchmark repeats ready-made bodies, whose signatures are old.
        var refusal = !options.Fast ? gateway.Refusal(request) : setup.Tencent is null ? TencentError.UnknownId : null;
        if (refusal is not null)
        {
            await RefuseAsync(http, refusal);
            return;
        }
        await (request.Action switch
        {
            "SendSms" => SendAsync(http, request),
            "PullSmsSendStatus" => PullAsync(http, request, limit => new { PullSmsSendStatusSet = outcomes.PullStatuses(limit), RequestId = NewId() }),
            "PullSmsReplyStatus" => PullAsync(http, request, limit => new { PullSmsReplyStatusSet = outcomes.PullReplies(limit), RequestId = NewId() }),
            "PullSmsSendStatusByPhoneNumber" => PullByNumberAsync(http, request),
            _ => RefuseAsync(http, TencentError.UnknownAction),
        });
    }

    private async Task SendAsync(HttpContext http, TencentRequest request)
    {
        var fault = faults.Draw(Channel.TencentSms);
        // A client that has gone away meanwhile does not undo what it sent.
        if (fault.LatencyMs > 0) await Task.Delay(TimeSpan.FromMilliseconds(fault.LatencyMs), clock, CancellationToken.None);
        if (fault.ErrorCode is { } named && BrokenAnswer.IsNamed(named))
        {
            await BrokenAnswer.WriteAsync(http, named);
            return;
        }
        if ((fault.ErrorCode is { } code ? TencentError.Forced(code) : sending.WholeRefusal(request)) is { } refusal)
        {
            await RefuseAsync(http, refusal);
            return;
        }
        var answers = new List<SendStatus>();
        foreach (var (status, entry) in sending.Accept(request))
        {
            answers.Add(status);
            if (entry is { } taken) await RecordAsync(taken, fault.ReceiptBeforeResponse);
            else counters.CountRefused(status.Code);
        }
        if (await AnswerLoss.SufferAsync(http, fault, clock)) return;
        await AnswerAsync(http, new { SendStatusSet = answers, RequestId = NewId() });
    }

    private async Task RecordAsync(LedgerEntry entry, bool receiptBeforeResponse)
    {
        var seq = ledger.Append(entry);
        counters.CountAccepted(Channel.TencentSms, 1);
        await receipts.PlanAsync(Channel.TencentSms, seq, receiptBeforeResponse, CancellationToken.None);
    }

    private Task PullAsync(HttpContext http, TencentRequest request, Func<long, object> pull)
    {
        if (PullRefusal(request) is { } refusal) return RefuseAsync(http, refusal);
        return AnswerAsync(http, pull(request.Number("Limit")!.Value));
    }

    private Task PullByNumberAsync(HttpContext http, TencentRequest request)
    {
        if (PullRefusal(request) is { } refusal) return RefuseAsync(http, refusal);
        if (request.Number("BeginTime") is not { } begin) return RefuseAsync(http, TencentError.Missing("BeginTime"));
        if (request.Number("Offset") != 0) return RefuseAsync(http, TencentError.Wrong("Offset"));
        if (ChinaPhone.Digits(request.Text("PhoneNumber") ?? "") is not { } phone) return RefuseAsync(http, TencentError.Number);

        var now = sandboxClock.GetUtcNow().ToUnixTimeSeconds();
        var found = outcomes.StatusesOf(phone, begin, request.Number("EndTime") ?? now, now, request.Number("Limit")!.Value);
        return AnswerAsync(http, new { PullSmsSendStatusSet = found, RequestId = NewId() });
    }

    private TencentError? PullRefusal(TencentRequest request) =>
        request.Number("Limit") is not (>= 1 and <= MostPulled) ? TencentError.Wrong("Limit")
        : request.Text("SmsSdkAppId") is not { } app ? TencentError.Missing("SmsSdkAppId")
        : !setup.Tencent!.SdkAppIds.Contains(app) ? TencentError.UnknownApp
        : null;

    private Task RefuseAsync(HttpContext http, TencentError error)
    {
        counters.CountRefused(error.Code);
        return AnswerAsync(http, new { Error = error, RequestId = NewId() });
    }

    private static Task AnswerAsync(HttpContext http, object response) =>
        http.Response.WriteAsJsonAsync(new { Response = response }, PascalCase, "application/json", http.RequestAborted);

    private static string NewId() => Guid.NewGuid().ToString();
}
