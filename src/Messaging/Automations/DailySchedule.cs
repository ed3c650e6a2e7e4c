using Engagement.Messaging.Runs;
using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Automations;

/// <summary>Runs each automation once a day, from the morning on. Running it twice is harmless: messages carry their keys.</summary>
public sealed class DailySchedule(Database database, Clocks clocks, BirthdayAutomation birthdays, RefillAutomation refills)
{
    private static readonly TimeOnly s_morning = new(9, 0);

    // state 1: still expanding, or cut short; running again adds what is missing.
    private const string RanToday = "SELECT DISTINCT producer FROM run WHERE business_day = @today AND state <> 1";

    /// <summary>Runs what has not run today; nothing before nine in the morning.</summary>
    public async Task<IReadOnlyList<RunResult>> RunDueAsync(CancellationToken ct)
    {
        var now = clocks.Business.GetUtcNow();
        if (TimeOnly.FromTimeSpan(ChinaTime.In(now).TimeOfDay) < s_morning) return [];
        var today = ChinaTime.DayOf(now);
        var ran = await database.ReadAsync(session => session.QueryAsync<string>(RanToday, new { today }), ct).ConfigureAwait(false);
        var results = new List<RunResult>();
        if (!ran.Contains(BirthdayAutomation.Producer)) results.Add(await birthdays.RunAsync(ct).ConfigureAwait(false));
        if (!ran.Contains(RefillAutomation.Producer)) results.Add(await refills.RunAsync(ct).ConfigureAwait(false));
        return results;
    }
}

/// <summary>The loop around <see cref="DailySchedule"/>.</summary>
internal sealed class DailyWorker(DailySchedule schedule, Clocks clocks, ILogger<DailyWorker> logger) : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var run in await schedule.RunDueAsync(stoppingToken).ConfigureAwait(false)) Log.Ran(logger, run.Producer, run.Audience, run.Enqueued);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.ScheduleFailed(logger, failure);
            }

            await Task.Delay(s_tick, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
