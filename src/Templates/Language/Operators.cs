using System.Numerics;

namespace Engagement.Templates.Language;

/// <summary>What the operators do, and how values are compared.</summary>
internal static class Operators
{
    // Integers grow as needed, but not without end.
    private const int MaxBits = 16_384;

    public static string Symbol(TokenKind kind) => kind switch
    {
        TokenKind.Plus => "+", TokenKind.Minus => "-", TokenKind.Asterisk => "*", TokenKind.Slash => "/",
        TokenKind.DoubleSlash => "//", TokenKind.Percent => "%", TokenKind.ShiftLeft => "<<", TokenKind.ShiftRight => ">>",
        TokenKind.Equal => "==", TokenKind.NotEqual => "!=", TokenKind.Less => "<", TokenKind.LessEqual => "<=",
        TokenKind.Greater => ">", TokenKind.GreaterEqual => ">=", TokenKind.DoubleDot => "..", TokenKind.DoubleDotLess => "..<",
        _ => kind.ToString(),
    };

    public static Value Calculate(RenderContext context, TokenKind kind, in Value left, in Value right, int site)
    {
        if (left.Kind == ValueKind.Integer && right.Kind == ValueKind.Integer) return Integers(context, kind, left.Integer, right.Integer, site);
        context.Site = site;
        if (left.Kind == ValueKind.Text || right.Kind == ValueKind.Text) return Texts(context, kind, left, right, site);
        if (left.Kind == ValueKind.List || right.Kind == ValueKind.List) return Lists(context, kind, left, right, site);
        if (left.IsNull || right.IsNull) return Value.Null;
        if (left.IsNumber && right.IsNumber) return Numbers(context, kind, left, right, site);
        return Dates(context, kind, left, right, site);
    }

    private static Value Integers(RenderContext context, TokenKind kind, long left, long right, int site)
    {
        long result;
        switch (kind)
        {
            case TokenKind.Plus:
                result = unchecked(left + right);
                return ((left ^ result) & (right ^ result)) >= 0 ? Value.From(result) : Value.From((BigInteger)left + right);
            case TokenKind.Minus:
                result = unchecked(left - right);
                return ((left ^ right) & (left ^ result)) >= 0 ? Value.From(result) : Value.From((BigInteger)left - right);
            case TokenKind.Asterisk:
                var product = (Int128)left * right;
                return product == (long)product ? Value.From((long)product) : Value.From((BigInteger)left * right);
            case TokenKind.Slash:
                return Value.From((double)left / right);
            case TokenKind.DoubleSlash or TokenKind.Percent when right == 0:
                throw context.FailAt(site, Faults.DivideByZero);
            case TokenKind.DoubleSlash:
                return right == -1 ? Value.From(-(BigInteger)left) : Value.From(left / right);
            case TokenKind.Percent:
                return Value.From(right == -1 ? 0 : left % right);
            case TokenKind.DoubleDot or TokenKind.DoubleDotLess:
                return Range(context, left, right, kind == TokenKind.DoubleDot, site);
            default:
                return BigIntegers(context, kind, left, right, site);
        }
    }

    private static Value Range(RenderContext context, long first, long last, bool inclusive, int site)
    {
        var step = last >= first ? 1 : -1;
        var count = (last >= first ? (Int128)last - first : (Int128)first - last) + (inclusive ? 1 : 0);
        if (count > context.Limits.MaxItems) throw context.FailAt(site, Faults.TooManyItems(context.Limits.MaxItems));
        return Value.From(new RangeValue(first, (int)count, step));
    }

