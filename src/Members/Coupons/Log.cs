using Microsoft.Extensions.Logging;

namespace Engagement.Members.Coupons;

/// <summary>What coupons can say in the log. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(1601, LogLevel.Error, "The sweep of coupons failed; it runs again at its next time")]
    public static partial void SweepFailed(ILogger logger, Exception failure);
}
