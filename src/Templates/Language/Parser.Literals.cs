using System.Globalization;
using System.Numerics;
using System.Text;

namespace Engagement.Templates.Language;

internal sealed partial class Parser
{
    // Digits that an exponent may add to an integer; beyond, the literal is a mistake or an attack.
    private const int MaxExponent = 1_000;

    private Expression? ParseNested()
    {
        var start = Current.Start;
        var stops = _stops;
        _stops = Stops.None;
        _newLinesAllowed++;
        Next();
        var inner = ParseExpression(topLevel: false);
        _newLinesAllowed--;
        _stops = stops;
        if (inner is null || !Expect(TokenKind.CloseParen, ")")) return null;
        return ParsePostfix(new NestedExpression(start, PreviousEnd, inner));
    }

    private Expression? ParseArray()
    {
        var start = Current.Start;
        var items = new List<Expression>();
        var stops = _stops;
        _stops = Stops.None;
        _newLinesAllowed++;
        Next();
        var complete = true;
        while (Current.Kind != TokenKind.CloseBracket)
        {
            var item = CanStartOperand ? ParseExpression(topLevel: false) : null;
            if (item is null)
            {
                if (!CanStartOperand)
                    Error(Current.Start, $"The list needs a value or `]`, but found `{Shown(Current)}`.", $"列表此处需要值或 `]`，却遇到 `{Shown(Current)}`。");
                complete = false;
                break;
            }
            items.Add(item);
            if (Current.Kind != TokenKind.Comma) break;
            Next();
        }
        _newLinesAllowed--;
        _stops = stops;
        if (!complete || !Expect(TokenKind.CloseBracket, "]")) return null;
        return ParsePostfix(new ArrayExpression(start, PreviousEnd, items));
    }

    private Expression? ParseObject()
    {
        var start = Current.Start;
        var members = new List<(string, Expression)>();
        var stops = _stops;
        _stops = Stops.None;
        _newLinesAllowed++;
        Next();
        var complete = true;
        while (Current.Kind != TokenKind.CloseBrace)
        {
            if (ParseObjectMember() is not { } member)
            {
                complete = false;
                break;
            }
            members.Add(member);
            if (Current.Kind != TokenKind.Comma) break;
            Next();
        }
        _newLinesAllowed--;
        _stops = stops;
        if (!complete || !Expect(TokenKind.CloseBrace, "}")) return null;
        return ParsePostfix(new ObjectExpression(start, PreviousEnd, members));
    }

    private (string, Expression)? ParseObjectMember()
    {
        var token = Current;
        if (token.Kind is not (TokenKind.Identifier or TokenKind.String))
        {
            Error(token.Start, $"The object needs a member name, but found `{Shown(token)}`.", $"对象此处需要成员名，却遇到 `{Shown(token)}`。");
            return null;
        }
        var name = token.Kind == TokenKind.String ? Unescape(token.Start + 1, token.End - 1) : TextOf(token).ToString();
        Next();
        if (!Expect(TokenKind.Colon, ":")) return null;
        if (!CanStartOperand)
        {
            Error(Current.Start, $"The member `{name}` needs a value, but found `{Shown(Current)}`.", $"成员 `{name}` 需要一个值，却遇到 `{Shown(Current)}`。");
            return null;
        }
        return ParseExpression(topLevel: false) is { } value ? (name, value) : null;
    }

    private Expression? ParseInterpolation()
    {
        var start = Current.Start;
        var parts = new List<Expression>();
        var newLines = _newLinesAllowed;
        _newLinesAllowed = 0;
        Next();
        while (Current.Kind is TokenKind.InterpolationText or TokenKind.InterpolationOpen)
        {
            var token = Current;
            if (token.Kind == TokenKind.InterpolationText)
            {
                var text = Unescape(token.Start, token.End);
                Next();
                if (text.Length > 0) parts.Add(new LiteralExpression(token.Start, token.End, Value.From(text)));
                continue;
            }
            Next();
            if (ParseExpression(topLevel: false) is not { } part || !Expect(TokenKind.InterpolationClose, "}"))
            {
                _newLinesAllowed = newLines;
                return null;
            }
            parts.Add(part);
        }
        _newLinesAllowed = newLines;
        if (Current.Kind == TokenKind.InterpolationEnd) Next();
        return ParsePostfix(new InterpolationExpression(start, PreviousEnd, parts));
    }

