namespace Engagement.Templates.Language;

internal sealed partial class Parser
{
    private const int UnaryPrecedence = 200;

    /// <summary>What ends an expression outside brackets, although it could go on with it.</summary>
    [Flags]
    private enum Stops
    {
        None = 0,

        /// <summary>In `a ? b : c`, where `b :` is no named argument.</summary>
        Colon = 1,

        /// <summary>In `when a || b`, where the values are separate.</summary>
        Or = 2,
    }

    private Stops _stops;

    /// <summary>What may follow an operand: in a loop's header the options end it.</summary>
    private enum Mode { Plain, LoopHeader }

    private static bool StartsExpression(TokenKind kind) => kind is
        TokenKind.Identifier or TokenKind.LocalIdentifier or TokenKind.Number or TokenKind.String or TokenKind.Verbatim
        or TokenKind.InterpolationBegin or TokenKind.OpenParen or TokenKind.OpenBracket or TokenKind.OpenBrace
        or TokenKind.At or TokenKind.Caret or TokenKind.Exclamation;

    private static int PrecedenceOf(TokenKind kind) => kind switch
    {
        TokenKind.DoubleQuestion or TokenKind.QuestionExclamation => 20,
        TokenKind.Or => 30,
        TokenKind.And => 40,
        TokenKind.Equal or TokenKind.NotEqual => 70,
        TokenKind.Less or TokenKind.LessEqual or TokenKind.Greater or TokenKind.GreaterEqual => 80,
        TokenKind.Plus or TokenKind.Minus => 90,
        TokenKind.Asterisk or TokenKind.Slash or TokenKind.DoubleSlash or TokenKind.Percent
            or TokenKind.ShiftLeft or TokenKind.ShiftRight => 100,
        TokenKind.DoubleDot or TokenKind.DoubleDotLess => 130,
        _ => -1,
    };

    private static TokenKind? CompoundOperator(TokenKind kind) => kind switch
    {
        TokenKind.PlusAssign => TokenKind.Plus,
        TokenKind.MinusAssign => TokenKind.Minus,
        TokenKind.AsteriskAssign => TokenKind.Asterisk,
        TokenKind.SlashAssign => TokenKind.Slash,
        TokenKind.DoubleSlashAssign => TokenKind.DoubleSlash,
        TokenKind.PercentAssign => TokenKind.Percent,
        _ => null,
    };

    /// <summary>A whole expression: operands and operators, `?:`, pipes, and at the top level an assignment.</summary>
    private Expression? ParseExpression(bool topLevel, bool loopHeader = false)
    {
        var mode = loopHeader ? Mode.LoopHeader : Mode.Plain;
        if (!Enter(Current.Start)) return LeaveWith(null);
        var left = ParseConditional(mode);
        while (left is not null && IsPipeNext())
        {
            if (IsTooTall(left)) return LeaveWith(null);
            Next();
            SkipNewLines();
            if (!StartsExpression(Current.Kind))
            {
                Error(Current.Start, $"A pipe `|` needs a function on its right, but found `{Shown(Current)}`.", $"管道符 `|` 右侧需要函数，却遇到 `{Shown(Current)}`。");
                return LeaveWith(null);
            }
            var right = ParseConditional(mode);
            if (right is null) return LeaveWith(null);
            left = new PipeExpression(left.Start, right.End, left, right);
        }
        if (left is not null && (Current.Kind == TokenKind.Assign || CompoundOperator(Current.Kind) is not null))
            left = ParseAssignment(left, topLevel);
        return LeaveWith(left);
    }

    private Expression? LeaveWith(Expression? result)
    {
        Leave();
        return result;
    }

    // Operators side by side deepen the tree to the left as brackets deepen it to the right.
    private bool IsTooTall(Expression expression)
    {
        if (expression.Height < _limits.MaxDepth) return false;
        Error(expression.Start, $"The expression has more than {_limits.MaxDepth} parts in a row.", $"表达式连续超过 {_limits.MaxDepth} 个部分。");
        Stop();
        return true;
    }

    // A pipe may also begin the next line.
    private bool IsPipeNext()
    {
        if (Current.Kind != TokenKind.NewLine) return Current.Kind == TokenKind.Pipe;
        var ahead = _index;
        while (_tokens[ahead].Kind == TokenKind.NewLine) ahead++;
        if (_tokens[ahead].Kind != TokenKind.Pipe) return false;
        _index = ahead;
        return true;
    }

