using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;

namespace Engagement.Sandbox.Aliyun;

/// <summary>What receipts and replies share: a JSON array, a numeric <c>code</c> in the answer, repeats after 1, 5 and 10 minutes.</summary>
internal abstract class SmsPushes(CurrentSetup setup, Counters counters, TimeProvider clock, int hands, int batch)
    : PushLine(new PushQueue(clock), counters, clock, hands, batch)
{
    private static readonly TimeSpan[] Waits = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)];

    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    protected override TimeSpan TimeLimit => TimeSpan.FromMilliseconds(setup.Aliyun?.Push?.TimeoutMs ?? 5_000);

    protected override TimeSpan? WaitAfter(int attempt) =>
        setup.Aliyun?.Push is { } push && attempt <= Waits.Length ? Waits[attempt - 1] * push.RetryScale : null;

    protected override async Task<bool> IsTakenAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.StatusCode != HttpStatusCode.OK) return false;
        try
        {
            using var answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(ct), default, ct);
            return answer.RootElement.ValueKind == JsonValueKind.Object
                && answer.RootElement.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The request for these items to <paramref name="url"/>; <c>null</c> when there is nobody to tell or nothing to tell.</summary>
    protected static HttpRequestMessage? Post<T>(string? url, List<T> items)
    {
        if (string.IsNullOrEmpty(url) || items.Count == 0) return null;
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(items, SnakeCase));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        return new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
    }
}

/// <summary>SmsReport: the receipts, up to 100 in a body.</summary>
internal sealed class SmsReportPushes(
    CurrentSetup setup, MessageLedger ledger, SmsOutcomes outcomes, Counters counters, SandboxClock sandboxClock, TimeProvider clock)
    : SmsPushes(setup, counters, clock, hands: 4, batch: 100)
{
    private readonly CurrentSetup _setup = setup;

    protected override HttpRequestMessage? Build(IReadOnlyList<PushItem> items)
    {
        var now = SendDetails.ChinaTime(sandboxClock.GetUtcNow());
        var reports = new List<Report>(items.Count);
        foreach (var item in items)
        {
            if (Report(item.Seq, now) is { } report && !item.Silent) reports.Add(report);
        }
        return Post(_setup.Aliyun?.Push?.ReportUrl, reports);
    }

    private Report? Report(long seq, string now)
    {
        if (ledger.Find(seq) is not { } entry) return null;
        var failure = outcomes.FailureOf(entry);
        if (failure == "none") return null;

        ledger.SetStatus(seq, failure is null ? DeliveryStatus.Delivered : DeliveryStatus.Undelivered);
        return new Report(
            entry.To, SendDetails.ChinaTime(DateTimeOffset.FromUnixTimeMilliseconds(entry.AtMs)), now, failure is null,
            failure ?? "DELIVERED", failure is null ? "用户接收成功" : "用户接收失败",
            Math.Max(1, entry.Parts).ToString(System.Globalization.CultureInfo.InvariantCulture), entry.ProviderRef, entry.Reference);
    }
}

/// <summary>SmsUp: what members reply.</summary>
internal sealed class SmsUpPushes(CurrentSetup setup, MessageLedger ledger, OptOuts optOuts, Counters counters, SandboxClock sandboxClock, TimeProvider clock)
    : SmsPushes(setup, counters, clock, hands: 1, batch: 20)
{
    private readonly CurrentSetup _setup = setup;
    private long _lastSequence = 1_000_000;

    /// <summary>A phone answers the newest message that it got; the number of the push.</summary>
    public long Reply(string phone, string content)
    {
        var answered = ledger.Newest(Channel.AliyunSms, phone)?.Entry;
        var signName = answered?.SignName ?? "";
        optOuts.Hear(signName, phone, content);

        var sequence = Interlocked.Increment(ref _lastSequence);
        object sequenceId = _setup.Aliyun?.Push?.SequenceIdAsNumber == true
            ? sequence
            : sequence.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Add(new PushItem(0, new Up(phone, SendDetails.ChinaTime(sandboxClock.GetUtcNow()), content, answered?.ExtendCode ?? "", sequenceId, signName)), TimeSpan.Zero);
        return sequence;
    }

    protected override HttpRequestMessage? Build(IReadOnlyList<PushItem> items) =>
        Post(_setup.Aliyun?.Push?.UpUrl, items.Select(item => (Up)item.Content!).ToList());
}

internal sealed record Report(
    string PhoneNumber, string SendTime, string ReportTime, bool Success, string ErrCode, string ErrMsg, string SmsSize, string BizId, string OutId);

internal sealed record Up(string PhoneNumber, string SendTime, string Content, string DestCode, object SequenceId, string SignName);
