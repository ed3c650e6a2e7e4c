using Engagement.Members.Timelines;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engagement.Members.Cases;

/// <summary>The loop that passes on what is overdue.</summary>
internal sealed partial class CaseEscalation(CaseDesk desk, Clocks clocks, ILogger<CaseEscalation> logger) : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await desk.EscalateAsync(stoppingToken).ConfigureAwait(false);
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

    [LoggerMessage(5501, LogLevel.Error, "Overdue cases could not be passed on; tried again in a minute.")]
    private static partial void Failed(ILogger logger, Exception failure);
}

/// <summary>Registers service cases.</summary>
public static class CaseRegistration
{
    /// <summary>Adds the desk and the photos.</summary>
    public static IServiceCollection AddCases(this IServiceCollection services) => services.AddSingleton<CaseDesk>().AddSingleton<CasePhotos>().AddSingleton<ITimelineSource, CaseHistory>();

    /// <summary>Adds the loop that passes on what is overdue.</summary>
    public static IServiceCollection AddCaseEscalation(this IServiceCollection services) => services.AddHostedService<CaseEscalation>();
}
