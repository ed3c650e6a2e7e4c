using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Settling.Sweeps;

/// <summary>Runs the sweeps, one after the other, and counts what they mended. One that fails keeps none of the others from running.</summary>
internal sealed class SweepWorker(
    Database database, Clocks clocks, IEnumerable<ISweep> sweeps, IOptions<SettlingOptions> options, ILogger<SweepWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.SweepInterval, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var sweep in sweeps) await RunAsync(sweep, stoppingToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs one sweep and counts. Tests call this, the loop repeats it.</summary>
    internal async Task RunAsync(ISweep sweep, CancellationToken ct)
    {
        if (ct.IsCancellationRequested) return;
        try
        {
            var mended = await sweep.MendAsync(ct).ConfigureAwait(false);
            await database.WriteAsync(tx => SweepStore.CountAsync(tx, sweep.Name, mended, clocks.Business.NowMs()), ct).ConfigureAwait(false);
            if (mended > 0) Log.Mended(logger, sweep.Name, mended);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Log.SweepFailed(logger, sweep.Name, failure);
        }
        catch (OperationCanceledException)
        {
            // The process is stopping; the next one sweeps.
            return;
        }
    }
}
