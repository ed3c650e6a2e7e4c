using Engagement.Bench;
using Engagement.Bench.Chaos;
using Engagement.Bench.Dispatch;
using Engagement.Bench.Import;
using Engagement.Bench.Templates;

// bench NAME [--scale small|full]; names of the form NAME:part are the benchmark's own child processes.
if (args is not [var name, ..] || args.Length is not (1 or 3) || (args.Length == 3 && (args[1] != "--scale" || args[2] is not ("small" or "full"))))
{
    Console.Error.WriteLine("usage: bench.sh NAME [--scale small|full]   NAME: chaos, dispatch, import, templates");
    return 2;
}

if (name.Split(':', 2) is [var bench, var part])
{
    return bench switch
    {
        "dispatch" => await DispatchRound.RunAsync(part, CancellationToken.None),
        "import" => await ImportRound.RunAsync(part, CancellationToken.None),
        _ => 2,
    };
}

var scale = args.Length == 3 ? args[2] : "full";
BenchReport? report = name switch
{
    "chaos" => await ChaosBench.RunAsync(scale),
    "dispatch" => await DispatchBench.RunAsync(scale, CancellationToken.None),
    "import" => await ImportBench.RunAsync(scale, CancellationToken.None),
    "templates" => TemplatesBench.Run(scale),
    _ => null,
};
if (report is null)
{
    Console.Error.WriteLine($"There is no benchmark named {name}.");
    return 2;
}

report.Print(Console.Out);
await report.SaveAsync(Path.Combine("bench", "results"), CancellationToken.None);
return report.Ratios.All(r => r.Holds) ? 0 : 1;
