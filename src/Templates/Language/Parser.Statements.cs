namespace Engagement.Templates.Language;

internal sealed partial class Parser
{
    private static readonly LiteralExpression Nothing = new(0, 0, Value.Null);

    private IfStatement ParseIf()
    {
        var start = Current.Start;
        var branches = new List<(Expression, Block)>();
        Block? otherwise = null;
        Next();
        branches.Add(ParseBranch());
        while (IsWord("else"))
        {
            Next();
            if (IsWord("if"))
            {
                Next();
                branches.Add(ParseBranch());
                continue;
            }
            EndStatement();
            otherwise = ParseBlock(Closers.End);
            break;
        }
        ExpectEnd(start, "if");
        return new IfStatement(start, PreviousEnd, branches, otherwise);
    }

    private (Expression, Block) ParseBranch()
    {
        var condition = ExpectExpression("if");
        EndStatement();
        return (condition ?? Nothing, ParseBlock(Closers.End | Closers.Else));
    }

    private CaseStatement ParseCase()
    {
        var start = Current.Start;
        Next();
        var subject = ExpectExpression("case") ?? Nothing;
        EndStatement();
        var whens = new List<(IReadOnlyList<Expression>, Block)>();
        Block? otherwise = null;
        while (true)
        {
            SkipToWhen();
            if (IsWord("when"))
            {
                Next();
                var values = ParseWhenValues();
                EndStatement();
                _indent = null;
                whens.Add((values, ParseBlock(Closers.End | Closers.Else | Closers.When)));
            }
            else if (IsWord("else") && whens.Count > 0)
            {
                Next();
                EndStatement();
                otherwise = ParseBlock(Closers.End);
                break;
            }
            else if (IsWord("else"))
            {
                Error(Current.Start, "An `else` must follow an if, a when or a for loop.", "`else` 之前必须有 if、when 或 for 语句。");
                SkipStatement();
            }
            else
            {
                break;
            }
        }
        ExpectEnd(start, "case");
        return new CaseStatement(start, PreviousEnd, subject, whens, otherwise);
    }

    // Between `case` and the first `when` only blanks may stand.
    private void SkipToWhen()
    {
        while (!IsWord("when") && !IsWord("else") && !IsWord("end") && Current.Kind != TokenKind.EndOfFile)
        {
            var token = Current;
            var blank = token.Kind is TokenKind.NewLine or TokenKind.Semicolon or TokenKind.CodeEnter or TokenKind.CodeExit
                || (token.Kind == TokenKind.Text && TextOf(token).IsWhiteSpace());
            if (!blank)
            {
                Error(token.Start,
                    $"Unexpected `{Shown(token)}`: in a case only `when` and `else` may stand here.", $"多余的 `{Shown(token)}`：case 语句中此处只能是 `when` 或 `else`。");
                SkipStatement();
            }
            Next();
        }
    }

    private List<Expression> ParseWhenValues()
    {
        var values = new List<Expression>();
        var outer = _stops;
        _stops = Stops.Or;
        while (ExpectExpression("when") is { } value)
        {
            values.Add(value);
            if (Current.Kind is not (TokenKind.Comma or TokenKind.Or)) break;
            Next();
        }
        _stops = outer;
        return values;
    }

    private ForStatement ParseFor(bool table)
    {
        var (start, indent) = (Current.Start, _indent);
        var word = table ? "tablerow" : "for";
        Next();
        var known = false;
        var variable = Current.Kind is TokenKind.Identifier or TokenKind.LocalIdentifier
            ? ParsePostfix(ParseName())
            : null;
        if (variable is null)
        {
            Error(start, $"`{word}` needs a variable, but found `{Shown(Current)}`.", $"`{word}` 需要变量名，却遇到 `{Shown(Current)}`。");
            SkipStatement();
        }
        else if (!IsWord("in"))
        {
            Error(start, $"`{word}` needs the word `in`, but found `{Shown(Current)}`.", $"`{word}` 需要 `in`，却遇到 `{Shown(Current)}`。");
            SkipStatement();
        }
        else
        {
            known = true;
            Next();
        }
        var items = known ? ExpectExpression(word, loopHeader: true) ?? Nothing : Nothing;
        var options = ParseLoopOptions();
        EndStatement();
        if (variable is NameExpression name) Assign(name.Name);

        var body = ParseBlock(Closers.End | Closers.Else);
        Block? otherwise = null;
        if (IsWord("else"))
        {
            Next();
            EndStatement();
            otherwise = ParseBlock(Closers.End);
        }
        ExpectEnd(start, word);
        return new ForStatement(start, PreviousEnd, variable ?? Nothing, items, options, table, body, otherwise, indent);
    }

