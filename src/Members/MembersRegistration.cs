using Engagement.Members.CarePlans;
using Engagement.Members.Consents;
using Engagement.Members.Facts;
using Engagement.Members.Imports;
using Engagement.Members.Profiles;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Members;

/// <summary>Registers members, what is known about them, and how they come in.</summary>
public static class MembersRegistration
{
    /// <summary>Adds the look-ups and the imports. Needs what <see cref="Storage.StorageRegistration.AddStorage"/> adds.</summary>
    public static IServiceCollection AddMembers(this IServiceCollection services)
    {
        services.AddSingleton<MemberStore>().AddSingleton<ConsentStore>();
        services.AddSingleton<FactStore>();
        services.AddSingleton<TherapyStore>();
        services.AddSingleton<StoreImport>();
        services.AddSingleton<ProductImport>();
        services.AddSingleton<MemberImport>();
        services.AddSingleton<PurchaseImport>();
        services.AddSingleton<ImportFile>();
        return services;
    }
}
