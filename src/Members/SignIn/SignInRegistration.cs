using Engagement.Members.CarePlans;
using Engagement.Members.Consents;
using Engagement.Members.Merges;
using Engagement.Members.Minors;
using Engagement.Members.Privacy;
using Engagement.Members.Profiles;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Members.SignIn;

/// <summary>Registers the sign-in of members.</summary>
internal static class SignInRegistration
{
    public static IServiceCollection AddSignIn(this IServiceCollection services)
    {
        services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<MemberSessions>().AddSingleton(provider => new PersonDesk(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<MemberSessions>(), provider.GetRequiredService<IdGenerator>(), provider.GetRequiredService<Clocks>(),
            provider.GetRequiredService<OpenRecords>(), provider.GetRequiredService<MergeDesk>())).AddSingleton<PhoneCodes>();
        services.AddSingleton<OpenRecords>().AddSingleton<IMergePart, CouponsOfMerges>();
        services.AddSingleton(provider => new MergeDesk(
            provider.GetRequiredService<IdGenerator>(), provider.GetRequiredService<Clocks>(), provider.GetRequiredService<FieldCipher>(), provider.GetRequiredService<OpenRecords>(),
            provider.GetRequiredService<ConsentStore>(), provider.GetRequiredService<TherapyStore>(), provider.GetRequiredService<AuditLog>(), provider.GetServices<IMergePart>()));
        services.AddSingleton<GuardianDesk>().AddSingleton<ConsentDesk>();
        services.AddSingleton(provider => new ProfileDesk(
            provider.GetRequiredService<IdGenerator>(), provider.GetRequiredService<FieldCipher>(), provider.GetRequiredService<OpenRecords>(), provider.GetRequiredService<GuardianDesk>(),
            provider.GetRequiredService<Clocks>(), provider.GetRequiredService<AuditLog>()));
        services.AddPrivacy();
        return services.AddSingleton(provider => new PhoneDesk(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<IdGenerator>(), provider.GetRequiredService<FieldCipher>(), provider.GetRequiredService<BlindIndex>(),
            provider.GetRequiredService<Clocks>(), provider.GetRequiredService<ConsentStore>(), provider.GetRequiredService<OpenRecords>(), provider.GetRequiredService<MergeDesk>(),
            provider.GetRequiredService<AuditLog>()));
    }
}
