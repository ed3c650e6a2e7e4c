using System.Text.RegularExpressions;

namespace Engagement.Sandbox.Sms;

/// <summary>Mainland mobile numbers in the forms that both providers take.</summary>
internal static partial class ChinaPhone
{
    /// <summary>The eleven digits of a mainland number in any accepted form, or <c>null</c>.</summary>
    public static string? Digits(string phone) => Mainland().Match(phone) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"^(?:\+86|0086|86)?(1[3-9]\d{9})$")]
    private static partial Regex Mainland();
}
