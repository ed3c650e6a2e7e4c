using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Outbox;

/// <summary>What the consumer of events can say. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2601, LogLevel.Error, "Events could not be read or written; they are looked at again after a pause")]
    public static partial void EventsFailed(ILogger logger, Exception failure);

    [LoggerMessage(2602, LogLevel.Warning, "Event {EventId} ({Kind}) could not be consumed; it is tried again")]
    public static partial void EventFailed(ILogger logger, long eventId, string kind, Exception failure);

    [LoggerMessage(2603, LogLevel.Error, "Event {EventId} ({Kind}) was given up; it stays in its table for a person")]
    public static partial void EventGivenUp(ILogger logger, long eventId, string kind, Exception failure);
}
