namespace Engagement.Templates;

/// <summary>The seam to the Scriban package, on the side of the build that does without it; see <c>FullRegistry/ScribanPackage.cs</c>.</summary>
internal static class ScribanPackage
{
    public const bool IsHere = false;

    public static ITemplateEngine MakeEngine(TemplateLimits limits, TimeProvider clock) =>
        throw new NotSupportedException("This build was made without the Scriban package (FullRegistry=false); set Templates:Engine to BuiltIn.");
}
