using System.Runtime.ExceptionServices;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Automations;

/// <summary>Runs each automation once a day, from the morning on: late, but on its day, as now. On any number of nodes, for a run has a key.</summary>
public sealed class DailySchedule(Database database, Clocks clocks, BirthdayAutomation birthdays, RefillAutomation refills)
{
    private static readonly TimeOnly s_morning = new(9, 0);

    /// <summary>Runs what nobody has begun today; nothing before nine in the morning. What was begun and cut short is the resumer's.</summary>
    /// <remarks>Each is tried whatever becomes of the other; what failed is thrown at the end.</remarks>
    /// <exception cref="AggregateException">Both failed.</exception>
    public async Task<IReadOnlyList<RunResult>> RunDueAsync(CancellationToken ct)
    {
        var now = clocks.Business.GetUtcNow();
        if (TimeOnly.FromTimeSpan(ChinaTime.In(now).TimeOfDay) < s_morning) return [];
        var today = ChinaTime.DayOf(now);
        var (results, failures) = (new List<RunResult>(), new List<Exception>());
        await RunAsync($"{BirthdayAutomation.Producer}:{today}", birthdays.RunAsync).ConfigureAwait(false);
        await RunAsync($"{RefillAutomation.Producer}:{today}", refills.RunAsync).ConfigureAwait(false);
        if (failures is [var only]) ExceptionDispatchInfo.Throw(only);
        return failures.Count == 0 ? results : throw new AggregateException("Both automations failed.", failures);

        async Task RunAsync(string key, Func<string?, CancellationToken, Task<RunResult>> run)
        {
            try
            {
                if (await database.ReadAsync(session => RunStore.FindAsync(session, key), ct).ConfigureAwait(false) is null) results.Add(await run(key, ct).ConfigureAwait(false));
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                failures.Add(failure);
            }
        }
    }
}