    private static Value BigIntegers(RenderContext context, TokenKind kind, BigInteger left, BigInteger right, int site)
    {
        if (kind is TokenKind.DoubleSlash or TokenKind.Percent && right.IsZero) throw context.FailAt(site, Faults.DivideByZero);
        var shift = kind is TokenKind.ShiftLeft or TokenKind.ShiftRight;
        if (shift && BigInteger.Abs(right) > MaxBits) throw context.FailAt(site, Faults.NumberTooLarge);
        var result = kind switch
        {
            TokenKind.Plus => left + right,
            TokenKind.Minus => left - right,
            TokenKind.Asterisk => left * right,
            TokenKind.DoubleSlash => left / right,
            TokenKind.Percent => left % right,
            TokenKind.ShiftLeft => left << (int)right,
            TokenKind.ShiftRight => left >> (int)right,
            _ => throw context.FailAt(site, Faults.Operator(Symbol(kind), "number", "number")),
        };
        if (result.GetBitLength() > MaxBits) throw context.FailAt(site, Faults.NumberTooLarge);
        return Value.From(result);
    }

    private static Value Numbers(RenderContext context, TokenKind kind, in Value left, in Value right, int site)
    {
        if (left.Kind is ValueKind.Integer or ValueKind.BigInteger && right.Kind is ValueKind.Integer or ValueKind.BigInteger && kind != TokenKind.Slash)
            return BigIntegers(context, kind, left.Big, right.Big, site);
        if (kind is TokenKind.DoubleDot or TokenKind.DoubleDotLess)
            return Range(context, Conversions.ToLong(context, left), Conversions.ToLong(context, right), kind == TokenKind.DoubleDot, site);
        if ((left.Kind == ValueKind.Decimal || right.Kind == ValueKind.Decimal)
            && Conversions.TryDecimal(left, out var money) && Conversions.TryDecimal(right, out var other))
            return Decimals(context, kind, money, other, site);
        var result = Doubles(context, kind, Conversions.AsDouble(left), Conversions.AsDouble(right), site);
        var single = left.Kind == ValueKind.Float && right.Kind is ValueKind.Float or ValueKind.Integer
            || right.Kind == ValueKind.Float && left.Kind == ValueKind.Integer;
        return single ? Value.FromSingle((float)result) : Value.From(result);
    }

    private static double Doubles(RenderContext context, TokenKind kind, double left, double right, int site) => kind switch
    {
        TokenKind.Plus => left + right,
        TokenKind.Minus => left - right,
        TokenKind.Asterisk => left * right,
        TokenKind.Slash => left / right,
        TokenKind.DoubleSlash => Math.Round(left / right),
        TokenKind.Percent => left % right,
        _ => throw context.FailAt(site, Faults.Operator(Symbol(kind), "number", "number")),
    };

    private static Value Decimals(RenderContext context, TokenKind kind, decimal left, decimal right, int site)
    {
        if (right == 0 && kind is TokenKind.Slash or TokenKind.DoubleSlash or TokenKind.Percent) throw context.FailAt(site, Faults.DivideByZero);
        try
        {
            return Value.From(kind switch
            {
                TokenKind.Plus => left + right,
                TokenKind.Minus => left - right,
                TokenKind.Asterisk => left * right,
                TokenKind.Slash => left / right,
                TokenKind.DoubleSlash => Math.Round(left / right),
                TokenKind.Percent => left % right,
                _ => throw context.FailAt(site, Faults.Operator(Symbol(kind), "decimal", "decimal")),
            });
        }
        catch (OverflowException)
        {
            throw context.FailAt(site, Faults.NumberTooLarge);
        }
    }

    private static Value Texts(RenderContext context, TokenKind kind, in Value left, in Value right, int site)
    {
        switch (kind)
        {
            case TokenKind.Plus:
                var first = Formatter.ToText(context, left);
                var second = Formatter.ToText(context, right);
                context.ChargeLength((long)first.Length + second.Length);
                return Value.From(string.Concat(first, second));
            case TokenKind.Asterisk:
                var (text, times) = left.Kind == ValueKind.Text ? (left, right) : (right, left);
                if (times.Kind != ValueKind.Integer) throw context.FailAt(site, Faults.RepeatNeedsInteger);
                if (times.Integer <= 0 || text.Text.Length == 0) return Value.EmptyText;
                if (times.Integer > context.Limits.MaxOutput) throw context.FailAt(site, Faults.TooLong(context.Limits.MaxOutput));
                context.ChargeLength(text.Text.Length * times.Integer);
                return Value.From(string.Concat(Enumerable.Repeat(text.Text, (int)times.Integer)));
            case TokenKind.ShiftLeft or TokenKind.ShiftRight when left.Kind == ValueKind.List || right.Kind == ValueKind.List:
                return Lists(context, kind, left, right, site);
            default:
                throw context.FailAt(site, Faults.Operator(Symbol(kind), Formatter.KindOf(left), Formatter.KindOf(right)));
        }
    }

