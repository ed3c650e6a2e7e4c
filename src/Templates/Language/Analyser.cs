namespace Engagement.Templates.Language;

/// <summary>Walks a syntax tree and notes which columns it reads and which names nobody knows.</summary>
internal sealed class Analyser
{
    private readonly SourceText _source;
    private readonly RenderSchema _schema;
    private readonly TemplateFacts _facts;
    private readonly HashSet<int> _used = [];
    private readonly List<TemplateError> _unknown = [];

    private Analyser(SourceText source, RenderSchema schema, TemplateFacts facts) => (_source, _schema, _facts) = (source, schema, facts);

    /// <exception cref="TemplateException">The source is not a template.</exception>
    public static TemplateAnalysis Run(SourceText source, RenderSchema schema, TemplateLimits limits)
    {
        var (body, facts) = Parser.Parse(source, limits, codeOnly: false);
        var analyser = new Analyser(source, schema, facts);
        analyser.Visit(body);
        var paths = schema.Paths;
        return new TemplateAnalysis(
            [.. paths.Where((_, column) => analyser._used.Contains(column))],
            [.. paths.Where((_, column) => !analyser._used.Contains(column))],
            analyser._unknown);
    }

    private void Visit(Block? block)
    {
        foreach (var statement in block?.Statements ?? []) Visit(statement);
    }

    private void Visit(Statement statement)
    {
        switch (statement)
        {
            case OutputStatement output: Visit(output.Expression); break;
            case IfStatement branch:
                foreach (var (condition, body) in branch.Branches)
                {
                    Visit(condition);
                    Visit(body);
                }
                Visit(branch.Else);
                break;
            case CaseStatement choice:
                Visit(choice.Subject);
                foreach (var (values, body) in choice.Whens)
                {
                    VisitAll(values);
                    Visit(body);
                }
                Visit(choice.Else);
                break;
            case ForStatement loop:
                Visit(loop.Items);
                VisitAll(loop.Options.Select(option => option.Value));
                Visit(loop.Body);
                Visit(loop.Else);
                break;
            case WhileStatement loop:
                Visit(loop.Condition);
                Visit(loop.Body);
                break;
            case ReturnStatement { Value: { } value }: Visit(value); break;
            case CaptureStatement capture: Visit(capture.Body); break;
            case WithStatement with:
                Visit(with.Target);
                Visit(with.Body);
                break;
            case WrapStatement wrap:
                Visit(wrap.Target);
                Visit(wrap.Body);
                break;
            case ImportStatement import: Visit(import.Target); break;
            case FunctionStatement function: Visit(function.Function); break;
        }
    }

    private void Visit(FunctionSyntax function)
    {
        VisitAll((function.Parameters ?? []).Select(parameter => parameter.Default).OfType<Expression>());
        Visit(function.Body);
    }

    private void VisitAll(IEnumerable<Expression> expressions)
    {
        foreach (var expression in expressions) Visit(expression);
    }

    private void Visit(Expression expression)
    {
        switch (expression)
        {
            case NameExpression or MemberExpression: VisitPath(expression); break;
            case IndexExpression index:
                Visit(index.Target);
                Visit(index.Index);
                break;
            case NestedExpression nested: Visit(nested.Inner); break;
            case UnaryExpression unary: Visit(unary.Operand); break;
            case StepExpression step: Visit(step.Target); break;
            case BinaryExpression binary: VisitAll([binary.Left, binary.Right]); break;
            case ConditionalExpression choice: VisitAll([choice.Condition, choice.Then, choice.Else]); break;
            case PipeExpression pipe: VisitAll([pipe.From, pipe.To]); break;
            case CallExpression call:
                Visit(call.Target);
                VisitAll(call.Arguments);
                VisitAll(call.Named.Select(argument => argument.Value));
                break;
            case ArrayExpression array: VisitAll(array.Items); break;
            case ObjectExpression made: VisitAll(made.Members.Select(member => member.Value)); break;
            case InterpolationExpression interpolation: VisitAll(interpolation.Parts); break;
            case FunctionExpression function: Visit(function.Function); break;
            case AssignExpression assignment:
                Visit(assignment.Value);
                // `x.y = 1` reads `x`; `x = 1` reads nothing.
                if (assignment.Target is MemberExpression or IndexExpression) Visit(assignment.Target);
                break;
        }
    }

