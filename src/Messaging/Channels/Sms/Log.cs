using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.Sms;

/// <summary>Everything that the SMS channels can say. Codes only: no number, no text, no key.</summary>
internal static partial class Log
{
    [LoggerMessage(3101, LogLevel.Warning, "{Provider} answered with code {Code}, which is in no table of ours; such sends are in doubt")]
    public static partial void UnknownCode(ILogger logger, string provider, string code);
}
