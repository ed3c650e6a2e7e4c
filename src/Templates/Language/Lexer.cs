namespace Engagement.Templates.Language;

/// <summary>Cuts a template into tokens: text outside the code marks, code inside them.</summary>
internal sealed partial class Lexer
{
    private readonly string _text;
    private readonly List<Token> _tokens;
    private readonly List<(int Offset, Wording Wording)> _errors;
    private int _position;

    private Lexer(string text, List<(int, Wording)> errors)
    {
        _text = text;
        _errors = errors;
        _tokens = new List<Token>((text.Length / 6) + 8);
    }

    public static List<Token> Run(string text, bool codeOnly, List<(int Offset, Wording Wording)> errors)
    {
        var lexer = new Lexer(text, errors);
        if (codeOnly) lexer.ReadCode();
        while (lexer._position < text.Length)
        {
            if (lexer.ReadText()) lexer.ReadCode();
        }
        lexer.Add(TokenKind.EndOfFile, text.Length);
        return lexer._tokens;
    }

    private char Peek(int ahead = 0) => _position + ahead < _text.Length ? _text[_position + ahead] : '\0';

    private void Add(TokenKind kind, int start) => _tokens.Add(new Token(kind, start, _position));

    private void Take(TokenKind kind, int length)
    {
        var start = _position;
        _position += length;
        Add(kind, start);
    }

    // Returns true when a code mark was read, false after an escape block or at the end of the source.
    private bool ReadText()
    {
        var start = _position;
        while (true)
        {
            var brace = _text.AsSpan(_position).IndexOf('{');
            if (brace < 0)
            {
                _position = _text.Length;
                AddText(start, _position, '\0');
                return false;
            }
            _position += brace;
            if (Peek(1) == '{')
            {
                EnterCode(start);
                return true;
            }
            if (Peek(1) == '%' && TryReadEscape(start)) return false;
            _position++;
        }
    }

    private void EnterCode(int textStart)
    {
        var mark = Peek(2) is '-' or '~' ? Peek(2) : '\0';
        AddText(textStart, _position, mark);
        Take(TokenKind.CodeEnter, mark == '\0' ? 2 : 3);
    }

    private bool TryReadEscape(int textStart)
    {
        var percents = 1;
        while (Peek(1 + percents) == '%') percents++;
        if (Peek(1 + percents) != '{') return false;

        var open = _position;
        var mark = Peek(2 + percents) is '-' or '~' ? Peek(2 + percents) : '\0';
        var contentStart = _position + 2 + percents + (mark == '\0' ? 0 : 1);
        var closing = string.Concat("}", new string('%', percents), "}");
        var close = _text.IndexOf(closing, contentStart, StringComparison.Ordinal);
        if (close < 0)
        {
            _errors.Add((open, new($"The escape block is not closed: `{closing}` is missing.", $"转义块没有结束：缺少 `{closing}`。")));
            _position = _text.Length;
            return true;
        }
        AddText(textStart, open, mark);
        var right = close > contentStart && _text[close - 1] is '-' or '~' ? _text[close - 1] : '\0';
        var contentEnd = right == '\0' ? close : close - 1;
        if (contentEnd > contentStart) _tokens.Add(new Token(TokenKind.Text, contentStart, contentEnd));
        _position = close + closing.Length;
        StripRight(right);
        return true;
    }

    private void AddText(int start, int end, char mark)
    {
        if (mark == '-')
        {
            while (end > start && char.IsWhiteSpace(_text[end - 1])) end--;
        }
        else if (mark == '~')
        {
            while (end > start && _text[end - 1] is ' ' or '\t') end--;
        }
        if (end > start) _tokens.Add(new Token(TokenKind.Text, start, end));
    }

    private void StripRight(char mark)
    {
        if (mark == '-')
        {
            while (_position < _text.Length && char.IsWhiteSpace(_text[_position])) _position++;
        }
        else if (mark == '~')
        {
            while (Peek() is ' ' or '\t' or '\r') _position++;
            if (Peek() == '\n') _position++;
        }
    }

    private void ReadCode()
    {
        var braces = 0;
        while (_position < _text.Length)
        {
            if (Peek() is '-' or '~' && Peek(1) == '}' && Peek(2) == '}')
            {
                var mark = Peek();
                Take(TokenKind.CodeExit, 3);
                StripRight(mark);
                return;
            }
            if (Peek() == '}' && Peek(1) == '}' && braces == 0)
            {
                Take(TokenKind.CodeExit, 2);
                return;
            }
            if (Peek() == '{') braces++;
            else if (Peek() == '}' && braces > 0) braces--;
            ReadToken();
        }
    }

    private void ReadToken()
    {
        var current = Peek();
        switch (current)
        {
            case '\n': Take(TokenKind.NewLine, 1); return;
            case '\r' or ' ' or '\t': _position++; return;
            case '#': SkipComment(); return;
            case '"' or '\'': ReadString(current); return;
            case '`': ReadVerbatim(); return;
            case '$' when Peek(1) is '"' or '\'': ReadInterpolation(); return;
            case '$': ReadLocal(); return;
        }
        if (char.IsLetter(current) || current == '_') ReadIdentifier();
        else if (char.IsAsciiDigit(current)) ReadNumber();
        else if (char.IsWhiteSpace(current) || current == '\uFEFF') _position++;
        else ReadOperator();
    }

