using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Engagement.Templates.Language;

/// <summary>Between JSON and the values of the language.</summary>
internal static class JsonValues
{
    public static Value Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => Value.True,
        JsonValueKind.False => Value.False,
        JsonValueKind.String => Value.From(json.GetString()),
        JsonValueKind.Number => ReadNumber(json),
        JsonValueKind.Array => Value.From(new ArrayValue(json.EnumerateArray().Select(Read))),
        JsonValueKind.Object => Value.From(ReadObject(json)),
        _ => Value.Null,
    };

    // Whole numbers stay exact, as long as they are numbers and no attack.
    private static Value ReadNumber(JsonElement json)
    {
        if (json.TryGetInt64(out var integer)) return Value.From(integer);
        var digits = json.GetRawText();
        return digits.Length <= 100 && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var big)
            ? Value.From(big) : Value.From(json.GetDouble());
    }

    private static MapValue ReadObject(JsonElement json)
    {
        var map = new MapValue();
        foreach (var member in json.EnumerateObject()) map.TrySet(member.Name, Read(member.Value));
        return map;
    }

    public static void Write(RenderContext context, Utf8JsonWriter writer, in Value value)
    {
        context.Step();
        switch (value.Kind)
        {
            case ValueKind.Boolean: writer.WriteBooleanValue(value.IsTrue); break;
            case ValueKind.Integer: writer.WriteNumberValue(value.Integer); break;
            case ValueKind.Double when double.IsFinite(value.Double): writer.WriteNumberValue(value.Double); break;
            case ValueKind.Float when float.IsFinite(value.Single): writer.WriteNumberValue(value.Single); break;
            case ValueKind.Decimal: writer.WriteNumberValue(value.Decimal); break;
            case ValueKind.BigInteger: writer.WriteRawValue(value.Big.ToString()); break;
            case ValueKind.Text: writer.WriteStringValue(value.Text); break;
            case ValueKind.Date: writer.WriteStringValue(value.Date); break;
            case ValueKind.TimeSpan: writer.WriteStringValue(value.Span.ToString()); break;
            case ValueKind.List:
                writer.WriteStartArray();
                for (var i = 0; i < value.List.Count; i++) Write(context, writer, value.List[i]);
                writer.WriteEndArray();
                break;
            case ValueKind.Object:
                writer.WriteStartObject();
                foreach (var (name, member) in value.Object.Members)
                {
                    writer.WritePropertyName(name);
                    Write(context, writer, member);
                }
                writer.WriteEndObject();
                break;
            case ValueKind.Function: throw context.Fail(Faults.NoJson);
            default: writer.WriteNullValue(); break;
        }
    }
}
