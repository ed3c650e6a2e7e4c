using System.Buffers;
using Engagement.Templates;
using HandlebarsDotNet;

namespace Engagement.Bench.Templates;

/// <summary>Rendering and compiling one message, by our engine and by Handlebars.Net, in turns.</summary>
public static class TemplatesBench
{
    private const int Rounds = 5;
    // Machines are faster and slower by the second: within a round all take turns in short slices.
    private const int Slices = 10;

    private static readonly RenderSchema Schema = new(
        "member.name", "member.title", "member.points", "member.is_gold", "store.name", "gift.until", "coupons");

    private static readonly RenderSchema CouponSchema = new("name", "yuan");

    /// <summary>Runs the benchmark.</summary>
    /// <param name="scale">`small` or `full`: a fifth of a second, or one, for each measurement of each round.</param>
    public static BenchReport Run(string scale)
    {
        var seconds = (scale == "small" ? 0.2 : 1) / Slices;
        var source = File.ReadAllText(Path.Combine("samples", "templates", "birthday-coupons.scriban"));
        var engine = new BuiltInEngine(TemplateLimits.Default, TimeProvider.System);
        var row = MakeRow();
        var model = MakeModel();
        var ours = engine.Compile("birthday", source, Schema);
        var handlebarsSource = ToHandlebars(source);
        var theirs = Handlebars.Create(new HandlebarsConfiguration { NoEscape = true }).Compile(handlebarsSource);
        var text = ours.Render(row);
        if (text != theirs(model)) throw new InvalidOperationException($"The engines disagree:\n{text}\n{theirs(model)}");

        var output = new ArrayBufferWriter<char>(4_096);
        var runs = new (string Name, string Unit, Func<double> Measure)[]
        {
            ("render", "renders/s", () => PerSecond(seconds, () => ours.Render(row))),
            ("render into a buffer", "renders/s", () => PerSecond(seconds, () =>
            {
                output.ResetWrittenCount();
                ours.Render(row, output);
            })),
            ("Handlebars.Net render", "renders/s", () => PerSecond(seconds, () => theirs(model))),
            ("parse and compile", "templates/s", () => PerSecond(seconds, () => engine.Compile("birthday", source, Schema))),
            ("Handlebars.Net compile", "templates/s", () => PerSecond(seconds, () =>
                Handlebars.Create(new HandlebarsConfiguration { NoEscape = true }).Compile(handlebarsSource))),
            ("allocated per render", "bytes", () => BytesPer(() => ours.Render(row))),
            ("allocated per render into a buffer", "bytes", () => BytesPer(() =>
            {
                output.ResetWrittenCount();
                ours.Render(row, output);
            })),
            ("allocated per Handlebars.Net render", "bytes", () => BytesPer(() => theirs(model))),
            ("output", "bytes", () => text.Length * sizeof(char)),
        };
        var samples = runs.Select(_ => new List<double>()).ToArray();
        foreach (var run in runs) run.Measure();
        for (var round = 0; round < Rounds; round++)
        {
            var slices = new double[runs.Length];
            for (var slice = 0; slice < Slices; slice++)
            {
                for (var i = 0; i < runs.Length; i++) slices[i] += runs[i].Measure() / Slices;
            }

            for (var i = 0; i < runs.Length; i++) samples[i].Add(slices[i]);
        }

        var figures = runs.Select((run, i) => Figure.Of(run.Name, run.Unit, samples[i])).ToList();
        figures.Add(Figure.Of("renders against Handlebars.Net", "×", samples[0].Zip(samples[2], (our, their) => our / their)));
        figures.Add(Figure.Of("compiles against Handlebars.Net", "×", samples[3].Zip(samples[4], (our, their) => our / their)));
        double Median(string name) => figures.Single(figure => figure.Name == name).Median;
        return new BenchReport("templates", figures,
        [
            Ratio.AtLeast("renders against Handlebars.Net", Median("renders against Handlebars.Net"), 4),
            Ratio.AtLeast("compiles against Handlebars.Net", Median("compiles against Handlebars.Net"), 100),
            Ratio.AtMost("bytes allocated per byte of text", Median("allocated per render") / Median("output"), 2),
        ]);
    }

    // In seconds of processor time, the collector's included: what else runs on the machine does not count.
    private static double PerSecond(double seconds, Action work)
    {
        var start = Environment.CpuUsage.TotalTime;
        var times = 0L;
        var batch = 1L;
        while (true)
        {
            for (var i = 0L; i < batch; i++) work();
            times += batch;
            var elapsed = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
            if (elapsed >= seconds) return times / elapsed;
            if (elapsed < seconds / 20) batch *= 2;
        }
    }

    private static double BytesPer(Action work)
    {
        const int Times = 2_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Times; i++) work();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Times;
    }

    // The same message in the other language: it has no `for`, and names its item `this`.
    private static string ToHandlebars(string source) => source
        .Replace("{{ if ", "{{#if ", StringComparison.Ordinal)
        .Replace("{{ for coupon in coupons }}", "{{#each coupons}}", StringComparison.Ordinal)
        .Replace("元；{{ end }}", "元；{{/each}}", StringComparison.Ordinal)
        .Replace("{{ end }}", "{{/if}}", StringComparison.Ordinal)
        .Replace("coupon.", "this.", StringComparison.Ordinal);

    private static RenderRow MakeRow()
    {
        var row = new RenderRow(Schema);
        row.Set(Schema.Column("member.name"), "王秀兰");
        row.Set(Schema.Column("member.title"), "女士");
        row.Set(Schema.Column("member.points"), 1_280);
        row.Set(Schema.Column("member.is_gold"), true);
        row.Set(Schema.Column("store.name"), "和平路店");
        row.Set(Schema.Column("gift.until"), "12月31日");
        var coupons = new RenderList(CouponSchema);
        foreach (var (name, yuan) in Coupons)
        {
            var coupon = coupons.Add();
            coupon.Set(0, name);
            coupon.Set(1, yuan);
        }
        row.Set(Schema.Column("coupons"), coupons);
        return row;
    }

    private static readonly (string Name, long Yuan)[] Coupons = [("满50元", 5), ("满100元", 15), ("满200元", 40)];

    private static Dictionary<string, object> MakeModel() => new()
    {
        ["member"] = new Dictionary<string, object> { ["name"] = "王秀兰", ["title"] = "女士", ["points"] = 1_280L, ["is_gold"] = true },
        ["store"] = new Dictionary<string, object> { ["name"] = "和平路店" },
        ["gift"] = new Dictionary<string, object> { ["until"] = "12月31日" },
        ["coupons"] = Coupons.Select(coupon => new Dictionary<string, object> { ["name"] = coupon.Name, ["yuan"] = coupon.Yuan }).ToList(),
    };
}
