using System.Globalization;

namespace Engagement.Templates.Language;

/// <summary>Between the kinds of values, where the language converts by itself.</summary>
internal static class Conversions
{
    public static IEnumerable<Value> Items(ListValue list)
    {
        for (var i = 0; i < list.Count; i++) yield return list[i];
    }

    public static bool IsEmpty(in Value value) => value.Kind switch
    {
        ValueKind.Text => value.Text.Length == 0,
        ValueKind.List => value.List.Count == 0,
        ValueKind.Object => value.Object.Count == 0,
        _ => value.IsNull,
    };

    public static double AsDouble(in Value value) => value.Kind switch
    {
        ValueKind.Integer => value.Integer,
        ValueKind.Decimal => (double)value.Decimal,
        ValueKind.BigInteger => (double)value.Big,
        _ => value.Double,
    };

    public static bool TryDecimal(in Value value, out decimal result)
    {
        switch (value.Kind)
        {
            case ValueKind.Decimal:
                result = value.Decimal;
                return true;
            case ValueKind.Integer:
                result = value.Integer;
                return true;
            default:
                var real = AsDouble(value);
                var fits = Math.Abs(real) < 7e28;
                result = fits ? (decimal)real : 0;
                return fits;
        }
    }

    /// <summary>A whole number; null is 0, texts that hold one are read, fractions are rounded to the even neighbour.</summary>
    public static long ToLong(RenderContext context, in Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Integer: return value.Integer;
            case ValueKind.Null or ValueKind.Missing: return 0;
            case ValueKind.Boolean: return value.IsTrue ? 1 : 0;
            case ValueKind.Text:
                if (long.TryParse(value.Text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var parsed)) return parsed;
                break;
            case ValueKind.Float or ValueKind.Double or ValueKind.Decimal:
                var real = AsDouble(value);
                if (Math.Abs(real) < 9e18) return (long)Math.Round(real);
                throw context.Fail(Faults.NumberTooLarge);
            case ValueKind.BigInteger:
                throw context.Fail(Faults.NumberTooLarge);
        }
        throw context.Fail(Faults.NotANumber(Shown(context, value)));
    }

    public static int ToInt(RenderContext context, in Value value)
    {
        var number = ToLong(context, value);
        return number is >= int.MinValue and <= int.MaxValue ? (int)number : throw context.Fail(Faults.NumberTooLarge);
    }

    /// <summary>A number of any kind, or null; a text that holds a number is none before it is converted.</summary>
    public static Value ToNumber(RenderContext context, in Value value) =>
        value.IsNumber || value.IsNull ? value : throw context.Fail(Faults.NotANumber(Shown(context, value)));

    public static double ToDouble(RenderContext context, in Value value) => value.Kind switch
    {
        ValueKind.Null or ValueKind.Missing => 0,
        ValueKind.Boolean => value.IsTrue ? 1 : 0,
        _ => AsDouble(ToNumber(context, value)),
    };

    /// <summary>Anything that can be walked: a list as it is, null as an empty one, an object as its pairs, a text as its characters.</summary>
    public static ListValue ToList(RenderContext context, in Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.List: return value.List;
            case ValueKind.Null or ValueKind.Missing: return new ArrayValue();
            case ValueKind.Text: return new CharacterList(value.Text);
            case ValueKind.Object:
                context.ChargeItems(value.Object.Count);
                return new ArrayValue(value.Object.Members.Select(Pair));
            default: throw context.Fail(Faults.NotAList(Formatter.KindOf(value)));
        }
    }

    private static Value Pair(KeyValuePair<string, Value> member)
    {
        var pair = new MapValue();
        pair.TrySet("key", Value.From(member.Key));
        pair.TrySet("value", member.Value);
        return Value.From(pair);
    }

    private static string Shown(RenderContext context, in Value value)
    {
        var text = Formatter.ToText(context, value);
        return text.Length <= 40 ? text : text[..40];
    }
}
