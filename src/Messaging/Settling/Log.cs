using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Settling;

/// <summary>What the settler and the sweeps can say. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2501, LogLevel.Error, "A look of the settler failed; the next one follows after a pause")]
    public static partial void SettlingFailed(ILogger logger, Exception failure);

    [LoggerMessage(2502, LogLevel.Warning, "The provider could not be asked about message {MessageId} ({Code}); it is asked again later")]
    public static partial void ProviderNotAsked(ILogger logger, long messageId, string code);

    [LoggerMessage(2503, LogLevel.Error, "The number of message {MessageId} cannot be decrypted, so the provider cannot be asked")]
    public static partial void PhoneUnreadable(ILogger logger, long messageId, Exception failure);

    [LoggerMessage(2504, LogLevel.Error, "Sweep {Sweep} failed; it runs again at its next time")]
    public static partial void SweepFailed(ILogger logger, string sweep, Exception failure);

    [LoggerMessage(2505, LogLevel.Warning, "Sweep {Sweep} mended {Count}")]
    public static partial void Mended(ILogger logger, string sweep, long count);

    [LoggerMessage(2506, LogLevel.Error, "Run {RunId} has ended with rows missing: {WithoutMessage} treated members without a message, {WithoutMember} messages without their member")]
    public static partial void RowsMissing(ILogger logger, long runId, long withoutMessage, long withoutMember);
}