    private Expression? ParseNumber()
    {
        var token = Current;
        var text = TextOf(token).ToString().Replace("_", "", StringComparison.Ordinal);
        if (NumberOf(text) is not { } value)
        {
            Error(token.Start, $"`{text}` is not a number that can be held.", $"`{text}` 不是可以表示的数字。");
            return null;
        }
        return ParsePostfix(Literal(value));
    }

    private static Value? NumberOf(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            var digits = text[2..].TrimEnd('u', 'U');
            return BigInteger.TryParse("0" + digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hex) && digits.Length is > 0 and < 64
                ? Value.From(hex) : null;
        }
        if (text.StartsWith("0b", StringComparison.OrdinalIgnoreCase))
        {
            var digits = text[2..].TrimEnd('u', 'U');
            return BigInteger.TryParse("0" + digits, NumberStyles.BinaryNumber, CultureInfo.InvariantCulture, out var binary) && digits.Length is > 0 and < 256
                ? Value.From(binary) : null;
        }
        switch (text[^1])
        {
            case 'f' or 'F':
                return float.TryParse(text.AsSpan(..^1), NumberStyles.Float, CultureInfo.InvariantCulture, out var single) ? Value.FromSingle(single) : null;
            case 'd' or 'D':
                return double.TryParse(text.AsSpan(..^1), NumberStyles.Float, CultureInfo.InvariantCulture, out var twice) ? Value.From(twice) : null;
            case 'm' or 'M':
                return decimal.TryParse(text.AsSpan(..^1), NumberStyles.Float, CultureInfo.InvariantCulture, out var money) ? Value.From(money) : null;
        }
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var integer)) return Value.From(integer);
        return text.Contains('.', StringComparison.Ordinal) || text.Contains("e-", StringComparison.OrdinalIgnoreCase)
            ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? Value.From(real) : null
            : BigIntegerOf(text);
    }

    private static Value? BigIntegerOf(string text)
    {
        var exponentAt = text.IndexOfAny(['e', 'E']);
        var exponent = 0;
        if (exponentAt >= 0 && (!int.TryParse(text.AsSpan(exponentAt + 1), out exponent) || exponent > MaxExponent)) return null;
        var digits = exponentAt < 0 ? text : text[..exponentAt];
        if (digits.Length > MaxExponent) return null;
        return Value.From(BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) * BigInteger.Pow(10, exponent));
    }

    private string Unescape(int start, int end)
    {
        var raw = _source.Text.AsSpan(start, end - start);
        if (!raw.Contains('\\')) return raw.ToString();
        var result = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\' || i + 1 == raw.Length)
            {
                result.Append(raw[i]);
                continue;
            }
            i++;
            switch (raw[i])
            {
                case 'n': result.Append('\n'); break;
                case 'r': result.Append('\r'); break;
                case 't': result.Append('\t'); break;
                case 'b': result.Append('\b'); break;
                case 'f': result.Append('\f'); break;
                case '0': result.Append('\0'); break;
                case 'u': i += AppendCode(result, raw, i + 1, 4, start); break;
                case 'x': i += AppendCode(result, raw, i + 1, 2, start); break;
                case '\n': break;
                case '\r':
                    if (i + 1 < raw.Length && raw[i + 1] == '\n') i++;
                    break;
                case '\\' or '"' or '\'' or '{' or '}': result.Append(raw[i]); break;
                default:
                    Error(start + i - 1, $"`\\{raw[i]}` is not an escape in a string; write \\\\ for a backslash.", $"字符串中没有转义 `\\{raw[i]}`；反斜杠请写成 \\\\。");
                    break;
            }
        }
        return result.ToString();
    }

    private int AppendCode(StringBuilder result, ReadOnlySpan<char> raw, int at, int length, int start)
    {
        if (at + length <= raw.Length && ushort.TryParse(raw.Slice(at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            result.Append((char)code);
            return length;
        }
        Error(start + at, $"{length} hexadecimal digits are expected here.", $"此处应有 {length} 位十六进制数字。");
        return 0;
    }
}
