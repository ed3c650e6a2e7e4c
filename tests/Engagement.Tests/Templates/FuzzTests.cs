using System.Text;
using Engagement.Templates;
using Xunit.Abstractions;

namespace Engagement.Tests.Templates;

/// <summary>Whatever staff, or somebody worse, type: an answer or a <see cref="TemplateException"/>, and soon.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Rounds = 102_000;

    private static readonly TemplateLimits Tight = new(
        MaxSteps: 5_000, MaxLoop: 200, MaxOutput: 20_000, MaxItems: 2_000, MaxRecursion: 30, RegexTime: TimeSpan.FromMilliseconds(2));

    private static readonly RenderSchema Schema = new("member.name", "member.points", "store.name", "coupons");

    private static readonly string[] Seeds =
    [
        "亲爱的{{ member.name }}，您有{{ member.points | math.format '0' }}积分{{ if member.points > 100 }}！{{ else if x }}？{{ else }}。{{ end }}",
        "{{~ for c in coupons limit:2 offset:1 reversed ~}}\n{{ for.index }}{{ c.name }}{{ if for.changed; break; end }}\n{{~ end ~}}",
        "{{ x = [1,2,{a:3}]; x[2].a += 4; x | array.add 5 | array.sort | array.join ', ' @(do; ret $0 + 1; end) }}",
        "{{ func f(a, b = 2, c...); ret a * b + c.size; end; f 1 2 3 4 | f(b: 3) }}",
        "{{ case member.points; when 1, 2; 'a'; when 3 || 4; 'b'; else; 'c'; end }}",
        "{{ while i < 9; i = i + 1; if i == 3; continue; end; $\"{i}{'-'}\"; end }}",
        "{{ capture y }}a{{ store.name }}b{{ end }}{{ y | string.truncate 3 | html.escape }}",
        "{{ with o; p = 1; readonly p; end; wrap w 1; $$; end; import o; this['q'] = 2; ret 5 }}",
        "{%{ raw {{ }} }%}{{ date.now | date.to_string '%F %A %g' 'zh-CN' }}{{ date.parse '2026-01-31' | date.add_months 1 }}",
        "{{ 'x' | regex.replace `(a+)+$` 'y' }}{{ 1..5 | array.map 'z' }}{{ 0x1F + 1e3 - 2.5m // 3 % 4 << 2 }}",
        "{{ a?.b?.c ?? (1 ?! 2) ? !true : -+1 }}{{ ++n; n-- }}{{ `v``w` }}{{ \"\\u4e2d\\x41\" }}",
        "{{ '{{ 1 + 2 }}' | object.eval_template }}{{ '1 + 2' | object.eval }}{{ {a:[1]} | object.to_json | object.from_json }}",
        "{{ tablerow $r in coupons cols: 2 }}{{ $r.name }}{{ end }}{{ ## c ## }}{{ # c }}",
    ];

    private static readonly string[] Pieces =
    [
        "{{", "}}", "{{-", "-}}", "{{~", "~}}", "{%{", "}%}", "(", ")", "[", "]", "{", "}", "|", "||", "&&", ".", "..", "..<", "...", "?.", "??", "?!", "?",
        ":", ";", ",", "\n", "\r\n", " ", "\t", "+", "-", "*", "/", "//", "%", "<<", ">>", "==", "!=", "<", ">=", "=", "+=", "++", "--", "!", "^", "@", "#", "##",
        "$", "$$", "$0", "$x", "$\"", "\"", "'", "`", "\\", "if ", "else ", "end ", "for ", "in ", "while ", "case ", "when ", "func ", "ret ", "do ", "with ",
        "wrap ", "import ", "readonly ", "capture ", "tablerow ", "break ", "continue ", "this", "empty", "null", "true", "x", "y", "member", "coupons", "name",
        "for.index", "0", "1", "-1", "99999999999999999999", "1e308", "1e999", "0.1", "3m", "2f", "'文'", "🎂", "\uD83C", "\0", "array.", "string.", "math.", "date.",
        "object.", "regex.", "html.", "timespan.", "sort", "size", "pad_left 999999999", "slice (-9) 99", "replace '' 'x'", "split ''", "add_days 1e300", "eval",
        "* 999999999", "1..999999999", "include 'x'", "array.insert_at 999999999 1", "math.format 'F999999999'",
    ];

    [Fact]
    public void A_hundred_thousand_random_and_mutated_templates_end_with_a_text_or_a_template_error()
    {
        var counts = new int[3];
        Parallel.For(0, 2, part =>
        {
            var random = new Random(20261121 + part);
            var row = MakeRow();
            for (var round = 0; round < Rounds / 2; round++)
            {
                var source = (round % 6) switch { 0 => Assemble(random), 1 or 2 => Mutate(random), _ => "{{ " + Grown.Statements(random, 2) + " }}" };
                Interlocked.Increment(ref counts[Try(source, row)]);
            }
        });
        output.WriteLine($"{counts.Sum()} templates: {counts[0]} did not compile, {counts[1]} failed while rendering, {counts[2]} gave a text");
        Assert.Equal(Rounds, counts.Sum());
        // A generator that only made rubbish would prove little.
        Assert.All(counts, count => Assert.True(count > Rounds / 20));
    }

    private static int Try(string source, RenderRow row)
    {
        ICompiledTemplate template;
        try
        {
            template = new BuiltInEngine(Tight, TimeProvider.System, name => name == "x" ? "{{ include 'x' }}" : null).Compile("fuzz", source, Schema);
        }
        catch (TemplateException)
        {
            return 0;
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"Compiling failed with {failure.GetType().Name} on:\n{source}", failure);
        }
        try
        {
            template.Render(row);
            return 2;
        }
        catch (TemplateException)
        {
            return 1;
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"Rendering failed with {failure.GetType().Name} on:\n{source}", failure);
        }
    }

    private static string Assemble(Random random)
    {
        var source = new StringBuilder("{{ ");
        for (var i = random.Next(1, 24); i > 0; i--)
        {
            source.Append(Pieces[random.Next(Pieces.Length)]);
            if (random.Next(3) == 0) source.Append(' ');
        }
        return source.Append(random.Next(2) == 0 ? " }}" : "").ToString();
    }

    private static string Mutate(Random random)
    {
        var source = new StringBuilder(Seeds[random.Next(Seeds.Length)]);
        if (random.Next(3) == 0) source.Append(Seeds[random.Next(Seeds.Length)]);
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(source.Length + 1);
            switch (random.Next(4))
            {
                case 0: source.Insert(at, Pieces[random.Next(Pieces.Length)]); break;
                case 1: source.Remove(at, Math.Min(source.Length - at, random.Next(1, 5))); break;
                case 2: source.Insert(at, source.ToString(0, Math.Min(at, random.Next(40)))); break;
                default:
                    if (at < source.Length) source[at] = Pieces[random.Next(Pieces.Length)][0];
                    break;
            }
        }
        return source.ToString();
    }

    private static RenderRow MakeRow()
    {
        var row = new RenderRow(Schema);
        row.Set(0, "王秀兰");
        row.Set(1, 1_280L);
        row.Set(2, "和平路店");
        var coupons = new RenderList(new RenderSchema("name", "yuan"));
        for (var i = 0; i < 3; i++) coupons.Add().Set(0, $"券{i}");
        row.Set(3, coupons);
        return row;
    }

    public static TheoryData<string, string> Giants() => new()
    {
        { "brackets", "{{ " + new string('(', 10_000) + "1" + new string(')', 10_000) + " }}" },
        { "open brackets", "{{ " + new string('(', 10_000) },
        { "lists", "{{ " + new string('[', 10_000) + new string(']', 10_000) + " }}" },
        { "objects", "{{ " + string.Concat(Enumerable.Repeat("{a:", 10_000)) },
        { "signs", "{{ " + new string('!', 10_000) + "x }}" },
        { "steps", "{{ " + string.Concat(Enumerable.Repeat("++", 10_000)) + "x }}" },
        { "sums", "{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 10_000)) + " }}" },
        { "members", "{{ x" + string.Concat(Enumerable.Repeat(".y", 10_000)) + " }}" },
        { "indexes", "{{ x" + string.Concat(Enumerable.Repeat("[0]", 10_000)) + " }}" },
        { "pipes", "{{ 1" + string.Concat(Enumerable.Repeat(" | math.abs", 10_000)) + " }}" },
        { "conditions", "{{ " + string.Concat(Enumerable.Repeat("1 ? 1 : ", 10_000)) + "1 }}" },
        { "blocks", string.Concat(Enumerable.Repeat("{{ if true }}", 10_000)) },
        { "functions", "{{ " + string.Concat(Enumerable.Repeat("x = do; ", 10_000)) },
        { "interpolations", "{{ " + string.Concat(Enumerable.Repeat("$\"{", 10_000)) },
        { "calls", "{{ " + string.Concat(Enumerable.Repeat("f(", 10_000)) },
        { "arguments", "{{ f" + string.Concat(Enumerable.Repeat(" 1", 100_000)) + " }}" },
    };

    [Theory]
    [MemberData(nameof(Giants))]
    public void Ten_thousand_levels_are_an_error_or_a_text_but_no_crash(string name, string source)
    {
        // A small stack, as a worker's thread may have.
        var result = -1;
        var thread = new Thread(() => result = Try(source, MakeRow()), maxStackSize: 1 << 20);
        thread.Start();
        thread.Join();
        Assert.True(result is 0 or 1, $"{name} gave {result}");
    }

    [Fact]
    public void A_template_of_five_megabytes_renders_or_is_refused_by_its_limits()
    {
        var engine = new BuiltInEngine(TemplateLimits.Default with { MaxOutput = 16 << 20 }, TimeProvider.System);
        var text = engine.Compile("giant", string.Concat(Enumerable.Repeat("亲爱的{{ member.name }}，您好！\n", 220_000)), Schema).Render(MakeRow());
        Assert.Equal(220_000 * 11, text.Length);
        Assert.Throws<TemplateException>(() => engine.Compile("broken", string.Concat(Enumerable.Repeat("{{ if ( }}\n", 500_000)), Schema));
        Assert.Throws<TemplateException>(() => engine.Compile("longer", new string('x', TemplateLimits.Default.MaxSource + 1), Schema));
    }
}
