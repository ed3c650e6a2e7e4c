using Engagement.Api.Hosting;
using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>The demo's business clock: starts at ten in the morning, so that a run at night shows the same, and never goes back.</summary>
internal static class DemoClock
{
    private static readonly TimeOnly s_opening = new(10, 0);

    /// <summary>Sets it for a run and returns the new business time.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="at">The time asked for, or <c>null</c> for ten o'clock of the business day.</param>
    /// <param name="ct">Stops before the write.</param>
    public static async Task<DateTimeOffset> StartAsync(Installation installation, DateTimeOffset? at, CancellationToken ct)
    {
        var now = TimeProvider.System.GetUtcNow();
        var running = now + installation.Business.Offset;
        var known = installation.Business.Offset != TimeSpan.Zero;
        var morning = ChinaTime.At(ChinaTime.DayOf(now), s_opening);
        await SetAsync(installation, at ?? (known && running > morning ? running : morning), ct);
        return installation.Business.GetUtcNow();
    }

    /// <summary>Moves it on by whole days, to ten o'clock.</summary>
    public static async Task<DateTimeOffset> AdvanceAsync(Installation installation, int days, CancellationToken ct)
    {
        await SetAsync(installation, ChinaTime.At(installation.Business.Today() + days, s_opening), ct);
        return installation.Business.GetUtcNow();
    }

    private static async Task SetAsync(Installation installation, DateTimeOffset time, CancellationToken ct)
    {
        var offset = time - TimeProvider.System.GetUtcNow();
        await installation.Database.WriteAsync(tx => tx.SetSettingAsync(Installation.ClockOffset, ((long)offset.TotalMilliseconds).ToString()), ct);
        installation.Business.Offset = offset;
    }
}
