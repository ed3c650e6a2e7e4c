using System.Runtime.CompilerServices;

namespace Engagement.Templates.Language;

internal sealed partial class Compiler
{
    /// <summary>An expression's value; a path that ends at a function is called, as the language says.</summary>
    private Evaluate CompileValue(Expression expression)
    {
        var raw = CompileRaw(expression);
        if (expression is not (NameExpression or MemberExpression or IndexExpression or NestedExpression)) return raw;
        if (FindNode(expression) is not null) return raw;
        if (TryFindBuiltin(expression) is { } builtin) return CompileBuiltinCall(builtin, [], [], piped: null, expression);

        var start = expression.Start;
        Evaluate called = context =>
        {
            var value = raw(context);
            return value.Kind == ValueKind.Function ? value.Function.Invoke(context, [], null, start) : value;
        };
        if (TryFindRowMember(expression) is not { } member) return called;
        return context => member.TryFind(context, out var row, out var column) ? row.Get(column) : called(context);
    }

    /// <summary>An expression's value, where a function stays a function.</summary>
    private Evaluate CompileRaw(Expression expression)
    {
        // The parser has limited the depth; a caller that is deep in its own stack already is another matter.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateException([_unit.Source.Error(expression.Start, Faults.TooDeep(expression.Height))]);
        switch (expression)
        {
            case LiteralExpression literal:
                var constant = literal.Value;
                return _ => constant;
            case NameExpression name: return CompileName(name);
            case MemberExpression member: return CompileMember(member);
            case IndexExpression index: return CompileIndex(index);
            case NestedExpression nested: return CompileRaw(nested.Inner);
            case UnaryExpression unary: return CompileUnary(unary);
            case StepExpression step: return CompileStep(step);
            case BinaryExpression binary: return CompileBinary(binary, CompileValue(binary.Left));
            case ConditionalExpression conditional: return CompileConditional(conditional, CompileValue(conditional.Condition));
            case PipeExpression pipe: return CompilePipe(pipe);
            case CallExpression call: return CompileCall(call.Target, call.Arguments, call.Named, piped: null, call.Start);
            case ArrayExpression array: return CompileArray(array);
            case ObjectExpression made: return CompileObject(made);
            case InterpolationExpression interpolation: return CompileInterpolation(interpolation);
            case FunctionExpression function:
                var value = Value.From(CompileFunction(function.Function));
                return _ => value;
            default:
                throw new InvalidOperationException($"No expression of type {expression.GetType().Name} is known.");
        }
    }

    private Evaluate CompileMember(MemberExpression member)
    {
        if (FindNode(member) is { } node) return ReadColumn(node);
        if (member.Target is NameExpression { Name: "for" or "while" or "tablerow" } loop) return CompileLoopMember(loop.Name, member);
        var target = CompileValue(member.Target);
        return context => Members.Get(context, target(context), member);
    }

    private static Evaluate CompileLoopMember(string loop, MemberExpression member)
    {
        var (name, inFor) = (member.Name, loop != "while");
        return context => (inFor ? context.For : context.While) is { } state
            ? state.Read(name)
            : throw context.FailAt(member.NameStart, Faults.MemberOfNull(Members.Path(member)));
    }

    private Evaluate CompileIndex(IndexExpression index)
    {
        var target = CompileValue(index.Target);
        var place = CompileValue(index.Index);
        return context => Members.GetIndex(context, target(context), place(context), index);
    }

    private Evaluate CompileUnary(UnaryExpression unary)
    {
        // `@` keeps a function from being called; `^` matters only where arguments are gathered.
        if (unary.Operator == TokenKind.At) return CompileRaw(unary.Operand);
        return ApplyUnary(unary, CompileValue(unary.Operand));
    }

    private static Evaluate ApplyUnary(UnaryExpression unary, Evaluate operand)
    {
        var start = unary.Start;
        switch (unary.Operator)
        {
            case TokenKind.Exclamation: return context => Value.From(!operand(context).IsTrue);
            case TokenKind.Minus:
                return context =>
                {
                    var value = operand(context);
                    context.Site = start;
                    return Operators.Calculate(context, TokenKind.Minus, Zero(value), NumberOf(context, value), start);
                };
            case TokenKind.Plus:
                return context =>
                {
                    context.Site = start;
                    return NumberOf(context, operand(context));
                };
            default: return operand;
        }
    }

