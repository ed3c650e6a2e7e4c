using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>The fields of WeChat's answers that we act on.</summary>
/// <param name="ErrorCode"><c>errcode</c>; <c>null</c> when it is missing, which only the token endpoints may do.</param>
/// <param name="MessageId"><c>msgid</c> as text: a number beyond what JavaScript, and some clients, can hold.</param>
/// <param name="Token"><c>access_token</c>.</param>
/// <param name="ExpiresIn"><c>expires_in</c> in seconds.</param>
internal readonly record struct WeChatAnswer(long? ErrorCode, string? MessageId, string? Token, long? ExpiresIn)
{
    /// <summary>Reads a whole JSON object; <c>false</c> for anything else, a cut one included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out WeChatAnswer answer)
    {
        answer = default;
        try
        {
            if (body.StartsWith("\uFEFF"u8)) body = body[3..];
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) ReadProperty(ref reader, ref answer);
            // Whatever follows the object makes the reader throw.
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Shows no token.</summary>
    public override string ToString() => $"WeChatAnswer {{ ErrorCode = {ErrorCode}, MessageId = {MessageId} }}";

    private static void ReadProperty(ref Utf8JsonReader reader, ref WeChatAnswer answer)
    {
        if (reader.ValueTextEquals("errcode"u8)) answer = answer with { ErrorCode = ReadNumber(ref reader) };
        else if (reader.ValueTextEquals("msgid"u8)) answer = answer with { MessageId = ReadNumber(ref reader)?.ToString(CultureInfo.InvariantCulture) };
        else if (reader.ValueTextEquals("access_token"u8)) answer = answer with { Token = ReadText(ref reader) };
        else if (reader.ValueTextEquals("expires_in"u8)) answer = answer with { ExpiresIn = ReadNumber(ref reader) };
        else reader.Skip();
    }

    private static long? ReadNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number)) return number;
        if (reader.TokenType == JsonTokenType.String && long.TryParse(reader.ValueSpan, CultureInfo.InvariantCulture, out number)) return number;
        reader.Skip();
        return null;
    }

    private static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return Encoding.UTF8.GetString(reader.ValueSpan);
        reader.Skip();
        return null;
    }
}
