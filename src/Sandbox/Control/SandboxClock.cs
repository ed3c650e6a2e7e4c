namespace Engagement.Sandbox.Control;

/// <summary>
/// The provider's clock for token life and flow control: real time plus an offset that <c>POST /_sandbox/clock</c> adds
/// to. Signatures are checked against real time, so that a real SDK still works after a day has been skipped.
/// </summary>
internal sealed class SandboxClock(TimeProvider system) : TimeProvider
{
    public static readonly TimeSpan China = TimeSpan.FromHours(8);

    private long _offsetTicks;

    public override DateTimeOffset GetUtcNow() => system.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));

    public DateTimeOffset ChinaNow => GetUtcNow().ToOffset(China);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _offsetTicks, by.Ticks);
}
