namespace Engagement.Messaging.Channels.Sms;

/// <summary>Start-up checks that the SMS providers share; each answer names the key.</summary>
internal static class SmsSettings
{
    public static IEnumerable<string> Problems(string section, string webhookSecret, int partFen, ExtendCodes extendCodes)
    {
        if (webhookSecret.Length > 0 && (webhookSecret.Length is < 16 or > 128 || !webhookSecret.All(IsUrlSafe)))
            yield return $"{section}:WebhookSecret must be 16 to 128 letters, digits, hyphens or underscores.";
        if (partFen is < 0 or > 100) yield return $"{section}:PartFen must be from 0 to 100.";
        foreach (var problem in extendCodes.Problems(section)) yield return problem;
    }

    private static bool IsUrlSafe(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}