    private static Value Lists(RenderContext context, TokenKind kind, in Value left, in Value right, int site)
    {
        switch (kind)
        {
            case TokenKind.Plus when left.Kind == ValueKind.List && right.Kind == ValueKind.List:
                context.ChargeItems((long)left.List.Count + right.List.Count);
                return Value.From(new ArrayValue(Conversions.Items(left.List).Concat(Conversions.Items(right.List))));
            case TokenKind.Plus when left.IsNull || right.IsNull:
                return left.IsNull ? right : left;
            case TokenKind.ShiftLeft when left.Kind == ValueKind.List:
                context.ChargeItems(left.List.Count + 1L);
                return Value.From(new ArrayValue(Conversions.Items(left.List).Append(right)));
            case TokenKind.ShiftRight when right.Kind == ValueKind.List:
                context.ChargeItems(right.List.Count + 1L);
                return Value.From(new ArrayValue(Conversions.Items(right.List).Prepend(left)));
            case TokenKind.Asterisk when left.Kind == ValueKind.List && right.Kind == ValueKind.Integer:
                var (list, times) = (left.List, Math.Max(0, right.Integer));
                if (times > context.Limits.MaxItems) throw context.FailAt(site, Faults.TooManyItems(context.Limits.MaxItems));
                context.ChargeItems(list.Count * times);
                return Value.From(new ArrayValue(Enumerable.Repeat(list, (int)times).SelectMany(Conversions.Items)));
            default:
                throw context.FailAt(site, Faults.Operator(Symbol(kind), Formatter.KindOf(left), Formatter.KindOf(right)));
        }
    }

    private static Value Dates(RenderContext context, TokenKind kind, in Value left, in Value right, int site)
    {
        try
        {
            return (left.Kind, kind, right.Kind) switch
            {
                (ValueKind.Date, TokenKind.Minus, ValueKind.Date) => Value.From(left.Date - right.Date),
                (ValueKind.Date, TokenKind.Plus, ValueKind.TimeSpan) => Value.From(left.Date + right.Span),
                (ValueKind.Date, TokenKind.Minus, ValueKind.TimeSpan) => Value.From(left.Date - right.Span),
                (ValueKind.TimeSpan, TokenKind.Plus, ValueKind.Date) => Value.From(right.Date + left.Span),
                (ValueKind.TimeSpan, TokenKind.Plus, ValueKind.TimeSpan) => Value.From(left.Span + right.Span),
                (ValueKind.TimeSpan, TokenKind.Minus, ValueKind.TimeSpan) => Value.From(left.Span - right.Span),
                _ => throw context.FailAt(site, Faults.Operator(Symbol(kind), Formatter.KindOf(left), Formatter.KindOf(right))),
            };
        }
        catch (Exception failure) when (failure is OverflowException or ArgumentOutOfRangeException)
        {
            throw context.FailAt(site, Faults.DateOutOfRange);
        }
    }

    public static bool Compare(RenderContext context, TokenKind kind, in Value left, in Value right, int site)
    {
        if (kind is TokenKind.Equal or TokenKind.NotEqual) return AreEqual(context, left, right) == (kind == TokenKind.Equal);
        if (left.IsNull || right.IsNull) return false;
        if (left.IsNumber && right.IsNumber && (IsNaN(left) || IsNaN(right))) return false;
        if (Order(context, left, right) is not { } order)
            throw context.FailAt(site, Faults.Operator(Symbol(kind), Formatter.KindOf(left), Formatter.KindOf(right)));
        return kind switch
        {
            TokenKind.Less => order < 0,
            TokenKind.LessEqual => order <= 0,
            TokenKind.Greater => order > 0,
            _ => order >= 0,
        };
    }

