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
        if (left.IsNull || right.IsNull) return Value.Null;
        if ((left.IsEmptyObject || right.IsEmptyObject) && kind is not (TokenKind.ShiftLeft or TokenKind.ShiftRight)) return left.IsEmptyObject ? left : right;
        if (left.Kind == ValueKind.List || right.Kind == ValueKind.List) return Lists(context, kind, left, right, site);
        if (left.IsNumber || right.IsNumber) return Numbers(context, kind, Counted(left), Counted(right), site);
        return Dates(context, kind, left, right, site);
    }

    // Beside a number, a truth value is 0 or 1.
    private static Value Counted(in Value value) => value.Kind == ValueKind.Boolean ? Value.From(value.IsTrue ? 1 : 0) : value;

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
        if (!left.IsNumber || !right.IsNumber) throw context.FailAt(site, Faults.Operator(Symbol(kind), Formatter.KindOf(left), Formatter.KindOf(right)));
        if (left.Kind == ValueKind.Integer && right.Kind == ValueKind.Integer) return Integers(context, kind, left.Integer, right.Integer, site);
        if (left.Kind is ValueKind.Integer or ValueKind.BigInteger && right.Kind is ValueKind.Integer or ValueKind.BigInteger && kind != TokenKind.Slash)
            return BigIntegers(context, kind, left.Big, right.Big, site);
        if (kind is TokenKind.DoubleDot or TokenKind.DoubleDotLess)
            return Range(context, Conversions.ToLong(context, left), Conversions.ToLong(context, right), kind == TokenKind.DoubleDot, site);
        if ((left.Kind == ValueKind.Decimal || right.Kind == ValueKind.Decimal)
            && Conversions.TryDecimal(left, out var money) && Conversions.TryDecimal(right, out var other))
            return Decimals(context, kind, money, other, site);
        var result = Doubles(context, kind, Conversions.AsDouble(left), Conversions.AsDouble(right), site);
        var single = (left.Kind == ValueKind.Float || right.Kind == ValueKind.Float) && left.Kind != ValueKind.Double && right.Kind != ValueKind.Double;
        if (!single) return Value.From(result);
        // Of single precision, `//` cuts off where the other kinds round; adding 0 takes the sign of a zero away.
        return Value.FromSingle(kind == TokenKind.DoubleSlash ? (float)Math.Truncate(Conversions.AsDouble(left) / Conversions.AsDouble(right)) + 0 : (float)result);
    }

    private static double Doubles(RenderContext context, TokenKind kind, double left, double right, int site) => kind switch
    {
        TokenKind.Plus => left + right,
        TokenKind.Minus => left - right,
        TokenKind.Asterisk => left * right,
        TokenKind.Slash => left / right,
        TokenKind.DoubleSlash => Math.Round(left / right),
        TokenKind.Percent => left % right,
        TokenKind.ShiftLeft => left * Math.Pow(2, right),
        TokenKind.ShiftRight => left / Math.Pow(2, right),
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
                TokenKind.ShiftLeft => left * (decimal)Math.Pow(2, (double)right),
                TokenKind.ShiftRight => left / (decimal)Math.Pow(2, (double)right),
                _ => throw context.FailAt(site, Faults.Operator(Symbol(kind), "decimal", "decimal")),
            });
        }
        catch (Exception failure) when (failure is OverflowException or DivideByZeroException)
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
                var (text, count) = right.Kind == ValueKind.Text ? (right.Text, left) : (left.Text, right);
                var times = Times(context, count, site);
                if (times <= 0 || text.Length == 0) return Value.EmptyText;
                if (times > context.Limits.MaxOutput) throw context.FailAt(site, Faults.TooLong(context.Limits.MaxOutput));
                context.ChargeLength(text.Length * times);
                return Value.From(string.Concat(Enumerable.Repeat(text, (int)times)));
            case TokenKind.ShiftLeft or TokenKind.ShiftRight when left.Kind == ValueKind.List || right.Kind == ValueKind.List:
                return Lists(context, kind, left, right, site);
            default:
                throw context.FailAt(site, Faults.Operator(Symbol(kind), Formatter.KindOf(left), Formatter.KindOf(right)));
        }
    }

    // How often a text is repeated; two texts are the commonest mistake, and a text of digits counts as its number.
    private static long Times(RenderContext context, in Value count, int site)
    {
        if (count.IsEmptyObject || count.Kind is ValueKind.List or ValueKind.Object or ValueKind.Function or ValueKind.Date or ValueKind.TimeSpan
            || (count.Kind == ValueKind.Text && !long.TryParse(count.Text, out _)))
            throw context.FailAt(site, Faults.RepeatNeedsInteger);
        return Conversions.ToLong(context, count);
    }

    private static Value Lists(RenderContext context, TokenKind kind, in Value left, in Value right, int site)
    {
        switch (kind)
        {
            case TokenKind.Plus when left.Kind is ValueKind.List or ValueKind.Object && right.Kind is ValueKind.List or ValueKind.Object:
                var (first, second) = (Conversions.ToList(context, left), Conversions.ToList(context, right));
                context.ChargeItems((long)first.Count + second.Count);
                return Value.From(new ArrayValue(Conversions.Items(first).Concat(Conversions.Items(second))));
            case TokenKind.ShiftLeft when left.Kind == ValueKind.List:
                context.ChargeItems(left.List.Count + 1L);
                return Value.From(new ArrayValue(Conversions.Items(left.List).Append(right)));
            case TokenKind.ShiftRight when right.Kind == ValueKind.List:
                context.ChargeItems(right.List.Count + 1L);
                return Value.From(new ArrayValue(Conversions.Items(right.List).Prepend(left)));
            case TokenKind.Asterisk when left.Kind != right.Kind:
                return Repeated(context, left.Kind == ValueKind.List ? left.List : right.List, left.Kind == ValueKind.List ? right : left, site);
            case TokenKind.Slash or TokenKind.DoubleSlash or TokenKind.Percent when left.Kind == ValueKind.List && right.Kind != ValueKind.List:
                return Divided(context, left.List, right, every: kind == TokenKind.Percent, site);
            default:
                throw context.FailAt(site, Faults.Operator(Symbol(kind), Formatter.KindOf(left), Formatter.KindOf(right)));
        }
    }

    private static Value Repeated(RenderContext context, ListValue list, in Value count, int site)
    {
        var times = Conversions.ToLong(context, count);
        if (times < 0) throw context.FailAt(site, Faults.BadArgument);
        if (times > context.Limits.MaxItems) throw context.FailAt(site, Faults.TooManyItems(context.Limits.MaxItems));
        context.ChargeItems(list.Count * times);
        return Value.From(new ArrayValue(Enumerable.Repeat(list, (int)times).SelectMany(Conversions.Items)));
    }

    // `list / 2` is its first half, `list % 2` every second of its items.
    private static Value Divided(RenderContext context, ListValue list, in Value by, bool every, int site)
    {
        var divisor = Conversions.ToLong(context, by);
        if (divisor == 0) throw context.FailAt(site, Faults.DivideByZero);
        if (divisor < 0) throw context.FailAt(site, Faults.BadArgument);
        context.ChargeItems(list.Count);
        var items = Conversions.Items(list);
        return Value.From(new ArrayValue(every ? items.Where((_, place) => place % divisor == 0) : items.Take((int)(list.Count / divisor))));
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
}
