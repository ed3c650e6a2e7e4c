using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Engagement.Templates.Language;

internal static class ObjectFunctions
{
    private static readonly JsonWriterOptions JsonOptions = new() { MaxDepth = 64 };

    public static readonly BuiltinGroup Group = new BuiltinGroup("object")
        .Add("default", "value default", static (_, a) => a[0].IsNull || (a[0].Kind == ValueKind.Text && a[0].Text.Length == 0) ? a[1] : a[0])
        .Add("eval", "value", static (c, a) => Evaluate(c, a[0], codeOnly: true))
        .Add("eval_template", "value", static (c, a) => Evaluate(c, a[0], codeOnly: false))
        .Add("format", "value format culture?", static (c, a) => a[0].Kind == ValueKind.Object ? Value.From(Formatter.ToText(c, a[0])) : MathFunctions.Format(c, a[0], a[1], a[2], dates: true))
        .Add("from_json", "json", FromJson)
        .Add("has_key", "value key", static (c, a) => Value.From(TryMember(c, a, out _)))
        .Add("has_value", "value key", static (c, a) => Value.From(TryMember(c, a, out var value) && !value.IsNull))
        .Add("keys", "value", static (_, a) => Value.From(new ArrayValue(MembersOf(a[0]).Select(member => Value.From(member.Key)))))
        .Add("kind", "value", static (_, a) => a[0].IsNull ? Value.Null : Value.From(Formatter.KindOf(a[0])))
        .Add("size", "value", static (_, a) => Value.From(Size(a[0])))
        .Add("to_json", "value", ToJson)
        .Add("typeof", "value", static (_, a) => Value.From(TypeOf(a[0])))
        .Add("values", "value", static (_, a) => Value.From(new ArrayValue(MembersOf(a[0]).Select(member => member.Value))));

    private static IEnumerable<KeyValuePair<string, Value>> MembersOf(in Value value) => value.Kind switch
    {
        ValueKind.Object => value.Object.Members,
        ValueKind.List => value.List.Members?.Members ?? [],
        _ => [],
    };

    private static bool TryMember(RenderContext context, ReadOnlySpan<Value> arguments, out Value value)
    {
        value = Value.Null;
        if (arguments[0].IsNull || arguments[1].IsNull) return false;
        var key = Formatter.ToText(context, arguments[1]);
        return arguments[0].Kind switch
        {
            ValueKind.Object => arguments[0].Object.TryGet(key, out value),
            ValueKind.List => arguments[0].List.Members is { } members && members.TryGet(key, out value),
            _ => throw context.Fail(Faults.NotAnObject(Formatter.KindOf(arguments[0]))),
        };
    }

    private static long Size(in Value value) => value.Kind switch
    {
        ValueKind.Text => value.Text.Length,
        ValueKind.List => value.List.Count,
        ValueKind.Object => value.Object.Count,
        _ => 0,
    };

    private static string? TypeOf(in Value value) => value.Kind switch
    {
        ValueKind.Null or ValueKind.Missing => null,
        ValueKind.Boolean => "boolean",
        ValueKind.Text => "string",
        ValueKind.List => value.List.IsRange ? "iterator" : "array",
        _ => value.IsNumber ? "number" : "object",
    };

    private static Value FromJson(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        if (arguments[0].IsNull) return Value.Null;
        var text = Formatter.ToText(context, arguments[0]);
        context.ChargeLength(text.Length);
        context.Step(text.Length / 16);
        try
        {
            using var document = JsonDocument.Parse(text);
            return JsonValues.Read(document.RootElement);
        }
        // Half of a surrogate pair cannot be encoded, and so is no JSON either.
        catch (Exception failure) when (failure is JsonException or ArgumentException or InvalidOperationException)
        {
            throw context.Fail(Faults.Json);
        }
    }

    private static Value ToJson(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            using (var writer = new Utf8JsonWriter(buffer, JsonOptions)) JsonValues.Write(context, writer, arguments[0]);
        }
        // Deeper than JSON may nest, as an object that holds itself is.
        catch (InvalidOperationException)
        {
            throw context.Fail(Faults.TooDeep(JsonOptions.MaxDepth));
        }
        return Value.From(context.ChargeText(Encoding.UTF8.GetString(buffer.WrittenSpan)));
    }

    private static Value Evaluate(RenderContext context, in Value value, bool codeOnly)
    {
        var site = context.Site;
        if (value.Kind == ValueKind.Function) return value.Function.Invoke(context, [], null, site);
        if (value.Kind != ValueKind.Text) return value;

        context.ChargeLength(value.Text.Length);
        // Compiling costs, so a loop that evaluates pays for it.
        context.Step(10 + value.Text.Length);
        var source = new SourceText(context.Unit.Source.Name + (codeOnly ? " (eval)" : " (eval_template)"), value.Text);
        var unit = Compiler.Compile(source, context.Row.Schema, context.Limits, byName: true, codeOnly);
        return Inclusion.Run(context, unit, new ArrayValue(), site, lastValue: codeOnly);
    }
}
