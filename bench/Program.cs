using Engagement.Bench;
using Engagement.Bench.Api;
using Engagement.Bench.Channels;
using Engagement.Bench.Chaos;
using Engagement.Bench.Dispatch;
using Engagement.Bench.Import;
using Engagement.Bench.Templates;

// bench NAME[:PART] [--scale small|full]; names of the form NAME:WHAT@FOLDER are the benchmarks' own child processes.
if (args is not [var name, ..] || args.Length is not (1 or 3) || (args.Length == 3 && (args[1] != "--scale" || args[2] is not ("small" or "full"))))
{
    Console.Error.WriteLine($"""
        usage: bench.sh NAME [--scale small|full]   NAME: api, channels, chaos, dispatch, import, templates
               bench.sh dispatch:PART …             PART, printed and not saved: {string.Join(", ", DispatchBench.Parts)}
               bench.sh api:ROW …                   ROW, printed and not saved: {string.Join(", ", ApiRequests.Names)}
        """);
    return 2;
}

var (bench, part) = name.Split(':', 2) is [var first, var second] ? (first, second) : (name, null);
if (part is not null && part.Contains('@'))
{
    return bench switch
    {
        "dispatch" => await BenchProcess.RunAsync(part, CancellationToken.None),
        "api" when part.StartsWith("serve@", StringComparison.Ordinal) => await ApiServer.RunAsync(part["serve@".Length..], CancellationToken.None),
        "api" when part.StartsWith("bare@", StringComparison.Ordinal) => await ApiServer.RunBareAsync(part["bare@".Length..], CancellationToken.None),
        "import" => await ImportRound.RunAsync(part, CancellationToken.None),
        _ => 2,
    };
}

var scale = args.Length == 3 ? args[2] : "full";
BenchReport? report = bench switch
{
    "dispatch" when part is null || DispatchBench.Parts.Contains(part) => await DispatchBench.RunAsync(scale, part, CancellationToken.None),
    "api" when part is null || ApiRequests.Names.Contains(part) => await ApiBench.RunAsync(scale, part, CancellationToken.None),
    "channels" when part is null => await ChannelsBench.RunAsync(scale, CancellationToken.None),
    "chaos" when part is null => await ChaosBench.RunAsync(scale),
    "import" when part is null => await ImportBench.RunAsync(scale, CancellationToken.None),
    "templates" when part is null => TemplatesBench.Run(scale),
    _ => null,
};
if (report is null)
{
    Console.Error.WriteLine($"There is no benchmark named {name}.");
    return 2;
}

report.Print(Console.Out);
if (part is null) await report.SaveAsync(Path.Combine("bench", "results"), CancellationToken.None);
return report.Ratios.All(r => r.Holds) ? 0 : 1;
