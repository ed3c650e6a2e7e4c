namespace Engagement.Sandbox.Pushes;

/// <summary>What waits to be pushed, ordered by when it is due. Safe for any thread.</summary>
internal sealed class PushQueue(TimeProvider clock) : IDisposable
{
    // Timers are no finer than this, and a newcomer may be due before what the pump is waiting for.
    private static readonly TimeSpan ShortestNap = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestNap = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<PushItem, long> _items = new();
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private int _taken;

    /// <summary>Items that wait, and items whose push is under way.</summary>
    public int Pending
    {
        get { lock (_gate) return _items.Count + _taken; }
    }

    public void Add(PushItem item, TimeSpan delay)
    {
        var due = clock.GetTimestamp() + (long)(delay.TotalSeconds * clock.TimestampFrequency);
        lock (_gate)
        {
            _items.Enqueue(item, due);
            if (_arrived.CurrentCount == 0) _arrived.Release();
        }
    }

    /// <summary>Waits until something is due, then takes up to <paramref name="max"/> due items.</summary>
    public async Task<List<PushItem>> TakeAsync(int max, CancellationToken ct)
    {
        while (true)
        {
            TimeSpan? nap;
            lock (_gate)
            {
                if (TakeDue(max, out nap) is { } due) return due;
            }
            if (nap is { } time) await Task.Delay(time, clock, ct);
            else await _arrived.WaitAsync(ct);
        }
    }

    /// <summary>Says that items which were taken are dealt with (or added again).</summary>
    public void Settle(int items)
    {
        lock (_gate) _taken = Math.Max(0, _taken - items);
    }

    public void Clear()
    {
        lock (_gate) _items.Clear();
    }

    public void Dispose() => _arrived.Dispose();

    private List<PushItem>? TakeDue(int max, out TimeSpan? nap)
    {
        nap = null;
        var now = clock.GetTimestamp();
        List<PushItem>? due = null;
        while (_items.TryPeek(out var item, out var at))
        {
            if (at > now)
            {
                var wait = clock.GetElapsedTime(now, at);
                nap = wait < ShortestNap ? ShortestNap : wait > LongestNap ? LongestNap : wait;
                break;
            }
            _items.Dequeue();
            (due ??= []).Add(item);
            if (due.Count == max) break;
        }
        _taken += due?.Count ?? 0;
        return due;
    }
}
