using System.Globalization;
using static Engagement.Templates.Language.Conversions;

namespace Engagement.Templates.Language;

internal static class MathFunctions
{
    // Longer formats and precisions are attacks on memory.
    private const int MaxFormat = 100;

    public static readonly BuiltinGroup Group = new BuiltinGroup("math")
        .Add("abs", "value", Abs)
        .Add("ceil", "value", static (c, a) => Rounded(c, a[0], Math.Ceiling, decimal.Ceiling))
        .Add("divided_by", "value divisor", DividedBy)
        .Add("floor", "value", static (c, a) => Rounded(c, a[0], Math.Floor, decimal.Floor))
        .Add("format", "value format culture?", static (c, a) => Format(c, a[0], a[1], a[2], dates: false))
        .Add("is_number", "value", static (_, a) => Value.From(a[0].IsNumber))
        .Add("minus", "value with", static (c, a) => Calculate(c, TokenKind.Minus, a))
        .Add("modulo", "value with", static (c, a) => Calculate(c, TokenKind.Percent, a))
        .Add("plus", "value with", static (c, a) => Calculate(c, TokenKind.Plus, a))
        .Add("random", "min_value max_value", RandomNumber)
        .Add("round", "value precision?", Round)
        .Add("times", "value with", static (c, a) => Calculate(c, TokenKind.Asterisk, a))
        .Add("uuid", "", static (c, _) => Value.From(c.Engine.NewUuid()));

    private static Value Calculate(RenderContext context, TokenKind kind, ReadOnlySpan<Value> arguments) =>
        Operators.Calculate(context, kind, arguments[0], arguments[1], context.Site);

    private static Value Abs(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var number = arguments[0].Kind == ValueKind.Boolean ? arguments[0] : ToNumber(context, arguments[0]);
        return number.Kind switch
        {
            ValueKind.Boolean => number,
            ValueKind.Integer => Value.From(System.Numerics.BigInteger.Abs(number.Integer)),
            ValueKind.BigInteger => Value.From(System.Numerics.BigInteger.Abs(number.Big)),
            ValueKind.Decimal => Value.From(Math.Abs(number.Decimal)),
            ValueKind.Float => Value.FromSingle(Math.Abs(number.Single)),
            ValueKind.Double => Value.From(Math.Abs(number.Double)),
            _ => Value.Null,
        };
    }

    private static Value Rounded(RenderContext context, in Value value, Func<double, double> real, Func<decimal, decimal> money)
    {
        var number = value.IsNull ? Value.From(0L) : value.Kind == ValueKind.Boolean ? Value.From(ToLong(context, value)) : ToNumber(context, value);
        return number.Kind switch
        {
            ValueKind.Decimal => Value.From(money(number.Decimal)),
            ValueKind.Float or ValueKind.Double => Value.From(real(number.Double)),
            _ => number,
        };
    }

    private static Value Round(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var digits = arguments[1].IsNull ? 0 : Math.Clamp(ToInt(context, arguments[1]), 0, 15);
        return Rounded(context, arguments[0], value => Math.Round(value, digits), value => Math.Round(value, digits));
    }

    private static Value DividedBy(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var left = arguments[0].IsNumber ? arguments[0] : Value.From(ToDouble(context, arguments[0]));
        var right = ToNumber(context, arguments[1]);
        if (right.IsNull) return Value.Null;
        var result = Operators.Calculate(context, TokenKind.Slash, left, right, context.Site);
        if (right.Kind is not (ValueKind.Integer or ValueKind.BigInteger)) return result;
        if (AsDouble(right) == 0) throw context.Fail(Faults.DivideByZero);
        var floor = Rounded(context, result, Math.Floor, decimal.Floor);
        return floor.Kind == ValueKind.Double && Math.Abs(floor.Double) < 9e18 ? Value.From((long)floor.Double) : floor;
    }

    private static Value RandomNumber(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var (least, bound) = (ToInt(context, arguments[0]), ToInt(context, arguments[1]));
        if (bound < least) throw context.Fail(Faults.BadArgument);
        return Value.From(Random.Shared.Next(least, bound));
    }

    /// <summary>A number, or where <paramref name="dates"/> allows it a time, by a format of .NET; null gives nothing.</summary>
    public static Value Format(RenderContext context, in Value value, in Value format, in Value culture, bool dates)
    {
        if (value.IsNull) return Value.EmptyText;
        if (!value.IsNumber && !(value.Kind is ValueKind.Date or ValueKind.TimeSpan && dates)) throw context.Fail(Faults.NotANumber(Formatter.ToText(context, value)));
        var pattern = Formatter.ToText(context, format);
        var language = DateFunctions.CultureOf(context, culture);
        var digits = pattern.Length > 1 && int.TryParse(pattern.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
        if (pattern.Length > MaxFormat || digits > MaxFormat) throw context.Fail(Faults.Format(pattern[..Math.Min(20, pattern.Length)]));
        // A small integer is 32 bits wide to "X".
        var boxed = value.Kind == ValueKind.Integer && value.Integer is >= int.MinValue and <= int.MaxValue ? (int)value.Integer : Formatter.Box(value);
        try
        {
            return Value.From(((IFormattable)boxed!).ToString(pattern, value.IsNumber ? NumberFormat(language) : CultureInfo.InvariantCulture));
        }
        catch (FormatException)
        {
            throw context.Fail(Faults.Format(pattern));
        }
    }

    private static NumberFormatInfo NumberFormat(DateCulture culture)
    {
        if (culture.DecimalSeparator == ".") return NumberFormatInfo.InvariantInfo;
        return new NumberFormatInfo { NumberDecimalSeparator = culture.DecimalSeparator, NumberGroupSeparator = culture.GroupSeparator };
    }
}
