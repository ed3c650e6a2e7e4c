using System.Globalization;
using System.Text.Json;

namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>One page of <c>QuerySendDetails</c>.</summary>
/// <param name="Code">Aliyun's code; <c>OK</c> when it answered the question.</param>
/// <param name="Total">How many messages there are over all pages.</param>
/// <param name="Items">Those of this page.</param>
internal sealed record AliyunDetailsPage(string Code, int Total, IReadOnlyList<AliyunDetail> Items);

/// <summary>One message as Aliyun remembers it; the text is not kept.</summary>
/// <param name="OutId">Our reference.</param>
/// <param name="Fate">What became of it.</param>
/// <param name="Code">The carrier's code; empty while it waits.</param>
internal readonly record struct AliyunDetail(string OutId, SmsFate Fate, string Code);

/// <summary>Reads what Aliyun answers to <c>QuerySendDetails</c>. Pure functions.</summary>
internal static class AliyunSendDetails
{
    /// <summary>The action.</summary>
    public const string Action = "QuerySendDetails";

    /// <summary>Messages asked for at once: Aliyun gives up to 50, but each with its whole text, and an answer has a largest size.</summary>
    public const int PageSize = 20;

    /// <summary>Reads a page; <c>null</c> when anything in it is not as documented: half an answer must not look like "not there".</summary>
    public static AliyunDetailsPage? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (Text(root, "Code") is not { Length: > 0 and <= 64 } code) return null;
            if (code != "OK") return new AliyunDetailsPage(code, 0, []);
            if (!int.TryParse(Text(root, "TotalCount"), NumberStyles.None, CultureInfo.InvariantCulture, out var total)) return null;
            var items = root.GetProperty("SmsSendDetailDTOs").GetProperty("SmsSendDetailDTO").EnumerateArray().Select(Detail).ToList();
            return new AliyunDetailsPage(code, total, items);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static AliyunDetail Detail(JsonElement item) => new(Text(item, "OutId") ?? "", Text(item, "SendStatus") switch
    {
        "1" => SmsFate.Waiting,
        "2" => SmsFate.Undelivered,
        "3" => SmsFate.Delivered,
        _ => throw new FormatException("The SendStatus is in no table of ours."),
    }, Text(item, "ErrCode") ?? "");

    // Numbers and text change places between editions of the documentation.
    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        }
        : null;
}
