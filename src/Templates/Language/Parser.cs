using System.Runtime.CompilerServices;

namespace Engagement.Templates.Language;

/// <summary>What the compiler must know of a whole template before it compiles its first line.</summary>
internal sealed class TemplateFacts
{
    /// <summary>Global names that the template itself may give a value.</summary>
    public HashSet<string> Assigned { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether names may also come to be by other ways: `with`, `import`, `this`, an include, an evaluated text.</summary>
    public bool Dynamic { get; set; }

    /// <summary>Whether a loop is asked if its item changed, which costs a comparison each round.</summary>
    public bool AsksChanged { get; set; }
}

/// <summary>Reads the tokens of a template into a syntax tree; goes on after an error, so that several are reported.</summary>
internal sealed partial class Parser
{
    private const int MaxErrors = 20;

    private readonly SourceText _source;
    private readonly TemplateLimits _limits;
    private readonly List<(int Offset, Wording Wording)> _errors;
    private readonly List<Token> _tokens;
    private int _index;
    private int _depth;
    private bool _stopped;
    private int _newLinesAllowed;
    private string? _indent;
    private string? _blockIndent;

    private Parser(SourceText source, TemplateLimits limits, bool codeOnly)
    {
        _source = source;
        _limits = limits;
        _errors = [];
        _tokens = Lexer.Run(source.Text, codeOnly, _errors);
    }

    private TemplateFacts Facts { get; } = new();

    /// <exception cref="TemplateException">The source is not a template.</exception>
    public static (Block Body, TemplateFacts Facts) Parse(SourceText source, TemplateLimits limits, bool codeOnly)
    {
        if (source.Text.Length > limits.MaxSource)
        {
            throw new TemplateException([source.Error(0, new(
                $"The template is longer than {limits.MaxSource} characters.", $"模板超过了 {limits.MaxSource} 个字符。"))]);
        }
        var parser = new Parser(source, limits, codeOnly);
        var body = parser.ParseBlock(Closers.None);
        if (parser._errors.Count == 0) return (body, parser.Facts);

        throw new TemplateException(
            [.. parser._errors.OrderBy(error => error.Offset).Take(MaxErrors).Select(error => source.Error(error.Offset, error.Wording))]);
    }

    [Flags]
    private enum Closers { None = 0, End = 1, Else = 2, When = 4 }

    private Token Current => _tokens[_index];

    private Token Following => _tokens[Math.Min(_index + 1, _tokens.Count - 1)];

    private int PreviousEnd => _index == 0 ? 0 : _tokens[_index - 1].End;

    private bool IsWord(string word) => Current.Kind == TokenKind.Identifier && TextOf(Current).SequenceEqual(word);

    private ReadOnlySpan<char> TextOf(Token token) => _source.Text.AsSpan(token.Start, token.End - token.Start);

    private void Next()
    {
        if (_index < _tokens.Count - 1) _index++;
        if (_newLinesAllowed > 0) SkipNewLines();
    }

    private void SkipNewLines()
    {
        while (Current.Kind == TokenKind.NewLine) _index++;
    }

    private void Error(int offset, string english, string chinese)
    {
        if (_stopped) return;
        _errors.Add((offset, new Wording(english, chinese)));
        if (_errors.Count >= MaxErrors) Stop();
    }

    /// <summary>Gives up: every loop of the parser ends at the end of the file.</summary>
    private void Stop()
    {
        _index = _tokens.Count - 1;
        // What then lacks its end lacks it only because nobody read on.
        _stopped = true;
    }

    private string Shown(Token token) => token.Kind switch
    {
        TokenKind.NewLine => "\\n",
        TokenKind.EndOfFile => "<eof>",
        _ => TextOf(token)[..Math.Min(40, token.End - token.Start)].ToString(),
    };

    private bool Enter(int offset)
    {
        if (++_depth <= _limits.MaxDepth && RuntimeHelpers.TryEnsureSufficientExecutionStack()) return true;
        if (_index < _tokens.Count - 1)
        {
            Error(offset, $"Brackets or blocks are nested deeper than {_limits.MaxDepth}.", $"括号或语句块嵌套超过 {_limits.MaxDepth} 层。");
            Stop();
        }
        return false;
    }

    private void Leave() => _depth--;

    private Block ParseBlock(Closers closers)
    {
        var statements = new List<Statement>();
        // What stands in the block of `  {{ if x }}` is indented as the `if` is.
        var (start, indent, outer) = (Current.Start, _indent, _blockIndent);
        _blockIndent = indent;
        if (Enter(start))
        {
            while (Current.Kind != TokenKind.EndOfFile)
            {
                if (IsCloser(closers)) break;
                var before = _index;
                if (ParseStatement() is { } statement) statements.Add(statement);
                if (_index == before) Next();
            }
        }
        Leave();
        (_indent, _blockIndent) = (indent, outer);
        return new Block(start, PreviousEnd, statements);
    }

