using System.Text.RegularExpressions;

namespace Engagement.Sandbox.Sms;

/// <summary>What both providers forbid in a variable.</summary>
internal static partial class WebAddress
{
    public static bool IsIn(string text) => Address().IsMatch(text);

    [GeneratedRegex(@"https?://|www\.|[a-z0-9-]+\.(com|cn|net|org|cc|top|vip|link|ink|shop|site|xyz)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
