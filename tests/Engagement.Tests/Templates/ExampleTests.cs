using System.Runtime.CompilerServices;
using Engagement.Templates;
using Engagement.Templates.Language;

namespace Engagement.Tests.Templates;

/// <summary>The language by example: one line of a table, one answer.</summary>
public sealed class ExampleTests
{
    private static readonly RenderSchema NoColumns = new();

    private static readonly BuiltInEngine Engine = new(TemplateLimits.Default, new ClockAt(new(2026, 11, 21, 2, 0, 0, TimeSpan.Zero)), name => name switch
    {
        "greet" => "你好{{ $1 }}",
        "bye" => "再见",
        "args" => "{{ $0 }}{{ $1 }}{{ $.title }}",
        "returns" => "前{{ ret 5 }}后",
        "lines" => "一\n二",
        _ => null,
    });

    public static IEnumerable<object[]> Functions() => Rows("functions.tsv");

    public static IEnumerable<object[]> Language() => Rows("language.tsv");

    private static IEnumerable<object[]> Rows(string file, [CallerFilePath] string here = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, file))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t'))
            .Select(cells => new object[] { cells[0], InCode(cells[1]), Lines(cells[2]) });

    // In the table a line break is \n; inside a string of the template it stays an escape, which means the same.
    private static string InCode(string cell) => cell.Contains('"', StringComparison.Ordinal) || cell.Contains('`', StringComparison.Ordinal) || cell.Contains("' \\n", StringComparison.Ordinal) ? cell : Lines(cell);

    private static string Lines(string cell) => cell.Replace("\\\\", "\u0001", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Replace('\u0001', '\\');

    private static string Render(string source) => Engine.Compile("例", source, NoColumns).Render(new RenderRow(NoColumns));

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_answers_as_documented(string function, string source, string expected)
    {
        Assert.Contains(function, source, StringComparison.Ordinal);
        Assert.Equal(expected, Render(source));
    }

    [Theory]
    [MemberData(nameof(Language))]
    public void The_language_works_as_documented(string what, string source, string expected)
    {
        Assert.NotEmpty(what);
        Assert.Equal(expected, Render(source));
    }

    [Fact]
    public void Every_built_in_function_has_an_example()
    {
        var shown = Functions().Select(row => (string)row[0]).ToHashSet();
        var known = Builtins.All.SelectMany(name => Builtins.TryGet(name, out var value) && value.Kind == ValueKind.Object && value.Object.Count > 0
            ? value.Object.Members.Select(member => $"{name}.{member.Key}") : [name]);
        Assert.Equal(known.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{{ for x in 1..2000; end }}", 1, 13, "rounds")]
    [InlineData("{{ while true; end }}", 1, 4, "rounds")]
    [InlineData("{{ func f; f; end; f }}", 1, 12, "nested deeper")]
    [InlineData("{{ for a in 1..1000; for b in 1..1000; end; end }}", 1, 31, "steps")]
    [InlineData("{{ x = 'a' * 100000; for i in 1..99; x; end }}", 1, 38, "longer than")]
    [InlineData("{{ x = 'a'; for i in 1..99; x = x + x; end }}", 1, 35, "longer than")]
    [InlineData("{{ x = [1]; for i in 1..99; x = x + x; end }}", 1, 35, "items")]
    [InlineData("{{ x = 2; for i in 1..99; x = x * x; end }}", 1, 33, "too large")]
    [InlineData("{{ 'x' | string.pad_left 99999999 }}", 1, 25, "longer than")]
    [InlineData("{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regex.match `^(a+)+$` }}", 1, 61, "too long")]
    [InlineData("{{ x = {}; x.x = x; x | object.to_json }}", 1, 39, "nested deeper")]
    [InlineData("{{ 1 // 0 }}", 1, 6, "zero")]
    [InlineData("{{ 'x' | string.slice }}", 1, 22, "arguments")]
    [InlineData("{{ 'x' | string.slice begin: 1 }}", 1, 23, "no argument named")]
    [InlineData("{{ date.parse '明天' }}", 1, 14, "not a date")]
    [InlineData("{{ string.upcase = 1 }}", 1, 11, "read-only")]
    public void A_broken_limit_or_rule_is_an_error_at_its_place(string source, int line, int column, string message)
    {
        var error = Assert.Single(Assert.Throws<TemplateException>(() => Render(source)).Errors);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
    }

    [Fact]
    public void A_render_that_failed_leaves_nothing_behind_for_the_next()
    {
        var failing = Engine.Compile("x", "{{ x = 1; date.format = '%Y'; for i in 1..3; capture y; 'z'; 1 // 0; end; end }}", NoColumns);
        var row = new RenderRow(NoColumns);
        Assert.Throws<TemplateException>(() => failing.Render(row));
        Assert.Equal("|21 Nov 2026|0", Render("{{ x }}|{{ date.now }}|{{ for i in 1..1; for.index; end }}"));
    }

    private sealed class ClockAt(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
