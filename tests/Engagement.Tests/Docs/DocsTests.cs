using System.Text.RegularExpressions;
using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Gate;
using Engagement.Storage;
using Engagement.Templates;
using Engagement.Tests.Support;

namespace Engagement.Tests.Docs;

/// <summary>Whatever a page promises, a test reads: prose drifts, code that runs does not.</summary>
public sealed partial class DocsTests
{
    // Named as what a user brings or a tool writes; no file of ours.
    private static readonly string[] s_others = ["items.csv", "package-lock.json"];

    private static readonly string[] s_sections =
        ["Context", "Decision", "Easier", "Harder", "When it does not apply", "What would make us reconsider"];

    [Fact]
    public void Every_path_that_a_page_names_exists()
    {
        Assert.Empty(from page in Page.All
                     from path in page.Paths.Except(s_others)
                     where !Page.Files.Contains(path) && !Page.Files.Any(file => file.EndsWith("/" + path, StringComparison.Ordinal))
                     select $"{page.Name}: {path}");
        Assert.Contains("src/Storage/Dialect.cs", Page.Of("CONTRIBUTING.md").Paths);
    }

    [Fact]
    public void Every_link_leads_somewhere()
    {
        Assert.Empty(from page in Page.All
                     from target in page.Links
                     where !File.Exists(target) && !Directory.Exists(target)
                     select $"{page.Name}: {target}");
        Assert.Contains(Repository.Path("docs", "runbook.md"), Page.Of("README.md").Links);
    }

    [Fact]
    public async Task Every_command_that_a_page_names_is_understood()
    {
        var help = new CommandHelp();
        var wrong = new List<string>();
        foreach (var page in Page.All)
        {
            foreach (var command in page.Commands)
            {
                if (await help.ProblemAsync(command) is { } problem) wrong.Add($"{page.Name}: {command}: {problem}");
            }
        }

        Assert.Empty(wrong);
        Assert.NotNull(await help.ProblemAsync("./engage demo rewind 3"));
        Assert.NotNull(await help.ProblemAsync("./engage import members FILE --dryrun"));
        Assert.NotNull(await help.ProblemAsync("./run.sh --purchase FILE"));
        Assert.NotNull(await help.ProblemAsync("./walk.sh"));
    }

    [Fact]
    public void Every_test_that_the_page_of_channels_names_exists()
    {
        var named = TestName().Matches(Page.Of("docs/channels.md").Text).Select(match => match.Groups[1].Value).Distinct().ToList();
        var witnesses = string.Concat(Directory.EnumerateFiles(Repository.Path("tests", "Witnesses"), "*.cs").Select(File.ReadAllText));

        Assert.All(named, name => Assert.Contains($" {name}(", witnesses, StringComparison.Ordinal));
        Assert.True(named.Count > 15, $"{named.Count} names only.");
    }

    [Fact]
    public void Both_readmes_show_the_same_commands()
    {
        Assert.Equal(Page.Of("README.md").Commands.Order(StringComparer.Ordinal), Page.Of("README.zh-CN.md").Commands.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_runbook_has_a_heading_for_each_numbered_log_line()
    {
        var inSource = Sources().SelectMany(text => EventId().Matches(text)).Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(inSource.Distinct().Order(), inSource.Order());
        Assert.Equal(inSource.Order(), Page.Of("docs/runbook.md").Text.Split('\n').Select(line => NumberHeading().Match(line)).Where(m => m.Success).Select(m => m.Groups[1].Value));
    }

    [Fact]
    public void The_runbook_has_a_heading_for_each_refusal()
    {
        var inSource = Sources().SelectMany(text => RefusalCode().Matches(text)).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(inSource, CodeHeading().Matches(Page.Of("docs/runbook.md").Text).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
        Assert.Contains("keys_unusable", inSource);
    }

    [Fact]
    public void Every_reason_is_explained_in_both_languages()
    {
        Assert.Equal(
            Reason.All.Select(reason => $"{reason.Key} | {reason.Value.Zh} | {reason.Value.En}").Order(StringComparer.Ordinal),
            Page.Of("docs/reasons.md").Rows.Select(row => string.Join(" | ", row)).Select(row => row.TrimEnd(' ', '|')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_on_delivery_knows_every_state()
    {
        var states = Enum.GetNames<MessageState>();

        Assert.Equal(states, Page.Of("docs/delivery.md").Rows.Select(row => row[0]).Where(states.Contains));
    }

    [Fact]
    public void Every_type_in_the_glossary_exists_and_every_word_stands_there_once()
    {
        var rows = Page.Of("docs/glossary.md").Text.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
        var types = new[] { typeof(Database), typeof(MemberId), typeof(MessageId), typeof(ITemplateEngine) }
            .SelectMany(type => type.Assembly.GetTypes()).Select(type => type.Name).ToHashSet();

        Assert.All(rows.Select(row => row[3].Trim('`')).Where(name => name != "—"), name => Assert.Contains(name, types));
        Assert.Equal(rows.Count, rows.DistinctBy(row => row[1]).Count());
        Assert.Equal(rows.Count, rows.DistinctBy(row => row[2]).Count());
        Assert.True(rows.Count > 30);
    }

    [Fact]
    public void Decisions_are_numbered_in_sequence_and_keep_their_form()
    {
        var decisions = Page.All.Where(page => page.Name.StartsWith("docs/adr/", StringComparison.Ordinal)).ToList();

        Assert.Equal(
            Enumerable.Range(1, decisions.Count).Select(number => number.ToString("0000")),
            decisions.Select(page => System.IO.Path.GetFileName(page.Name)[..4]));
        Assert.All(decisions, page =>
        {
            Assert.StartsWith($"# {System.IO.Path.GetFileName(page.Name)[..4]} ", page.Text, StringComparison.Ordinal);
            Assert.Equal(s_sections, Section().Matches(page.Text).Select(match => match.Groups[1].Value));
            Assert.InRange(page.Text.Count(c => c == '\n'), 20, 70);
        });
    }

    private static IEnumerable<string> Sources() =>
        Page.Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal)).Select(file => File.ReadAllText(Repository.Path(file)));

    [GeneratedRegex("`([A-Z][A-Za-z]*_[A-Za-z_]+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\[LoggerMessage\((\d+),")]
    private static partial Regex EventId();

    [GeneratedRegex(@"(?:new StorageException|StorageException \w+\([^)]*\) =>\s*new)\(\s*""(\w+)""")]
    private static partial Regex RefusalCode();

    [GeneratedRegex(@"^## (\d{4}) \S")]
    private static partial Regex NumberHeading();

    [GeneratedRegex(@"^## `(\w+)`", RegexOptions.Multiline)]
    private static partial Regex CodeHeading();

    [GeneratedRegex(@"^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Section();
}
