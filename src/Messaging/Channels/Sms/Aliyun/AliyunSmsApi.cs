using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Engagement.Storage;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>Our own client of Aliyun's documented SMS API. Thread-safe; one instance lives as long as the process.</summary>
internal sealed class AliyunSmsApi(AliyunSmsOptions options, TimeProvider system, ILogger<AliyunSmsApi> logger) : ISmsProvider, IDisposable
{
    private const string Form = "application/x-www-form-urlencoded";

    // Of a batch, with its signature and values percent-encoded; a larger one grows.
    private const int BytesPerNumber = 320;

    // A number gets 40 messages a day from one account at most.
    private const int MostPages = 10;

    // The provider's clock and ours are two, and a send takes its time: near midnight the day before or after may be the one.
    private static readonly TimeSpan s_clockMargin = TimeSpan.FromMinutes(30);

    private static readonly SendResult s_notConfigured = SendResult.Refused(ErrorClass.Config, "not_configured");

    private readonly ProviderHttp _http = new(options.BaseUrl, options.MaxConnections, options.SendTimeout, system);
    private readonly UnknownCodes _unknownCodes = new("Aliyun", logger);

    public string Name => "aliyun";

    public bool IsConfigured => options.IsConfigured;

    public SmsCapabilities Capabilities { get; } = SmsCapabilities.ByProvider["aliyun"] with
    {
        TakesPromotions = options.TakesPromotions, PartFen = options.PartFen, ExtendCodes = options.ExtendCodes,
    };

    public async ValueTask<CallAnswer> SendAsync(IReadOnlyList<SmsMessage> call, CancellationToken ct) =>
        CallAnswer.ForAll(call.Count == 1 ? await SendAsync(call[0], ct).ConfigureAwait(false) : await SendBatchAsync(call, ct).ConfigureAwait(false));

    public async ValueTask<SmsFinding> AskAsync(SmsSend send, CancellationToken ct)
    {
        var finding = new SmsFinding(SmsFate.NotAsked, "not_asked");
        foreach (var day in ((DateOnly[])[ChinaTime.DateOf(send.SentAt - s_clockMargin), ChinaTime.DateOf(send.SentAt + s_clockMargin)]).Distinct())
        {
            finding = await FindAsync(send.PhoneDigits, day, send.OutId, ct).ConfigureAwait(false);
            if (finding.Fate != SmsFate.Unknown) return finding;
        }

        return finding;
    }

    /// <summary>Sends one message (<c>SendSms</c>).</summary>
    internal async ValueTask<SendResult> SendAsync(SmsMessage message, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!options.IsConfigured) return s_notConfigured;

        var query = Acs3Signature.Query(
            ("PhoneNumbers", message.PhoneDigits),
            ("SignName", message.SignName),
            ("TemplateCode", message.TemplateCode),
            ("TemplateParam", message.Parameters.Count == 0 ? null : Json(json => WriteParameters(json, message))),
            ("OutId", message.OutId),
            ("SmsUpExtendCode", message.ExtendCode.Length == 0 ? null : message.ExtendCode));
        using var empty = new RequestBody(0);
        return await CallAsync("SendSms", query, empty, null).ConfigureAwait(false);
    }

    /// <summary>Sends up to 100 messages of one template in one call (<c>SendBatchSms</c>): one outcome, one BizId for all.</summary>
    /// <remarks>
    /// A batch has one OutId, so all messages must carry the same one, and no number twice: receipts name BizId and
    /// number only, and two messages to one phone could not be told apart.
    /// </remarks>
    /// <exception cref="ArgumentException">The messages make no batch; nothing was sent.</exception>
    internal async ValueTask<SendResult> SendBatchAsync(IReadOnlyList<SmsMessage> messages, CancellationToken ct)
    {
        SmsMessage.CheckCall(messages, Capabilities.NumbersPerCall);
        ct.ThrowIfCancellationRequested();
        if (!options.IsConfigured) return s_notConfigured;

        var query = Acs3Signature.Query(("TemplateCode", messages[0].TemplateCode), ("OutId", messages[0].OutId));
        using var body = new RequestBody(messages.Count * BytesPerNumber);
        FormField.Append(body, "PhoneNumberJson"u8, json => WriteArray(json, messages, static (json, message) => json.WriteText(message.PhoneDigits)));
        FormField.Append(body, "SignNameJson"u8, json => WriteArray(json, messages, static (json, message) => json.WriteText(message.SignName)));
        if (messages.Any(message => message.Parameters.Count > 0)) FormField.Append(body, "TemplateParamJson"u8, json => WriteArray(json, messages, WriteParameters));
        if (messages.Any(message => message.ExtendCode.Length > 0))
        {
            FormField.Append(body, "SmsUpExtendCodeJson"u8, json => WriteArray(json, messages, static (json, message) => json.WriteText(message.ExtendCode)));
        }

        return await CallAsync("SendBatchSms", query, body, Form).ConfigureAwait(false);
    }

    /// <summary>Asks what became of one send (<c>QuerySendDetails</c>), page by page; it is known by our reference.</summary>
    /// <param name="phoneDigits">The number that it went to.</param>
    /// <param name="day">The day in China on which it was sent, by the provider's clock; the last 30 can be asked about.</param>
    /// <param name="outId">Our reference.</param>
    /// <param name="ct">Throws before a page is asked for.</param>
    internal async ValueTask<SmsFinding> FindAsync(string phoneDigits, DateOnly day, string outId, CancellationToken ct)
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
        if (!AliyunErrors.IsKnown(code)) _unknownCodes.Saw(code);
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
            return !reader.Read() && ProviderCode.IsOne(code);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

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
