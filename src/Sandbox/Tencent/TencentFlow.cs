using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.Tencent;

/// <summary>
/// The provider's default limits: the same text to a number once in 30 seconds, a number so often an hour and so often
/// a day of China, the application so often a day. What counts is the accepted submission. Safe for any thread.
/// </summary>
internal sealed class TencentFlow(CurrentSetup setup, SandboxClock clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<DateTimeOffset>> _sends = new(StringComparer.Ordinal);

    /// <summary>Counts one submission, or names the limit that it would break.</summary>
    public TencentError? Count(string app, string phone, string text)
    {
        if (setup.Tencent?.Limits is not { Enabled: true } limits || limits.WhiteList.Contains(phone)) return null;
        lock (_gate)
        {
            var now = clock.ChinaNow;
            var today = new DateTimeOffset(now.Year, now.Month, now.Day, 0, 0, 0, now.Offset);
            var (same, number, all) = (Recent($"{phone}/{text}"), Recent(phone), Recent("app/" + app));
            if (IsFull(same, limits.SameContentPer30Seconds, now.AddSeconds(-30))) return TencentError.ThirtySeconds;
            if (IsFull(number, limits.PerNumberAndHour, now.AddHours(-1))) return TencentError.Hour;
            if (IsFull(number, limits.PerNumberAndDay, today)) return TencentError.Day;
            if (IsFull(all, limits.PerAppAndDay, today)) return TencentError.AppDay;

            foreach (var sends in new[] { same, number, all }) sends.Enqueue(now);
            return null;
        }
    }

    public void Clear()
    {
        lock (_gate) _sends.Clear();
    }

    private static bool IsFull(Queue<DateTimeOffset> sends, int permits, DateTimeOffset since) =>
        permits > 0 && sends.Count(at => at > since) >= permits;

    private Queue<DateTimeOffset> Recent(string key)
    {
        if (!_sends.TryGetValue(key, out var sends)) _sends[key] = sends = new Queue<DateTimeOffset>();
        var dayAgo = clock.GetUtcNow().AddDays(-1);
        while (sends.TryPeek(out var oldest) && oldest <= dayAgo) sends.Dequeue();
        return sends;
    }
}
