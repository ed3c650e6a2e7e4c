namespace Engagement.Templates.Language;

/// <summary>Running one template inside another: `include`, `include_join` and evaluated texts.</summary>
internal static class Inclusion
{
    // "tpl:name" among the separators of include_join names a template.
    private const string TemplateMark = "tpl:";

    public static readonly FunctionValue Include = new IncludeFunction();

    public static readonly BuiltinFunction IncludeJoin = new("include_join", "names separator begin? end?", static (context, arguments) =>
    {
        var site = context.Site;
        var (start, names) = (context.Output.Length, Conversions.ToList(context, arguments[0]));
        for (var i = 0; i < names.Count; i++)
        {
            if (i > 0) context.Output.Append(Part(context, arguments[1], arguments, site));
            context.Output.Append(Part(context, Value.From(TemplateMark + Formatter.ToText(context, names[i])), arguments, site));
        }
        var joined = context.Output.TakeFrom(start);
        if (joined.Length == 0) return Value.EmptyText;
        var result = string.Concat(Part(context, arguments[2], arguments, site), joined, Part(context, arguments[3], arguments, site));
        return Value.From(context.ChargeText(result));
    });

    // An included template finds the name it was called by as `$0`, then its arguments.
    private sealed class IncludeFunction : FunctionValue
    {
        public override string Name => "include";

        public override Value Invoke(RenderContext context, ReadOnlySpan<Value> arguments, MapValue? named, int site)
        {
            context.Site = site;
            if (arguments.Length == 0) throw context.Fail(Faults.ArgumentCount(Name, 0, 1));
            var unit = context.Engine.Included(context, Formatter.ToText(context, arguments[0]));
            var list = new ArrayValue(arguments);
            foreach (var (name, value) in named?.Members ?? []) list.MembersForWriting.TrySet(name, value);
            return Run(context, unit, list, site, lastValue: false);
        }
    }

    private static string Part(RenderContext context, in Value part, ReadOnlySpan<Value> arguments, int site)
    {
        var text = Formatter.ToText(context, part);
        if (!text.StartsWith(TemplateMark, StringComparison.Ordinal)) return text;
        context.Site = site;
        return Run(context, context.Engine.Included(context, text[TemplateMark.Length..]), new ArrayValue(arguments), site, lastValue: false).Text;
    }

    /// <summary>Runs a unit in its own page; its output is the result, unless <paramref name="lastValue"/> asks for its value.</summary>
    public static Value Run(RenderContext context, CompiledUnit unit, ArrayValue arguments, int site, bool lastValue)
    {
        context.EnterCall(site);
        var (frame, caller, start) = (context.Frame, context.Unit, context.Output.Length);
        context.Frame = new LocalFrame(unit.Locals, arguments);
        context.Unit = unit;
        Value result;
        if (lastValue && unit.Single is { } expression)
        {
            result = expression(context);
        }
        else
        {
            unit.Body(context);
            context.WriteReturnValue();
            result = Value.From(context.Output.TakeFrom(start));
        }
        (context.Frame, context.Unit) = (frame, caller);
        context.LeaveCall();
        return result;
    }
}
