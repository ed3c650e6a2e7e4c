using System.Globalization;
using System.Text.Json;

namespace Engagement.Messaging.Channels.Sms;

/// <summary>Reads pushes of SMS providers. Pure functions; nothing here throws for what a stranger may send.</summary>
internal static class PushJson
{
    private static readonly TimeSpan s_beijing = TimeSpan.FromHours(8);

    /// <summary>Reads an array of objects, or where <paramref name="alone"/> says so one object by itself; what <paramref name="read"/> makes nothing of is counted.</summary>
    public static SmsPush<T> Parse<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T?> read, bool alone = false)
        where T : class
    {
        if (body.Length > SmsPushLimits.Size) return new SmsPush<T>([], 0, "too_large");
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Array && !(alone && document.RootElement.ValueKind == JsonValueKind.Object)) return new SmsPush<T>([], 0, "bad_json");
            var items = ItemsOf(document.RootElement).Select(item => item.ValueKind == JsonValueKind.Object ? read(item) : null).ToList();
            return new SmsPush<T>([.. items.OfType<T>()], items.Count(item => item is null), null);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a JSON string that is no Unicode text.
            return new SmsPush<T>([], 0, "bad_json");
        }
    }

    /// <summary>The items of a push.</summary>
    public static IEnumerable<JsonElement> ItemsOf(JsonElement root) => root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : [root];

    /// <summary>A text; numbers and text change places between editions of the documentation. Empty when it is not there.</summary>
    public static string Text(JsonElement item, string name) => item.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => "",
        }
        : "";

    /// <summary>A moment as the providers write it, in Beijing time.</summary>
    public static DateTimeOffset? Time(JsonElement item, string name) =>
        DateTime.TryParseExact(Text(item, name), "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? new DateTimeOffset(time, s_beijing)
            : null;
}
