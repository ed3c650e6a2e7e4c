using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Receipts;

/// <summary>What the applier of pushes can say. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2301, LogLevel.Error, "A round of applying pushes failed; it is tried again after a pause")]
    public static partial void RoundFailed(ILogger logger, Exception failure);

    [LoggerMessage(2302, LogLevel.Warning, "Push {InboundId} from {Source} speaks of a send that is not ours")]
    public static partial void NotOurs(ILogger logger, string source, long inboundId);

    [LoggerMessage(2303, LogLevel.Error, "Push {InboundId} cannot be decrypted; it is kept for people")]
    public static partial void Unreadable(ILogger logger, long inboundId, Exception failure);

    [LoggerMessage(2304, LogLevel.Warning, "A batch of pushes could not be applied; they are applied one by one")]
    public static partial void BatchFailed(ILogger logger, Exception failure);

    [LoggerMessage(2305, LogLevel.Error, "Push {InboundId} could not be applied; it is tried again, and kept for people in the end")]
    public static partial void PushFailed(ILogger logger, long inboundId, Exception failure);

    [LoggerMessage(2306, LogLevel.Error, "A round of WeChat errands failed; it is tried again")]
    public static partial void ErrandFailed(ILogger logger, Exception failure);

    [LoggerMessage(2307, LogLevel.Warning, "The answer to chat {ChatId} was not taken ({Code})")]
    public static partial void ReplyRefused(ILogger logger, long chatId, string code);

    [LoggerMessage(2308, LogLevel.Warning, "WeChat could not say who a follower is ({Code}); it is asked again")]
    public static partial void FollowerUnknown(ILogger logger, string code);
}
