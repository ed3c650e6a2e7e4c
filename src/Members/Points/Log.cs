using Microsoft.Extensions.Logging;

namespace Engagement.Members.Points;

/// <summary>What the worker of points can say. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Error, "A round of points failed; the worker looks again after a pause")]
    public static partial void RoundFailed(ILogger logger, Exception failure);

    [LoggerMessage(4002, LogLevel.Warning, "Event {EventId} ({Kind}) could not be booked; it is tried again")]
    public static partial void EventFailed(ILogger logger, long eventId, string kind, Exception failure);

    [LoggerMessage(4003, LogLevel.Error, "Event {EventId} ({Kind}) was given up; its purchases have earned nothing")]
    public static partial void EventGivenUp(ILogger logger, long eventId, string kind, Exception failure);
}
