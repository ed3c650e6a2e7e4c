using Microsoft.Extensions.Logging;

namespace Engagement.Storage.Cluster;

/// <summary>What the nodes' common state can say. The numbers are headings of docs/runbook.md; never a token, never a connection string.</summary>
internal static partial class Log
{
    [LoggerMessage(1201, LogLevel.Warning, "Redis does not answer; until it does, this node works with its own token and its share of the rate budgets, one of {Workers}")]
    public static partial void RedisAway(ILogger logger, int workers, Exception? failure);

    [LoggerMessage(1202, LogLevel.Information, "Redis answers; tokens, rate budgets and wake-ups are shared between the nodes")]
    public static partial void RedisHere(ILogger logger);

    [LoggerMessage(1203, LogLevel.Warning, "The shared token {Name} cannot be read with this node's keys; this node fetches one by itself")]
    public static partial void TokenUnreadable(ILogger logger, string name, Exception failure);

    [LoggerMessage(1204, LogLevel.Warning, "This node's heartbeat could not be written; the others will take it for dead. It is tried again every few seconds")]
    public static partial void BeatFailed(ILogger logger, Exception failure);

    [LoggerMessage(1205, LogLevel.Information, "This node's heartbeat is written again")]
    public static partial void BeatsAgain(ILogger logger);

    [LoggerMessage(1206, LogLevel.Warning, "This node's heartbeat could not be taken back at the stop; the others count it for some seconds more")]
    public static partial void NotLeft(ILogger logger, Exception failure);
}
