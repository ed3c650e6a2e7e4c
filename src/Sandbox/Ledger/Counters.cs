using System.Collections.Concurrent;

namespace Engagement.Sandbox.Ledger;

/// <summary>What <c>/_sandbox/stats</c> tells. Safe for any thread.</summary>
internal sealed class Counters
{
    private readonly ConcurrentDictionary<string, int> _refusedByCode = new(StringComparer.Ordinal);
    // One place per channel, and none at zero.
    private readonly long[] _accepted = new long[Enum.GetValues<Channel>().Length + 1];
    private long _pushed;
    private long _pushFailed;

    public long Accepted(Channel channel) => Interlocked.Read(ref _accepted[(int)channel]);

    public IReadOnlyDictionary<string, int> RefusedByCode => new SortedDictionary<string, int>(_refusedByCode, StringComparer.Ordinal);

    /// <summary>Receipts, events and replies that a webhook has taken, each counted once however many travel in one body.</summary>
    public long Pushed => Interlocked.Read(ref _pushed);

    /// <summary>Those given up after the last attempt.</summary>
    public long PushFailed => Interlocked.Read(ref _pushFailed);

    public void CountAccepted(Channel channel, int messages) => Interlocked.Add(ref _accepted[(int)channel], messages);

    public void CountRefused(string code) => _refusedByCode.AddOrUpdate(code, 1, static (_, n) => n + 1);

    public void CountPushed(int items) => Interlocked.Add(ref _pushed, items);

    public void CountPushFailed(int items) => Interlocked.Add(ref _pushFailed, items);

    public void Clear()
    {
        foreach (var channel in Enum.GetValues<Channel>()) Interlocked.Exchange(ref _accepted[(int)channel], 0);
        Interlocked.Exchange(ref _pushed, 0);
        Interlocked.Exchange(ref _pushFailed, 0);
        _refusedByCode.Clear();
    }
}
