using System.Buffers;
using System.Text.Json;

namespace Engagement.Sandbox.WeChat;

/// <summary>The body of a subscribe send. A value that is missing or no text is <c>null</c>.</summary>
internal sealed class SubscribeRequest
{
    public string ToUser { get; private set; } = "";

    public string TemplateId { get; private set; } = "";

    public string Page { get; private set; } = "";

    /// <summary>Keyword → value, in the order of the request; empty when the caller did not want the data.</summary>
    public List<KeyValuePair<string, string?>> Data { get; } = [];

    /// <summary>Our client's reference travels in the page's query: <c>pages/x?ref=…</c>.</summary>
    public string Reference => ReferenceIn(Page);

    /// <summary>The <c>ref</c> in the query of a page; empty when there is none.</summary>
    public static string ReferenceIn(string page)
    {
        var query = page.IndexOf('?');
        if (query < 0) return "";
        foreach (var part in page.AsSpan(query + 1).Split('&'))
        {
            var pair = page.AsSpan(query + 1)[part];
            if (pair.StartsWith("ref=")) return Uri.UnescapeDataString(pair["ref=".Length..]);
        }
        return "";
    }

    /// <summary>The request, or <c>null</c> when the body is no JSON object.</summary>
    public static SubscribeRequest? Parse(in ReadOnlySequence<byte> body, bool withData)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;

            var request = new SubscribeRequest();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) request.ReadProperty(ref reader, withData);
            return reader.Read() ? null : request;
        }
        catch (Exception notJson) when (notJson is JsonException or InvalidOperationException)
        {
            // The second is what half a surrogate pair or broken UTF-8 inside a text gives.
            return null;
        }
    }

    private void ReadProperty(ref Utf8JsonReader reader, bool withData)
    {
        if (reader.ValueTextEquals("touser"u8)) ToUser = NextText(ref reader) ?? "";
        else if (reader.ValueTextEquals("template_id"u8)) TemplateId = NextText(ref reader) ?? "";
        else if (reader.ValueTextEquals("page"u8)) Page = NextText(ref reader) ?? "";
        else if (withData && reader.ValueTextEquals("data"u8)) ReadData(ref reader);
        else reader.Skip();
    }

    private void ReadData(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            Data.Add(new(key, ReadValue(ref reader)));
        }
    }

    private static string? ReadValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }
        string? value = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("value"u8)) value = NextText(ref reader);
            else reader.Skip();
        }
        return value;
    }

    private static string? NextText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }
}
