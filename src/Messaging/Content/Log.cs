using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Content;

/// <summary>What templates can say. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2701, LogLevel.Warning, "The templates of {Provider} could not be listed ({Code}); what was known of them stays")]
    public static partial void TemplatesNotListed(ILogger logger, string provider, string code);

    [LoggerMessage(2702, LogLevel.Error, "{Provider} has no template {TemplateId}, which a template of ours uses; such messages take another channel")]
    public static partial void TemplateGone(ILogger logger, string provider, string templateId);
}
