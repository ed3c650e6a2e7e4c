using Engagement.Members.Consents;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Privacy;

/// <summary>Registers the member's rights.</summary>
internal static class PrivacyRegistration
{
    public static IServiceCollection AddPrivacy(this IServiceCollection services)
    {
        services.AddOptions<PrivacyOptions>().BindConfiguration(PrivacyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PrivacyStore>().AddSingleton<Eraser>();
        services.AddSingleton<IPersonalData, ProfileData>().AddSingleton<IPersonalData, LoyaltyData>();
        return services.AddSingleton(provider => new PrivacyDesk(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<Clocks>(), provider.GetRequiredService<PrivacyStore>(), provider.GetRequiredService<ConsentStore>(),
            provider.GetRequiredService<Eraser>(), provider.GetRequiredService<AuditLog>(), provider.GetRequiredService<IOptions<PrivacyOptions>>(), provider.GetServices<IPersonalData>()));
    }
}
