namespace Engagement.Templates.Language;

internal sealed partial class Compiler
{
    private delegate (Value[] Places, MapValue? Named) GatherArguments(RenderContext context);

    private Evaluate CompilePipe(PipeExpression pipe) => ApplyPipe(pipe.To, pipe.From);

    /// <summary>Gives the left side of a pipe to the first function of its right side: `x | f + 1` is `(f x) + 1`.</summary>
    private Evaluate ApplyPipe(Expression to, Expression from)
    {
        switch (to)
        {
            case CallExpression call: return CompileCall(call.Target, call.Arguments, call.Named, from, call.Start);
            case BinaryExpression binary: return CompileBinary(binary, ApplyPipe(binary.Left, from));
            case ConditionalExpression conditional: return CompileConditional(conditional, ApplyPipe(conditional.Condition, from));
            case NestedExpression nested: return ApplyPipe(nested.Inner, from);
            case UnaryExpression { Operator: not TokenKind.Caret } unary: return ApplyUnary(unary, ApplyPipe(unary.Operand, from));
            case MemberExpression member when RootOf(member) is CallExpression: return ApplyPipeToMember(member, from);
            case NameExpression or MemberExpression or IndexExpression or FunctionExpression or PipeExpression:
                return CompileCall(to, [], [], from, to.Start);
            default:
                var (place, kind) = (to.Start, to is LiteralExpression literal ? Formatter.KindOf(literal.Value) : "value");
                return context => throw context.FailAt(place, Faults.NotAFunction(Members.Path(to), kind));
        }
    }

    private Evaluate ApplyPipeToMember(MemberExpression member, Expression from)
    {
        var target = ApplyPipe(member.Target, from);
        return context => Members.Get(context, target(context), member);
    }

    private static Expression RootOf(Expression expression)
    {
        while (expression is MemberExpression member) expression = member.Target;
        return expression;
    }

    private Evaluate CompileCall(
        Expression target, IReadOnlyList<Expression> arguments, IReadOnlyList<NamedArgument> named, Expression? piped, int start)
    {
        if (TryFindBuiltin(target) is { } builtin) return CompileBuiltinCall(builtin, arguments, named, piped, target);

        var function = CompileRaw(target);
        var gather = CompileArguments(arguments, named, piped);
        return context =>
        {
            var value = function(context);
            if (value.Kind != ValueKind.Function)
            {
                var path = Members.Path(target);
                throw context.FailAt(start, value.IsNull ? Faults.FunctionNotFound(path) : Faults.NotAFunction(path, Formatter.KindOf(value)));
            }
            var (places, names) = gather(context);
            return value.Function.Invoke(context, places, names, start);
        };
    }

    private GatherArguments CompileArguments(IReadOnlyList<Expression> arguments, IReadOnlyList<NamedArgument> named, Expression? piped)
    {
        var all = piped is null ? arguments : [piped, .. arguments];
        var spread = all.Select(argument => argument is UnaryExpression { Operator: TokenKind.Caret }).ToArray();
        var values = all.Select(CompileValue).ToArray();
        var names = named.Select(argument => (argument.Name, Value: CompileValue(argument.Value))).ToArray();
        var plain = !spread.Contains(true);
        return context =>
        {
            MapValue? byName = null;
            if (names.Length > 0)
            {
                byName = new MapValue();
                foreach (var (name, value) in names) byName.TrySet(name, Given(value(context)));
            }
            if (plain)
            {
                var places = values.Length == 0 ? [] : new Value[values.Length];
                for (var i = 0; i < places.Length; i++) places[i] = Given(values[i](context));
                return (places, byName);
            }
            var list = new List<Value>();
            for (var i = 0; i < values.Length; i++)
            {
                var value = values[i](context);
                if (spread[i] && value.Kind is ValueKind.List or ValueKind.Object or ValueKind.Text)
                {
                    var items = Conversions.ToList(context, value);
                    context.ChargeItems(items.Count);
                    list.AddRange(Conversions.Items(items));
                }
                else
                {
                    list.Add(Given(value));
                }
            }
            return (list.ToArray(), byName);
        };
    }

    // An argument that has no value was given all the same.
    private static Value Given(in Value argument) => argument.IsMissing ? Value.Null : argument;

    /// <summary>A call whose function is known now: arguments are put into their places once, and lie on the stack.</summary>
    private Evaluate CompileBuiltinCall(
        BuiltinFunction function, IReadOnlyList<Expression> arguments, IReadOnlyList<NamedArgument> named, Expression? piped, Expression target)
    {
        var all = piped is null ? arguments : [piped, .. arguments];
        var end = target.End;
        if (all.Any(argument => argument is UnaryExpression { Operator: TokenKind.Caret }) || all.Count > ArgumentBuffer.Length
            || function.Parameters.Length > ArgumentBuffer.Length)
        {
            var gather = CompileArguments(all, named, piped: null);
            return context =>
            {
                var (places, names) = gather(context);
                return function.Invoke(context, places, names, end);
            };
        }
        var count = Math.Max(all.Count, function.Parameters.Length);
        var sources = new Evaluate?[count];
        for (var i = 0; i < all.Count; i++) sources[i] = CompileValue(all[i]);
        foreach (var argument in named)
        {
            var place = Array.IndexOf(function.Parameters, argument.Name);
            if (place < 0) return FailCall(argument.Start, Faults.UnknownArgument(function.Name, argument.Name));
            sources[place] = CompileValue(argument.Value);
        }
        var tooMany = all.Count > function.Parameters.Length && !function.Variable;
        if (tooMany || sources.AsSpan(0, function.Required).Contains(null))
            return FailCall(end, Faults.ArgumentCount(function.Name, all.Count, function.Required));

        return context =>
        {
            var buffer = new ArgumentBuffer();
            Span<Value> values = buffer;
            for (var i = 0; i < sources.Length; i++) values[i] = sources[i] is { } source ? source(context) : Value.Missing;
            return function.Run(context, values[..sources.Length], end);
        };
    }

    private static Evaluate FailCall(int site, Wording wording) => context => throw context.FailAt(site, wording);
}
