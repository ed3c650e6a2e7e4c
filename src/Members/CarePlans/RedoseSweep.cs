using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engagement.Members.CarePlans;

/// <summary>The loop that lets therapy lines follow a changed dose when whoever changed it was cut off before they did.</summary>
internal sealed partial class RedoseSweep(TherapyStore therapies, Clocks clocks, ILogger<RedoseSweep> logger) : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMinutes(1);

    // Whoever changes a dose lets the lines follow at once: what is younger is theirs.
    private static readonly TimeSpan s_theirs = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Failed(logger, failure);
            }

            await Task.Delay(s_tick, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Finishes what was left; how many products that were. Tests call this, the loop repeats it.</summary>
    internal Task<int> RunOnceAsync(CancellationToken ct) => therapies.RebuildRedosedAsync(IdGenerator.FloorOf(clocks.System.NowMs() - (long)s_theirs.TotalMilliseconds), ct);

    [LoggerMessage(5601, LogLevel.Error, "Therapy lines could not follow a changed dose; tried again in a minute.")]
    private static partial void Failed(ILogger logger, Exception failure);
}
