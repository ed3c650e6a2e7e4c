using System.Text.RegularExpressions;
using Engagement.Messaging.Content;
using Engagement.Templates;
using Engagement.Tests.Support;

namespace Engagement.Tests.Templates;

/// <summary>The guide for staff says what is so: its examples run, its variables exist.</summary>
public sealed partial class GuideTests
{
    private static readonly string Guide = File.ReadAllText(Repository.Path("docs", "templates.md"));

    private static readonly BuiltInEngine Engine = new(TemplateLimits.Default, new ManualClock());

    [Fact]
    public void Every_example_gives_the_text_below_it()
    {
        var examples = Examples();
        Assert.True(examples.Count >= 10);
        foreach (Match example in examples)
        {
            var source = example.Groups[1].Value;
            Assert.Empty(Engine.Analyse("guide", source, MessageModel.Schema).Unknown);
            Assert.Equal(example.Groups[2].Value, Engine.Compile("guide", source, MessageModel.Schema).Render(MakeRow()));
        }
    }

    [Fact]
    public void The_error_shown_is_the_error_that_staff_see()
    {
        var shown = Guide.Split("```error\n")[1].Split("\n```")[0];
        var source = shown.Split('\n')[1].Trim();
        Assert.Equal(shown, Assert.Single(Engine.Analyse("生日", source, MessageModel.Schema).Unknown).Describe(chinese: true));
    }

    [Fact]
    public void Every_variable_of_a_message_is_listed() =>
        Assert.Equal(MessageModel.Schema.Paths, Variable().Matches(Guide).Select(match => match.Groups[1].Value));

    internal static MatchCollection Examples() => Example().Matches(Guide);

    internal static RenderRow MakeRow()
    {
        var row = new RenderRow(MessageModel.Schema);
        foreach (Match line in Variable().Matches(Guide))
        {
            var column = MessageModel.Schema.Column(line.Groups[1].Value);
            var value = line.Groups[2].Value.Trim();
            if (DateOnly.TryParseExact(value, "yyyy-MM-dd", out var day)) row.Set(column, new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.FromHours(8)));
            else row.Set(column, value);
        }
        return row;
    }

    [GeneratedRegex("```scriban\n(.*?)\n```\n\n```text\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^\| `([a-z_.]+)` \|[^|]*\|[^|]*\|([^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex Variable();
}
