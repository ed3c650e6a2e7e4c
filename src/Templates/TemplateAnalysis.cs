namespace Engagement.Templates;

/// <summary>What a template reads, found without rendering it.</summary>
/// <param name="Used">The columns that it reads, each once, in the order of the schema; `member` alone uses all below it.</param>
/// <param name="Unused">The columns of the schema that it does not read.</param>
/// <param name="Unknown">Names that are neither columns nor built-in nor assigned, each with its place and, where one is near, the name that was probably meant. They render as nothing, so this list is what a check before approval must look at.</param>
public sealed record TemplateAnalysis(
    IReadOnlyList<string> Used, IReadOnlyList<string> Unused, IReadOnlyList<TemplateError> Unknown);

/// <summary>What a template did with a sample of rows.</summary>
/// <param name="Rendered">How many rows gave a text.</param>
/// <param name="LongestText">The longest of the texts; empty when there is none.</param>
/// <param name="Failures">The rows that failed, by their place in the sample, with the error.</param>
public sealed record DryRun(int Rendered, string LongestText, IReadOnlyList<(int Row, TemplateError Error)> Failures)
{
    /// <summary>Renders each row of a sample and keeps no text but the longest.</summary>
    /// <param name="template">The template.</param>
    /// <param name="rows">The sample; a single row may be filled anew for each step of the enumeration.</param>
    public static DryRun Over(ICompiledTemplate template, IEnumerable<RenderRow> rows)
    {
        var (place, rendered, longest) = (0, 0, "");
        var failures = new List<(int, TemplateError)>();
        foreach (var row in rows)
        {
            try
            {
                var text = template.Render(row);
                rendered++;
                if (text.Length > longest.Length) longest = text;
            }
            catch (TemplateException failure)
            {
                failures.Add((place, failure.Errors[0]));
            }
            place++;
        }
        return new DryRun(rendered, longest, failures);
    }
}
