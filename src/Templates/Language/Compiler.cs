namespace Engagement.Templates.Language;

/// <summary>Turns a syntax tree into closures; names become slots and columns here, once.</summary>
/// <remarks>
/// A name that the template never assigns is read straight from its column. A name that it may assign has a slot and falls
/// back to its column. Texts that a template evaluates or includes know nothing of the slots and go by name.
/// </remarks>
internal sealed partial class Compiler
{
    private readonly CompiledUnit _unit;
    private readonly TemplateFacts _facts;
    private readonly RenderSchema _schema;
    private readonly bool _byName;
    private LocalNames _locals;
    private int _wraps;
    private int _loops;

    private Compiler(CompiledUnit unit, TemplateFacts facts, RenderSchema schema, bool byName)
    {
        (_unit, _facts, _schema, _byName, _locals) = (unit, facts, schema, byName, unit.Locals);
    }

    /// <param name="source">The template.</param>
    /// <param name="schema">The columns that it may read.</param>
    /// <param name="limits">What the source may be.</param>
    /// <param name="byName">True for a text that runs inside another template, whose slots it does not know.</param>
    /// <param name="codeOnly">True when the text is code without marks.</param>
    /// <exception cref="TemplateException">The source is not a template.</exception>
    public static CompiledUnit Compile(SourceText source, RenderSchema schema, TemplateLimits limits, bool byName = false, bool codeOnly = false)
    {
        var (body, facts) = Parser.Parse(source, limits, codeOnly);
        var unit = new CompiledUnit(source, new NameTable(), new LocalNames());
        var compiler = new Compiler(unit, facts, schema, byName);
        if (body.Statements is [OutputStatement { Expression: not AssignExpression } single]) unit.Single = compiler.CompileValue(single.Expression);
        unit.Body = compiler.CompileBlock(body);
        return unit;
    }

    /// <summary>One statement of a block, and the text before it. Texts and columns, which most of a message is, run without a call of their own.</summary>
    private readonly record struct Step(string? Text, int Column, int Start, Execute? Statement, RowMember? Member = null)
    {
        public bool IsText => Column < 0 && Statement is null;
    }

    private Execute CompileBlock(Block block)
    {
        var count = block.Statements.Count;
        var steps = Join(block.Statements.Select(CompileStep));
        switch (steps)
        {
            case []: return static _ => Flow.Next;
            case [{ Text: null, Statement: { } single }]: return single;
        }
        return context =>
        {
            context.Step(count);
            var output = context.Output;
            foreach (ref readonly var step in steps.AsSpan())
            {
                if (step.Text is not null) output.Append(step.Text);
                if (step.Column >= 0)
                {
                    context.Site = step.Start;
                    Formatter.Write(context, in context.Row.Get(step.Column));
                }
                else if (step.Member is { } member && member.TryFind(context, out var row, out var column))
                {
                    context.Site = step.Start;
                    Formatter.Write(context, in row.Get(column));
                }
                else if (step.Statement is not null)
                {
                    var flow = step.Statement(context);
                    if (flow != Flow.Next) return flow;
                }
            }
            return Flow.Next;
        };
    }

    private static Step[] Join(IEnumerable<Step> steps)
    {
        var joined = new List<Step>();
        foreach (var step in steps)
        {
            if (joined is [.., { IsText: true } text] && !step.IsText) joined[^1] = step with { Text = text.Text };
            else joined.Add(step);
        }
        return [.. joined];
    }

    private Step CompileStep(Statement statement) => statement switch
    {
        TextStatement { Indent: null or "" } text => new Step(_unit.Source.Text[text.Start..text.End], -1, text.Start, null),
        OutputStatement { Indent: null or "" } output when ColumnOf(output.Expression) is { } column => new Step(null, column, output.Start, null),
        OutputStatement { Indent: null or "" } output when TryFindRowMember(output.Expression) is { } member =>
            new Step(null, -1, output.Start, CompileStatement(statement), member),
        _ => new Step(null, -1, statement.Start, CompileStatement(statement)),
    };

    private Execute CompileStatement(Statement statement) => statement switch
    {
        TextStatement text => CompileIndentedText(text, text.Indent ?? ""),
        OutputStatement output => CompileOutput(output),
        IfStatement branch => CompileIf(branch),
        CaseStatement choice => CompileCase(choice),
        ForStatement loop => CompileFor(loop),
        WhileStatement loop => CompileWhile(loop),
        BreakStatement => CompileJump(Flow.Break, "break", statement.Start),
        ContinueStatement => CompileJump(Flow.Continue, "continue", statement.Start),
        ReturnStatement back => CompileReturn(back),
        CaptureStatement capture => CompileCapture(capture),
        WithStatement with => CompileWith(with),
        WrapStatement wrap => CompileWrap(wrap),
        ImportStatement import => CompileImport(import),
        ReadonlyStatement frozen => CompileReadonly(frozen),
        FunctionStatement function => CompileFunctionStatement(function),
        _ => throw new InvalidOperationException($"No statement of type {statement.GetType().Name} is known."),
    };

