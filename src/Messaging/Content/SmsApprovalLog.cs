using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Content;

/// <summary>What providers decide about SMS templates. The numbers are headings of docs/runbook.md.</summary>
internal static partial class SmsApprovalLog
{
    [LoggerMessage(3106, LogLevel.Warning, "{Provider} says of the SMS {Subject} {Code}: {State} {Reason}")]
    public static partial void ApprovalChanged(ILogger logger, string provider, SmsSubject subject, string code, SmsApprovalState state, string reason);
}