    private void VisitPath(Expression expression)
    {
        var parts = new List<MemberExpression>();
        while (expression is MemberExpression member)
        {
            parts.Insert(0, member);
            expression = member.Target;
        }
        if (expression is not NameExpression root)
        {
            Visit(expression);
            return;
        }
        if (root.IsLocal || root.Name is "this" or "for" or "while" or "tablerow" || _facts.Assigned.Contains(root.Name)) return;
        if (_schema.Root.Children.TryGetValue(root.Name, out var node)) VisitColumn(root, node, parts);
        else if (Builtins.TryGet(root.Name, out var builtin)) VisitBuiltin(root, builtin, parts);
        else if (!_facts.Dynamic) Unknown(root.Start, string.Join('.', [root.Name, .. parts.Select(part => part.Name)]), function: false);
    }

    private void VisitColumn(NameExpression root, SchemaNode node, List<MemberExpression> parts)
    {
        var path = root.Name;
        foreach (var part in parts)
        {
            if (node.Column >= 0 && node.Children.Count == 0) break;
            if (part.Name == "empty?") break;
            path += "." + part.Name;
            if (!node.Children.TryGetValue(part.Name, out var child))
            {
                // A column that is an object or a list has members that the schema does not list.
                if (node.Column < 0) Unknown(root.Start, path, function: false);
                break;
            }
            node = child;
        }
        Use(node);
    }

    private void Use(SchemaNode node)
    {
        if (node.Column >= 0)
        {
            _used.Add(node.Column);
            return;
        }
        foreach (var child in node.Children.Values) Use(child);
    }

    private void VisitBuiltin(NameExpression root, in Value builtin, List<MemberExpression> parts)
    {
        if (parts.Count == 0 || builtin.Kind != ValueKind.Object || builtin.Object is not BuiltinGroup group) return;
        if (!group.TryGet(parts[0].Name, out _)) Unknown(root.Start, $"{root.Name}.{parts[0].Name}", function: true);
    }

    private void Unknown(int offset, string path, bool function)
    {
        var near = Nearest(path, function ? FunctionNames() : [.. _schema.Paths, .. _schema.Root.Children.Keys, .. _facts.Assigned, .. Builtins.All, .. FunctionNames()]);
        var english = function ? $"There is no function `{path}`" : $"There is no variable `{path}`";
        var chinese = function ? $"没有函数 `{path}`" : $"没有变量 `{path}`";
        _unknown.Add(_source.Error(offset, near is null
            ? new Wording($"{english}.", $"{chinese}。")
            : new Wording($"{english}; did you mean `{near}`?", $"{chinese}，是否想写 `{near}`？")));
    }

    private static IEnumerable<string> FunctionNames() => Builtins.All.SelectMany(name =>
        Builtins.TryGet(name, out var value) && value.Kind == ValueKind.Object ? value.Object.Members.Select(member => $"{name}.{member.Key}") : []);

    /// <summary>The candidate that differs least, if it differs little; a third of the characters is too much.</summary>
    private static string? Nearest(string word, IEnumerable<string> candidates)
    {
        var best = candidates.Select(candidate => (Name: candidate, Distance: Distance(word, candidate)))
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Name, StringComparer.Ordinal).FirstOrDefault();
        return best.Name is not null && best.Distance <= Math.Max(1, word.Length / 3) ? best.Name : null;
    }

    private static int Distance(string left, string right)
    {
        // A name is short; a path that is not is nobody's misspelling.
        if (left.Length > 100 || right.Length > 100) return int.MaxValue;
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var current = new int[right.Length + 1];
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var change = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                current[j] = Math.Min(change, Math.Min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[^1];
    }
}
