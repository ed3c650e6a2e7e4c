using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml;

namespace Engagement.Messaging.Channels.WeChat.Push;

/// <summary>A push in the one form that both of WeChat's notations come to: text fields, and the entries of its <c>List</c>.</summary>
/// <remarks>The notation is decided by the first byte: WeChat has sent JSON as <c>text/xml</c>. Nothing else than text and entries is kept.</remarks>
internal sealed class PushDocument
{
    /// <summary>The largest push that is looked at, in bytes.</summary>
    public const int SizeLimit = 64 * 1024;

    private static readonly XmlReaderSettings s_xml = new()
    {
        // No document type, so no entity of anybody's making, and nothing fetched from anywhere.
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = SizeLimit,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    /// <summary>The entries of <c>List</c>: one a template.</summary>
    public List<IReadOnlyDictionary<string, string>> Entries { get; } = [];

    /// <summary>A field of the head; empty when it is missing.</summary>
    public string this[string name] => _fields.GetValueOrDefault(name, "");

    /// <summary>Reads a whole push; <c>null</c> with a code in <paramref name="problem"/> when it cannot be read.</summary>
    public static PushDocument? Read(ReadOnlyMemory<byte> body, out string? problem)
    {
        problem = null;
        if (body.Length > SizeLimit) problem = "too_large";
        var start = body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
        start = start[CountBlank(start.Span)..];
        if (start.IsEmpty) problem ??= "empty";
        if (problem is not null) return null;

        var document = new PushDocument();
        try
        {
            if (start.Span[0] == '<') document.ReadXml(start);
            else document.ReadJson(start.Span);
            return document;
        }
        catch (XmlException)
        {
            problem = "bad_xml";
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a JSON string that is no Unicode text.
            problem = "bad_json";
        }

        return null;
    }

    /// <summary>WeChat's seconds, as a number or as text.</summary>
    public DateTimeOffset? CreateTime =>
        long.TryParse(this["CreateTime"], CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 100_000_000_000
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static int CountBlank(ReadOnlySpan<byte> text)
    {
        var first = text.IndexOfAnyExcept(" \t\r\n"u8);
        return first < 0 ? text.Length : first;
    }

    private void ReadXml(ReadOnlyMemory<byte> body)
    {
        using var reader = XmlReader.Create(new StringReader(Encoding.UTF8.GetString(body.Span)), s_xml);
        reader.MoveToContent();
        foreach (var child in Children(reader))
        {
            var name = child.LocalName;
            if (ReadLeaf(child, Entries) is { } text) _fields[name] = text;
        }
    }

    // The text of an element, or null when it holds elements; then those named List become entries.
    private static string? ReadLeaf(XmlReader element, List<IReadOnlyDictionary<string, string>>? entries)
    {
        var text = new StringBuilder();
        var nested = false;
        foreach (var child in Children(element, text))
        {
            nested = true;
            if (entries is not null && child.LocalName == "List") entries.Add(ReadEntry(child));
            else child.Skip();
        }

        return nested ? null : text.ToString();
    }

    private static Dictionary<string, string> ReadEntry(XmlReader element)
    {
        var entry = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var child in Children(element))
        {
            var name = child.LocalName;
            if (ReadLeaf(child, null) is { } text) entry[name] = text;
        }

        return entry;
    }

    // Stands on an element; hands out each child element, which the taker must read past; ends behind the element.
    private static IEnumerable<XmlReader> Children(XmlReader reader, StringBuilder? text = null)
    {
        var empty = reader.IsEmptyElement;
        reader.ReadStartElement();
        if (empty) yield break;
        while (reader.NodeType != XmlNodeType.EndElement)
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                yield return reader;
                continue;
            }

            if (reader.NodeType == XmlNodeType.None) throw new XmlException("The document ends inside an element.");
            if (reader.HasValue) text?.Append(reader.Value);
            reader.Read();
        }

        reader.ReadEndElement();
    }

    private void ReadJson(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name == "List") ReadJsonEntries(ref reader);
            else if (ReadScalar(ref reader) is { } text) _fields[name] = text;
        }

        reader.Read();
    }

    // One entry is an object, several are an array of objects.
    private void ReadJsonEntries(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            Entries.Add(ReadJsonEntry(ref reader));
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray) return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject) Entries.Add(ReadJsonEntry(ref reader));
            else reader.Skip();
        }
    }

    private static Dictionary<string, string> ReadJsonEntry(ref Utf8JsonReader reader)
    {
        var entry = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (ReadScalar(ref reader) is { } text) entry[name] = text;
        }

        return entry;
    }

    // Numbers keep their digits: a MsgID is beyond what a double holds.
    private static string? ReadScalar(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                return Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);
            default:
                reader.Skip();
                return null;
        }
    }
}
