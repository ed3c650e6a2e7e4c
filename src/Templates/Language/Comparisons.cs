namespace Engagement.Templates.Language;

/// <summary>How values are compared: by the operators, by sorting, and where two must be the same.</summary>
internal static class Comparisons
{
    private const int MaxNesting = 20;

    /// <summary>What `==`, `&lt;` and their kin answer; values that cannot be compared are an error.</summary>
    public static bool Compare(RenderContext context, TokenKind kind, in Value left, in Value right, int site, int depth = 0)
    {
        if (left.Kind == ValueKind.Integer && right.Kind == ValueKind.Integer) return Holds(kind, left.Integer.CompareTo(right.Integer));
        context.Site = site;
        if (left.Kind == ValueKind.Text || right.Kind == ValueKind.Text) return CompareTexts(context, kind, left, right);
        if (left.IsNull || right.IsNull) return kind == (left.IsNull == right.IsNull ? TokenKind.Equal : TokenKind.NotEqual);
        if (left.IsEmptyObject || right.IsEmptyObject) return CompareEmpty(kind, left, right);
        if (left.Kind == ValueKind.List || right.Kind == ValueKind.List)
        {
            var comparable = left.Kind is ValueKind.List or ValueKind.Object && right.Kind is ValueKind.List or ValueKind.Object;
            if (!comparable) throw Incomparable(context, kind, left, right, site);
            return CompareLists(context, kind, Conversions.ToList(context, left), Conversions.ToList(context, right), site, depth);
        }
        if (left.IsNumber || right.IsNumber) return CompareNumbers(context, kind, left, right, site);
        if (left.Kind == ValueKind.Boolean || right.Kind == ValueKind.Boolean)
        {
            if (kind is not (TokenKind.Equal or TokenKind.NotEqual)) throw Incomparable(context, kind, left, right, site);
            return (left.IsTrue == right.IsTrue) == (kind == TokenKind.Equal);
        }
        if (kind is TokenKind.Equal or TokenKind.NotEqual) return AreSame(context, left, right) == (kind == TokenKind.Equal);
        if (OrderOfTimes(left, right) is { } order) return Holds(kind, order);
        throw Incomparable(context, kind, left, right, site);
    }

    private static TemplateException Incomparable(RenderContext context, TokenKind kind, in Value left, in Value right, int site) =>
        context.FailAt(site, Faults.Operator(Operators.Symbol(kind), Formatter.KindOf(left), Formatter.KindOf(right)));

    private static bool Holds(TokenKind kind, int order) => kind switch
    {
        TokenKind.Equal => order == 0,
        TokenKind.NotEqual => order != 0,
        TokenKind.Less => order < 0,
        TokenKind.LessEqual => order <= 0,
        TokenKind.Greater => order > 0,
        _ => order >= 0,
    };

    // Character by character; null comes before every text and equals none.
    private static bool CompareTexts(RenderContext context, TokenKind kind, in Value left, in Value right)
    {
        var first = left.IsNull || left.IsEmptyObject ? null : Formatter.ToText(context, left);
        var second = right.IsNull || right.IsEmptyObject ? null : Formatter.ToText(context, right);
        return Holds(kind, string.CompareOrdinal(first, second));
    }

    private static bool CompareEmpty(TokenKind kind, in Value left, in Value right)
    {
        var equal = Conversions.IsEmpty(left) && Conversions.IsEmpty(right);
        return kind is TokenKind.Equal or TokenKind.LessEqual or TokenKind.GreaterEqual ? equal : kind == TokenKind.NotEqual && !equal;
    }

    // The shorter list is the lesser; lists of one length compare item by item, and the answer must hold for each.
    private static bool CompareLists(RenderContext context, TokenKind kind, ListValue left, ListValue right, int site, int depth)
    {
        if (left.Count != right.Count) return Holds(kind, left.Count.CompareTo(right.Count));
        if (left.Count == 0) return Holds(kind, 0);
        if (depth > MaxNesting) throw context.FailAt(site, Faults.TooDeep(MaxNesting));
        for (var i = 0; i < left.Count; i++)
        {
            context.Step();
            if (!Compare(context, kind, left[i], right[i], site, depth + 1)) return false;
        }
        return true;
    }

