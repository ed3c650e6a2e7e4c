using Engagement.Messaging.Dispatch;

namespace Engagement.Bench.Dispatch;

/// <summary>Collects what is printed: figures, and the ratios with their bars.</summary>
internal sealed class BenchTable
{
    private readonly List<Figure> _figures = [];
    private readonly List<Ratio> _ratios = [];

    public BenchReport Report(string name) => new(name, _figures, _ratios);

    public void Add(Figure figure) => _figures.Add(figure);

    public void Add(Ratio ratio) => _ratios.Add(ratio);

    /// <summary>The bare loop beside a row.</summary>
    public void AddBare(string beside, IReadOnlyList<RoundFigures> rounds)
    {
        var name = $"bare posts beside {beside}";
        Add(Figure.Of(name, "messages/s", rounds.Select(r => r.PerSecond)));
        Add(Figure.Of($"{name}: CPU per 1,000", "s", rounds.Select(r => r.CpuPerThousand)));
        Add(Figure.Of($"{name}: CPU of the sandbox per 1,000", "s", rounds.Select(r => r.SandboxCpuPerThousand)));
    }

    /// <summary>A row, next to the bare loop of the same rounds.</summary>
    public void AddRow(Row row, IReadOnlyList<RoundFigures> rounds, IReadOnlyList<RoundFigures> bare)
    {
        var share = Figure.Of($"{row.Name}: messages/s against bare", "×", rounds.Zip(bare, (w, b) => w.PerSecond / b.PerSecond));
        var cpu = Figure.Of($"{row.Name}: CPU against bare", "×", rounds.Zip(bare, (w, b) => w.CpuPerThousand / b.CpuPerThousand));
        Add(Figure.Of(row.Name, "messages/s", rounds.Select(r => r.PerSecond)));
        if (row.Plan.Receipts) Add(Figure.Of($"{row.Name}: to the last receipt", "messages/s", rounds.Select(r => r.DonePerSecond)));
        Add(share);
        Add(Figure.Of($"{row.Name}: CPU per 1,000", "s", rounds.Select(r => r.CpuPerThousand)));
        Add(cpu);
        if (rounds.Any(r => r.ServerCpuPerThousand > 0)) Add(Figure.Of($"{row.Name}: CPU of the server per 1,000", "s", rounds.Select(r => r.ServerCpuPerThousand)));
        Add(Figure.Of($"{row.Name}: CPU of the sandbox per 1,000", "s", rounds.Select(r => r.SandboxCpuPerThousand)));
        Add(Figure.Of($"{row.Name}: peak memory of a worker", "MB", rounds.Select(r => r.PeakMegabytes)));
        Add(Figure.Of($"{row.Name}: own memory of a worker at the end", "MB", rounds.Select(r => r.OwnMegabytes)));
        foreach (var stage in Enum.GetValues<Stage>())
        {
            Add(Figure.Of($"{row.Name}: in {stage}", "µs/message", rounds.Select(r => r.StageMicroseconds.GetValueOrDefault(stage))));
        }

        if (row.LeastShare is { } least) Add(Ratio.AtLeast(share.Name, share.Median, least));
        if (row.MostCpu is { } most) Add(Ratio.AtMost(cpu.Name, cpu.Median, most));
        if (row.LeastSteady is not { } steady) return;
        var rate = Figure.Of($"{row.Name}: messages/s in the steady state", "messages/s", rounds.Select(r => r.Steady));
        Add(rate);
        Add(Ratio.AtLeast(rate.Name, rate.Median, steady));
    }
}
