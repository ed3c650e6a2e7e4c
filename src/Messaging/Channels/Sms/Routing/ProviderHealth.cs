namespace Engagement.Messaging.Channels.Sms.Routing;

/// <summary>The share of errors of one provider, window by window, and how many points of traffic that has cost it.</summary>
/// <remarks>
/// A window that shows too many errors moves one step away and begins anew, so that the next step is judged at the new share. Without
/// traffic nothing is wrong: a provider that has lost all gets a step back after the healthy time, and shows itself with it.
/// Not thread-safe: <see cref="SmsTraffic"/> holds the lock.
/// </remarks>
/// <param name="points">Its points of a hundred when all are well.</param>
/// <param name="options">The thresholds.</param>
/// <param name="now">When it begins.</param>
internal sealed class ProviderHealth(int points, SmsOptions options, DateTimeOffset now)
{
    private DateTimeOffset _windowFrom = now;
    private DateTimeOffset _healthySince = now;
    private int _answers;
    private int _errors;

    /// <summary>Its points when all are well.</summary>
    public int Full => points;

    /// <summary>The points that it has lost.</summary>
    public int Lost { get; private set; }

    /// <summary>Notes how many numbers ended, and how many of them in an error of the provider's.</summary>
    public void Note(int answers, int errors)
    {
        _answers += answers;
        _errors += errors;
    }

    /// <summary>Judges the window when it is over; the points gained or lost by that, mostly 0.</summary>
    public int Judge(DateTimeOffset now)
    {
        var over = now - _windowFrom >= options.Window;
        if (over && _errors * 100 >= _answers * options.ErrorPercent && _errors > 0)
        {
            // Too few to judge: not healthy, and counted on.
            _healthySince = now;
            if (_answers < options.WindowLeast) return 0;
            Restart(now);
            return -Move(Math.Min(options.StepPoints, points - Lost));
        }

        if (over && _answers >= options.WindowLeast) Restart(now);
        if (Lost == 0 || now - _healthySince < options.HealthyFor) return 0;
        _healthySince = now;
        Restart(now);
        return -Move(-Math.Min(options.StepPoints, Lost));
    }

    private int Move(int by)
    {
        Lost += by;
        return by;
    }

    private void Restart(DateTimeOffset now) => (_windowFrom, _answers, _errors) = (now, 0, 0);
}