    private static bool CompareNumbers(RenderContext context, TokenKind kind, in Value left, in Value right, int site)
    {
        var first = left.Kind == ValueKind.Boolean ? Value.From(left.IsTrue ? 1 : 0) : left;
        var second = right.Kind == ValueKind.Boolean ? Value.From(right.IsTrue ? 1 : 0) : right;
        if (!first.IsNumber || !second.IsNumber) throw Incomparable(context, kind, left, right, site);
        if (IsNaN(first) || IsNaN(second)) return kind == TokenKind.NotEqual;
        return Holds(kind, OrderNumbers(first, second));
    }

    private static bool IsNaN(in Value value) => value.Kind is ValueKind.Double or ValueKind.Float && double.IsNaN(value.Double);

    private static int OrderNumbers(in Value left, in Value right)
    {
        if (left.Kind is ValueKind.BigInteger or ValueKind.Integer && right.Kind is ValueKind.BigInteger or ValueKind.Integer)
            return left.Big.CompareTo(right.Big);
        if ((left.Kind == ValueKind.Decimal || right.Kind == ValueKind.Decimal)
            && Conversions.TryDecimal(left, out var money) && Conversions.TryDecimal(right, out var other))
            return money.CompareTo(other);
        return Conversions.AsDouble(left).CompareTo(Conversions.AsDouble(right));
    }

    private static int? OrderOfTimes(in Value left, in Value right) => (left.Kind, right.Kind) switch
    {
        (ValueKind.Date, ValueKind.Date) => left.Date.CompareTo(right.Date),
        (ValueKind.TimeSpan, ValueKind.TimeSpan) => left.Span.CompareTo(right.Span),
        _ => null,
    };

    /// <summary>Whether two values are one and the same, without conversions and without errors; lists by their items.</summary>
    public static bool AreSame(RenderContext context, in Value left, in Value right, int depth = 0)
    {
        if (left.IsNull || right.IsNull) return left.IsNull && right.IsNull;
        if (left.Kind != right.Kind) return false;
        return left.Kind switch
        {
            ValueKind.Text => left.Text == right.Text,
            ValueKind.Boolean => left.IsTrue == right.IsTrue,
            ValueKind.Date or ValueKind.TimeSpan => OrderOfTimes(left, right) == 0,
            ValueKind.Object => AreSameObjects(left.Object, right.Object),
            ValueKind.Function => ReferenceEquals(left.Function, right.Function),
            ValueKind.List => AreSameLists(context, left.List, right.List, depth),
            _ => OrderNumbers(left, right) == 0,
        };
    }

    // Each reading of `member` makes its own view of the row.
    private static bool AreSameObjects(ObjectValue left, ObjectValue right) =>
        ReferenceEquals(left, right) || (left is RowView first && right is RowView second && first.Row == second.Row && first.Node == second.Node);

    private static bool AreSameLists(RenderContext context, ListValue left, ListValue right, int depth)
    {
        if (ReferenceEquals(left, right)) return true;
        if (left.Count != right.Count || depth > MaxNesting) return false;
        for (var i = 0; i < left.Count; i++)
        {
            context.Step();
            if (!AreSame(context, left[i], right[i], depth + 1)) return false;
        }
        return true;
    }

    /// <summary>The order in which a list is sorted; values that have none stand by kind, so that sorting never fails.</summary>
    public static int Order(in Value left, in Value right)
    {
        if (left.IsNull || right.IsNull) return right.IsNull.CompareTo(left.IsNull);
        if (left.IsNumber && right.IsNumber) return OrderNumbers(left, right);
        if (left.Kind != right.Kind) return left.Kind.CompareTo(right.Kind);
        return left.Kind switch
        {
            ValueKind.Text => OrderWords(left.Text, right.Text),
            ValueKind.Boolean => left.IsTrue.CompareTo(right.IsTrue),
            _ => OrderOfTimes(left, right) ?? 0,
        };
    }

    // As a dictionary sorts: case matters only between words that are otherwise the same, small letters first.
    private static int OrderWords(string left, string right)
    {
        var order = string.Compare(left, right, StringComparison.OrdinalIgnoreCase);
        return order != 0 ? order : -string.CompareOrdinal(left, right);
    }
}