    private static Value NumberOf(RenderContext context, in Value value) =>
        value.IsNull ? throw context.Fail(Faults.NotANumber("null")) : Conversions.ToNumber(context, value);

    // 0 − x would lose the sign of a floating zero; −0.0 does not.
    private static Value Zero(in Value value) => value.Kind is ValueKind.Double or ValueKind.Float ? Value.FromSingle(-0.0f) : Value.From(0L);

    private Evaluate CompileStep(StepExpression step)
    {
        var read = CompileRaw(step.Target);
        var store = CompileStore(step.Target);
        var kind = step.Up ? TokenKind.Plus : TokenKind.Minus;
        return context =>
        {
            context.Site = step.Start;
            var before = NumberOf(context, read(context));
            var after = Operators.Calculate(context, kind, before, Value.From(1L), step.Start);
            store(context, after);
            return step.Prefix ? after : before;
        };
    }

    private Evaluate CompileBinary(BinaryExpression binary, Evaluate left)
    {
        var right = CompileValue(binary.Right);
        var (kind, site) = (binary.Operator, binary.OperatorStart);
        switch (kind)
        {
            case TokenKind.And: return context => Value.From(left(context).IsTrue && right(context).IsTrue);
            case TokenKind.Or: return context => Value.From(left(context).IsTrue || right(context).IsTrue);
            case TokenKind.DoubleQuestion:
                return context => left(context) is { IsNull: false } value ? value : right(context);
            case TokenKind.QuestionExclamation:
                return context => left(context) is { IsNull: true } value ? value : right(context);
            case TokenKind.Equal or TokenKind.NotEqual or TokenKind.Less or TokenKind.LessEqual or TokenKind.Greater or TokenKind.GreaterEqual:
                return context => Value.From(Comparisons.Compare(context, kind, left(context), right(context), site));
            case TokenKind.Asterisk when binary is { Left: LiteralExpression { Value.Kind: ValueKind.Text } }:
                // The mistake is in the text, so the error points at it.
                return context => Operators.Calculate(context, kind, left(context), right(context), binary.Start);
            default:
                return context => Operators.Calculate(context, kind, left(context), right(context), site);
        }
    }

    private Evaluate CompileConditional(ConditionalExpression conditional, Evaluate condition)
    {
        var then = CompileValue(conditional.Then);
        var otherwise = CompileValue(conditional.Else);
        return context => condition(context).IsTrue ? then(context) : otherwise(context);
    }

    private Evaluate CompileArray(ArrayExpression array)
    {
        var items = array.Items.Select(CompileValue).ToArray();
        return context =>
        {
            var result = new ArrayValue();
            foreach (var item in items) result.Add(item(context));
            return Value.From(result);
        };
    }

    private Evaluate CompileObject(ObjectExpression syntax)
    {
        var members = syntax.Members.Select(member => (member.Name, Value: CompileRaw(member.Value))).ToArray();
        return context =>
        {
            var result = new MapValue();
            foreach (var (name, value) in members) result.TrySet(name, value(context));
            return Value.From(result);
        };
    }

    private Evaluate CompileInterpolation(InterpolationExpression interpolation)
    {
        var parts = interpolation.Parts.Select(CompileValue).ToArray();
        var start = interpolation.Start;
        return context =>
        {
            var from = context.Output.Length;
            foreach (var part in parts)
            {
                var value = part(context);
                context.Site = start;
                Formatter.Write(context, value);
            }
            return Value.From(context.Output.TakeFrom(from));
        };
    }

    private Execute CompileAssignment(AssignExpression assignment)
    {
        var store = CompileStore(assignment.Target);
        if (assignment.Operator is { } kind)
        {
            var read = CompileValue(assignment.Target);
            var operand = CompileValue(assignment.Value);
            var site = assignment.OperatorStart;
            return context =>
            {
                store(context, Operators.Calculate(context, kind, read(context), operand(context), site));
                return Flow.Next;
            };
        }
        var value = CompileValue(assignment.Value);
        return context =>
        {
            store(context, value(context));
            return Flow.Next;
        };
    }
}
