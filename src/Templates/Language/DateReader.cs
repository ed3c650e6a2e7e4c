using System.Globalization;
using System.Text;

namespace Engagement.Templates.Language;

/// <summary>Reads dates from texts; a text without an offset is a time in China.</summary>
internal static class DateReader
{
    private static readonly CultureInfo DayFirst = MakeDayFirst();

    public static DateTimeOffset? Read(string text, string? pattern, DateCulture culture)
    {
        var format = culture.DayFirst ? DayFirst : CultureInfo.InvariantCulture;
        if (!string.IsNullOrEmpty(pattern)) return ReadExact(text, pattern, format);

        // The parser reads a missing offset as that of the machine; only a text that names its offset may use that path.
        if (!DateTime.TryParse(text, format, DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.RoundtripKind, out var plain)) return null;
        if (plain.Kind == DateTimeKind.Unspecified) return InChina(plain);
        return DateTimeOffset.TryParse(text, format, DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.AssumeUniversal, out var exact)
            ? Moved(exact) : null;
    }

    private static DateTimeOffset? ReadExact(string text, string pattern, CultureInfo format)
    {
        if (NetPattern(pattern) is not { } net) return null;
        const DateTimeStyles Styles = DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.NoCurrentDateDefault;
        if (net.Contains("zzz", StringComparison.Ordinal))
            return DateTimeOffset.TryParseExact(text, net, format, DateTimeStyles.AllowWhiteSpaces, out var exact) ? Moved(exact) : null;
        return DateTime.TryParseExact(text, net, format, Styles, out var plain) ? InChina(plain) : null;
    }

    private static DateTimeOffset? InChina(DateTime plain) =>
        plain.Ticks < ChinaTime.Offset.Ticks ? null : new DateTimeOffset(DateTime.SpecifyKind(plain, DateTimeKind.Unspecified), ChinaTime.Offset);

    private static DateTimeOffset? Moved(DateTimeOffset exact) =>
        exact.UtcTicks > DateTime.MaxValue.Ticks - ChinaTime.Offset.Ticks ? null : exact.ToOffset(ChinaTime.Offset);

    /// <summary>The pattern in the manner of .NET; null when it has a field that cannot be read.</summary>
    private static string? NetPattern(string pattern)
    {
        var result = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%' || i + 1 == pattern.Length)
            {
                if (char.IsAsciiLetter(pattern[i]) || pattern[i] is '\'' or '"' or '%') result.Append('\\');
                result.Append(pattern[i]);
                continue;
            }
            var field = pattern[++i] switch
            {
                'a' => "ddd", 'A' => "dddd", 'b' or 'h' => "MMM", 'B' => "MMMM", 'd' => "dd", 'e' => "d", 'm' => "MM", 'y' => "yy", 'Y' => "yyyy",
                'H' => "HH", 'k' => "H", 'I' => "hh", 'l' => "h", 'M' => "mm", 'S' => "ss", 'L' => "fff", 'p' or 'P' => "tt", 'Z' => "zzz",
                'F' => "yyyy-MM-dd", 'T' => "HH:mm:ss", 'R' => "HH:mm", 'D' => "MM/dd/yy", 'r' => "hh:mm:ss tt", 'x' => "MM/dd/yyyy", 'X' => "HH:mm:ss",
                '%' => "\\%", 'n' => "\\\n", 't' => "\\\t", 'g' => "", _ => null,
            };
            if (field is null) return null;
            result.Append(field);
        }
        // A single letter would be taken for the name of a standard pattern.
        return result.Length == 1 ? "%" + result : result.ToString();
    }

    private static CultureInfo MakeDayFirst()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.DateTimeFormat.ShortDatePattern = "dd/MM/yyyy";
        return CultureInfo.ReadOnly(culture);
    }
}
