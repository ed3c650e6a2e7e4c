namespace Engagement.Messaging.Outbox;

/// <summary>Tells loops that there is work, so that they need not wait for their next look. May be lost; they look anyway.</summary>
/// <param name="clock">The clock of the waits.</param>
/// <param name="tellOthers">Tells the loops of the other nodes; must return at once.</param>
public sealed class WakeUp(TimeProvider clock, Action? tellOthers = null)
{
    private TaskCompletionSource _next = New();

    /// <summary>Completes with the next <see cref="Set"/>. Taken before looking for work, so that no signal falls between looking and waiting.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Wakes every loop that waits, on every node.</summary>
    public void Set()
    {
        Wake();
        tellOthers?.Invoke();
    }

    /// <summary>Wakes the loops of this process only.</summary>
    public void Wake() => Interlocked.Exchange(ref _next, New()).SetResult();

    /// <summary>Waits for a <see cref="Next"/> taken earlier, at most <paramref name="longest"/>.</summary>
    public async Task WaitAsync(Task next, TimeSpan longest, CancellationToken ct) =>
        await next.WaitAsync(longest, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
