namespace Engagement.Storage;

/// <summary>Civil time in China: a fixed +08:00, no daylight saving. Days are counted from 1970-01-01 there.</summary>
public static class ChinaTime
{
    /// <summary>The offset of Asia/Shanghai.</summary>
    public static readonly TimeSpan Offset = TimeSpan.FromHours(8);

    private static readonly DateOnly s_epoch = new(1970, 1, 1);

    /// <summary>The same instant on Chinese clocks.</summary>
    public static DateTimeOffset In(DateTimeOffset instant) => instant.ToOffset(Offset);

    /// <summary>The civil day of an instant, as a number of days.</summary>
    public static int DayOf(DateTimeOffset instant) => DayOf(DateOf(instant));

    /// <summary>The civil date of an instant.</summary>
    public static DateOnly DateOf(DateTimeOffset instant) => DateOnly.FromDateTime(In(instant).DateTime);

    /// <summary>The number of a civil date.</summary>
    public static int DayOf(DateOnly date) => date.DayNumber - s_epoch.DayNumber;

    /// <summary>The civil date with that number.</summary>
    public static DateOnly Date(int day) => s_epoch.AddDays(day);

    /// <summary>The instant at which a civil day reaches <paramref name="time"/>.</summary>
    public static DateTimeOffset At(int day, TimeOnly time) => new(Date(day).ToDateTime(time), Offset);

    /// <summary>The civil day of a provider's clock now.</summary>
    public static int Today(this TimeProvider clock) => DayOf(clock.GetUtcNow());

    /// <summary>Now in Unix milliseconds, the form in which tables keep instants.</summary>
    public static long NowMs(this TimeProvider clock) => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
