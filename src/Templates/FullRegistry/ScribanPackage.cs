namespace Engagement.Templates;

/// <summary>The seam to the Scriban package, in a build that has it.</summary>
internal static class ScribanPackage
{
    public const bool IsHere = true;

    public static ITemplateEngine MakeEngine(TemplateLimits limits, TimeProvider clock) => new ScribanEngine(limits, clock);
}
