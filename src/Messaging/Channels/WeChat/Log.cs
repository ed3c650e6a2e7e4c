using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>Everything that the WeChat channel can say. Codes and times only: no openid, no text, no token.</summary>
internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "A WeChat access token was fetched; it is good until {ExpiresAt:O}")]
    public static partial void TokenFetched(ILogger logger, DateTimeOffset expiresAt);

    [LoggerMessage(3002, LogLevel.Warning, "No WeChat access token could be fetched ({Code}); sends are put off")]
    public static partial void TokenNotFetched(ILogger logger, string code);

    [LoggerMessage(3003, LogLevel.Error, "WeChat refuses us an access token (code {Code}); no message can leave until account, secret or caller address is mended")]
    public static partial void TokenRefused(ILogger logger, string code);

    [LoggerMessage(3004, LogLevel.Information, "WeChat refused an access token before its time (code {Code}); it is replaced")]
    public static partial void TokenRejected(ILogger logger, string code);

    [LoggerMessage(3005, LogLevel.Warning, "WeChat answered with code {Code}, which is in no table of ours; such sends are in doubt")]
    public static partial void UnknownCode(ILogger logger, long code);
}
