using System.Reflection;

namespace Engagement.Templates.Content;

/// <summary>The lint's data files, which are embedded; each begins with its version and source.</summary>
internal static class ContentData
{
    public static readonly IReadOnlyList<WordList.Entry> Words =
        [.. Rows("words.tsv").Select(cells => new WordList.Entry(cells[0], cells[1], cells.Length > 2 ? Phrases(cells[2]) : []))];

    public static readonly IReadOnlyDictionary<string, (string Article, string Chinese, string English)> Findings =
        Rows("findings.tsv").ToDictionary(cells => cells[0], cells => (cells[1], cells[2], cells[3]));

    /// <summary>The version line of a file.</summary>
    public static string VersionOf(string file) =>
        Lines(file).First(line => line.StartsWith("# version: ", StringComparison.Ordinal))["# version: ".Length..];

    private static string[] Phrases(string cell) => [.. cell.Split('|').Select(FoldedText.FoldWord)];

    private static IEnumerable<string[]> Rows(string file) =>
        Lines(file).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t'));

    private static List<string> Lines(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Engagement.Templates.Content.Data.{file}")
            ?? throw new InvalidOperationException($"The data file {file} is not embedded.");
        using var reader = new StreamReader(stream);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line) lines.Add(line);
        return lines;
    }
}
