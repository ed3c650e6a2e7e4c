using System.Globalization;
using System.Text;
using static Engagement.Templates.Language.Conversions;

namespace Engagement.Templates.Language;

internal static class StringFunctions
{
    public static readonly BuiltinGroup Group = new BuiltinGroup("string")
        .Add("append", "text with", static (c, a) => Joined(c, Text(c, a[0]), Text(c, a[1])))
        .Add("base64_decode", "text", Hashing.Base64Decode)
        .Add("base64_encode", "text", static (c, a) => Value.From(c.ChargeText(Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(c, a[0]))))))
        .Add("capitalize", "text", static (c, a) => Value.From(Capitalize(Text(c, a[0]))))
        .Add("capitalizewords", "text", static (c, a) => Value.From(CapitalizeWords(Text(c, a[0]))))
        .Add("contains", "text value", static (c, a) => Value.From(Holds(c, a, out var text, out var part) && text.Contains(part, StringComparison.Ordinal)))
        .AddOfText("downcase", "text", static (c, a) => Value.From(Text(c, a[0]).ToLowerInvariant()))
        .Add("empty", "text", static (c, a) => Value.From(Text(c, a[0]).Length == 0))
        .Add("ends_with", "text value", static (c, a) => Value.From(Holds(c, a, out var text, out var part) && text.EndsWith(part, StringComparison.Ordinal)))
        .Add("equals_ignore_case", "text value", static (c, a) => Value.From(!a[0].IsNull && !a[1].IsNull && Text(c, a[0]).Equals(Text(c, a[1]), StringComparison.OrdinalIgnoreCase)))
        .AddOfText("escape", "text", static (c, a) => Value.From(c.ChargeText(Formatter.Escape(Text(c, a[0])))))
        .Add("handleize", "text", static (c, a) => Value.From(Handleize(Text(c, a[0]))))
        .Add("hmac_sha1", "text secretKey", static (c, a) => Hashing.Keyed(c, a, System.Security.Cryptography.HashAlgorithmName.SHA1))
        .Add("hmac_sha256", "text secretKey", static (c, a) => Hashing.Keyed(c, a, System.Security.Cryptography.HashAlgorithmName.SHA256))
        .Add("hmac_sha512", "text secretKey", static (c, a) => Hashing.Keyed(c, a, System.Security.Cryptography.HashAlgorithmName.SHA512))
        .Add("index_of", "text search startIndex? count? stringComparison?", IndexOf)
        .Add("literal", "text", static (c, a) => a[0].IsNull ? Value.Null : Value.From(c.ChargeText(Formatter.Quote(Text(c, a[0])))))
        .AddOfText("lstrip", "text", static (c, a) => Value.From(Text(c, a[0]).TrimStart()))
        .Add("md5", "text", static (c, a) => Hashing.Plain(c, a, System.Security.Cryptography.HashAlgorithmName.MD5))
        .Add("pad_left", "text width", static (c, a) => Value.From(Text(c, a[0]).PadLeft(Width(c, a[1]))))
        .Add("pad_right", "text width", static (c, a) => Value.From(Text(c, a[0]).PadRight(Width(c, a[1]))))
        .Add("pluralize", "number singular plural", static (c, a) => ToLong(c, a[0]) == 1 ? a[1] : a[2])
        .Add("prepend", "text by", static (c, a) => Joined(c, Text(c, a[1]), Text(c, a[0])))
        .AddOfText("remove", "text remove", static (c, a) => Replaced(c, Text(c, a[0]), Text(c, a[1]), ""))
        .AddOfText("remove_first", "text remove", static (c, a) => ReplacedOnce(c, Text(c, a[0]), Text(c, a[1]), "", fromEnd: false))
        .AddOfText("remove_last", "text remove", static (c, a) => ReplacedOnce(c, Text(c, a[0]), Text(c, a[1]), "", fromEnd: true))
        .Add("replace", "text match replace", static (c, a) => Replaced(c, Text(c, a[0]), Text(c, a[1]), Text(c, a[2])))
        .Add("replace_first", "text match replace from_end?", static (c, a) => ReplacedOnce(c, Text(c, a[0]), Text(c, a[1]), Text(c, a[2]), a[3].IsTrue))
        .AddOfText("rstrip", "text", static (c, a) => Value.From(Text(c, a[0]).TrimEnd()))
        .Add("sha1", "text", static (c, a) => Hashing.Plain(c, a, System.Security.Cryptography.HashAlgorithmName.SHA1))
        .Add("sha256", "text", static (c, a) => Hashing.Plain(c, a, System.Security.Cryptography.HashAlgorithmName.SHA256))
        .Add("sha512", "text", static (c, a) => Hashing.Plain(c, a, System.Security.Cryptography.HashAlgorithmName.SHA512))
        .Add("size", "text", static (c, a) => Value.From(Text(c, a[0]).Length))
        .Add("slice", "text start length?", static (c, a) => Slice(c, a, wholeRest: true))
        .Add("slice1", "text start length?", static (c, a) => Slice(c, a, wholeRest: false))
        .Add("split", "text match", Split)
        .Add("starts_with", "text value", static (c, a) => Value.From(Holds(c, a, out var text, out var part) && text.StartsWith(part, StringComparison.Ordinal)))
        .AddOfText("strip", "text", static (c, a) => Value.From(Text(c, a[0]).Trim()))
        .Add("strip_newlines", "text", static (c, a) => Value.From(Text(c, a[0]).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal)))
        .Add("to_double", "text", static (c, a) => double.TryParse(Text(c, a[0]), NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? Value.From(n) : Value.Null)
        .Add("to_float", "text", static (c, a) => float.TryParse(Text(c, a[0]), NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? Value.FromSingle(n) : Value.Null)
        .Add("to_int", "text", static (c, a) => int.TryParse(Text(c, a[0]), NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) ? Value.From(n) : Value.Null)
        .Add("to_long", "text", static (c, a) => long.TryParse(Text(c, a[0]), NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) ? Value.From(n) : Value.Null)
        .Add("truncate", "text length ellipsis?", Truncate)
        .Add("truncatewords", "text count ellipsis?", TruncateWords)
        .AddOfText("upcase", "text", static (c, a) => Value.From(Text(c, a[0]).ToUpperInvariant()))
        .Add("whitespace", "text", static (c, a) => Value.From(string.IsNullOrWhiteSpace(Text(c, a[0]))));

    // An empty text holds nothing, and nothing is held by any text.
    private static bool Holds(RenderContext context, ReadOnlySpan<Value> arguments, out string text, out string part)
    {
        (text, part) = (Text(context, arguments[0]), Text(context, arguments[1]));
        return text.Length > 0 && part.Length > 0;
    }

    private static string Text(RenderContext context, in Value value) => Formatter.ToText(context, value);

    private static Value Joined(RenderContext context, string first, string second)
    {
        context.ChargeLength((long)first.Length + second.Length);
        return Value.From(string.Concat(first, second));
    }

    private static int Width(RenderContext context, in Value value)
    {
        var width = Math.Max(0, ToInt(context, value));
        context.ChargeLength(width);
        return width;
    }

    private static string Capitalize(string text) =>
        text.Length == 0 || char.IsUpper(text[0]) ? text : string.Concat(char.ToUpperInvariant(text[0]).ToString(), text.AsSpan(1));

    private static string CapitalizeWords(string text)
    {
        var result = text.ToCharArray();
        var wordBegins = true;
        for (var i = 0; i < result.Length; i++)
        {
            if (char.IsWhiteSpace(result[i])) wordBegins = true;
            else if (wordBegins && char.IsLetter(result[i]))
            {
                result[i] = char.ToUpperInvariant(result[i]);
                wordBegins = false;
            }
        }
        return new string(result);
    }

    private static string Handleize(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (char.IsLetterOrDigit(character)) result.Append(char.ToLowerInvariant(character));
            else if (result.Length == 0 || result[^1] != '-') result.Append('-');
        }
        if (result.Length > 0 && result[^1] == '-') result.Length--;
        return result.ToString();
    }

    private static Value IndexOf(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var (text, search) = (Text(context, arguments[0]), Text(context, arguments[1]));
        var start = arguments[2].IsNull ? 0 : ToInt(context, arguments[2]);
        if (start < 0 || start > text.Length) throw context.Fail(Faults.BadArgument);
        var count = arguments[3].IsNull ? text.Length - start : ToInt(context, arguments[3]);
        if (count < 0 || count > text.Length - start) throw context.Fail(Faults.BadArgument);
        var ignoreCase = Text(context, arguments[4]).EndsWith("IgnoreCase", StringComparison.Ordinal);
        return Value.From(text.IndexOf(search, start, count, ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
    }

    private static Value Replaced(RenderContext context, string text, string match, string by)
    {
        if (match.Length == 0) return Value.From(text);
        // What many matches would grow to is counted before it is made.
        if (by.Length > match.Length) context.ChargeLength(text.Length + (text.Length / match.Length * ((long)by.Length - match.Length)));
        return Value.From(text.Replace(match, by, StringComparison.Ordinal));
    }

    private static Value ReplacedOnce(RenderContext context, string text, string match, string by, bool fromEnd)
    {
        if (match.Length == 0) return Value.From(text);
        var at = fromEnd ? text.LastIndexOf(match, StringComparison.OrdinalIgnoreCase) : text.IndexOf(match, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return Value.From(text);
        context.ChargeLength((long)text.Length + by.Length);
        return Value.From(string.Concat(text.AsSpan(0, at), by, text.AsSpan(at + match.Length)));
    }

    private static Value Slice(RenderContext context, ReadOnlySpan<Value> arguments, bool wholeRest)
    {
        var text = Text(context, arguments[0]);
        var start = ToLong(context, arguments[1]);
        var length = !arguments[2].IsNull ? ToLong(context, arguments[2]) : wholeRest ? text.Length : 1;
        if (start < 0) start += text.Length;
        if (start < 0)
        {
            // What lies before the text counts against the length.
            length += start;
            start = 0;
        }
        length = Math.Min(length, text.Length - start);
        return length <= 0 ? Value.EmptyText : Value.From(text.Substring((int)start, (int)length));
    }

    private static Value Split(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var (text, match) = (Text(context, arguments[0]), Text(context, arguments[1]));
        var parts = text.Split(match, StringSplitOptions.RemoveEmptyEntries);
        context.ChargeItems(parts.Length);
        return Value.From(new ArrayValue(parts.Select(Value.From)));
    }

    private static Value Truncate(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var text = Text(context, arguments[0]);
        var length = ToInt(context, arguments[1]);
        var ellipsis = arguments[2].IsNull ? "..." : Text(context, arguments[2]);
        if (text.Length <= length || text.Length == 0) return Value.From(text);
        var kept = Math.Max(0, length - ellipsis.Length);
        // Half an emoji is no character.
        if (kept > 0 && char.IsHighSurrogate(text[kept - 1])) kept--;
        return Joined(context, text[..kept], ellipsis);
    }

    private static Value TruncateWords(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var text = Text(context, arguments[0]);
        var count = ToInt(context, arguments[1]);
        var ellipsis = arguments[2].IsNull ? "..." : Text(context, arguments[2]);
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length <= count ? Value.From(string.Join(' ', words)) : Joined(context, string.Join(' ', words.Take(Math.Max(0, count))), ellipsis);
    }
}
