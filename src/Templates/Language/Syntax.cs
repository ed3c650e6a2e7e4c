namespace Engagement.Templates.Language;

/// <summary>A node of the syntax tree; <paramref name="Start"/> and <paramref name="End"/> are offsets in the source.</summary>
internal abstract record Node(int Start, int End);

internal abstract record Expression(int Start, int End) : Node(Start, End)
{
    /// <summary>How many expressions lie within each other at most; evaluating takes that much stack.</summary>
    public virtual int Height => 1;

    protected static int Tallest(IEnumerable<Expression> parts) => parts.Select(part => part.Height).DefaultIfEmpty().Max();
}

internal sealed record LiteralExpression(int Start, int End, Value Value) : Expression(Start, End);

/// <summary>A global name (`member`), a local one (`$x`), or one of the special ones (`this`, `for`, `$`, `$$`, `$0`).</summary>
internal sealed record NameExpression(int Start, int End, string Name) : Expression(Start, End)
{
    public bool IsLocal => Name[0] == '$';
}

internal sealed record MemberExpression(int Start, int End, Expression Target, string Name, int NameStart, bool Optional)
    : Expression(Start, End)
{
    public override int Height { get; } = 1 + Target.Height;
}

internal sealed record IndexExpression(int Start, int End, Expression Target, Expression Index) : Expression(Start, End)
{
    public override int Height { get; } = 1 + Math.Max(Target.Height, Index.Height);
}

internal sealed record NestedExpression(int Start, int End, Expression Inner) : Expression(Start, End)
{
    public override int Height { get; } = 1 + Inner.Height;
}

internal sealed record UnaryExpression(int Start, int End, TokenKind Operator, Expression Operand) : Expression(Start, End)
{
    public override int Height { get; } = 1 + Operand.Height;
}

/// <summary>`++x`, `--x`, `x++` or `x--`; a prefix has the value after the change, a postfix the value before.</summary>
internal sealed record StepExpression(int Start, int End, Expression Target, bool Up, bool Prefix) : Expression(Start, End)
{
    public override int Height { get; } = 1 + Target.Height;
}

internal sealed record BinaryExpression(int Start, int End, TokenKind Operator, int OperatorStart, Expression Left, Expression Right)
    : Expression(Start, End)
{
    public override int Height { get; } = 1 + Math.Max(Left.Height, Right.Height);
}

internal sealed record ConditionalExpression(int Start, int End, Expression Condition, Expression Then, Expression Else)
    : Expression(Start, End)
{
    public override int Height { get; } = 1 + Math.Max(Condition.Height, Math.Max(Then.Height, Else.Height));
}

internal sealed record PipeExpression(int Start, int End, Expression From, Expression To) : Expression(Start, End)
{
    public override int Height { get; } = 1 + Math.Max(From.Height, To.Height);
}

internal sealed record CallExpression(
    int Start, int End, Expression Target, IReadOnlyList<Expression> Arguments, IReadOnlyList<NamedArgument> Named, bool Parenthesised)
    : Expression(Start, End)
{
    public override int Height { get; } = 1 + Math.Max(Target.Height, Math.Max(Tallest(Arguments), Tallest(Named.Select(argument => argument.Value))));
}

internal sealed record NamedArgument(int Start, string Name, Expression Value);

internal sealed record ArrayExpression(int Start, int End, IReadOnlyList<Expression> Items) : Expression(Start, End)
{
    public override int Height { get; } = 1 + Tallest(Items);
}

internal sealed record ObjectExpression(int Start, int End, IReadOnlyList<(string Name, Expression Value)> Members) : Expression(Start, End)
{
    public override int Height { get; } = 1 + Tallest(Members.Select(member => member.Value));
}

internal sealed record InterpolationExpression(int Start, int End, IReadOnlyList<Expression> Parts) : Expression(Start, End)
{
    public override int Height { get; } = 1 + Tallest(Parts);
}

internal sealed record FunctionExpression(int Start, int End, FunctionSyntax Function) : Expression(Start, End);

/// <summary>`target = value`; <paramref name="Operator"/> is the operator of a compound assignment, else null.</summary>
internal sealed record AssignExpression(
    int Start, int End, Expression Target, TokenKind? Operator, int OperatorStart, Expression Value) : Expression(Start, End);

/// <summary>A function's parameters (null when declared without parentheses) and its body.</summary>
internal sealed record FunctionSyntax(string? Name, IReadOnlyList<Parameter>? Parameters, Block Body);

internal sealed record Parameter(string Name, Expression? Default, bool Variable);

internal abstract record Statement(int Start, int End) : Node(Start, End);

internal sealed record Block(int Start, int End, IReadOnlyList<Statement> Statements) : Node(Start, End);

/// <summary>Text outside the code marks; <paramref name="Indent"/> stands before each line that it begins.</summary>
internal sealed record TextStatement(int Start, int End, string? Indent) : Statement(Start, End);

/// <summary>An expression whose value is written; <paramref name="Indent"/> stands before each of its lines but the first.</summary>
internal sealed record OutputStatement(int Start, int End, Expression Expression, string? Indent) : Statement(Start, End);

internal sealed record IfStatement(
    int Start, int End, IReadOnlyList<(Expression Condition, Block Body)> Branches, Block? Else) : Statement(Start, End);

internal sealed record CaseStatement(
    int Start, int End, Expression Subject, IReadOnlyList<(IReadOnlyList<Expression> Values, Block Body)> Whens, Block? Else)
    : Statement(Start, End);

internal sealed record ForStatement(
    int Start, int End, Expression Variable, Expression Items, IReadOnlyList<NamedArgument> Options, bool Table, Block Body, Block? Else, string? Indent)
    : Statement(Start, End);

internal sealed record WhileStatement(int Start, int End, Expression Condition, Block Body) : Statement(Start, End);

internal sealed record BreakStatement(int Start, int End) : Statement(Start, End);

internal sealed record ContinueStatement(int Start, int End) : Statement(Start, End);

internal sealed record ReturnStatement(int Start, int End, Expression? Value) : Statement(Start, End);

internal sealed record CaptureStatement(int Start, int End, Expression Target, Block Body) : Statement(Start, End);

internal sealed record WithStatement(int Start, int End, Expression Target, Block Body) : Statement(Start, End);

internal sealed record WrapStatement(int Start, int End, Expression Target, Block Body) : Statement(Start, End);

internal sealed record ImportStatement(int Start, int End, Expression Target) : Statement(Start, End);

internal sealed record ReadonlyStatement(int Start, int End, NameExpression Variable) : Statement(Start, End);

internal sealed record FunctionStatement(int Start, int End, NameExpression Name, FunctionSyntax Function) : Statement(Start, End);
