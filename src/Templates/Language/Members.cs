namespace Engagement.Templates.Language;

/// <summary>Reading and setting what stands after a dot or in square brackets.</summary>
internal static class Members
{
    public static Value Get(RenderContext context, in Value target, MemberExpression syntax)
    {
        switch (target.Kind)
        {
            case ValueKind.Object:
                if (target.Object.TryGet(syntax.Name, out var value)) return value;
                break;
            case ValueKind.List:
                if (target.List.Members is { } members && members.TryGet(syntax.Name, out value)) return value;
                if (syntax.Name == "size") return Value.From(target.List.Count);
                break;
            case ValueKind.Text:
                if (syntax.Name == "size") return Value.From(target.Text.Length);
                break;
            case ValueKind.Date: return OfDate(target.Date, syntax.Name);
            case ValueKind.TimeSpan: return OfSpan(target.Span, syntax.Name);
            case ValueKind.Null or ValueKind.Missing:
                if (syntax.Optional || syntax.Name == "empty?") break;
                throw context.FailAt(syntax.NameStart, Faults.MemberOfNull(Path(syntax)));
        }
        return syntax.Name == "empty?" ? Value.From(Conversions.IsEmpty(target)) : Value.Null;
    }

    /// <summary>A member by name where no dot was written (`array.sort "name"`); null when there is none.</summary>
    public static Value GetPlain(in Value target, string name) => TryGetPlain(target, name, out var value) ? value : Value.Null;

    /// <summary>A member by name where no dot was written (`array.map "name"`); false when there is none.</summary>
    public static bool TryGetPlain(in Value target, string name, out Value value)
    {
        value = Value.Null;
        switch (target.Kind)
        {
            case ValueKind.Object: return target.Object.TryGet(name, out value);
            case ValueKind.List when name == "size":
                value = Value.From(target.List.Count);
                return true;
            case ValueKind.Text when name == "size":
                value = Value.From(target.Text.Length);
                return true;
            case ValueKind.Date:
                value = OfDate(target.Date, name);
                return true;
            default: return false;
        }
    }

    public static void Set(RenderContext context, in Value target, string name, in Value value, int site)
    {
        switch (target.Kind)
        {
            case ValueKind.Object:
                if (target.Object.TrySet(name, value)) return;
                throw context.FailAt(site, Faults.ReadOnly(name));
            case ValueKind.List when target.List is ArrayValue array:
                array.MembersForWriting.TrySet(name, value);
                return;
            case ValueKind.Null or ValueKind.Missing:
                throw context.FailAt(site, Faults.MemberOfNull(name));
            default:
                throw context.FailAt(site, Faults.NotAnObject(Formatter.KindOf(target)));
        }
    }

    public static Value GetIndex(RenderContext context, in Value target, in Value index, IndexExpression syntax)
    {
        if (target.IsNull)
            return syntax.Target is MemberExpression { Optional: true } ? Value.Null : throw context.FailAt(syntax.Start, Faults.IndexOfNull(Path(syntax.Target)));
        if (index.IsNull) throw context.FailAt(syntax.Index.Start, Faults.NullIndex);
        switch (target.Kind)
        {
            case ValueKind.Object:
                return target.Object.TryGet(Formatter.ToText(context, index), out var value) ? value : Value.Null;
            case ValueKind.List when index.Kind == ValueKind.Text:
                if (target.List.Members is { } members && members.TryGet(index.Text, out value)) return value;
                return index.Text == "size" ? Value.From(target.List.Count) : Value.Null;
            case ValueKind.List:
                var list = target.List;
                return TryPlace(context, index, list.Count, syntax, out var place) ? list[place] : Value.Null;
            case ValueKind.Text:
                return TryPlace(context, index, target.Text.Length, syntax, out place)
                    ? Value.From(target.Text[place].ToString()) : Value.Null;
            default:
                throw context.FailAt(syntax.Start, Faults.NotAList(Formatter.KindOf(target)));
        }
    }

    public static void SetIndex(RenderContext context, in Value target, in Value index, in Value value, IndexExpression syntax)
    {
        if (target.IsNull) throw context.FailAt(syntax.Start, Faults.IndexOfNull(Path(syntax.Target)));
        if (index.IsNull) throw context.FailAt(syntax.Index.Start, Faults.NullIndex);
        switch (target.Kind)
        {
            case ValueKind.Object:
                var name = Formatter.ToText(context, index);
                if (!target.Object.TrySet(name, value)) throw context.FailAt(syntax.Index.Start, Faults.ReadOnly(name));
                return;
            case ValueKind.List when target.List is ArrayValue array && index.Kind == ValueKind.Text:
                array.MembersForWriting.TrySet(index.Text, value);
                return;
            case ValueKind.List when target.List is ArrayValue array:
                context.Site = syntax.Start;
                var place = Conversions.ToLong(context, index);
                if (place < 0) place += array.Count;
                if (place < 0) throw context.FailAt(syntax.Index.Start, Faults.BadArgument);
                context.ChargeItems(place);
                array.Set((int)place, value);
                return;
            default:
                throw context.FailAt(syntax.Start, Faults.NotAList(Formatter.KindOf(target)));
        }
    }

    // Negative places count from the end: `$[-1]` is the last argument.
    private static bool TryPlace(RenderContext context, in Value index, int count, IndexExpression syntax, out int place)
    {
        context.Site = syntax.Index.Start;
        var number = Conversions.ToLong(context, index);
        if (number < 0) number += count;
        place = number >= 0 && number < count ? (int)number : -1;
        return place >= 0;
    }

    private static Value OfDate(DateTimeOffset date, string name) => name switch
    {
        "year" => Value.From(date.Year),
        "month" => Value.From(date.Month),
        "day" => Value.From(date.Day),
        "day_of_year" => Value.From(date.DayOfYear),
        "day_of_week" => Value.From((int)date.DayOfWeek),
        "hour" => Value.From(date.Hour),
        "minute" => Value.From(date.Minute),
        "second" => Value.From(date.Second),
        "millisecond" => Value.From(date.Millisecond),
        _ => Value.Null,
    };

    private static Value OfSpan(TimeSpan span, string name) => name switch
    {
        "days" => Value.From(span.Days),
        "hours" => Value.From(span.Hours),
        "minutes" => Value.From(span.Minutes),
        "seconds" => Value.From(span.Seconds),
        "milliseconds" => Value.From(span.Milliseconds),
        "total_days" => Value.From(span.TotalDays),
        "total_hours" => Value.From(span.TotalHours),
        "total_minutes" => Value.From(span.TotalMinutes),
        "total_seconds" => Value.From(span.TotalSeconds),
        "total_milliseconds" => Value.From(span.TotalMilliseconds),
        _ => Value.Null,
    };

    /// <summary>How a path reads in an error message.</summary>
    public static string Path(Expression expression) => expression switch
    {
        NameExpression name => name.Name,
        MemberExpression member => $"{Path(member.Target)}{(member.Optional ? "?." : ".")}{member.Name}",
        IndexExpression index => $"{Path(index.Target)}[…]",
        NestedExpression nested => $"({Path(nested.Inner)})",
        LiteralExpression { Value.IsNull: true } => "null",
        _ => "…",
    };
}
