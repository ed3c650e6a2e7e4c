using System.Runtime.CompilerServices;

namespace Engagement.Templates.Language;

/// <summary>Anything that a template can call.</summary>
internal abstract class FunctionValue
{
    public abstract string Name { get; }

    /// <param name="context">The running render.</param>
    /// <param name="arguments">The arguments by place.</param>
    /// <param name="named">The arguments by name, or null.</param>
    /// <param name="site">Where the call stands, for errors.</param>
    public abstract Value Invoke(RenderContext context, ReadOnlySpan<Value> arguments, MapValue? named, int site);
}

/// <summary>The body of a built-in function; it gets one value per parameter, <see cref="Value.Missing"/> where none was given.</summary>
internal delegate Value BuiltinBody(RenderContext context, ReadOnlySpan<Value> arguments);

/// <summary>A function of one of the built-in groups.</summary>
internal sealed class BuiltinFunction : FunctionValue
{
    private readonly BuiltinBody _body;

    /// <param name="name">The full name, such as `string.truncate`.</param>
    /// <param name="parameters">The parameters' names with blanks between; `?` marks an optional one, `...` a variable last one.</param>
    /// <param name="body">What it does.</param>
    public BuiltinFunction(string name, string parameters, BuiltinBody body)
    {
        Name = name;
        _body = body;
        var words = parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Variable = words.Length > 0 && words[^1].EndsWith("...", StringComparison.Ordinal);
        Required = words.Count(word => !word.EndsWith('?') && !word.EndsWith("...", StringComparison.Ordinal));
        Parameters = [.. (Variable ? words[..^1] : words).Select(word => word.TrimEnd('?'))];
    }

    public override string Name { get; }

    public string[] Parameters { get; }

    public int Required { get; }

    /// <summary>Whether any number of further arguments may follow.</summary>
    public bool Variable { get; }

    /// <summary>Runs the body on arguments that the compiler has already put into their places.</summary>
    public Value Run(RenderContext context, ReadOnlySpan<Value> arguments, int site)
    {
        context.Site = site;
        return _body(context, arguments);
    }

    public override Value Invoke(RenderContext context, ReadOnlySpan<Value> arguments, MapValue? named, int site)
    {
        context.Site = site;
        context.Step();
        if (arguments.Length == Parameters.Length && named is null) return _body(context, arguments);
        if (arguments.Length > Parameters.Length && !Variable) throw context.Fail(Faults.ArgumentCount(Name, arguments.Length, Required));

        var placed = new Value[Math.Max(arguments.Length, Parameters.Length)];
        Array.Fill(placed, Value.Missing);
        arguments.CopyTo(placed);
        foreach (var (name, value) in named?.Members ?? [])
        {
            var place = Array.IndexOf(Parameters, name);
            if (place < 0) throw context.Fail(Faults.UnknownArgument(Name, name));
            placed[place] = value;
        }
        for (var i = 0; i < Required; i++)
        {
            if (placed[i].IsMissing) throw context.Fail(Faults.ArgumentCount(Name, arguments.Length, Required));
        }
        return _body(context, placed);
    }
}

/// <summary>A function that a template declares.</summary>
internal sealed class TemplateFunction(
    string? name, IReadOnlyList<CompiledParameter>? parameters, Execute body, LocalNames locals, CompiledUnit unit) : FunctionValue
{
    public override string Name => name ?? "do";

    public override Value Invoke(RenderContext context, ReadOnlySpan<Value> arguments, MapValue? named, int site)
    {
        context.EnterCall(site);
        var (callerFrame, callerScope, callerUnit) = (context.Frame, context.FunctionScope, context.Unit);
        var wrapped = context.PendingWrap;
        context.PendingWrap = null;
        var list = new ArrayValue(arguments);
        foreach (var (key, value) in named?.Members ?? []) list.MembersForWriting.TrySet(key, value);
        context.Frame = new LocalFrame(locals, list) { Wrap = wrapped };
        // A function with a local name may call itself by it.
        if (name?[0] == '$') context.Frame.WriteName(name, Value.From(this));
        // A named function starts afresh; `do ... end` belongs to the function that it stands in.
        if (name is not null) context.FunctionScope = null;
        if (parameters is not null) Bind(context, arguments, named, site);
        context.Unit = unit;
        body(context);
        (context.Frame, context.FunctionScope, context.Unit) = (callerFrame, callerScope, callerUnit);
        context.LeaveCall();
        return context.TakeReturnValue();
    }

    private void Bind(RenderContext context, ReadOnlySpan<Value> arguments, MapValue? named, int site)
    {
        var scope = new FunctionScope(context.FunctionScope);
        for (var i = 0; i < parameters!.Count; i++)
        {
            var parameter = parameters[i];
            var value = Value.Null;
            if (parameter.Variable) value = Value.From(new ArrayValue(i < arguments.Length ? arguments[i..] : []));
            else if (i < arguments.Length) value = arguments[i];
            else if (named is not null && named.TryGet(parameter.Name, out value)) { }
            else if (parameter.Default is not null) value = parameter.Default(context);
            else throw context.FailAt(site, Faults.ArgumentCount(Name, arguments.Length, parameters.Count(p => !p.Variable && p.Default is null)));
            scope.Add(parameter.Name, value);
        }
        if (arguments.Length > parameters.Count && !(parameters.Count > 0 && parameters[^1].Variable))
            throw context.FailAt(site, Faults.ArgumentCount(Name, arguments.Length, parameters.Count));
        context.FunctionScope = scope;
    }
}

internal sealed record CompiledParameter(string Name, Evaluate? Default, bool Variable);

/// <summary>Room for the arguments of one call, on the stack.</summary>
[InlineArray(Length)]
internal struct ArgumentBuffer
{
    public const int Length = 6;

    private Value _first;
}
