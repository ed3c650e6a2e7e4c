using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Dispatch;

/// <summary>What the dispatcher can say. The numbers are headings of docs/runbook.md; ids only, never an address or a text.</summary>
internal static partial class Log
{
    [LoggerMessage(2101, LogLevel.Error, "Shards of a lane failed; the lane goes on after a pause")]
    public static partial void LaneFailed(ILogger logger, Exception failure);

    [LoggerMessage(2102, LogLevel.Warning, "Shard {Shard} has another owner; its messages were left alone before anything was sent")]
    public static partial void ShardLost(ILogger logger, int shard);

    [LoggerMessage(2103, LogLevel.Error, "The template of message {MessageId} could not be rendered: {Problem}")]
    public static partial void TemplateFailed(ILogger logger, long messageId, string problem);

    [LoggerMessage(2104, LogLevel.Error, "Message {MessageId} stands on data that cannot be used; it is failed alone")]
    public static partial void DataUnusable(ILogger logger, long messageId, Exception failure);

    [LoggerMessage(2105, LogLevel.Warning, "The content check refused message {MessageId}: {Finding}")]
    public static partial void ContentRefused(ILogger logger, long messageId, string finding);

    [LoggerMessage(2106, LogLevel.Error, "The send of message {MessageId} broke on our side; it is in doubt")]
    public static partial void SendBroke(ILogger logger, long messageId, Exception failure);

    [LoggerMessage(2107, LogLevel.Error, "{Count} outcomes could not be written; they are tried again after a pause")]
    public static partial void OutcomesWait(ILogger logger, int count, Exception failure);

    [LoggerMessage(2108, LogLevel.Error, "The leases of the shards could not be renewed; it is tried again after a pause")]
    public static partial void LeasesFailed(ILogger logger, Exception failure);

    [LoggerMessage(2109, LogLevel.Warning, "A wave failed before anything was sent; the shards of its lane are worked on one by one")]
    public static partial void WaveFailed(ILogger logger, Exception failure);

    [LoggerMessage(2110, LogLevel.Warning, "No flight record can be kept in {Folder}: a kill of this process would leave whole waves in doubt")]
    public static partial void NoFlightRecorder(ILogger logger, string folder, Exception failure);

    [LoggerMessage(2111, LogLevel.Error, "The database is older than what this machine has seen of it: a backup was restored. {Runs} runs are paused until a person says that they may go on")]
    public static partial void WentBack(ILogger logger, int runs);

    [LoggerMessage(2112, LogLevel.Warning, "Shard {Shard} was taken over: {NeverLeft} messages had not left and wait again, {Accepted} were accepted, {InDoubt} are in doubt")]
    public static partial void ShardTaken(ILogger logger, int shard, int neverLeft, int accepted, int inDoubt);

    [LoggerMessage(2113, LogLevel.Error, "It cannot be read which runs are paused; nothing begins to leave until it can")]
    public static partial void RunsUnreadable(ILogger logger, Exception failure);

    [LoggerMessage(2114, LogLevel.Information, "{Count} shards are given back for other workers")]
    public static partial void ShardsGivenBack(ILogger logger, int count);

    [LoggerMessage(2115, LogLevel.Warning, "The folder {Folder} cannot be used: a restored backup may go unnoticed, and records of dead workers stay; sending goes on")]
    public static partial void FlightFolderUnusable(ILogger logger, string folder, Exception failure);

    [LoggerMessage(2116, LogLevel.Warning, "{Count} intents were durable although their write failed; none of them had left, and they wait again")]
    public static partial void IntentsTakenBack(ILogger logger, int count);

    [LoggerMessage(2117, LogLevel.Error, "It cannot be seen whether {Count} intents of a failed write are durable; it is tried again after a pause")]
    public static partial void IntentsUncertain(ILogger logger, int count, Exception failure);
}
