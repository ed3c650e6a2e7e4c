using System.Text.RegularExpressions;
using Engagement.Tests.Support;

namespace Engagement.Tests.Docs;

/// <summary>A page that people read, with the things in it that a test can hold against the repository.</summary>
internal sealed partial class Page
{
    private static readonly string[] s_notOurs = ["artifacts", "bin", "obj", "data", "node_modules", "TestResults", ".git"];

    private readonly string _folder;

    private Page(string file)
    {
        Name = System.IO.Path.GetRelativePath(Repository.Root, file);
        Text = File.ReadAllText(file);
        _folder = System.IO.Path.GetDirectoryName(file)!;
    }

    public string Name { get; }

    public string Text { get; }

    /// <summary>The pages at the root and all that are under docs/.</summary>
    public static IReadOnlyList<Page> All { get; } =
    [
        .. Directory.GetFiles(Repository.Root, "*.md")
            .Concat(Directory.GetFiles(Repository.Path("docs"), "*.md", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal).Select(file => new Page(file)),
    ];

    /// <summary>Files and folders of the repository, relative to its root.</summary>
    public static IReadOnlySet<string> Files { get; } = Walk(Repository.Root).ToHashSet(StringComparer.Ordinal);

    public static Page Of(string name) => All.Single(page => page.Name == name);

    /// <summary>What stands between back-ticks, outside the blocks of code.</summary>
    public IEnumerable<string> Spans => Span().Matches(Block().Replace(Text, "")).Select(match => match.Groups[1].Value);

    /// <summary>The paths among <see cref="Spans"/>.</summary>
    public IEnumerable<string> Paths => Spans.Where(span => NamedFile().IsMatch(span) || NamedFolder().IsMatch(span)).Select(span => span.TrimEnd('/'));

    /// <summary>The targets of links and pictures inside the repository, as full paths.</summary>
    public IEnumerable<string> Links => Link().Matches(Block().Replace(Text, "")).Select(match => match.Groups[1].Value)
        .Where(target => !target.Contains("://", StringComparison.Ordinal))
        .Select(target => System.IO.Path.GetFullPath(System.IO.Path.Combine(_folder, target)));

    /// <summary>Command lines that begin with a program of the repository: <c>./run.sh --once</c>.</summary>
    public IEnumerable<string> Commands => Block().Matches(Text).SelectMany(block => block.Value.Split('\n')).Concat(Spans)
        .Select(line => Command().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value.TrimEnd());

    /// <summary>The cells of a table's rows that begin with a back-ticked word: that word, then the other cells.</summary>
    public IEnumerable<IReadOnlyList<string>> Rows => Row().Matches(Text)
        .Select(match => (IReadOnlyList<string>)[match.Groups[1].Value, .. match.Groups[2].Value.Split('|').Select(cell => cell.Trim())]);

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
        {
            if (s_notOurs.Contains(System.IO.Path.GetFileName(entry))) continue;
            yield return System.IO.Path.GetRelativePath(Repository.Root, entry).Replace('\\', '/');
            if (!Directory.Exists(entry)) continue;
            foreach (var inside in Walk(entry)) yield return inside;
        }
    }

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"`([^`\n]+)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"^(?!DIR/)[\w.-]+(/[\w.-]+)*\.(md|cs|sql|json|csproj|props|sln|http|csv|png|scriban)$")]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"^(src|tests|docs|samples|bench|http|\.ci)(/[\w.-]+)*/?$")]
    private static partial Regex NamedFolder();

    [GeneratedRegex(@"\]\(([^)#\s]+)(#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^(?:[A-Z_]+=\S+ )*(\./[\w.-]+(?: .*)?)$")]
    private static partial Regex Command();

    [GeneratedRegex(@"^\| `(\w+)` \|(.*)\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
