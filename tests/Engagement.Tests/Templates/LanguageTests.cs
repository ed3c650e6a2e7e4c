using System.Buffers;
using System.Text.Json;
using Engagement.Templates;

namespace Engagement.Tests.Templates;

public sealed class LanguageTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 10, 0, 0, TimeSpan.FromHours(8));

    private static readonly RenderSchema Schema = new("member.name", "member.points", "member.birthday", "store.name", "coupons", "price");

    private static readonly RenderSchema CouponSchema = new("name", "expires");

    private static string Render(string source, Action<RenderRow>? fill = null)
    {
        var row = new RenderRow(Schema);
        row.Set(Schema.Column("member.name"), "王秀兰");
        row.Set(Schema.Column("member.points"), 1280);
        row.Set(Schema.Column("store.name"), "和平路店");
        fill?.Invoke(row);
        return Engine.Compile("测试", source, Schema).Render(row);
    }

    private static BuiltInEngine Engine { get; } = new(TemplateLimits.Default, new FixedClock(Now));

    private static TemplateError Failure(Action work) => Assert.Single(Assert.Throws<TemplateException>(work).Errors);

    [Fact]
    public void A_birthday_message_reads_its_columns_and_walks_its_list()
    {
        var coupons = new RenderList(CouponSchema);
        foreach (var (name, day) in new[] { ("满50减10", 1), ("满100减25", 15) })
        {
            var coupon = coupons.Add();
            coupon.Set(0, name);
            coupon.Set(1, new DateTimeOffset(2026, 12, day, 0, 0, 0, TimeSpan.FromHours(8)));
        }
        var text = Render(
            """
            {{ member.name }}，生日快乐🎂！您有 {{ member.points }} 积分。
            {{~ for coupon in coupons ~}}
            {{ for.index + 1 }}. {{ coupon.name }}，有效期至 {{ coupon.expires | date.to_string "%Y年%-m月%-d日" }}
            {{~ end ~}}
            {{ if member.points >= 1000 }}{{ store.name }}恭候光临。{{ end }}
            """,
            row => row.Set(Schema.Column("coupons"), coupons));

        Assert.Equal("王秀兰，生日快乐🎂！您有 1280 积分。\n1. 满50减10，有效期至 2026年12月1日\n2. 满100减25，有效期至 2026年12月15日\n和平路店恭候光临。", text);
    }

    [Fact]
    public void A_row_is_reused_and_forgets_its_values()
    {
        var template = Engine.Compile("x", "[{{ member.name }}]", Schema);
        var row = new RenderRow(Schema);
        row.Set(0, "甲");
        Assert.Equal("[甲]", template.Render(row));
        row.Clear();
        Assert.Equal("[]", template.Render(row));
    }

    [Fact]
    public void A_list_may_have_other_columns_each_time_a_template_runs()
    {
        var template = Engine.Compile("x", "{{ for c in coupons; c.name; c.other; end }}", Schema);
        string Of(params string[] columns)
        {
            var list = new RenderList(new RenderSchema(columns));
            var item = list.Add();
            for (var column = 0; column < columns.Length; column++) item.Set(column, $"[{columns[column]}]");
            var row = new RenderRow(Schema);
            row.Set(Schema.Column("coupons"), list);
            return template.Render(row);
        }
        Assert.Equal("[name]", Of("name", "expires"));
        Assert.Equal("[name]", Of("expires", "name"));
        Assert.Equal("[name][other]", Of("other", "name"));
        Assert.Equal("", Of("expires"));
    }

    [Fact]
    public void A_buffer_gets_the_same_text_as_a_string()
    {
        var output = new ArrayBufferWriter<char>();
        output.Write("前");
        var row = new RenderRow(Schema);
        row.Set(0, "㐂🎉");
        Engine.Compile("x", "{{ member.name }}!", Schema).Render(row, output);
        Assert.Equal("前㐂🎉!", output.WrittenSpan.ToString());
    }

    [Theory]
    [InlineData("{{ price }}", "12.50")]
    [InlineData("{{ price * 2 }}", "25.00")]
    [InlineData("{{ price + 0.5 }}", "13.00")]
    [InlineData("{{ price | math.format \"0.0\" }}", "12.5")]
    [InlineData("{{ price > 12 }}", "true")]
    public void Money_keeps_its_digits(string source, string expected) =>
        Assert.Equal(expected, Render(source, row => row.Set(Schema.Column("price"), 12.50m)));

    [Theory]
    [InlineData("79228162514264337593543950335")]
    [InlineData("-79228162514264337593543950335")]
    [InlineData("-0.0000000000000000000000000001")]
    [InlineData("0")]
    public void Any_decimal_comes_through_unchanged(string digits) =>
        Assert.Equal(digits, Render("{{ price }}", row => row.Set(Schema.Column("price"), decimal.Parse(digits))));

    [Fact]
    public void Dates_are_read_in_China_whatever_offset_they_came_with() =>
        Assert.Equal("2026-12-01 07:30", Render(
            "{{ member.birthday | date.to_string '%F %R' }}",
            row => row.Set(Schema.Column("member.birthday"), new DateTimeOffset(2026, 11, 30, 23, 30, 0, TimeSpan.Zero))));

    [Fact]
    public void Now_is_the_clock_that_the_engine_was_given() => Assert.Equal("2026-11-21 10:00", Render("{{ date.now | date.to_string '%F %R' }}"));

    [Fact]
    public void Chinese_days_and_months_are_words() =>
        Assert.Equal("星期六 十一月 上午", Render("{{ date.now | date.to_string '%A %B %p' 'zh-CN' }}"));

    [Fact]
    public void A_name_that_the_template_assigns_hides_its_column() =>
        Assert.Equal("7, 和平路店", Render("{{ price = 3; price = price + 4; price }}, {{ store.name }}", row => row.Set(Schema.Column("price"), 1L)));

    [Fact]
    public void Columns_are_still_there_where_a_with_block_may_hide_them() =>
        Assert.Equal("甲王秀兰和平路店", Render("{{ x = {member: {name: '甲'}}; with x; member.name; end; member.name; store['name'] }}"));

    [Fact]
    public void A_JSON_model_is_read_by_name()
    {
        using var json = JsonDocument.Parse("""{"member":{"name":"李强","tags":["a","b"]},"n":3,"ok":true,"none":null}""");
        var model = TemplateModel.FromJson(json.RootElement);
        var template = Engine.Compile("x", "{{member.name}} {{member.tags | array.join '/'}} {{n / 2}} {{ok}} {{none}}", model.Schema);
        Assert.Equal("李强 a/b 1.5 true ", template.Render(model.Row));
    }

    [Fact]
    public void An_error_tells_template_line_column_and_the_line_in_two_languages()
    {
        var error = Failure(() => Engine.Compile("生日", "你好\n祝{{ member.name | }}快乐", Schema));
        Assert.Equal(("生日", 2, 19), (error.Template, error.Line, error.Column));
        Assert.Equal("祝{{ member.name | }}快乐", error.SourceLine);
        Assert.Contains("needs a function", error.Message, StringComparison.Ordinal);
        Assert.Contains("需要函数", error.MessageZh, StringComparison.Ordinal);
        Assert.EndsWith("\n  祝{{ member.name | }}快乐\n  \u3000" + new string(' ', 17) + "^", error.Describe(chinese: true), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_errors_are_reported_at_once_in_the_order_of_their_places()
    {
        var failure = Assert.Throws<TemplateException>(() => Engine.Compile("x", "{{ 1 + }}\n{{ if }}x{{ end }}\n{{ [1,2 }}", Schema));
        Assert.Equal([1, 2, 3], failure.Errors.Select(error => error.Line));
    }

    [Fact]
    public void A_row_of_another_schema_is_refused() =>
        Assert.Throws<ArgumentException>(() => Engine.Compile("x", "x", Schema).Render(new RenderRow(CouponSchema)));

    [Fact]
    public void One_template_renders_on_many_threads()
    {
        var template = Engine.Compile("x", "{{ s = 0; for i in 1..50; s = s + i; end; s }}{{ member.name }}", Schema);
        Parallel.For(0, 2_000, number =>
        {
            var row = new RenderRow(Schema);
            row.Set(0, $"员{number}");
            Assert.Equal($"1275员{number}", template.Render(row));
        });
    }

    [Fact]
    public void Included_templates_share_the_names_and_get_arguments()
    {
        var engine = new BuiltInEngine(TemplateLimits.Default, TimeProvider.System, name => name == "footer" ? "{{ n = n + 1 }}[{{ store.name }}{{ $1 }}{{ n }}]" : null);
        var row = new RenderRow(Schema);
        row.Set(Schema.Column("store.name"), "东店");
        Assert.Equal("[东店!2][东店?3]3", engine.Compile("x", "{{ n = 1; include 'footer' '!'; include 'footer' '?'; n }}", Schema).Render(row));
        Assert.Equal((1, 4), (Failure(() => engine.Compile("x", "{{ include 'nothing' }}", Schema).Render(row)) is var e ? (e.Line, e.Column) : default));
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();
    }
}
