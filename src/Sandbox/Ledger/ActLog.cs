namespace Engagement.Sandbox.Ledger;

/// <summary>Something that a person did, after the message <paramref name="After"/>: a reply, a tap, a chat.</summary>
internal sealed record DoneAct(long Id, DateTimeOffset At, string To, long After, string What, string Text);

/// <summary>What people have done lately, for the inbox page. Safe for any thread.</summary>
internal sealed class ActLog
{
    private const int Kept = 5_000;

    private readonly Lock _gate = new();
    private readonly Queue<DoneAct> _acts = new();
    private long _last;

    public void Add(DateTimeOffset at, string to, long after, string what, string text = "")
    {
        lock (_gate)
        {
            _acts.Enqueue(new DoneAct(++_last, at, to, after, what, text));
            if (_acts.Count > Kept) _acts.Dequeue();
        }
    }

    /// <summary>What came after <paramref name="id"/>; <c>first</c> tells a reader that a reset has been.</summary>
    public (IReadOnlyList<DoneAct> Acts, long First, long Last) After(long id)
    {
        lock (_gate) return ([.. _acts.Where(act => act.Id > id)], _acts.TryPeek(out var oldest) ? oldest.Id : _last + 1, _last);
    }

    public void Clear()
    {
        lock (_gate) _acts.Clear();
    }
}
