using System.Text.Json;

namespace Engagement.Messaging.Channels.Sms.Tencent;

/// <summary>The question <c>PullSmsSendStatusByPhoneNumber</c>, and what an answer proves. Pure functions.</summary>
/// <remarks>
/// Only messages with a carrier's report are listed, and one whose number we never heard is known as ours only where the account gets session contexts back. So a
/// message that is listed has its end, and one that is not proves nothing: Tencent may have it and wait for the carrier.
/// </remarks>
internal static class TencentSendStatus
{
    /// <summary>The action.</summary>
    public const string Action = "PullSmsSendStatusByPhoneNumber";

    // The most that one answer holds; there is no next page (Offset is fixed at 0).
    private const int Limit = 100;

    private static readonly TimeSpan s_longestAgo = TimeSpan.FromDays(7);

    // The provider's clock and ours are two, and the start of the seven days moves while we ask.
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(30);

    // After that a carrier's report is not to be expected; the answer then holds as few others as possible.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(3);

    /// <summary>Writes the question; <c>false</c> when the send is too long ago to be asked about.</summary>
    public static bool WriteQuestion(RequestBody body, string sdkAppId, in SmsSend send, DateTimeOffset now)
    {
        if (now - send.SentAt > s_longestAgo - s_margin) return false;
        var end = send.SentAt + s_longestWait;
        using var json = new Utf8JsonWriter(body, JsonText.Relaxed);
        json.WriteStartObject();
        json.WriteNumber("BeginTime"u8, (send.SentAt - s_margin).ToUnixTimeSeconds());
        json.WriteNumber("EndTime"u8, (end < now ? end : now).ToUnixTimeSeconds());
        json.WriteNumber("Offset"u8, 0);
        json.WriteNumber("Limit"u8, Limit);
        json.WriteString("PhoneNumber"u8, "+86" + send.PhoneDigits);
        json.WriteString("SmsSdkAppId"u8, sdkAppId);
        json.WriteEndObject();
        return true;
    }

    /// <summary>What an answer proves about a send, which is known by Tencent's number or by our reference.</summary>
    public static SmsFinding Parse(ReadOnlyMemory<byte> body, in SmsSend send)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var response = document.RootElement.GetProperty("Response");
            if (response.TryGetProperty("Error", out var error)) return new SmsFinding(SmsFate.NotAsked, Code(error.GetProperty("Code").GetString()));
            var found = new SmsFinding(SmsFate.NotListed, "Ok");
            foreach (var item in response.GetProperty("PullSmsSendStatusSet").EnumerateArray())
            {
                if (Text(item, "SessionContext") != send.OutId && (send.ProviderRef is null || Text(item, "SerialNo") != send.ProviderRef)) continue;
                var finding = Finding(item);
                // A call that was refused and then sent one by one carries one reference twice: the better end is the true one.
                if (finding.Fate > found.Fate) found = finding;
            }

            return found;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return new SmsFinding(SmsFate.NotAsked, "unreadable");
        }
    }

    private static SmsFinding Finding(JsonElement item)
    {
        var said = Text(item, "Description") ?? "";
        return Text(item, "ReportStatus") switch
        {
            "SUCCESS" => new SmsFinding(SmsFate.Delivered, said),
            "FAIL" => new SmsFinding(SmsFate.Undelivered, said),
            _ => throw new FormatException("The ReportStatus is in no table of ours."),
        };
    }

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Code(string? code) => code is not null && ProviderCode.IsOne(code) ? code : "unreadable";
}
