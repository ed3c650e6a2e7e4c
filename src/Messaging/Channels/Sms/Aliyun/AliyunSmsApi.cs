using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>Our own client of Aliyun's documented SMS API. Thread-safe; one instance lives as long as the process.</summary>
internal sealed class AliyunSmsApi(AliyunSmsOptions options, TimeProvider system, ILogger<AliyunSmsApi> logger) : IAliyunSmsApi, IDisposable
{
    /// <summary>The most messages that one batch takes.</summary>
    public const int BatchLimit = 100;

    private const string Form = "application/x-www-form-urlencoded";

    // Codes are the provider's: few, but not ours to bound.
    private const int MostUnknownCodes = 100;

    // A number gets 40 messages a day from one account at most.
    private const int MostPages = 10;

    private static readonly SendResult s_notConfigured = SendResult.Refused(ErrorClass.Config, "not_configured");

    private readonly ProviderHttp _http = new(options.BaseUrl, options.MaxConnections, options.SendTimeout, system);
    private readonly ConcurrentDictionary<string, bool> _unknownCodes = new(StringComparer.Ordinal);

    public async ValueTask<SendResult> SendAsync(SmsMessage message, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!options.IsConfigured) return s_notConfigured;

        var query = Acs3Signature.Query(
            ("PhoneNumbers", message.PhoneDigits),
            ("SignName", message.SignName),
            ("TemplateCode", message.TemplateCode),
            ("TemplateParam", message.Parameters.Count == 0 ? null : Json(json => WriteParameters(json, message))),
            ("OutId", message.OutId));
        using var empty = new RequestBody(0);
        return await CallAsync("SendSms", query, empty, null).ConfigureAwait(false);
    }

    public async ValueTask<SendResult> SendBatchAsync(IReadOnlyList<SmsMessage> messages, CancellationToken ct)
    {
        CheckBatch(messages);
        ct.ThrowIfCancellationRequested();
        if (!options.IsConfigured) return s_notConfigured;

        var query = Acs3Signature.Query(("TemplateCode", messages[0].TemplateCode), ("OutId", messages[0].OutId));
        var form = Acs3Signature.Query(
            ("PhoneNumberJson", Json(json => WriteArray(json, messages, static (json, message) => json.WriteText(message.PhoneDigits)))),
            ("SignNameJson", Json(json => WriteArray(json, messages, static (json, message) => json.WriteText(message.SignName)))),
            ("TemplateParamJson", messages.All(message => message.Parameters.Count == 0) ? null : Json(json => WriteArray(json, messages, WriteParameters))));
        using var body = new RequestBody(form.Length);
        Encoding.ASCII.GetBytes(form, body);
        return await CallAsync("SendBatchSms", query, body, Form).ConfigureAwait(false);
    }

    public async ValueTask<SmsFinding> FindAsync(string phoneDigits, DateOnly day, string outId, CancellationToken ct)
    {
        if (!options.IsConfigured) return new SmsFinding(SmsFate.NotAsked, s_notConfigured.Code);
        var found = new SmsFinding(SmsFate.Unknown, "OK");
        for (int page = 1, read = 0; page <= MostPages; page++)
        {
            ct.ThrowIfCancellationRequested();
            var query = Acs3Signature.Query(
                ("PhoneNumber", phoneDigits), ("SendDate", day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)),
                ("PageSize", AliyunSendDetails.PageSize.ToString(CultureInfo.InvariantCulture)), ("CurrentPage", page.ToString(CultureInfo.InvariantCulture)));
            using var empty = new RequestBody(0);
            using var answer = await ExchangeAsync(AliyunSendDetails.Action, query, empty, null).ConfigureAwait(false);
            if (answer.Failed(out var failure)) return new SmsFinding(SmsFate.NotAsked, failure.Code);
            if (AliyunSendDetails.Parse(answer.Body.ToArray()) is not { } details) return new SmsFinding(SmsFate.NotAsked, answer.Unreadable().Code);
            if (details.Code != "OK") return new SmsFinding(SmsFate.NotAsked, details.Code);
            if (!answer.IsSuccess) return new SmsFinding(SmsFate.NotAsked, answer.Unreadable().Code);

            // A batch that was refused and then sent one by one carries one reference twice: the better end is the true one.
            foreach (var item in details.Items.Where(item => item.OutId == outId && item.Fate > found.Fate)) found = new SmsFinding(item.Fate, item.Code);
            read += details.Items.Count;
            if (found.Fate == SmsFate.Delivered || read >= details.Total) return found;
            if (details.Items.Count == 0) break;
        }

        // The pages did not hold what they promised: what was found is true, what was not proves nothing.
        return found.Fate == SmsFate.Unknown ? new SmsFinding(SmsFate.NotAsked, "incomplete") : found;
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<SendResult> CallAsync(string action, string query, RequestBody body, string? contentType)
    {
        using var answer = await ExchangeAsync(action, query, body, contentType).ConfigureAwait(false);
        if (answer.Failed(out var failure)) return failure;
        if (!TryRead(answer.Body, out var code, out var bizId)) return answer.Unreadable();
        if (code == "OK") return answer.IsSuccess ? SendResult.Ok(code, bizId) : answer.Unreadable();
        if (!AliyunErrors.IsKnown(code) && _unknownCodes.Count < MostUnknownCodes && _unknownCodes.TryAdd(code, true)) Log.UnknownCode(logger, "Aliyun", code);
        return AliyunErrors.Refusal(code);
    }

    private async ValueTask<ProviderAnswer> ExchangeAsync(string action, string query, RequestBody body, string? contentType)
    {
        // The query is canonical already; Uri must not have its own opinion of it.
        var address = new Uri($"{options.BaseUrl.AbsoluteUri.TrimEnd('/')}/?{query}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var call = new Acs3Call(action, address.IsDefaultPort ? address.Host : $"{address.Host}:{address.Port}", address.AbsolutePath, query,
            system.GetUtcNow(), RandomNumberGenerator.GetHexString(32, lowercase: true), Acs3Signature.HashOf(body.Written.Span), contentType);

        using var content = new WriteOnceContent(body, contentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Headers.TryAddWithoutValidation("x-acs-action", action);
        request.Headers.TryAddWithoutValidation("x-acs-version", Acs3Signature.Version);
        request.Headers.TryAddWithoutValidation("x-acs-date", call.DateText);
        request.Headers.TryAddWithoutValidation("x-acs-signature-nonce", call.Nonce);
        request.Headers.TryAddWithoutValidation("x-acs-content-sha256", call.BodyHash);
        request.Headers.TryAddWithoutValidation("Authorization", Acs3Signature.Authorize(call, options.AccessKeyId, options.AccessKeySecret));

        return await _http.ExchangeAsync(request, content).ConfigureAwait(false);
    }

    private static void CheckBatch(IReadOnlyList<SmsMessage> messages)
    {
        if (messages.Count is 0 or > BatchLimit) throw new ArgumentException($"A batch has 1 to {BatchLimit} messages.", nameof(messages));
        var first = messages[0];
        if (messages.Any(message => message.TemplateCode != first.TemplateCode)) throw new ArgumentException("A batch has one template.", nameof(messages));
        if (messages.Any(message => message.OutId != first.OutId)) throw new ArgumentException("A batch has one OutId.", nameof(messages));
        if (messages.DistinctBy(message => message.PhoneDigits).Count() != messages.Count)
            throw new ArgumentException("A batch has no number twice: its receipts could not be told apart.", nameof(messages));
    }

    private static bool TryRead(ReadOnlySpan<byte> body, out string code, out string? bizId)
    {
        code = "";
        bizId = null;
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isCode = reader.ValueTextEquals("Code"u8);
                var isBizId = reader.ValueTextEquals("BizId"u8);
                reader.Read();
                if (isCode && reader.TokenType == JsonTokenType.String) code = reader.GetString()!;
                else if (isBizId && reader.TokenType == JsonTokenType.String) bizId = reader.GetString();
                else reader.Skip();
            }

            // Whatever follows the object makes the reader throw.
            return !reader.Read() && IsCode(code);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    // What is kept with the message and written to the log looks like a code, or it is none.
    private static bool IsCode(string code) => code.Length is > 0 and <= 64 && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var bytes = new RequestBody();
        using (var json = new Utf8JsonWriter(bytes, JsonText.Relaxed)) write(json);
        return Encoding.UTF8.GetString(bytes.Written.Span);
    }

    private static void WriteArray(Utf8JsonWriter json, IReadOnlyList<SmsMessage> messages, Action<Utf8JsonWriter, SmsMessage> write)
    {
        json.WriteStartArray();
        foreach (var message in messages) write(json, message);
        json.WriteEndArray();
    }

    private static void WriteParameters(Utf8JsonWriter json, SmsMessage message)
    {
        json.WriteStartObject();
        foreach (var (name, value) in message.Parameters)
        {
            json.WritePropertyName(name);
            json.WriteText(value);
        }

        json.WriteEndObject();
    }
}
