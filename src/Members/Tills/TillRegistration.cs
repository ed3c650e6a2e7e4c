using Engagement.Members.Merges;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Members.Tills;

/// <summary>Registers what tills do.</summary>
public static class TillRegistration
{
    /// <summary>Adds tickets, totals, members at the counter and checkout. Needs coupons and points.</summary>
    public static IServiceCollection AddTills(this IServiceCollection services)
    {
        services.AddOptions<TillOptions>().BindConfiguration(TillOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<TicketIntake>().AddSingleton<TillDays>().AddSingleton<CheckoutDesk>().AddSingleton<CounterRef>().AddSingleton<Counter>().AddSingleton<HealthStrip>().AddSingleton<IMergePart, TillsOfMerges>();
    }

    /// <summary>Adds the look for gaps and run-out reservations, for processes that work.</summary>
    public static IServiceCollection AddTillWatch(this IServiceCollection services) =>
        services.AddSingleton<TillWatch>().AddHostedService(provider => provider.GetRequiredService<TillWatch>());
}
