using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.Sms.Tencent;

/// <summary>Our own client of Tencent Cloud's documented SMS API. Thread-safe; one instance lives as long as the process.</summary>
internal sealed class TencentSmsApi(TencentSmsOptions options, TimeProvider system, ILogger<TencentSmsApi> logger) : ISmsProvider, IDisposable
{
    private const string Version = "2021-01-11";
    private const string Service = "sms";
    private const string ContentType = "application/json";

    // Two hundred statuses, each with a message of its own.
    private const int AnswerLimit = 256 * 1024;

    private static readonly SendResult s_notConfigured = SendResult.Refused(ErrorClass.Config, "not_configured");

    private readonly ProviderHttp _http = new(options.BaseUrl, options.MaxConnections, options.SendTimeout, system);
    private readonly UnknownCodes _unknownCodes = new("Tencent", logger);
    private readonly Uri _address = options.BaseUrl;
    private DayKey? _key;

    public string Name => "tencent";

    public bool IsConfigured => options.IsConfigured;

    public SmsCapabilities Capabilities { get; } = SmsCapabilities.ByProvider["tencent"] with
    {
        TakesPromotions = options.TakesPromotions, PartFen = options.PartFen, ExtendCodes = options.ExtendCodes,
    };

    public async ValueTask<CallAnswer> SendAsync(IReadOnlyList<SmsMessage> call, CancellationToken ct)
    {
        CheckCall(call);
        ct.ThrowIfCancellationRequested();
        if (!options.IsConfigured) return CallAnswer.ForAll(s_notConfigured);

        using var body = new RequestBody(512 + call.Count * 20);
        WriteSend(body, call);
        using var answer = await ExchangeAsync("SendSms", body).ConfigureAwait(false);
        if (answer.Failed(out var failure)) return CallAnswer.ForAll(failure);
        if (TencentAnswer.Read(answer.Body, call) is not { } read) return CallAnswer.ForAll(answer.Unreadable());
        // "Ok" under a status that denies it proves nothing.
        if (!read.IsForAll && !answer.IsSuccess) return CallAnswer.ForAll(answer.Unreadable());
        Report(read, call.Count);
        return read;
    }

    public async ValueTask<SmsFinding> AskAsync(SmsSend send, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!options.IsConfigured) return new SmsFinding(SmsFate.NotAsked, s_notConfigured.Code);
        using var body = new RequestBody(256);
        if (!TencentSendStatus.WriteQuestion(body, options.SdkAppId, send, system.GetUtcNow())) return new SmsFinding(SmsFate.NotAsked, "too_long_ago");
        using var answer = await ExchangeAsync(TencentSendStatus.Action, body).ConfigureAwait(false);
        if (answer.Failed(out var failure)) return new SmsFinding(SmsFate.NotAsked, failure.Code);
        return answer.IsSuccess ? TencentSendStatus.Parse(answer.Body.ToArray(), send) : new SmsFinding(SmsFate.NotAsked, answer.Unreadable().Code);
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<ProviderAnswer> ExchangeAsync(string action, RequestBody body)
    {
        var host = _address.IsDefaultPort ? _address.Host : $"{_address.Host}:{_address.Port}";
        var call = new Tc3Call(host, Service, system.GetUtcNow(), ContentType, Tc3Signature.HashOf(body.Written.Span));

        using var content = new WriteOnceContent(body, ContentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, _address);
        request.Headers.TryAddWithoutValidation("X-TC-Action", action);
        request.Headers.TryAddWithoutValidation("X-TC-Version", Version);
        request.Headers.TryAddWithoutValidation("X-TC-Timestamp", call.Timestamp);
        request.Headers.TryAddWithoutValidation("X-TC-Region", options.Region);
        request.Headers.TryAddWithoutValidation("Authorization", Tc3Signature.Authorize(call, options.SecretId, KeyOf(call.Day)));
        return await _http.ExchangeAsync(request, content, AnswerLimit).ConfigureAwait(false);
    }

    // Three of the four hashes of a signature hold for a day.
    private byte[] KeyOf(string day)
    {
        var key = _key;
        if (key?.Day != day) _key = key = new DayKey(day, Tc3Signature.Key(options.SecretKey, day, Service));
        return key.Key;
    }

    private void WriteSend(RequestBody body, IReadOnlyList<SmsMessage> call)
    {
        var first = call[0];
        using var json = new Utf8JsonWriter(body, JsonText.Relaxed);
        json.WriteStartObject();
        json.WriteStartArray("PhoneNumberSet"u8);
        Span<char> phone = stackalloc char[16];
        foreach (var message in call)
        {
            phone.TryWrite(CultureInfo.InvariantCulture, $"+86{message.PhoneDigits}", out var length);
            json.WriteStringValue(phone[..length]);
        }

        json.WriteEndArray();
        json.WriteString("SmsSdkAppId"u8, options.SdkAppId);
        json.WritePropertyName("SignName"u8);
        json.WriteText(first.SignName);
        json.WriteString("TemplateId"u8, first.TemplateCode);
        if (first.Parameters.Count > 0)
        {
            json.WriteStartArray("TemplateParamSet"u8);
            foreach (var (_, value) in first.Parameters) json.WriteText(value);
            json.WriteEndArray();
        }

        if (first.ExtendCode.Length > 0) json.WriteString("ExtendCode"u8, first.ExtendCode);
        json.WriteString("SessionContext"u8, first.OutId);
        json.WriteEndObject();
    }

    private void Report(CallAnswer answer, int count)
    {
        for (var i = 0; i < (answer.IsForAll ? 1 : count); i++)
        {
            if (answer[i] is { Accepted: Acceptance.Unknown, Class: ErrorClass.Unknown, Code: not "unreadable" and var code }) _unknownCodes.Saw(code);
        }
    }

    private static void CheckCall(IReadOnlyList<SmsMessage> call)
    {
        SmsMessage.CheckCall(call, SmsCapabilities.ByProvider["tencent"].NumbersPerCall);
        var first = call[0];
        foreach (var message in call)
        {
            if (message.SignName != first.SignName || message.ExtendCode != first.ExtendCode) throw new ArgumentException("A call has one signature and one extension code.", nameof(call));
            if (!message.Parameters.Select(p => p.Value).SequenceEqual(first.Parameters.Select(p => p.Value))) throw new ArgumentException("A call has one set of values.", nameof(call));
        }
    }

    private sealed record DayKey(string Day, byte[] Key);
}
