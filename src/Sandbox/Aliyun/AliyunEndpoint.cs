using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;

namespace Engagement.Sandbox.Aliyun;

/// <summary>The short message product, RPC style: every action on <c>/</c>, by GET or POST.</summary>
internal sealed class AliyunEndpoint(
    SandboxOptions options, CurrentSetup setup, Gateway gateway, SmsSend sending, SendDetails details, MessageLedger ledger,
    Counters counters, Faults faults, Receipts receipts, TimeProvider clock)
{
    private static readonly JsonSerializerOptions PascalCase = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public async Task HandleAsync(HttpContext http)
    {
        var request = await AliyunRequest.ReadAsync(http.Request, http.RequestAborted);
        if (GatewayRefusal(request) is { } refusal)
        {
            await RefuseAsync(http, refusal);
            return;
        }
        await (request.Action switch
        {
            "SendSms" => SendAsync(http, request, SmsSend.MissingForOne(request), SmsSend.OrdersOfOne),
            "SendBatchSms" => SendAsync(http, request, SmsSend.MissingForBatch(request), SmsSend.OrdersOfBatch),
            "QuerySendDetails" => AnswerAsync(http, StatusCodes.Status200OK, details.Find(request)),
            _ => RefuseAsync(http, GatewayError.UnknownAction),
        });
    }

    // A benchmark repeats ready-made bodies, whose signatures and nonces are old.
    private GatewayError? GatewayRefusal(AliyunRequest request) =>
        !options.Fast ? gateway.Refusal(request) : setup.Aliyun is null ? GatewayError.UnknownKey : null;

    private async Task SendAsync(
        HttpContext http, AliyunRequest request, string? missing, Func<AliyunRequest, (List<SmsOrder>, SmsRefusal?)> read)
    {
        if (missing is not null)
        {
            await RefuseAsync(http, GatewayError.Missing(missing));
            return;
        }
        var fault = faults.Draw(Channel.AliyunSms);
        // A client that has gone away meanwhile does not undo what it sent.
        if (fault.LatencyMs > 0) await Task.Delay(TimeSpan.FromMilliseconds(fault.LatencyMs), clock, CancellationToken.None);
        if (fault.ErrorCode is { } forced)
        {
            await RefuseForcedAsync(http, forced);
            return;
        }

        var bizId = NewBizId();
        var (orders, unreadable) = read(request);
        var (entries, refusal) = unreadable is null ? sending.Accept(request, orders, bizId) : ([], unreadable);
        if (refusal is not null)
        {
            await RefuseAsync(http, refusal);
            return;
        }
        await RecordAsync(entries, fault.ReceiptBeforeResponse);
        if (await AnswerLoss.SufferAsync(http, fault, clock)) return;
        await AnswerAsync(http, StatusCodes.Status200OK, new Answer("OK", "OK", BizId: bizId));
    }

    private async Task RecordAsync(List<LedgerEntry> entries, bool receiptBeforeResponse)
    {
        foreach (var entry in entries)
        {
            var seq = ledger.Append(entry);
            counters.CountAccepted(Channel.AliyunSms, 1);
            await receipts.PlanAsync(Channel.AliyunSms, seq, receiptBeforeResponse, CancellationToken.None);
        }
    }

    private Task RefuseForcedAsync(HttpContext http, string code) =>
        BrokenAnswer.IsNamed(code) ? BrokenAnswer.WriteAsync(http, code)
        : code.StartsWith("Throttling", StringComparison.Ordinal) ? RefuseAsync(http, GatewayError.Throttled with { Code = code })
        : code.StartsWith("isv.", StringComparison.Ordinal) || code.StartsWith("isp.", StringComparison.Ordinal) ? RefuseAsync(http, SmsRefusal.Forced(code))
        : RefuseAsync(http, new GatewayError(StatusCodes.Status503ServiceUnavailable, code, "forced by the sandbox"));

    private Task RefuseAsync(HttpContext http, SmsRefusal refusal)
    {
        counters.CountRefused(refusal.Code);
        return AnswerAsync(http, StatusCodes.Status200OK, new Answer(refusal.Code, refusal.Message));
    }

    private Task RefuseAsync(HttpContext http, GatewayError error)
    {
        counters.CountRefused(error.Code);
        return AnswerAsync(http, error.Status, new Answer(
            error.Code, error.Message, HostId: http.Request.Host.Value, Recommend: "https://api.aliyun.com/troubleshoot?q=" + error.Code));
    }

    private static Task AnswerAsync<T>(HttpContext http, int status, T answer)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(answer, PascalCase, "application/json;charset=utf-8", http.RequestAborted);
    }

    // Eighteen digits and a shard mark; one number for all recipients of a call.
    private string NewBizId() => $"{clock.GetUtcNow().ToUnixTimeSeconds() % 1_000_000_000:D9}{RandomNumberGenerator.GetInt32(1_000_000_000):D9}^0";

    private sealed record Answer(string Code, string Message, string? BizId = null, string? HostId = null, string? Recommend = null)
    {
        public string RequestId { get; } = Guid.NewGuid().ToString().ToUpperInvariant();
    }
}
