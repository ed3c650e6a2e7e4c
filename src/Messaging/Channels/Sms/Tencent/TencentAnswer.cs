using System.Text.Json;

namespace Engagement.Messaging.Channels.Sms.Tencent;

/// <summary>Reads what Tencent Cloud answers to <c>SendSms</c>. Pure functions.</summary>
/// <remarks>The status of HTTP says nothing here: a refused call is 200 as well. Each number has its own code, and what has none is in doubt.</remarks>
internal static class TencentAnswer
{
    private const int MostPhone = 32;

    private static readonly SendResult s_missing = SendResult.InDoubt("unreadable");

    /// <summary>What the answer says of each message of <paramref name="call"/>; <c>null</c> when it cannot be understood.</summary>
    public static CallAnswer? Read(ReadOnlySpan<byte> body, IReadOnlyList<SmsMessage> call)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            CallAnswer? answer = null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isResponse = reader.ValueTextEquals("Response"u8);
                reader.Read();
                if (isResponse && reader.TokenType == JsonTokenType.StartObject) answer = Response(ref reader, call);
                else reader.Skip();
            }

            // Whatever follows the object makes the reader throw.
            return reader.Read() ? null : answer;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static CallAnswer? Response(ref Utf8JsonReader reader, IReadOnlyList<SmsMessage> call)
    {
        CallAnswer? answer = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isError = reader.ValueTextEquals("Error"u8);
            var isSet = reader.ValueTextEquals("SendStatusSet"u8);
            reader.Read();
            if (isError && reader.TokenType == JsonTokenType.StartObject) answer = Error(ref reader);
            else if (isSet && reader.TokenType == JsonTokenType.StartArray) answer = Statuses(ref reader, call);
            else reader.Skip();
        }

        return answer;
    }

    private static CallAnswer? Error(ref Utf8JsonReader reader)
    {
        string? code = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCode = reader.ValueTextEquals("Code"u8);
            reader.Read();
            if (isCode && reader.TokenType == JsonTokenType.String) code = reader.GetString();
            else reader.Skip();
        }

        return code is not null && ProviderCode.IsOne(code) ? CallAnswer.ForAll(TencentErrors.Refusal(code)) : null;
    }

    private static CallAnswer Statuses(ref Utf8JsonReader reader, IReadOnlyList<SmsMessage> call)
    {
        var results = new SendResult[call.Count];
        Array.Fill(results, s_missing);
        for (var at = 0; reader.Read() && reader.TokenType == JsonTokenType.StartObject; at++)
        {
            if (Status(ref reader, call, at, out var result) is >= 0 and var index && results[index] == s_missing) results[index] = result;
        }

        return CallAnswer.Each(results);
    }

    // Which message of the call one status is about, -1 when none: almost always the one at the same place.
    private static int Status(ref Utf8JsonReader reader, IReadOnlyList<SmsMessage> call, int at, out SendResult result)
    {
        Span<char> phone = stackalloc char[MostPhone];
        var (length, accepted) = (0, false);
        string? code = null, serialNo = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCode = reader.ValueTextEquals("Code"u8);
            var isPhone = reader.ValueTextEquals("PhoneNumber"u8);
            var isSerialNo = reader.ValueTextEquals("SerialNo"u8);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) reader.Skip();
            else if (isCode && reader.ValueTextEquals("Ok"u8)) accepted = true;
            else if (isCode) code = reader.GetString();
            else if (isSerialNo) serialNo = reader.GetString();
            else if (isPhone && reader.ValueSpan.Length <= MostPhone) length = reader.CopyString(phone);
        }

        result = accepted ? SendResult.Ok("Ok", serialNo is { Length: > 0 } ? serialNo : null)
            : code is not null && ProviderCode.IsOne(code) ? TencentErrors.Refusal(code) : s_missing;
        return IndexOf(call, phone[..length], at);
    }

    private static int IndexOf(IReadOnlyList<SmsMessage> call, ReadOnlySpan<char> phone, int at)
    {
        if (phone.Length < 11) return -1;
        var digits = phone[^11..];
        if (at < call.Count && digits.SequenceEqual(call[at].PhoneDigits)) return at;
        for (var i = 0; i < call.Count; i++)
        {
            if (digits.SequenceEqual(call[i].PhoneDigits)) return i;
        }

        return -1;
    }
}
