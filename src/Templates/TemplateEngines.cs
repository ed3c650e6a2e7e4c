namespace Engagement.Templates;

/// <summary>The engines that can stand behind <see cref="ITemplateEngine"/>.</summary>
public enum TemplateEngineKind
{
    /// <summary>The product's own.</summary>
    BuiltIn,

    /// <summary>The Scriban package, in a build that has it.</summary>
    Scriban,
}

/// <summary>Makes the engine that an installation chose.</summary>
public static class TemplateEngines
{
    /// <summary>The engines that this build has.</summary>
    public static IReadOnlyList<TemplateEngineKind> Available { get; } =
        ScribanPackage.IsHere ? [TemplateEngineKind.BuiltIn, TemplateEngineKind.Scriban] : [TemplateEngineKind.BuiltIn];

    /// <summary>Makes an engine whose templates include nothing.</summary>
    /// <param name="kind">One of <see cref="Available"/>.</param>
    /// <param name="limits">What one render may cost.</param>
    /// <param name="clock">The clock behind `date.now`.</param>
    /// <exception cref="NotSupportedException">This build does not have the engine.</exception>
    public static ITemplateEngine Make(TemplateEngineKind kind, TemplateLimits limits, TimeProvider clock) => kind switch
    {
        TemplateEngineKind.BuiltIn => new BuiltInEngine(limits, clock),
        TemplateEngineKind.Scriban => ScribanPackage.MakeEngine(limits, clock),
    };
}
