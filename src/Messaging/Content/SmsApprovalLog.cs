using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Content;

/// <summary>What providers decide about SMS templates. The numbers are headings of docs/runbook.md.</summary>
internal static partial class SmsApprovalLog
{
    [LoggerMessage(3106, LogLevel.Warning, "{Provider} says of the SMS {Subject} {Code}: {State} {Reason}")]
    public static partial void ApprovalChanged(ILogger logger, string provider, SmsSubject subject, string code, SmsApprovalState state, string reason);

    [LoggerMessage(3107, LogLevel.Warning, "There is no approved template {Code}: a refusal by SMS counts, and nobody tells the member so")]
    public static partial void NoConfirmation(ILogger logger, string code);
}
