using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.Aliyun;

/// <summary>
/// The provider's default limits per number. Minutes and hours are windows of the clock, a day is the last 24 hours;
/// what counts is the accepted submission. Safe for any thread.
/// </summary>
internal sealed class FlowControl(CurrentSetup setup, SandboxClock clock)
{
    private const int PerDay = 50;
    private const int CodesPerMinute = 1;
    private const int CodesPerHour = 5;
    private const int CodesPerDay = 10;
    private const int CodesPerDayOverAllSignatures = 40;

    private readonly Lock _gate = new();
    private DateOnly _day;
    private int _today;
    private int _thisMonth;
    private readonly Dictionary<string, Queue<DateTimeOffset>> _sends = new(StringComparer.Ordinal);

    /// <summary>Counts one submission to each number, or names the limit that one of them would break.</summary>
    public SmsRefusal? Count(IReadOnlyList<(string SignName, string Phone)> sends, SmsTemplate template)
    {
        var control = setup.Aliyun?.FlowControl;
        lock (_gate)
        {
            if (CapBreach(sends.Count) is { } cap) return cap;
            if (control is not { Enabled: true })
            {
                Spend(sends.Count);
                return null;
            }
            var limited = sends.Where(send => !control.WhiteList.Contains(send.Phone)).ToList();
            foreach (var (signName, phone) in limited)
            {
                if (Breach(signName, phone, template) is { } breach) return breach;
            }
            foreach (var (signName, phone) in limited)
            {
                foreach (var key in Keys(signName, phone, template)) Recent(key).Enqueue(clock.GetUtcNow());
            }
            Spend(sends.Count);
            return null;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _sends.Clear();
            (_today, _thisMonth) = (0, 0);
        }
    }

    private SmsRefusal? CapBreach(int messages)
    {
        var today = DateOnly.FromDateTime(clock.ChinaNow.DateTime);
        if ((today.Year, today.Month) != (_day.Year, _day.Month)) _thisMonth = 0;
        if (today != _day) (_day, _today) = (today, 0);
        var account = setup.Aliyun!;
        return account.MonthlyCap > 0 && _thisMonth + messages > account.MonthlyCap ? SmsRefusal.MonthCap
            : account.DailyCap > 0 && _today + messages > account.DailyCap ? SmsRefusal.DayCap
            : null;
    }

    private void Spend(int messages)
    {
        _today += messages;
        _thisMonth += messages;
    }

    private static string[] Keys(string signName, string phone, SmsTemplate template) =>
        template.Type == SmsTemplateType.Verification ? [$"{phone}/code/{signName}", $"{phone}/code"] : [$"{phone}/{template.Code}/{signName}"];

    private SmsRefusal? Breach(string signName, string phone, SmsTemplate template)
    {
        var keys = Keys(signName, phone, template);
        var recent = Recent(keys[0]);
        if (template.Type != SmsTemplateType.Verification) return recent.Count >= PerDay ? SmsRefusal.FlowLimit("天", PerDay) : null;

        var now = clock.ChinaNow;
        var minute = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, now.Minute, 0, now.Offset);
        var hour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, now.Offset);
        return recent.Any(at => at >= minute) ? SmsRefusal.FlowLimit("分钟", CodesPerMinute)
            : recent.Count(at => at >= hour) >= CodesPerHour ? SmsRefusal.FlowLimit("小时", CodesPerHour)
            : recent.Count >= CodesPerDay ? SmsRefusal.FlowLimit("天", CodesPerDay)
            : Recent(keys[1]).Count >= CodesPerDayOverAllSignatures ? SmsRefusal.FlowLimit("天", CodesPerDayOverAllSignatures)
            : null;
    }

    // The sends of the last 24 hours.
    private Queue<DateTimeOffset> Recent(string key)
    {
        if (!_sends.TryGetValue(key, out var sends)) _sends[key] = sends = new Queue<DateTimeOffset>();
        var dayAgo = clock.GetUtcNow() - TimeSpan.FromDays(1);
        while (sends.TryPeek(out var oldest) && oldest <= dayAgo) sends.Dequeue();
        return sends;
    }
}
