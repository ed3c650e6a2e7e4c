namespace Engagement.Templates.Language;

/// <summary>The statements that change what names mean: with, wrap, import, readonly and func.</summary>
internal sealed partial class Compiler
{
    private Execute CompileWith(WithStatement statement)
    {
        var target = CompileValue(statement.Target);
        var body = CompileBlock(statement.Body);
        var start = statement.Target.Start;
        return context =>
        {
            var value = target(context);
            if (value.Kind != ValueKind.Object) throw context.FailAt(start, Faults.NotAnObject(Formatter.KindOf(value)));
            var outer = context.With;
            context.With = new WithScope(value.Object, outer);
            var flow = body(context);
            context.With = outer;
            return flow;
        };
    }

    private Execute CompileWrap(WrapStatement statement)
    {
        var call = statement.Target as CallExpression;
        var target = call?.Target ?? statement.Target;
        if (target is not (NameExpression or MemberExpression or IndexExpression))
        {
            var place = statement.Target.Start;
            return context => throw context.FailAt(place, Faults.NeedsDirectFunction);
        }
        _wraps++;
        var body = CompileBlock(statement.Body);
        _wraps--;
        var function = CompileRaw(target);
        var arguments = CompileArguments(call?.Arguments ?? [], call?.Named ?? [], piped: null);
        var (unit, start) = (_unit, target.Start);
        return context =>
        {
            var value = function(context);
            if (value.Kind != ValueKind.Function) throw context.FailAt(start, Faults.NeedsDirectFunction);
            var (places, named) = arguments(context);
            context.PendingWrap = new WrapBlock(body, context.Frame, unit);
            var result = value.Function.Invoke(context, places, named, start);
            // A built-in function takes no block, and the next function must not find this one.
            context.PendingWrap = null;
            Formatter.Write(context, result);
            return Flow.Next;
        };
    }

    private Execute CompileImport(ImportStatement statement)
    {
        var target = CompileValue(statement.Target);
        var start = statement.Target.Start;
        return context =>
        {
            var value = target(context);
            if (value.IsNull) return Flow.Next;
            if (value.Kind != ValueKind.Object) throw context.FailAt(start, Faults.NotAnObject(Formatter.KindOf(value)));
            foreach (var (name, member) in value.Object.Members.ToArray())
            {
                if (context.With is not null) context.With.Object.TrySet(name, member);
                else if (!context.IsFrozen(name)) context.AssignGlobal(name, member, start);
            }
            return Flow.Next;
        };
    }

    private Execute CompileReadonly(ReadonlyStatement statement)
    {
        var name = statement.Variable.Name;
        if (!statement.Variable.IsLocal) SlotOf(name);
        return context =>
        {
            context.Freeze(name);
            return Flow.Next;
        };
    }

    private Execute CompileFunctionStatement(FunctionStatement statement)
    {
        var function = Value.From(CompileFunction(statement.Function));
        var assign = CompileStore(statement.Name);
        return context =>
        {
            assign(context, function);
            return Flow.Next;
        };
    }

    private TemplateFunction CompileFunction(FunctionSyntax syntax)
    {
        var (locals, wraps, loops) = (_locals, _wraps, _loops);
        (_locals, _wraps, _loops) = (new LocalNames(), 0, 0);
        var parameters = syntax.Parameters?
            .Select(p => new CompiledParameter(p.Name, p.Default is null ? null : CompileValue(p.Default), p.Variable)).ToArray();
        var body = CompileBlock(syntax.Body);
        var function = new TemplateFunction(syntax.Name, parameters, body, _locals, _unit);
        (_locals, _wraps, _loops) = (locals, wraps, loops);
        return function;
    }
}
