namespace Engagement.Templates.Language;

internal sealed partial class Parser
{
    private Expression? ParsePrimary(bool calls)
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Identifier: return ParseIdentifier();
            case TokenKind.LocalIdentifier: return ParsePostfix(ParseName());
            case TokenKind.Number: return ParseNumber();
            case TokenKind.String: return ParsePostfix(Literal(Value.From(Unescape(token.Start + 1, token.End - 1))));
            case TokenKind.Verbatim:
                return ParsePostfix(Literal(Value.From(_source.Text[(token.Start + 1)..(token.End - 1)].Replace("``", "`", StringComparison.Ordinal))));
            case TokenKind.InterpolationBegin: return ParseInterpolation();
            case TokenKind.OpenParen: return ParseNested();
            case TokenKind.OpenBracket: return ParseArray();
            case TokenKind.OpenBrace: return ParseObject();
            case TokenKind.PlusPlus or TokenKind.MinusMinus: return ParsePrefixStep();
            case TokenKind.Plus or TokenKind.Minus or TokenKind.Exclamation or TokenKind.At or TokenKind.Caret:
                Next();
                if (!CanStartOperand)
                {
                    Error(Current.Start,
                        $"The operator `{Shown(token)}` needs a value, but found `{Shown(Current)}`.", $"运算符 `{Shown(token)}` 需要一个值，却遇到 `{Shown(Current)}`。");
                    return null;
                }
                var functionWanted = token.Kind is TokenKind.At or TokenKind.Caret;
                var operand = Enter(token.Start) ? ParseOperand(UnaryPrecedence, calls && !functionWanted, Mode.Plain) : null;
                Leave();
                return operand is null ? null : new UnaryExpression(token.Start, operand.End, token.Kind, operand);
            default:
                Error(token.Start, $"Unexpected `{Shown(token)}` in an expression.", $"表达式中有多余的 `{Shown(token)}`。");
                return null;
        }
    }

    private LiteralExpression Literal(Value value)
    {
        var token = Current;
        Next();
        return new LiteralExpression(token.Start, token.End, value);
    }

    private NameExpression ParseName()
    {
        var token = Current;
        Next();
        return new NameExpression(token.Start, token.End, TextOf(token).ToString());
    }

    private Expression? ParseIdentifier()
    {
        switch (TextOf(Current))
        {
            case "true": return ParsePostfix(Literal(Value.True));
            case "false": return ParsePostfix(Literal(Value.False));
            case "null": return ParsePostfix(Literal(Value.Null));
            case "do": return ParseAnonymousFunction();
            case "for" or "while" or "tablerow" when Following.Kind == TokenKind.Dot:
                CheckLoopVariable();
                return ParsePostfix(ParseName());
            case "this" or "include" or "include_join":
                Facts.Dynamic = true;
                return ParsePostfix(ParseName());
            default: return ParsePostfix(ParseName());
        }
    }

    private void CheckLoopVariable()
    {
        var loop = TextOf(Current).ToString();
        var member = TextOf(_tokens[Math.Min(_index + 2, _tokens.Count - 1)]).ToString();
        var known = member is "index" or "first" or "even" or "odd"
            || (loop != "while" && member is "last" or "length" or "rindex" or "changed")
            || (loop == "tablerow" && member is "col");
        if (member is "changed") Facts.AsksChanged = true;
        if (!known) Error(Current.Start, $"There is no loop variable `{loop}.{member}`.", $"没有循环变量 `{loop}.{member}`。");
    }

    private bool AfterBlank => Current.Start > 0 && char.IsWhiteSpace(_source.Text[Current.Start - 1]);

    /// <summary>What hangs on a value without blanks: members, indexes, arguments in brackets, `++`.</summary>
    private Expression? ParsePostfix(Expression? target)
    {
        while (target is not null)
        {
            if (IsTooTall(target)) return null;
            var token = Current;
            if (token.Kind is TokenKind.Dot or TokenKind.QuestionDot) target = ParseMember(target);
            else if (token.Kind == TokenKind.OpenBracket && !AfterBlank) target = ParseIndex(target);
            else if (token.Kind == TokenKind.OpenParen && !AfterBlank && IsPath(target)) target = ParseBracketedCall(target);
            else if (token.Kind is TokenKind.PlusPlus or TokenKind.MinusMinus && IsPath(target))
            {
                Next();
                CheckTarget(target);
                return new StepExpression(target.Start, token.End, target, token.Kind == TokenKind.PlusPlus, Prefix: false);
            }
            else return target;
        }
        return null;
    }

    private static bool IsPath(Expression expression) => expression is NameExpression or MemberExpression or IndexExpression;

    private StepExpression? ParsePrefixStep()
    {
        var token = Current;
        Next();
        var target = Enter(token.Start) && CanStartOperand ? ParsePrimary(calls: false) : null;
        Leave();
        if (target is null || !IsPath(target))
        {
            Error(token.Start, $"`{Shown(token)}` needs a variable.", $"`{Shown(token)}` 需要变量。");
            return null;
        }
        CheckTarget(target);
        return new StepExpression(token.Start, target.End, target, token.Kind == TokenKind.PlusPlus, Prefix: true);
    }

    private MemberExpression? ParseMember(Expression target)
    {
        // Once `?.` was written, what hangs on it may be missing too.
        var optional = Current.Kind == TokenKind.QuestionDot || target is MemberExpression { Optional: true };
        Next();
        if (Current.Kind != TokenKind.Identifier)
        {
            Error(Current.Start, $"A member name is missing after the dot, found `{Shown(Current)}`.", $"点号后缺少成员名，却遇到 `{Shown(Current)}`。");
            return null;
        }
        var name = ParseName();
        if (name.Name is "eval" or "eval_template") Facts.Dynamic = true;
        return new MemberExpression(target.Start, name.End, target, name.Name, name.Start, optional);
    }

    private IndexExpression? ParseIndex(Expression target)
    {
        _newLinesAllowed++;
        Next();
        Expression? index = null;
        if (CanStartOperand) index = ParseExpression(topLevel: false);
        else Error(Current.Start, $"The index needs a value, but found `{Shown(Current)}`.", $"下标需要一个值，却遇到 `{Shown(Current)}`。");
        _newLinesAllowed--;
        if (index is null || !Expect(TokenKind.CloseBracket, "]")) return null;
        return new IndexExpression(target.Start, PreviousEnd, target, index);
    }

    private CallExpression? ParseBracketedCall(Expression target)
    {
        var arguments = new List<Expression>();
        var named = new List<NamedArgument>();
        var stops = _stops;
        _stops = Stops.None;
        _newLinesAllowed++;
        Next();
        var complete = true;
        while (complete && Current.Kind != TokenKind.CloseParen)
        {
            if (IsNamedArgument)
            {
                var argument = ParseNamedArgument(0);
                if (argument is not null) named.Add(argument);
                complete = argument is not null;
            }
            else
            {
                var argument = ParseExpression(topLevel: false);
                if (argument is not null) arguments.Add(argument);
                complete = argument is not null;
            }
            if (Current.Kind != TokenKind.Comma) break;
            Next();
        }
        _stops = stops;
        _newLinesAllowed--;
        if (!complete || !Expect(TokenKind.CloseParen, ")")) return null;
        return new CallExpression(target.Start, PreviousEnd, target, arguments, named, Parenthesised: true);
    }
}
