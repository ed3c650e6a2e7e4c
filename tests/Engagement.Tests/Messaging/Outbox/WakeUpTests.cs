using Engagement.Messaging.Outbox;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Outbox;

public sealed class WakeUpTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task A_signal_between_looking_and_waiting_is_not_lost()
    {
        var wakeUp = new WakeUp(_clock);

        var next = wakeUp.Next;
        wakeUp.Set();

        // The clock stands still: only the signal can end this.
        await wakeUp.WaitAsync(next, TimeSpan.FromSeconds(1), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Every_loop_that_waits_is_woken_and_each_signal_counts_once()
    {
        var wakeUp = new WakeUp(_clock);
        var loops = Enumerable.Range(0, 3).Select(_ => wakeUp.WaitAsync(wakeUp.Next, TimeSpan.FromHours(1), CancellationToken.None)).ToList();

        wakeUp.Set();

        await Task.WhenAll(loops).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(wakeUp.Next.IsCompleted);
    }

    [Fact]
    public async Task Without_a_signal_the_wait_ends_by_the_clock()
    {
        var wakeUp = new WakeUp(_clock);
        var wait = wakeUp.WaitAsync(wakeUp.Next, TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.False(wait.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(1));

        await wait.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
