using System.Buffers;
using System.Text.RegularExpressions;
using Engagement.Messaging;
using Engagement.Messaging.Content;
using Engagement.Templates;
using Engagement.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Engagement.Tests.Templates;

/// <summary>What the seam promises, whichever engine of this build stands behind it.</summary>
public sealed class EngineTests
{
    private static readonly RenderSchema Schema = new("member.name", "member.points", "member.since", "store.name", "coupons", "tags");

    private static readonly RenderSchema CouponSchema = new("name", "yuan");

    public static TheoryData<TemplateEngineKind> Engines() => [.. TemplateEngines.Available];

    private static ITemplateEngine Make(TemplateEngineKind kind, TemplateLimits? limits = null) => TemplateEngines.Make(kind, limits ?? TemplateLimits.Default, new ManualClock());

    private static RenderRow Row()
    {
        var coupons = new RenderList(CouponSchema);
        foreach (var (name, yuan) in new[] { ("满50减10", 10m), ("满100减25", 25.5m) })
        {
            var coupon = coupons.Add();
            coupon.Set(0, name);
            coupon.Set(1, yuan);
        }
        var row = new RenderRow(Schema);
        row.Set(0, "㐂秀兰🎂");
        row.Set(1, 1_280L);
        row.Set(2, new DateTimeOffset(2026, 3, 5, 23, 30, 0, TimeSpan.Zero));
        row.Set(4, coupons);
        row.Set(5, ["会员日", "护肤"]);
        return row;
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_message_reads_its_columns_and_walks_its_lists(TemplateEngineKind kind)
    {
        const string Source = """
            {{ member.name }}：{{ member.points + 1 }}分，{{ member.since | date.to_string "%Y年%-m月%-d日" }}
            {{~ for c in coupons ~}}
            {{ for.index + 1 }}. {{ c.name }} {{ c.yuan }}元
            {{~ end ~}}
            {{ if store.name }}{{ store.name }}{{ else }}总店{{ end }}{{ tags | array.join '、' }}{{ nobody }}
            """;
        var (template, row, output) = (Make(kind).Compile("生日", Source, Schema), Row(), new ArrayBufferWriter<char>());

        Assert.Equal("㐂秀兰🎂：1281分，2026年3月6日\n1. 满50减10 10元\n2. 满100减25 25.5元\n总店会员日、护肤", template.Render(row));
        template.Render(row, output);
        Assert.Equal(template.Render(row), output.WrittenSpan.ToString());
        Assert.Equal("生日", template.Name);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void An_error_has_its_place_and_its_line(TemplateEngineKind kind)
    {
        foreach (var failing in (Action[])[() => Make(kind).Compile("x", "一\n{{ 1 +* 2 }}", Schema), () => Make(kind).Compile("x", "一\n{{ member.since.x.y }}", Schema).Render(Row())])
        {
            var error = Assert.Throws<TemplateException>(failing).Errors[0];
            Assert.Equal(("x", 2), (error.Template, error.Line));
            Assert.StartsWith("{{ ", error.SourceLine, StringComparison.Ordinal);
            Assert.NotEqual(error.Message, error.MessageZh);
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Loops_recursion_and_length_are_bounded(TemplateEngineKind kind)
    {
        var engine = Make(kind, new TemplateLimits(MaxLoop: 50, MaxOutput: 2_000, MaxRecursion: 10));
        foreach (var source in (string[])["{{ while true; end }}", "{{ func f; f; end; f }}", "{{ x = 'abcdefghij' * 100; for i in 1..5; x; end }}"])
            Assert.Throws<TemplateException>(() => engine.Compile("x", source, Schema).Render(Row()));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void The_guide_for_staff_holds_on_every_engine(TemplateEngineKind kind)
    {
        var engine = Make(kind);
        foreach (Match example in GuideTests.Examples())
            Assert.Equal(example.Groups[2].Value, engine.Compile("guide", example.Groups[1].Value, MessageModel.Schema).Render(GuideTests.MakeRow()));
    }

    [Fact]
    public void An_engine_that_this_build_does_not_have_is_refused_with_the_key()
    {
        var chosen = new ConfigurationBuilder().AddInMemoryCollection([new("Templates:Engine", "Scriban")]).Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(chosen).AddMessaging().BuildServiceProvider();
        if (TemplateEngines.Available.Contains(TemplateEngineKind.Scriban))
        {
            Assert.Equal(TemplateEngineKind.Scriban, services.GetRequiredService<IOptions<TemplateOptions>>().Value.Engine);
            return;
        }
        var refusal = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<TemplateOptions>>().Value);
        Assert.Contains("FullRegistry=true", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => Make(TemplateEngineKind.Scriban));
    }
}
