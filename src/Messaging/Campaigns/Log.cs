using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Campaigns;

/// <summary>What campaigns can say. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2421, LogLevel.Warning, "The campaign {Campaign} was not started: its time passed {Late} ago. It waits for a person's yes")]
    public static partial void PastDue(ILogger logger, string campaign, TimeSpan late);
}
