using Engagement.Api.Pos.Keys;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace Engagement.Api.Pos;

/// <summary>Registers what till systems call.</summary>
internal static class PosSurface
{
    /// <summary>Adds keys and their sign-in.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="demo">Whether the demo's key works here.</param>
    public static IServiceCollection AddPos(this IServiceCollection services, bool demo)
    {
        services.AddSingleton(provider => new PosKeys(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<IdGenerator>(), provider.GetRequiredService<Clocks>(), provider.GetRequiredService<AuditLog>()) { Demo = demo });
        services.AddSingleton<HealthDesk>();
        services.AddSingleton<IAuthorizationHandler, PosRightHandler>();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, PosAuthentication>(PosAuthentication.Name, null);
        return services;
    }
}
