using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engagement.Storage.Cluster;

/// <summary>The loop around <see cref="NodeRegistry.BeatAsync"/>. The first beat comes before the host's other work, the row goes with an orderly stop.</summary>
internal sealed class Heartbeat(NodeRegistry nodes, Role role, Clocks clocks, ILogger<Heartbeat> logger) : BackgroundService
{
    private bool _failing;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await BeatAsync(cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await nodes.LeaveAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            Log.NotLeft(logger, failure);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(NodeRegistry.Beat, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await BeatAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    // An outage is two lines, not one for each beat.
    private async Task BeatAsync(CancellationToken ct)
    {
        try
        {
            await nodes.BeatAsync(role, ct).ConfigureAwait(false);
            if (_failing) Log.BeatsAgain(logger);
            _failing = false;
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            if (!_failing) Log.BeatFailed(logger, failure);
            _failing = true;
        }
    }
}
