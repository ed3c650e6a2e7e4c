using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Automations;

/// <summary>What the daily schedule can say. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2401, LogLevel.Information, "The automation {Producer} ran: audience {Audience}, {Enqueued} enqueued")]
    public static partial void Ran(ILogger logger, string producer, int audience, int enqueued);

    [LoggerMessage(2402, LogLevel.Error, "The daily automations failed; they are tried again at the next tick")]
    public static partial void ScheduleFailed(ILogger logger, Exception failure);
}