    private void SkipComment()
    {
        var multi = Peek(1) == '#';
        _position += multi ? 2 : 1;
        while (_position < _text.Length)
        {
            if (Peek() == '}' && Peek(1) == '}') return;
            // The strip mark belongs to the code exit, not to the comment.
            if (Peek() is '-' or '~' && Peek(1) == '}' && Peek(2) == '}') return;
            if (multi && Peek() == '#' && Peek(1) == '#')
            {
                _position += 2;
                return;
            }
            if (!multi && Peek() == '\n') return;
            _position++;
        }
    }

    private void ReadIdentifier()
    {
        var start = _position;
        while (char.IsLetterOrDigit(Peek()) || Peek() == '_') _position++;
        // "empty?" is a member name; "empty ?? x" and "empty?.x" are not.
        if (Peek() == '?' && Peek(1) is not ('?' or '!' or '.') && start > 0 && _text[start - 1] == '.'
            && _text.AsSpan(start, _position - start).SequenceEqual("empty")) _position++;
        Add(TokenKind.Identifier, start);
    }

    private void ReadLocal()
    {
        var start = _position++;
        if (Peek() == '$') _position++;
        else
            while (char.IsLetterOrDigit(Peek()) || Peek() == '_') _position++;
        Add(TokenKind.LocalIdentifier, start);
    }

    private void ReadNumber()
    {
        var start = _position;
        if (Peek() == '0' && Peek(1) is 'x' or 'X')
        {
            _position += 2;
            while (char.IsAsciiHexDigit(Peek()) || Peek() == '_') _position++;
            if (Peek() is 'u' or 'U') _position++;
        }
        else if (Peek() == '0' && Peek(1) is 'b' or 'B')
        {
            _position += 2;
            while (Peek() is '0' or '1' or '_') _position++;
            if (Peek() is 'u' or 'U') _position++;
        }
        else
        {
            ReadDecimal();
        }
        Add(TokenKind.Number, start);
    }

    private void ReadDecimal()
    {
        while (char.IsAsciiDigit(Peek()) || Peek() == '_') _position++;
        if (Peek() == '.' && char.IsAsciiDigit(Peek(1)))
        {
            _position++;
            while (char.IsAsciiDigit(Peek()) || Peek() == '_') _position++;
        }
        if (Peek() is 'e' or 'E' && (char.IsAsciiDigit(Peek(1)) || (Peek(1) is '+' or '-' && char.IsAsciiDigit(Peek(2)))))
        {
            _position += 2;
            while (char.IsAsciiDigit(Peek())) _position++;
        }
        if (Peek() is 'f' or 'F' or 'd' or 'D' or 'm' or 'M' && !char.IsLetterOrDigit(Peek(1))) _position++;
    }

    private void ReadOperator()
    {
        var (kind, length) = Peek() switch
        {
            '+' => Peek(1) switch { '+' => (TokenKind.PlusPlus, 2), '=' => (TokenKind.PlusAssign, 2), _ => (TokenKind.Plus, 1) },
            '-' => Peek(1) switch { '-' => (TokenKind.MinusMinus, 2), '=' => (TokenKind.MinusAssign, 2), _ => (TokenKind.Minus, 1) },
            '*' => Peek(1) == '=' ? (TokenKind.AsteriskAssign, 2) : (TokenKind.Asterisk, 1),
            '/' when Peek(1) == '/' => Peek(2) == '=' ? (TokenKind.DoubleSlashAssign, 3) : (TokenKind.DoubleSlash, 2),
            '/' => Peek(1) == '=' ? (TokenKind.SlashAssign, 2) : (TokenKind.Slash, 1),
            '%' => Peek(1) == '=' ? (TokenKind.PercentAssign, 2) : (TokenKind.Percent, 1),
            '^' => (TokenKind.Caret, 1),
            '=' => Peek(1) == '=' ? (TokenKind.Equal, 2) : (TokenKind.Assign, 1),
            '!' => Peek(1) == '=' ? (TokenKind.NotEqual, 2) : (TokenKind.Exclamation, 1),
            '<' => Peek(1) switch { '=' => (TokenKind.LessEqual, 2), '<' => (TokenKind.ShiftLeft, 2), _ => (TokenKind.Less, 1) },
            '>' => Peek(1) switch { '=' => (TokenKind.GreaterEqual, 2), '>' => (TokenKind.ShiftRight, 2), _ => (TokenKind.Greater, 1) },
            '&' when Peek(1) == '&' => (TokenKind.And, 2),
            '|' => Peek(1) switch { '|' => (TokenKind.Or, 2), '>' => (TokenKind.Pipe, 2), _ => (TokenKind.Pipe, 1) },
            '?' => Peek(1) switch
            {
                '?' => (TokenKind.DoubleQuestion, 2), '!' => (TokenKind.QuestionExclamation, 2),
                '.' => (TokenKind.QuestionDot, 2), _ => (TokenKind.Question, 1),
            },
            '.' when Peek(1) == '.' => Peek(2) switch
            {
                '<' => (TokenKind.DoubleDotLess, 3), '.' => (TokenKind.TripleDot, 3), _ => (TokenKind.DoubleDot, 2),
            },
            '.' => (TokenKind.Dot, 1),
            '@' => (TokenKind.At, 1), ',' => (TokenKind.Comma, 1), ':' => (TokenKind.Colon, 1), ';' => (TokenKind.Semicolon, 1),
            '(' => (TokenKind.OpenParen, 1), ')' => (TokenKind.CloseParen, 1),
            '[' => (TokenKind.OpenBracket, 1), ']' => (TokenKind.CloseBracket, 1),
            '{' => (TokenKind.OpenBrace, 1), '}' => (TokenKind.CloseBrace, 1),
            _ => (TokenKind.Invalid, 1),
        };
        Take(kind, length);
    }
}
