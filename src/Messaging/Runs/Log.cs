using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Runs;

/// <summary>What runs can say. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2411, LogLevel.Information, "The run {Run} of {Producer} was gone on with: audience {Audience}, {Enqueued} enqueued")]
    public static partial void Resumed(ILogger logger, RunId run, string producer, int audience, int enqueued);

    [LoggerMessage(2412, LogLevel.Warning, "The run {Run} of {Producer} is not complete and nobody here knows its members; cancel it, or wait for the process that does")]
    public static partial void NoSource(ILogger logger, RunId run, string producer);

    [LoggerMessage(2413, LogLevel.Warning, "No worker lived for {Stood}: {Runs} promotional runs that were half sent wait for a person's yes")]
    public static partial void Outage(ILogger logger, TimeSpan stood, int runs);
}
