using System.Buffers;
using Engagement.Templates;

namespace Engagement.Tests.Templates;

/// <summary>What one render may cost is what the engine was made with, and breaking it names the place.</summary>
public sealed class LimitsTests
{
    private static readonly RenderSchema Schema = new("member.name", "coupons");

    private static TemplateError Broken(TemplateLimits limits, string source) => Assert.Single(Assert.Throws<TemplateException>(() =>
    {
        var row = new RenderRow(Schema);
        row.Set(0, "王秀兰");
        new BuiltInEngine(limits, TimeProvider.System, name => name == "again" ? "{{ include 'again' }}" : null).Compile("x", source, Schema).Render(row);
    }).Errors);

    public static TheoryData<TemplateLimits, string, int, int, string> Each() => new()
    {
        { new(MaxSteps: 20), "一\n{{ for i in 1..9; i; i; i; end }}", 2, 25, "20 steps" },
        { new(MaxLoop: 3), "\n\n{{ for i in 1..4; end }}", 3, 13, "3 rounds" },
        { new(MaxLoop: 3), "{{ x = 0; while true; x = x + 1; end }}", 1, 11, "3 rounds" },
        { new(MaxLoop: 3), "{{ tablerow i in 1..4; i; end }}", 1, 18, "3 rounds" },
        { new(MaxOutput: 1_100), "甲{{ for i in 1..900 }}{{ member.name }}{{ end }}", 1, 26, "1100 characters" },
        { new(MaxOutput: 10), "{{ x = 'abcdef' + 'ghijkl'; x }}", 1, 17, "10 characters" },
        { new(MaxOutput: 10), "{{ 'abc' | string.pad_left 11 }}", 1, 27, "10 characters" },
        { new(MaxItems: 5), "{{ x = [1, 2, 3]; x + x }}", 1, 21, "5 items" },
        { new(MaxItems: 5), "{{ (1..6) | array.size }}", 1, 6, "5 items" },
        { new(MaxItems: 5), "{{ x = []; x[7] = 1 }}", 1, 12, "5 items" },
        { new(MaxRecursion: 4), "{{ func f\n f\nend\nf }}", 2, 2, "deeper than 4" },
        { new(MaxRecursion: 4), "{{ include 'again' }}", 1, 4, "deeper than 4" },
        { new(MaxDepth: 3), "好\n{{ ((((1)))) }}", 2, 6, "deeper than 3" },
        { new(MaxDepth: 3), "{{ if true; if true; if true; if true; end; end; end; end }}", 1, 25, "deeper than 3" },
        { new(MaxSource: 9), "1234567890", 1, 1, "9 characters" },
        { new(RegexTime: TimeSpan.FromMilliseconds(1)), "{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'\n | regex.match `^(a+)+$` }}", 2, 15, "too long" },
    };

    [Theory]
    [MemberData(nameof(Each))]
    public void Each_limit_is_the_callers_and_its_breach_has_a_place(TemplateLimits limits, string source, int line, int column, string message)
    {
        var error = Broken(limits, source);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.NotEqual(error.Message, error.MessageZh);
        Assert.Equal((line, column), (error.Line, error.Column));
    }

    [Fact]
    public void A_row_renders_into_a_buffer_without_allocating()
    {
        var coupons = new RenderList(new RenderSchema("name", "yuan"));
        coupons.Add().Set(1, 5L);
        coupons.Add().Set(1, 12.5m);
        var row = new RenderRow(Schema);
        row.Set(0, "王秀兰");
        row.Set(1, coupons);
        var template = new BuiltInEngine(TemplateLimits.Default, TimeProvider.System)
            .Compile("x", "{{ member.name }}：{{ if coupons.size > 1 }}{{ for c in coupons }}{{ for.index + 1 }}.{{ c.yuan * 2 }}元{{ end }}{{ end }}", Schema);
        var output = new ArrayBufferWriter<char>(1_024);
        Assert.Equal("王秀兰：1.10元2.25.0元", template.Render(row));

        template.Render(row, output);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            output.ResetWrittenCount();
            template.Render(row, output);
        }
        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 100);
    }
}