    private static bool IsNaN(in Value value) => value.Kind is ValueKind.Double or ValueKind.Float && double.IsNaN(value.Double);

    public static bool AreEqual(RenderContext context, in Value left, in Value right, int depth = 0)
    {
        if (left.IsNull || right.IsNull) return left.IsNull && right.IsNull;
        if (left.Kind == ValueKind.Object || right.Kind == ValueKind.Object) return AreEqualObjects(left, right);
        if (left.Kind == ValueKind.List && right.Kind == ValueKind.List) return AreEqualLists(context, left.List, right.List, depth);
        if (left.Kind == ValueKind.Function || right.Kind == ValueKind.Function)
            return left.Kind == right.Kind && ReferenceEquals(left.Function, right.Function);
        if (left.Kind == ValueKind.List || right.Kind == ValueKind.List) return false;
        if (left.Kind == ValueKind.Text && right.Kind == ValueKind.Text) return left.Text == right.Text;
        return Order(context, left, right) == 0;
    }

    private static bool AreEqualObjects(in Value left, in Value right)
    {
        if (left.Kind == ValueKind.Object && left.Object is EmptyObject) return Conversions.IsEmpty(right);
        if (right.Kind == ValueKind.Object && right.Object is EmptyObject) return Conversions.IsEmpty(left);
        return left.Kind == right.Kind && ReferenceEquals(left.Object, right.Object);
    }

    private static bool AreEqualLists(RenderContext context, ListValue left, ListValue right, int depth)
    {
        if (ReferenceEquals(left, right)) return true;
        if (left.Count != right.Count || depth > 20) return false;
        for (var i = 0; i < left.Count; i++)
        {
            context.Step();
            if (!AreEqual(context, left[i], right[i], depth + 1)) return false;
        }
        return true;
    }

    /// <summary>The order of two values that have one; null when they have none.</summary>
    public static int? Order(RenderContext context, in Value left, in Value right)
    {
        if (left.Kind == ValueKind.Integer && right.Kind == ValueKind.Integer) return left.Integer.CompareTo(right.Integer);
        if (left.Kind == ValueKind.Text || right.Kind == ValueKind.Text)
            return OrderTexts(Formatter.ToText(context, left), Formatter.ToText(context, right));
        if (left.IsNumber && right.IsNumber) return OrderNumbers(left, right);
        return (left.Kind, right.Kind) switch
        {
            (ValueKind.Date, ValueKind.Date) => left.Date.CompareTo(right.Date),
            (ValueKind.TimeSpan, ValueKind.TimeSpan) => left.Span.CompareTo(right.Span),
            (ValueKind.Boolean, ValueKind.Boolean) => left.IsTrue.CompareTo(right.IsTrue),
            _ => null,
        };
    }

    private static int OrderNumbers(in Value left, in Value right)
    {
        if (left.Kind is ValueKind.BigInteger or ValueKind.Integer && right.Kind is ValueKind.BigInteger or ValueKind.Integer)
            return left.Big.CompareTo(right.Big);
        if ((left.Kind == ValueKind.Decimal || right.Kind == ValueKind.Decimal)
            && Conversions.TryDecimal(left, out var money) && Conversions.TryDecimal(right, out var other))
            return money.CompareTo(other);
        return Conversions.AsDouble(left).CompareTo(Conversions.AsDouble(right));
    }

    // As a dictionary sorts: case matters only between words that are otherwise the same, small letters first.
    private static int OrderTexts(string left, string right)
    {
        var order = string.Compare(left, right, StringComparison.OrdinalIgnoreCase);
        return order != 0 ? order : -string.CompareOrdinal(left, right);
    }
}
