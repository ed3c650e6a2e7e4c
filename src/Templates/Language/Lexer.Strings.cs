namespace Engagement.Templates.Language;

internal sealed partial class Lexer
{
    private void ReadString(char quote)
    {
        var start = _position++;
        while (_position < _text.Length && Peek() != quote) _position += Peek() == '\\' ? 2 : 1;
        if (_position >= _text.Length)
        {
            _position = _text.Length;
            _errors.Add((start, new($"The string is not closed: {quote} is missing.", $"字符串没有结束：缺少 {quote}。")));
            return;
        }
        _position++;
        Add(TokenKind.String, start);
    }

    private void ReadVerbatim()
    {
        var start = _position++;
        while (_position < _text.Length && (Peek() != '`' || Peek(1) == '`')) _position += Peek() == '`' ? 2 : 1;
        if (_position >= _text.Length)
        {
            _position = _text.Length;
            _errors.Add((start, new("The string is not closed: ` is missing.", "字符串没有结束：缺少 `。")));
            return;
        }
        _position++;
        Add(TokenKind.Verbatim, start);
    }

    // Interpolated strings nest by recursion, which an explicit depth guards.
    private int _interpolations;

    private void ReadInterpolation()
    {
        var quote = Peek(1);
        Take(TokenKind.InterpolationBegin, 2);
        if (++_interpolations > 50)
        {
            _errors.Add((_position, new("Interpolated strings are nested too deeply.", "插值字符串嵌套过深。")));
            _position = _text.Length;
        }
        while (ReadInterpolationText(quote)) ReadInterpolationCode();
        _interpolations--;
    }

    private bool ReadInterpolationText(char quote)
    {
        var start = _position;
        while (_position < _text.Length && Peek() != quote && Peek() != '{') _position += Peek() == '\\' ? 2 : 1;
        if (_position >= _text.Length)
        {
            _position = _text.Length;
            _errors.Add((start, new($"The string is not closed: {quote} is missing.", $"字符串没有结束：缺少 {quote}。")));
            Add(TokenKind.InterpolationEnd, _position);
            return false;
        }
        Add(TokenKind.InterpolationText, start);
        if (Peek() == quote)
        {
            Take(TokenKind.InterpolationEnd, 1);
            return false;
        }
        Take(TokenKind.InterpolationOpen, 1);
        return true;
    }

    private void ReadInterpolationCode()
    {
        var braces = 0;
        while (_position < _text.Length && !(Peek() == '}' && braces == 0))
        {
            if (Peek() == '\n')
            {
                _errors.Add((_position, new(
                    "The expression in the interpolated string is not closed on the same line.", "插值字符串中的表达式没有在同一行结束。")));
                break;
            }
            if (Peek() == '{') braces++;
            else if (Peek() == '}') braces--;
            ReadToken();
        }
        if (Peek() == '}') Take(TokenKind.InterpolationClose, 1);
        else Add(TokenKind.InterpolationClose, _position);
    }
}
