using System.Text.RegularExpressions;

namespace Engagement.Messaging.Content;

/// <summary>What the providers forbid in the variables of an SMS, whatever the text around them says (sms.md 6.2). Pure functions.</summary>
internal static partial class SmsVariables
{
    /// <summary>The code of the finding: an address in a variable.</summary>
    public const string Url = "sms_url_in_variable";

    /// <summary>The code of the finding: brackets of a signature in a variable.</summary>
    public const string Brackets = "sms_brackets_in_variable";

    /// <summary>The code of what stands against these values, or <c>null</c>: an address of a member's own is refused by every provider, and so is a second signature.</summary>
    public static string? Refuses(IReadOnlyList<KeyValuePair<string, string>> values)
    {
        foreach (var (_, value) in values)
        {
            if (value.AsSpan().ContainsAny('【', '】')) return Brackets;
            if (value.Contains('.') && Address().IsMatch(value) || value.Contains("://", StringComparison.Ordinal)) return Url;
        }

        return null;
    }

    /// <summary>The variables of an approved text, in their order.</summary>
    public static IReadOnlyList<string> NamesIn(string text) => [.. Variable().Matches(text).Select(match => match.Groups[1].Value)];

    /// <summary>Whether two variables stand side by side, or nothing but variables stands there: no provider approves that.</summary>
    public static bool IsMisshapen(string text) => Adjacent().IsMatch(text) || Variable().Replace(text, "").Trim().Length == 0;

    [GeneratedRegex(@"(?i)\b[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|cn|net|org|top|vip|cc|me|io|info|xyz|shop|club|site|link|ltd|mobi|tv)\b")]
    private static partial Regex Address();

    [GeneratedRegex(@"\$\{([A-Za-z0-9_]{1,35})\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\{[^}]*\}\$\{")]
    private static partial Regex Adjacent();
}
