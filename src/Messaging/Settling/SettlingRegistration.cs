using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Engagement.Messaging.Settling;

/// <summary>Registers what becomes of messages when nobody answers.</summary>
public static class SettlingRegistration
{
    /// <summary>Adds the settler; without an <see cref="IHeldWork"/> of the dispatcher it looks after every shard.</summary>
    public static IServiceCollection AddSettling(this IServiceCollection services)
    {
        services.AddOptions<SettlingOptions>().BindConfiguration(SettlingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<IHeldWork, NothingHeld>();
        services.AddSingleton<Settler>().AddHostedService(provider => provider.GetRequiredService<Settler>());
        return services;
    }
}
