namespace Engagement.Templates;

/// <summary>What one render may cost. Breaking a limit is an error with line and column, never a hung worker.</summary>
/// <param name="MaxSteps">Statements and loop rounds that one render may run.</param>
/// <param name="MaxLoop">Rounds of a single loop, and items of a range.</param>
/// <param name="MaxOutput">Characters of output, and of any text made on the way.</param>
/// <param name="MaxItems">Items of any list made on the way.</param>
/// <param name="MaxRecursion">Calls within calls.</param>
/// <param name="MaxDepth">Brackets within brackets, and blocks within blocks, in the source.</param>
/// <param name="MaxSource">Characters of a template's source.</param>
/// <param name="RegexTime">The time that all regular expressions of one render may take together; null means one second.</param>
public sealed record TemplateLimits(
    int MaxSteps = 1_000_000,
    int MaxLoop = 1_000,
    int MaxOutput = 1 << 20,
    int MaxItems = 100_000,
    int MaxRecursion = 100,
    int MaxDepth = 250,
    int MaxSource = 8 << 20,
    TimeSpan? RegexTime = null)
{
    /// <summary>The limits that the product runs with.</summary>
    public static TemplateLimits Default { get; } = new();
}
