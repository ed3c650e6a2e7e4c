using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;

namespace Engagement.Sandbox.Sms;

/// <summary>What the webhooks of both providers share: JSON with a number in the answer that says "taken", repeats after 1, 5 and 10 minutes.</summary>
internal abstract class SmsPushes(string answerField, Counters counters, TimeProvider clock, int hands, int batch)
    : PushLine(new PushQueue(clock), counters, clock, hands, batch)
{
    private static readonly TimeSpan[] Waits = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)];

    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>How long an answer may take and by how much the waits shrink; <c>null</c> when there is no webhook.</summary>
    protected abstract (int TimeoutMs, double RetryScale)? Manner { get; }

    protected override TimeSpan TimeLimit => TimeSpan.FromMilliseconds(Manner?.TimeoutMs ?? 5_000);

    protected override TimeSpan? WaitAfter(int attempt) =>
        Manner is { } manner && attempt <= Waits.Length ? Waits[attempt - 1] * manner.RetryScale : null;

    protected override async Task<bool> IsTakenAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.StatusCode != HttpStatusCode.OK) return false;
        try
        {
            using var answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(ct), default, ct);
            return answer.RootElement.ValueKind == JsonValueKind.Object
                && answer.RootElement.TryGetProperty(answerField, out var verdict) && verdict.ValueKind == JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The request with this body to <paramref name="url"/>; <c>null</c> when there is nobody to tell.</summary>
    protected static HttpRequestMessage? Post<T>(string? url, T body)
    {
        if (string.IsNullOrEmpty(url)) return null;
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, SnakeCase));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        return new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
    }
}
