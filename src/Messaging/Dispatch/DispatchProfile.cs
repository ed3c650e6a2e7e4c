using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Engagement.Messaging.Dispatch;

/// <summary>The stages of a wave.</summary>
internal enum Stage
{
    /// <summary>Reading what is due and what the gate needs.</summary>
    Read,

    /// <summary>Gate, rendering, encryption.</summary>
    Decide,

    /// <summary>Making the intents durable, the wait for the writer included.</summary>
    Intent,

    /// <summary>From the first byte of a wave to its last answer.</summary>
    Send,

    /// <summary>Recording outcomes, beside the sending.</summary>
    Outcome,
}

/// <summary>Where the time of dispatch goes, by stage: for the bench, and as the meter <c>Engagement.Dispatch</c> for operators.</summary>
internal sealed class DispatchProfile : IDisposable
{
    private readonly Meter _meter = new("Engagement.Dispatch");
    private readonly long[] _ticks = new long[Enum.GetValues<Stage>().Length];
    private readonly long[] _messages = new long[Enum.GetValues<Stage>().Length];

    public DispatchProfile()
    {
        foreach (var stage in Enum.GetValues<Stage>())
        {
            var tag = new KeyValuePair<string, object?>("stage", stage.ToString().ToLowerInvariant());
            _meter.CreateObservableCounter("engagement.dispatch.time", () => new Measurement<double>(Of(stage).Seconds, tag), "s", "Time in a stage, summed over lanes");
            _meter.CreateObservableCounter("engagement.dispatch.messages", () => new Measurement<long>(Of(stage).Messages, tag), "{message}", "Messages that passed a stage");
        }
    }

    public static long Start() => Stopwatch.GetTimestamp();

    public void Add(Stage stage, long started, int messages)
    {
        Interlocked.Add(ref _ticks[(int)stage], Stopwatch.GetTimestamp() - started);
        Interlocked.Add(ref _messages[(int)stage], messages);
    }

    /// <summary>What a stage has taken, summed over lanes, and for how many messages.</summary>
    public (double Seconds, long Messages) Of(Stage stage) =>
        (Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks[(int)stage])).TotalSeconds, Interlocked.Read(ref _messages[(int)stage]));

    public void Dispose() => _meter.Dispose();
}
