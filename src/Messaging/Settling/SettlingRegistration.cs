using Engagement.Messaging.Settling.Sweeps;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Engagement.Messaging.Settling;

/// <summary>Registers what becomes of messages when nobody answers.</summary>
public static class SettlingRegistration
{
    /// <summary>Adds the settler and the sweeps; without an <see cref="IHeldWork"/> of the dispatcher they look after every shard.</summary>
    public static IServiceCollection AddSettling(this IServiceCollection services)
    {
        services.AddOptions<SettlingOptions>().BindConfiguration(SettlingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<IHeldWork, NothingHeld>();
        services.AddSingleton<Settler>().AddHostedService(provider => provider.GetRequiredService<Settler>());
        services.AddSingleton<ISweep, StuckSends>().AddSingleton<ISweep, EndedRuns>().AddSingleton<ISweep, WaitingPushes>().AddSingleton<ISweep, GrantLedger>()
            .AddSingleton<ISweep, Orphans>();
        services.AddSingleton<SweepWorker>().AddHostedService(provider => provider.GetRequiredService<SweepWorker>());
        return services;
    }
}
