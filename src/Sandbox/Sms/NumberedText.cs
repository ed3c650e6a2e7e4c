using System.Globalization;
using System.Text.RegularExpressions;

namespace Engagement.Sandbox.Sms;

/// <summary>Texts whose variables are <c>{1}</c>, <c>{2}</c> …</summary>
internal static partial class NumberedText
{
    public static List<int> Variables(string text) =>
        [.. Variable().Matches(text).Select(m => int.Parse(m.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture))];

    public static bool AnyAdjacent(string text) => Adjacent().IsMatch(text);

    public static bool IsOnlyVariables(string text) => Variable().Replace(text, "").Trim().Length == 0;

    public static string Fill(string text, IReadOnlyList<string> values) => Variable().Replace(
        text, match => values[int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) - 1]);

    [GeneratedRegex(@"\{(\d{1,2})\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\d{1,2}\}\{")]
    private static partial Regex Adjacent();
}
