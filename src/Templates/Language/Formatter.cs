using System.Globalization;
using System.Text;

namespace Engagement.Templates.Language;

/// <summary>How values are written: plainly at the top, as literals inside lists and objects.</summary>
internal static class Formatter
{
    private const int MaxNesting = 20;

    private const string FunctionText = "<function>";

    public static void Write(RenderContext context, in Value value)
    {
        if (value.Kind == ValueKind.Text) context.Output.Append(value.Text);
        else WriteOther(context, value);
    }

    private static void WriteOther(RenderContext context, in Value value)
    {
        var output = context.Output;
        switch (value.Kind)
        {
            case ValueKind.Null or ValueKind.Missing or ValueKind.Text: break;
            case ValueKind.Integer: output.Append(value.Integer); break;
            case ValueKind.Double: output.Append(value.Double); break;
            case ValueKind.Float: output.Append(value.Single); break;
            case ValueKind.Decimal: output.Append(value.Decimal); break;
            case ValueKind.BigInteger: output.Append(value.Big); break;
            case ValueKind.Boolean: output.Append(value.IsTrue ? "true" : "false"); break;
            case ValueKind.Date: DateFormatter.Write(output, value.Date, context.DateFormat, DateCulture.Invariant); break;
            case ValueKind.TimeSpan: output.Append(value.Span); break;
            case ValueKind.Function: output.Append(FunctionText); break;
            case ValueKind.Object when value.IsEmptyObject: break;
            case ValueKind.List or ValueKind.Object: WriteNested(context, value, 0); break;
        }
    }

    private static void WriteNested(RenderContext context, in Value value, int depth)
    {
        var output = context.Output;
        context.Step();
        if (depth >= MaxNesting) throw context.Fail(Faults.HoldsItself);
        switch (value.Kind)
        {
            case ValueKind.Null or ValueKind.Missing: output.Append("null"); break;
            case ValueKind.Object when value.IsEmptyObject: output.Append("null"); break;
            case ValueKind.Text: output.Append(Quote(value.Text)); break;
            case ValueKind.List:
                output.Append('[');
                for (var i = 0; i < value.List.Count; i++)
                {
                    if (i > 0) output.Append(", ");
                    WriteNested(context, value.List[i], depth + 1);
                }
                output.Append(']');
                break;
            case ValueKind.Object:
                output.Append('{');
                var first = true;
                foreach (var (name, member) in value.Object.Members)
                {
                    if (!first) output.Append(", ");
                    first = false;
                    output.Append(IsPlainName(name) ? name : Quote(name));
                    output.Append(": ");
                    WriteNested(context, member, depth + 1);
                }
                output.Append('}');
                break;
            default: Write(context, value); break;
        }
    }

    private static bool IsPlainName(string name) =>
        name.Length > 0 && !char.IsDigit(name[0]) && name.All(character => char.IsLetterOrDigit(character) || character == '_');

    /// <summary>A value as a text; the same characters that <see cref="Write"/> puts out.</summary>
    public static string ToText(RenderContext context, in Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Null or ValueKind.Missing: return "";
            case ValueKind.Text: return value.Text;
            case ValueKind.Boolean: return value.IsTrue ? "true" : "false";
            default:
                var start = context.Output.Length;
                Write(context, value);
                return context.Output.TakeFrom(start);
        }
    }

    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        Escape(text, quoted);
        return quoted.Append('"').ToString();
    }

    public static string Escape(string text) => Escape(text, new StringBuilder(text.Length + 8)).ToString();

    private static StringBuilder Escape(string text, StringBuilder target)
    {
        foreach (var character in text)
        {
            var escaped = character switch
            {
                '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", '\b' => "\\b", '\f' => "\\f", '\0' => "\\0",
                _ => null,
            };
            if (escaped is not null) target.Append(escaped);
            else if (char.IsControl(character)) target.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else target.Append(character);
        }
        return target;
    }

    /// <summary>The name of a value's kind in error messages, and what `object.kind` answers.</summary>
    public static string KindOf(in Value value) => value.Kind switch
    {
        ValueKind.Null or ValueKind.Missing => "null",
        ValueKind.Boolean => "bool",
        ValueKind.Integer => value.Integer is >= int.MinValue and <= int.MaxValue ? "int" : "long",
        ValueKind.Float => "float",
        ValueKind.Double => "double",
        ValueKind.Decimal => "decimal",
        ValueKind.BigInteger => "bigint",
        ValueKind.Text => "string",
        ValueKind.Date => "DateTime",
        ValueKind.TimeSpan => "TimeSpan",
        ValueKind.List => value.List.IsRange ? "range" : "array",
        ValueKind.Object => "object",
        ValueKind.Function => "function",
    };

    /// <summary>A value for readers outside the engine.</summary>
    public static object? Box(in Value value) => value.Kind switch
    {
        ValueKind.Null or ValueKind.Missing => null,
        ValueKind.Boolean => value.IsTrue,
        ValueKind.Integer => value.Integer,
        ValueKind.Float => value.Single,
        ValueKind.Double => value.Double,
        ValueKind.Decimal => value.Decimal,
        ValueKind.BigInteger => value.Big,
        ValueKind.Text => value.Text,
        ValueKind.Date => value.Date,
        ValueKind.TimeSpan => value.Span,
        ValueKind.List when value.List is RenderList.Adapter rows => rows.Rows,
        ValueKind.List => Enumerable.Range(0, value.List.Count).Select(BoxItem(value.List)).ToArray(),
        ValueKind.Object => value.Object.Members.ToDictionary(member => member.Key, member => Box(member.Value)),
        ValueKind.Function => value.Function.Name,
    };

    private static Func<int, object?> BoxItem(ListValue list) => index => Box(list[index]);
}