    private bool IsCloser(Closers closers)
    {
        if (Current.Kind != TokenKind.Identifier || Following.Kind is TokenKind.Dot or TokenKind.Assign) return false;
        switch (TextOf(Current))
        {
            case "end":
                if (closers.HasFlag(Closers.End)) return true;
                Error(Current.Start, "This `end` closes nothing.", "这个 `end` 没有对应的语句。");
                SkipStatement();
                return false;
            case "else":
                if (closers.HasFlag(Closers.Else)) return true;
                Error(Current.Start, "An `else` must follow an if, a when or a for loop.", "`else` 之前必须有 if、when 或 for 语句。");
                SkipStatement();
                return false;
            case "when":
                if (closers.HasFlag(Closers.When)) return true;
                Error(Current.Start, "A `when` must stand in a case.", "`when` 只能写在 case 语句中。");
                SkipStatement();
                return false;
            default:
                return false;
        }
    }

    private void SkipStatement()
    {
        while (Current.Kind is not (TokenKind.NewLine or TokenKind.Semicolon or TokenKind.CodeExit or TokenKind.EndOfFile)) _index++;
    }

    private Statement? ParseStatement()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Text:
                Next();
                return new TextStatement(token.Start, token.End, _indent);
            case TokenKind.CodeEnter:
                _indent = FindIndent(token);
                Next();
                return null;
            case TokenKind.CodeExit:
                _indent = _blockIndent;
                Next();
                return null;
            case TokenKind.NewLine or TokenKind.Semicolon:
                Next();
                return null;
            case TokenKind.Identifier when Following.Kind is not (TokenKind.Dot or TokenKind.Assign or TokenKind.QuestionDot):
                return ParseKeywordStatement(token) ?? ParseExpressionStatement();
            default:
                return ParseExpressionStatement();
        }
    }

    private Statement? ParseKeywordStatement(Token token)
    {
        switch (TextOf(token))
        {
            case "if": return ParseIf();
            case "case": return ParseCase();
            case "for": return ParseFor(table: false);
            case "tablerow": return ParseFor(table: true);
            case "while": return ParseWhile();
            case "func": return ParseFunction();
            case "capture": return ParseCapture();
            case "with": return ParseWith();
            case "wrap": return ParseWrap();
            case "import": return ParseImport();
            case "readonly": return ParseReadonly();
            case "ret": return ParseReturn();
            case "break":
                Next();
                EndStatement();
                return new BreakStatement(token.Start, token.End);
            case "continue":
                Next();
                EndStatement();
                return new ContinueStatement(token.Start, token.End);
            default: return null;
        }
    }

    /// <summary>The blanks before a code mark that is the first thing on its line; null when there are none.</summary>
    private string? FindIndent(Token enter)
    {
        var text = _source.Text;
        if (enter.End - enter.Start != 2 || _index == 0) return null;
        var before = _tokens[_index - 1];
        if (before.Kind != TokenKind.Text || before.End != enter.Start) return null;

        var start = enter.Start;
        while (start > before.Start && text[start - 1] is ' ' or '\t') start--;
        var atLineStart = start == 0 || text[start - 1] == '\n';
        return atLineStart && start < enter.Start ? text[start..enter.Start] : null;
    }

    private Statement? ParseExpressionStatement()
    {
        var start = Current.Start;
        var indent = _indent;
        var expression = ParseExpression(topLevel: true);
        if (expression is null)
        {
            SkipStatement();
            return null;
        }
        EndStatement();
        if (expression is AssignExpression { Target: CallExpression } assignment) return InlineFunction(assignment);
        return new OutputStatement(start, expression.End, expression, indent);
    }

    /// <summary>After a statement comes a line end, a semicolon or the end of the code; anything else is an error.</summary>
    private void EndStatement()
    {
        if (Current.Kind is TokenKind.NewLine or TokenKind.Semicolon or TokenKind.CodeExit or TokenKind.EndOfFile) return;
        Error(Current.Start, $"Unexpected `{Shown(Current)}`: the statement should end here.", $"多余的 `{Shown(Current)}`：语句应在此结束。");
        SkipStatement();
    }

    private void ExpectEnd(int statementStart, string statement)
    {
        if (IsWord("end"))
        {
            Next();
            return;
        }
        Error(statementStart, $"This `{statement}` is not closed: its `end` is missing.", $"`{statement}` 语句没有结束：缺少对应的 `end`。");
    }

    /// <summary>An expression that a statement needs; reports when there is none.</summary>
    private Expression? ExpectExpression(string statement, bool loopHeader = false)
    {
        if (!StartsExpression(Current.Kind) && Current.Kind is not (TokenKind.Plus or TokenKind.Minus or TokenKind.PlusPlus or TokenKind.MinusMinus))
        {
            Error(Current.Start,
                $"`{statement}` needs an expression here, but found `{Shown(Current)}`.", $"`{statement}` 此处需要表达式，却遇到 `{Shown(Current)}`。");
            return null;
        }
        return ParseExpression(topLevel: false, loopHeader: loopHeader);
    }
}
