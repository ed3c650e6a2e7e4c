using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Automations;

/// <summary>Runs each automation once a day, from the morning on: late, but on its day, as now. On any number of nodes, for a run has a key.</summary>
public sealed class DailySchedule(Database database, Clocks clocks, BirthdayAutomation birthdays, RefillAutomation refills)
{
    private static readonly TimeOnly s_morning = new(9, 0);

    /// <summary>Runs what nobody has begun today; nothing before nine in the morning. What was begun and cut short is the resumer's.</summary>
    public async Task<IReadOnlyList<RunResult>> RunDueAsync(CancellationToken ct)
    {
        var now = clocks.Business.GetUtcNow();
        if (TimeOnly.FromTimeSpan(ChinaTime.In(now).TimeOfDay) < s_morning) return [];
        var today = ChinaTime.DayOf(now);
        var results = new List<RunResult>();
        await RunAsync($"{BirthdayAutomation.Producer}:{today}", birthdays.RunAsync).ConfigureAwait(false);
        await RunAsync($"{RefillAutomation.Producer}:{today}", refills.RunAsync).ConfigureAwait(false);
        return results;

        async Task RunAsync(string key, Func<string?, CancellationToken, Task<RunResult>> run)
        {
            if (await database.ReadAsync(session => RunStore.FindAsync(session, key), ct).ConfigureAwait(false) is null) results.Add(await run(key, ct).ConfigureAwait(false));
        }
    }
}