    private AssignExpression? ParseAssignment(Expression target, bool topLevel)
    {
        var operatorToken = Current;
        if (!topLevel)
        {
            Error(target.Start, "An assignment may only stand as a statement of its own.", "赋值只能单独作为一条语句。");
        }
        else if (!(target is CallExpression { Parenthesised: true } && operatorToken.Kind == TokenKind.Assign))
        {
            CheckTarget(target);
        }
        Next();
        if (!CanStartOperand)
        {
            Error(Current.Start, $"The assignment needs a value, but found `{Shown(Current)}`.", $"赋值需要一个值，却遇到 `{Shown(Current)}`。");
            return null;
        }
        var value = ParseExpression(topLevel: false);
        return value is null
            ? null
            : new AssignExpression(target.Start, value.End, target, CompoundOperator(operatorToken.Kind), operatorToken.Start, value);
    }

    private bool CanStartOperand =>
        StartsExpression(Current.Kind)
        || Current.Kind is TokenKind.Plus or TokenKind.Minus or TokenKind.PlusPlus or TokenKind.MinusMinus;

    private void CheckTarget(Expression target)
    {
        switch (target)
        {
            case NestedExpression nested:
                CheckTarget(nested.Inner);
                break;
            case NameExpression name:
                Assign(name.Name);
                break;
            case MemberExpression or IndexExpression:
                break;
            default:
                if (target != Nothing) Error(target.Start, "Nothing can be assigned to this expression.", "不能给这个表达式赋值。");
                break;
        }
    }

    private Expression? ParseConditional(Mode mode)
    {
        var condition = ParseOperand(0, calls: true, mode);
        if (condition is null || Current.Kind != TokenKind.Question) return condition;
        Next();
        SkipNewLines();
        var outer = _stops;
        _stops |= Stops.Colon;
        var then = ParseExpression(topLevel: false);
        _stops = outer;
        if (then is null || !Expect(TokenKind.Colon, ":")) return null;
        SkipNewLines();
        var otherwise = ParseExpression(topLevel: false);
        return otherwise is null ? null : new ConditionalExpression(condition.Start, otherwise.End, condition, then, otherwise);
    }

    /// <summary>Operands joined by operators that bind tighter than <paramref name="precedence"/>.</summary>
    private Expression? ParseOperand(int precedence, bool calls, Mode mode)
    {
        var left = ParsePrimary(calls);
        if (left is not null && calls && StartsExpression(Current.Kind) && !(mode == Mode.LoopHeader && IsLoopOption))
            left = ParseCall(left, precedence, mode);
        while (left is not null)
        {
            var token = Current;
            var newPrecedence = PrecedenceOf(token.Kind);
            if (newPrecedence <= precedence || (token.Kind == TokenKind.Or && _stops.HasFlag(Stops.Or))) break;
            if (IsTooTall(left)) return null;
            Next();
            if (!CanStartOperand)
            {
                Error(Current.Start,
                    $"The operator `{Shown(token)}` needs a value on its right, but found `{Shown(Current)}`.", $"运算符 `{Shown(token)}` 右侧需要一个值，却遇到 `{Shown(Current)}`。");
                return null;
            }
            var right = ParseOperand(newPrecedence, calls, mode);
            left = right is null ? null : new BinaryExpression(left.Start, right.End, token.Kind, token.Start, left, right);
        }
        return left;
    }

    /// <summary>Arguments that follow their function with blanks between: `f a b name: c`.</summary>
    private CallExpression? ParseCall(Expression target, int precedence, Mode mode)
    {
        var arguments = new List<Expression>();
        var named = new List<NamedArgument>();
        while (StartsExpression(Current.Kind) && !(mode == Mode.LoopHeader && IsLoopOption))
        {
            if (IsNamedArgument)
            {
                if (ParseNamedArgument(precedence) is not { } argument) return null;
                named.Add(argument);
            }
            else
            {
                if (ParseOperand(precedence, calls: false, mode) is not { } argument) return null;
                arguments.Add(argument);
            }
        }
        return new CallExpression(target.Start, PreviousEnd, target, arguments, named, Parenthesised: false);
    }

    private bool IsNamedArgument =>
        !_stops.HasFlag(Stops.Colon) && Current.Kind is TokenKind.Identifier or TokenKind.LocalIdentifier && Following.Kind == TokenKind.Colon;

    private NamedArgument? ParseNamedArgument(int precedence)
    {
        var start = Current.Start;
        var name = TextOf(Current).ToString();
        Next();
        Next();
        if (!CanStartOperand)
        {
            Error(Current.Start, $"The argument `{name}` needs a value, but found `{Shown(Current)}`.", $"参数 `{name}` 需要一个值，却遇到 `{Shown(Current)}`。");
            return null;
        }
        var value = ParseOperand(precedence, calls: false, Mode.Plain);
        return value is null ? null : new NamedArgument(start, name, value);
    }

    private bool Expect(TokenKind kind, string shown)
    {
        if (Current.Kind == kind)
        {
            Next();
            return true;
        }
        Error(Current.Start, $"`{shown}` is missing before `{Shown(Current)}`.", $"`{Shown(Current)}` 之前缺少 `{shown}`。");
        return false;
    }
}
