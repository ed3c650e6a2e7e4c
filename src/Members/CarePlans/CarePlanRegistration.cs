using Engagement.Members.Merges;
using Engagement.Members.Privacy;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Members.CarePlans;

/// <summary>Registers care plans.</summary>
public static class CarePlanRegistration
{
    /// <summary>Adds the plan, its desk, health data and enrolments.</summary>
    public static IServiceCollection AddCarePlans(this IServiceCollection services) =>
        services.AddSingleton<TherapyStore>().AddSingleton<CareDesk>().AddSingleton<HealthBook>().AddSingleton<CarePlanBook>().AddSingleton<Enrolments>()
            .AddSingleton<CareData>().AddSingleton<IPersonalData>(provider => provider.GetRequiredService<CareData>()).AddSingleton<IMergePart>(provider => provider.GetRequiredService<CareData>());

    /// <summary>Adds the loop that lets therapy lines follow changed doses.</summary>
    public static IServiceCollection AddRedoseSweep(this IServiceCollection services) => services.AddHostedService<RedoseSweep>();
}
