using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

/// <summary>Civil time in China is eight hours ahead of UTC, on every machine and in every season.</summary>
public sealed class ChinaTimeTests
{
    [Theory]
    [InlineData("2026-03-09T15:59:59.9999999Z", "2026-03-09")]
    [InlineData("2026-03-09T16:00:00Z", "2026-03-10")]
    [InlineData("2026-12-31T16:00:00Z", "2027-01-01")]
    [InlineData("2024-02-28T16:00:00Z", "2024-02-29")]
    [InlineData("1988-07-01T15:30:00Z", "1988-07-01")]
    [InlineData("1969-12-31T15:59:59Z", "1969-12-31")]
    public void A_day_begins_at_sixteen_hours_utc(string instant, string date)
    {
        var at = DateTimeOffset.Parse(instant);

        Assert.Equal(DateOnly.Parse(date), ChinaTime.DateOf(at));
        Assert.Equal(DateOnly.Parse(date), ChinaTime.Date(ChinaTime.DayOf(at)));
        Assert.Equal(TimeSpan.FromHours(8), ChinaTime.In(at).Offset);
        Assert.Equal(at, ChinaTime.In(at));
    }

    [Fact]
    public void Days_are_counted_from_the_first_of_1970()
    {
        Assert.Equal(0, ChinaTime.DayOf(new DateOnly(1970, 1, 1)));
        Assert.Equal(-1, ChinaTime.DayOf(new DateOnly(1969, 12, 31)));
        Assert.Equal(19_782, ChinaTime.DayOf(new DateOnly(2024, 2, 29)));
    }

    [Fact]
    public void A_day_and_a_time_are_an_instant_and_back()
    {
        var random = new Random(1);
        for (var i = 0; i < 1_000; i++)
        {
            var (day, time) = (random.Next(-30_000, 60_000), TimeOnly.FromTimeSpan(TimeSpan.FromSeconds(random.Next(86_400))));
            var at = ChinaTime.At(day, time);

            Assert.Equal(day, ChinaTime.DayOf(at));
            Assert.Equal(day, ChinaTime.DayOf(at.ToUniversalTime()));
            Assert.Equal(time, TimeOnly.FromDateTime(ChinaTime.In(at.ToUniversalTime()).DateTime));
        }
    }

    [Fact]
    public void A_clock_tells_the_day_and_the_milliseconds()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 3, 9, 15, 59, 59, TimeSpan.Zero));
        var today = clock.Today();
        Assert.Equal(1_773_071_999_000, clock.NowMs());

        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(today + 1, clock.Today());
    }
}

/// <summary>The demo's clock runs with the system's, ahead of it by what it was told.</summary>
public sealed class OffsetClockTests
{
    private readonly ManualClock _system = new();

    [Fact]
    public void It_is_the_systems_until_it_is_moved()
    {
        var clock = new OffsetClock(_system);
        Assert.Equal(_system.GetUtcNow(), clock.GetUtcNow());

        clock.Offset = TimeSpan.FromDays(3);
        _system.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(_system.GetUtcNow() + TimeSpan.FromDays(3), clock.GetUtcNow());
        clock.Offset = TimeSpan.FromHours(-2);
        Assert.Equal(_system.GetUtcNow() - TimeSpan.FromHours(2), clock.GetUtcNow());
    }

    [Fact]
    public void What_is_measured_is_not_moved()
    {
        var clock = new OffsetClock(_system);
        var started = clock.GetTimestamp();

        clock.Offset = TimeSpan.FromDays(3);
        _system.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(TimeSpan.FromSeconds(5), clock.GetElapsedTime(started));
    }

    [Fact]
    public async Task A_wait_lasts_as_long_as_on_the_system()
    {
        var clock = new OffsetClock(_system);
        var wait = Task.Delay(TimeSpan.FromMinutes(1), clock);

        clock.Offset = TimeSpan.FromDays(3);
        Assert.False(wait.IsCompleted);
        _system.Advance(TimeSpan.FromMinutes(1));

        await wait;
    }
}

/// <summary>The clock of these tests: what depends on time is tested with it, so it must be right itself.</summary>
public sealed class ManualClockTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void It_stands_still_until_it_is_advanced()
    {
        var before = _clock.GetUtcNow();
        Assert.Equal(before, _clock.GetUtcNow());

        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(before + TimeSpan.FromHours(1), _clock.GetUtcNow());
    }

    [Fact]
    public void Timers_fire_in_order_each_at_its_own_moment()
    {
        var start = _clock.GetUtcNow();
        var fired = new List<(string, double)>();
        using var late = Timer("late", 5, -1);
        using var early = Timer("early", 2, -1);
        using var often = Timer("often", 3, 3);

        _clock.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal([("early", 2), ("often", 3), ("late", 5), ("often", 6)], fired);

        ITimer Timer(string name, int due, int period) => _clock.CreateTimer(
            _ => fired.Add((name, (_clock.GetUtcNow() - start).TotalSeconds)), null,
            TimeSpan.FromSeconds(due), period < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(period));
    }

    [Fact]
    public void A_timer_that_was_disposed_or_stopped_stays_silent()
    {
        var fired = 0;
        var disposed = _clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var stopped = _clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        Assert.Equal(2, _clock.Waiting);

        disposed.Dispose();
        stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((0, 0), (fired, _clock.Waiting));
    }

    [Fact]
    public async Task Deadlines_and_periodic_timers_run_on_it()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10), _clock);
        using var periodic = new PeriodicTimer(TimeSpan.FromSeconds(4), _clock);
        var tick = periodic.WaitForNextTickAsync();
        Assert.False(tick.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.True(await tick);
        Assert.False(deadline.IsCancellationRequested);

        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.True(deadline.IsCancellationRequested);
    }
}
