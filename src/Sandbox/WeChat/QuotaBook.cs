using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>How often each path may be called: a day of China, and a clock minute. Zero = no limit.</summary>
internal sealed record PathQuota(int Daily = 0, int PerMinute = 0);

/// <summary>Counts the calls of one app per path. Safe for any thread.</summary>
internal sealed class QuotaBook(SandboxClock clock)
{
    public const int ClearsPerMonth = 10;

    // What is known of the real limits; anything else may be called without end until the setup says otherwise.
    private static readonly Dictionary<string, PathQuota> Defaults = new(StringComparer.Ordinal)
    {
        ["/cgi-bin/stable_token"] = new(500_000, 10_000),
        ["/cgi-bin/message/subscribe/send"] = new(10_000_000),
        ["/cgi-bin/message/template/send"] = new(100_000),
        ["/wxa/getwxacodeunlimit"] = new(0, 5_000),
        ["/wxa/generatescheme"] = new(500_000),
        ["/wxa/generate_urllink"] = new(500_000),
    };

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Used> _used = new(StringComparer.Ordinal);
    private (int Year, int Month) _month;
    private int _clears;

    /// <summary>Counts one call, or names the limit that it would break.</summary>
    public WeChatError? Count(string path, WeChatSetup setup)
    {
        var quota = QuotaOf(path, setup);
        if (quota is null) return null;
        lock (_gate)
        {
            var used = UsedOf(path);
            if (quota.PerMinute > 0 && used.InMinute >= quota.PerMinute) return MinuteError(path);
            if (quota.Daily > 0 && used.Today >= quota.Daily) return DayError(path);
            used.InMinute++;
            used.Today++;
            return null;
        }
    }

    /// <summary>The day's limit of a path and what is used of it, or <c>null</c> when the path has none.</summary>
    public (PathQuota Quota, int Used)? Look(string path, WeChatSetup setup)
    {
        if (QuotaOf(path, setup) is not { } quota) return null;
        lock (_gate) return (quota, UsedOf(path).Today);
    }

    /// <summary>Forgets the day's use, unless the month's ten times are spent.</summary>
    public bool TrySpendClear()
    {
        lock (_gate)
        {
            var now = clock.ChinaNow;
            if (_month != (now.Year, now.Month)) (_month, _clears) = ((now.Year, now.Month), 0);
            if (_clears == ClearsPerMonth) return false;
            _clears++;
            _used.Clear();
            return true;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _used.Clear();
            _clears = 0;
        }
    }

    private static PathQuota? QuotaOf(string path, WeChatSetup setup) =>
        setup.Quotas.TryGetValue(path, out var quota) ? quota : Defaults.GetValueOrDefault(path);

    private Used UsedOf(string path)
    {
        var now = clock.ChinaNow;
        if (!_used.TryGetValue(path, out var used)) _used[path] = used = new Used();
        var day = DateOnly.FromDateTime(now.DateTime);
        var minute = now.ToUnixTimeSeconds() / 60;
        if (used.Day != day) (used.Day, used.Today) = (day, 0);
        if (used.Minute != minute) (used.Minute, used.InMinute) = (minute, 0);
        return used;
    }

    private static WeChatError MinuteError(string path) => path switch
    {
        "/wxa/getwxacodeunlimit" => WeChatError.DailyLimit,
        "/wxa/msg_sec_check" => new(44991, "reach max api minute quota limit"),
        "/wxa/generatescheme" or "/wxa/generate_urllink" => new(44990, "reach max api second quota limit"),
        _ => WeChatError.MinuteLimit,
    };

    private static WeChatError DayError(string path) => path is "/wxa/generatescheme" or "/wxa/generate_urllink"
        ? new(44993, "reach max api daily quota limit of links")
        : WeChatError.DailyLimit;

    private sealed class Used
    {
        public DateOnly Day { get; set; }

        public int Today { get; set; }

        public long Minute { get; set; }

        public int InMinute { get; set; }
    }
}
