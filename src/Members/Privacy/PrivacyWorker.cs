using Engagement.Members.SignIn;
using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engagement.Members.Privacy;

/// <summary>Builds exports and erases members when it is time, and removes sign-ins and codes that ran out. Any number of processes may run it.</summary>
internal sealed partial class PrivacyWorker(PrivacyDesk desk, MemberSessions sessions, PhoneCodes codes, Clocks clocks, ILogger<PrivacyWorker> logger) : BackgroundService
{
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_sweep = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_keepSessions = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sweepAt = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await desk.RunDueAsync(stoppingToken).ConfigureAwait(false);
                if (clocks.System.GetUtcNow() >= sweepAt)
                {
                    sweepAt = clocks.System.GetUtcNow() + s_sweep;
                    await sessions.SweepAsync((clocks.System.GetUtcNow() - s_keepSessions).ToUnixTimeMilliseconds(), stoppingToken).ConfigureAwait(false);
                    await codes.SweepAsync(stoppingToken).ConfigureAwait(false);
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                RoundFailed(logger, failure);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(s_idle, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(5100, LogLevel.Error, "A round of privacy requests failed; it is tried again")]
    private static partial void RoundFailed(ILogger logger, Exception failure);
}
