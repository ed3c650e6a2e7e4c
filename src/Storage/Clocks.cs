namespace Engagement.Storage;

/// <summary>The two clocks. They are never mixed.</summary>
/// <param name="Business">Dates, due times, hours and expiry. The demo moves it.</param>
/// <param name="System">Ids, leases, tokens, signatures and replay windows. Nothing moves it.</param>
public sealed record Clocks(TimeProvider Business, TimeProvider System);

/// <summary>A clock that runs with the system's, shifted by an offset that may be changed while it runs.</summary>
public sealed class OffsetClock(TimeProvider system) : TimeProvider
{
    private long _offset;

    /// <summary>How far this clock is ahead of the system's; zero outside the demo.</summary>
    public TimeSpan Offset
    {
        get => new(Interlocked.Read(ref _offset));
        set => Interlocked.Exchange(ref _offset, value.Ticks);
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => system.GetUtcNow() + Offset;

    /// <inheritdoc/>
    public override long GetTimestamp() => system.GetTimestamp();

    /// <inheritdoc/>
    public override long TimestampFrequency => system.TimestampFrequency;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        system.CreateTimer(callback, state, dueTime, period);
}