    private bool IsStatementEnd =>
        Current.Kind is TokenKind.NewLine or TokenKind.Semicolon or TokenKind.CodeExit or TokenKind.EndOfFile;

    private bool IsLoopOption =>
        Current.Kind == TokenKind.Identifier
        && (TextOf(Current) is "reversed" || (TextOf(Current) is "offset" or "limit" or "cols" && Following.Kind == TokenKind.Colon));

    private List<NamedArgument> ParseLoopOptions()
    {
        var options = new List<NamedArgument>();
        while (IsLoopOption)
        {
            var start = Current.Start;
            var name = TextOf(Current).ToString();
            Next();
            Expression value = Nothing;
            if (Current.Kind == TokenKind.Colon)
            {
                Next();
                value = ParseOperand(0, calls: false, Mode.LoopHeader) ?? Nothing;
            }
            options.Add(new NamedArgument(start, name, value));
        }
        return options;
    }

    private WhileStatement ParseWhile()
    {
        var start = Current.Start;
        Next();
        var condition = ExpectExpression("while") ?? Nothing;
        EndStatement();
        var body = ParseBlock(Closers.End);
        ExpectEnd(start, "while");
        return new WhileStatement(start, PreviousEnd, condition, body);
    }

    private CaptureStatement ParseCapture()
    {
        var start = Current.Start;
        Next();
        var target = ExpectExpression("capture") ?? Nothing;
        CheckTarget(target);
        EndStatement();
        var body = ParseBlock(Closers.End);
        ExpectEnd(start, "capture");
        return new CaptureStatement(start, PreviousEnd, target, body);
    }

    private WithStatement ParseWith()
    {
        var start = Current.Start;
        Next();
        Facts.Dynamic = true;
        var target = ExpectExpression("with") ?? Nothing;
        EndStatement();
        var body = ParseBlock(Closers.End);
        ExpectEnd(start, "with");
        return new WithStatement(start, PreviousEnd, target, body);
    }

    private WrapStatement ParseWrap()
    {
        var start = Current.Start;
        Next();
        Facts.Dynamic = true;
        var target = ExpectExpression("wrap") ?? Nothing;
        EndStatement();
        var body = ParseBlock(Closers.End);
        ExpectEnd(start, "wrap");
        return new WrapStatement(start, PreviousEnd, target, body);
    }

    private ImportStatement ParseImport()
    {
        var start = Current.Start;
        Next();
        Facts.Dynamic = true;
        var target = ExpectExpression("import") ?? Nothing;
        EndStatement();
        return new ImportStatement(start, PreviousEnd, target);
    }

    private ReadonlyStatement? ParseReadonly()
    {
        var start = Current.Start;
        Next();
        if (Current.Kind is not (TokenKind.Identifier or TokenKind.LocalIdentifier))
        {
            Error(Current.Start, $"`readonly` needs a variable, but found `{Shown(Current)}`.", $"`readonly` 需要变量名，却遇到 `{Shown(Current)}`。");
            SkipStatement();
            return null;
        }
        var name = ParseName();
        Assign(name.Name);
        EndStatement();
        return new ReadonlyStatement(start, name.End, name);
    }

    private ReturnStatement ParseReturn()
    {
        var start = Current.Start;
        Next();
        var value = IsStatementEnd ? null : ExpectExpression("ret");
        EndStatement();
        return new ReturnStatement(start, PreviousEnd, value);
    }

    private void Assign(string name)
    {
        if (name[0] != '$') Facts.Assigned.Add(name);
    }
}
