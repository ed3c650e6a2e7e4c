using Engagement.Templates;

namespace Engagement.Tests.Templates;

public sealed class AnalysisTests
{
    private static readonly RenderSchema Schema = new("member.name", "member.points", "store.name", "coupons");

    private static readonly BuiltInEngine Engine = new(TemplateLimits.Default, TimeProvider.System);

    private static TemplateAnalysis Analyse(string source) => Engine.Analyse("测试", source, Schema);

    [Fact]
    public void Used_and_unused_columns_are_told_apart()
    {
        var analysis = Analyse("{{ member.name | string.upcase }}{{ for c in coupons; c.name; end }}");
        Assert.Equal(["member.name", "coupons"], analysis.Used);
        Assert.Equal(["member.points", "store.name"], analysis.Unused);
        Assert.Empty(analysis.Unknown);
    }

    [Theory]
    [InlineData("你好{{ member.nmae }}", 6, "member.nmae", "member.name")]
    [InlineData("{{ membr.name }}", 4, "membr.name", "member.name")]
    [InlineData("{{ membr }}", 4, "membr", "member")]
    [InlineData("{{ 'a' | strng.upcase }}", 10, "strng.upcase", "string.upcase")]
    [InlineData("{{ if x; end }}", 7, "x", null)]
    [InlineData("{{ total = 1; totl }}", 15, "totl", "total")]
    [InlineData("{{ 'a' | string.upcas }}", 10, "string.upcas", "string.upcase")]
    [InlineData("{{ 1 + func_that_is_not_there 2 }}", 8, "func_that_is_not_there", null)]
    public void An_unknown_name_is_reported_with_its_place_and_the_name_that_was_meant(string source, int column, string name, string? meant)
    {
        var unknown = Assert.Single(Analyse(source).Unknown);
        Assert.Equal((1, column), (unknown.Line, unknown.Column));
        Assert.Contains($"`{name}`", unknown.Message, StringComparison.Ordinal);
        Assert.Contains($"`{name}`", unknown.MessageZh, StringComparison.Ordinal);
        Assert.Equal(meant is not null, unknown.Message.Contains("did you mean", StringComparison.Ordinal));
        if (meant is not null) Assert.Contains($"是否想写 `{meant}`？", unknown.MessageZh, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ func f(a, b = store.name); ret a + b; end; f member.name }}")]
    [InlineData("{{ x = {a: 1}; with x; a; end }}")]
    [InlineData("{{ for $c in coupons; $c.name; for.index; end; $0; this.x; empty }}")]
    [InlineData("{{ capture t; date.now.year; end; t }}{{ (1..3).size }}{{ coupons.empty? }}{{ member.empty? }}")]
    public void What_the_template_makes_itself_is_known(string source) => Assert.Empty(Analyse(source).Unknown);

    [Fact]
    public void A_name_alone_uses_all_that_is_below_it() =>
        Assert.Equal(["member.name", "member.points"], Analyse("{{ member | object.keys }}").Used);

    [Fact]
    public void A_dry_run_renders_every_row_and_tells_which_failed()
    {
        var template = Engine.Compile("x", "{{ member.name }}{{ 10 // member.points }}", Schema);
        var row = new RenderRow(Schema);
        IEnumerable<RenderRow> Sample()
        {
            foreach (var (name, points) in new[] { ("甲", 5L), ("乙", 0L), ("司马相如", 2L) })
            {
                row.Set(0, name);
                row.Set(1, points);
                yield return row;
            }
        }
        var run = DryRun.Over(template, Sample());
        Assert.Equal((2, "司马相如5"), (run.Rendered, run.LongestText));
        var (place, error) = Assert.Single(run.Failures);
        Assert.Equal((1, "除数为零。"), (place, error.MessageZh));
    }
}
