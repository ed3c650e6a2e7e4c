using Engagement.Messaging.Dispatch;

namespace Engagement.Bench.Dispatch;

/// <summary>What one process says of one phase. Moments are Unix milliseconds, of a clock that all processes of the round share.</summary>
/// <param name="Started">When it began.</param>
/// <param name="Ended">When the last outcome was known.</param>
/// <param name="Received">When the last receipt was applied; 0 without receipts.</param>
/// <param name="CpuSeconds">CPU time of the process.</param>
/// <param name="PeakMegabytes">The most memory that it held, from its start.</param>
internal sealed record PhaseFigures(double Started, double Ended, double Received, double CpuSeconds, double PeakMegabytes)
{
    /// <summary>What of it was its own at the end of the phase, not pages of files.</summary>
    public double OwnMegabytes { get; init; } = Usage.OwnMegabytes;

    /// <summary>Messages a second of the middle four fifths, when it was asked for.</summary>
    public double Steady { get; init; }

    /// <summary>Microseconds by stage, summed over lanes.</summary>
    public IReadOnlyDictionary<Stage, double> StageMicroseconds { get; init; } = new Dictionary<Stage, double>();
}

/// <summary>What the processes of one round did in a phase, together.</summary>
/// <param name="PerSecond">Messages a second, from the first moment to the last outcome.</param>
/// <param name="DonePerSecond">The same to the last receipt; without receipts the same figure.</param>
/// <param name="CpuPerThousand">CPU seconds of the processes for 1,000 messages.</param>
/// <param name="PeakMegabytes">The most memory that one of them held.</param>
internal sealed record RoundFigures(double PerSecond, double DonePerSecond, double CpuPerThousand, double PeakMegabytes)
{
    public double Steady { get; init; }

    /// <summary>What of the memory was a worker's own at the end, not pages of files.</summary>
    public double OwnMegabytes { get; init; }

    /// <summary>CPU seconds of the database's server for 1,000 messages.</summary>
    public double ServerCpuPerThousand { get; init; }

    /// <summary>CPU seconds of the sandbox for 1,000 messages.</summary>
    public double SandboxCpuPerThousand { get; init; }

    /// <summary>Microseconds a message, by stage.</summary>
    public IReadOnlyDictionary<Stage, double> StageMicroseconds { get; init; } = new Dictionary<Stage, double>();

    public static RoundFigures Of(int messages, IReadOnlyList<PhaseFigures> processes)
    {
        var (started, ended) = (processes.Min(p => p.Started), processes.Max(p => p.Ended));
        var done = Math.Max(ended, processes.Max(p => p.Received));
        return new RoundFigures(
            messages * 1000 / (ended - started), messages * 1000 / (done - started), processes.Sum(p => p.CpuSeconds) * 1000 / messages, processes.Max(p => p.PeakMegabytes))
        {
            Steady = processes.Max(p => p.Steady),
            OwnMegabytes = processes.Max(p => p.OwnMegabytes),
            StageMicroseconds = processes.SelectMany(p => p.StageMicroseconds).GroupBy(s => s.Key).ToDictionary(s => s.Key, s => s.Sum(p => p.Value) / messages),
        };
    }
}