    private Execute CompileIndentedText(TextStatement statement, string indent)
    {
        var source = _unit.Source.Text[statement.Start..statement.End];
        // All but the first line know already that they are one.
        var text = source[..^1].Replace("\n", "\n" + indent, StringComparison.Ordinal) + source[^1];
        return context =>
        {
            if (context.Output.EndsLine) context.Output.Append(indent);
            context.Output.Append(text);
            return Flow.Next;
        };
    }

    private Execute CompileOutput(OutputStatement statement)
    {
        var (expression, start, indent) = (statement.Expression, statement.Start, string.IsNullOrEmpty(statement.Indent) ? null : statement.Indent);
        if (expression is AssignExpression assignment) return CompileAssignment(assignment);
        if (expression is NameExpression { Name: "$$" }) return CompileWrapped();
        if (expression is FunctionExpression) expression = new NestedExpression(start, statement.End, expression);
        var value = CompileValue(expression);
        if (indent is null && TryFindRowMember(expression) is { } member)
        {
            return context =>
            {
                context.Site = start;
                if (member.TryFind(context, out var row, out var column)) Formatter.Write(context, in row.Get(column));
                else Formatter.Write(context, value(context));
                return Flow.Next;
            };
        }
        if (indent is null)
        {
            return context =>
            {
                var result = value(context);
                context.Site = start;
                Formatter.Write(context, result);
                return Flow.Next;
            };
        }
        return context =>
        {
            var from = context.Output.Length;
            var result = value(context);
            context.Site = start;
            Formatter.Write(context, result);
            context.Output.IndentFrom(from, indent);
            return Flow.Next;
        };
    }

    private static Execute CompileWrapped() => static context =>
    {
        if (context.Frame.Wrap is not { } wrap) return Flow.Next;
        var caller = context.Unit;
        context.Unit = wrap.Unit;
        wrap.Body(context);
        context.Unit = caller;
        return Flow.Next;
    };

    private Execute CompileIf(IfStatement statement)
    {
        var branches = statement.Branches.Select(branch => (Condition: CompileValue(branch.Condition), Body: CompileBlock(branch.Body))).ToArray();
        var otherwise = statement.Else is null ? null : CompileBlock(statement.Else);
        if (branches.Length == 1)
        {
            var (condition, body) = branches[0];
            if (ColumnOf(statement.Branches[0].Condition) is { } column)
                return context => context.Row.Get(column).IsTrue ? body(context) : otherwise is null ? Flow.Next : otherwise(context);
            return context => condition(context).IsTrue ? body(context) : otherwise is null ? Flow.Next : otherwise(context);
        }
        return context =>
        {
            foreach (var (condition, body) in branches)
            {
                if (condition(context).IsTrue) return body(context);
            }
            return otherwise is null ? Flow.Next : otherwise(context);
        };
    }

    private Execute CompileCase(CaseStatement statement)
    {
        var subject = CompileValue(statement.Subject);
        var whens = statement.Whens
            .Select(when => (Values: when.Values.Select(value => (Read: CompileValue(value), value.Start)).ToArray(), Body: CompileBlock(when.Body))).ToArray();
        var otherwise = statement.Else is null ? null : CompileBlock(statement.Else);
        return context =>
        {
            var value = subject(context);
            foreach (var (values, body) in whens)
            {
                foreach (var (candidate, start) in values)
                {
                    if (Comparisons.Compare(context, TokenKind.Equal, value, candidate(context), start)) return body(context);
                }
            }
            return otherwise is null ? Flow.Next : otherwise(context);
        };
    }

    // Inside a function the loop may be the caller's, which cannot be broken from here.
    private Execute CompileJump(Flow flow, string word, int start)
    {
        if (_loops > 0 || _wraps > 0) return _ => flow;
        return context => throw context.FailAt(start, Faults.OutsideLoop(word));
    }

    private Execute CompileReturn(ReturnStatement statement)
    {
        if (statement.Value is null) return static _ => Flow.Return;
        var value = CompileValue(statement.Value);
        return context =>
        {
            context.SetReturnValue(value(context));
            return Flow.Return;
        };
    }

    private Execute CompileCapture(CaptureStatement statement)
    {
        var body = CompileBlock(statement.Body);
        var assign = CompileStore(statement.Target);
        return context =>
        {
            var start = context.Output.Length;
            var flow = body(context);
            assign(context, Value.From(context.Output.TakeFrom(start)));
            return flow;
        };
    }
}
