using System.Text.RegularExpressions;
using Engagement.Api.Cli;
using Engagement.Tests.Support;

namespace Engagement.Tests.Docs;

/// <summary>Holds a command line of a page against what the programs say of themselves.</summary>
internal sealed partial class CommandHelp
{
    private static readonly char[] s_brackets = ['[', ']'];

    private readonly Dictionary<string, string> _pages = [];

    /// <summary>What is wrong with the command line, or <c>null</c>.</summary>
    public async Task<string?> ProblemAsync(string command)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim(s_brackets)).ToList();
        var program = words[0][2..];
        if (!File.Exists(Repository.Path(program))) return $"there is no {program}";
        return program switch
        {
            "engage" => await VerbAsync(words[1..]),
            "run.sh" => Unknown(words[1..], await HelpAsync("demo run")),
            _ => null,
        };
    }

    private async Task<string?> VerbAsync(List<string> words)
    {
        if (words is ["help"]) return null;
        var path = "";
        var arguments = new List<string>();
        foreach (var word in words.Where(word => !word.StartsWith('-')))
        {
            var children = Children(await HelpAsync(path));
            if (children.Contains(word)) path = $"{path} {word}".TrimStart();
            else if (children.Count > 0 && Lower().IsMatch(word)) return $"'{path}' has no verb {word}";
            else arguments.Add(word);
        }

        return arguments.Find(word => word.StartsWith("samples/", StringComparison.Ordinal) && !File.Exists(Repository.Path(word))) is { } missing
            ? $"there is no {missing}"
            : Unknown(words, await HelpAsync(path));
    }

    private static string? Unknown(IEnumerable<string> words, string help) =>
        words.FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal) && !Regex.IsMatch(help, $@"^\s+{word}\b(?!-)", RegexOptions.Multiline)) is { } option
            ? $"there is no option {option}"
            : null;

    private async Task<string> HelpAsync(string path)
    {
        if (_pages.TryGetValue(path, out var known)) return known;
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(0, await EngageCommand.RunAsync([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"], output, error));
        return _pages[path] = output.ToString();
    }

    private static List<string> Children(string help)
    {
        var start = help.IndexOf("Commands:", StringComparison.Ordinal);
        return start < 0 ? [] : [.. Child().Matches(help[start..]).Select(match => match.Groups[1].Value)];
    }

    [GeneratedRegex(@"^  ([a-z]+(?:-[a-z]+)*)", RegexOptions.Multiline)]
    private static partial Regex Child();

    [GeneratedRegex("^[a-z]+$")]
    private static partial Regex Lower();
}
