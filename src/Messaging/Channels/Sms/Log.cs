using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.Sms;

/// <summary>Everything that the SMS channels can say. Codes only: no number, no text, no key.</summary>
internal static partial class Log
{
    [LoggerMessage(3101, LogLevel.Warning, "{Provider} answered with code {Code}, which is in no table of ours; such sends are in doubt")]
    public static partial void UnknownCode(ILogger logger, string provider, string code);

    [LoggerMessage(3102, LogLevel.Warning, "{Provider} errs too often: {Points} points of traffic move away, it has {Left} of {Full} left")]
    public static partial void TrafficMovedAway(ILogger logger, string provider, int points, int left, int full);

    [LoggerMessage(3103, LogLevel.Information, "{Provider} has been healthy: {Points} points of traffic come back, it has {Left} of {Full}")]
    public static partial void TrafficCameBack(ILogger logger, string provider, int points, int left, int full);

    [LoggerMessage(3104, LogLevel.Error, "{Provider} does not answer: nothing is sent by it for a while")]
    public static partial void ProviderRests(ILogger logger, string provider);

    [LoggerMessage(3105, LogLevel.Information, "{Provider} answers again")]
    public static partial void ProviderAnswers(ILogger logger, string provider);
}
