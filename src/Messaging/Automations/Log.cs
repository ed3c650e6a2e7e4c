using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Automations;

/// <summary>What the schedule can say. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2401, LogLevel.Information, "{Producer} ran: audience {Audience}, {Enqueued} enqueued")]
    public static partial void Ran(ILogger logger, string producer, int audience, int enqueued);

    [LoggerMessage(2402, LogLevel.Error, "Something scheduled failed; it is tried again at the next tick")]
    public static partial void ScheduleFailed(ILogger logger, Exception failure);
}
