using Engagement.Members.CarePlans;
using Engagement.Members.Consents;
using Engagement.Members.Facts;
using Engagement.Members.Imports;
using Engagement.Members.Points;
using Engagement.Members.Preferences;
using Engagement.Members.Profiles;
using Engagement.Members.Referrals;
using Engagement.Members.SignIn;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Members;

/// <summary>Registers members, what is known about them, and how they come in.</summary>
public static class MembersRegistration
{
    /// <summary>Adds the look-ups and the imports. Needs what <see cref="StorageRegistration.AddStorage"/> adds.</summary>
    public static IServiceCollection AddMembers(this IServiceCollection services)
    {
        services.AddSingleton<MemberStore>().AddSingleton<ConsentStore>();
        services.AddSignIn();
        services.AddSingleton<PreferenceStore>();
        services.AddSingleton<FactStore>();
        services.AddSingleton<TherapyStore>();
        services.AddSingleton<StoreImport>();
        services.AddSingleton<ProductImport>();
        services.AddSingleton<MemberImport>();
        services.AddSingleton<PurchaseImport>();
        services.AddSingleton<ImportFile>();
        return services.AddPoints();
    }

    /// <summary>Adds the loop that books points, tiers and referrals.</summary>
    public static IServiceCollection AddPointsWorker(this IServiceCollection services) =>
        services.AddSingleton<PointsWorker>().AddHostedService(provider => provider.GetRequiredService<PointsWorker>());

    /// <summary>Adds the loop that builds exports, erases members, and removes old sign-ins.</summary>
    public static IServiceCollection AddPrivacyWorker(this IServiceCollection services) => services.AddHostedService<Privacy.PrivacyWorker>();

    private static IServiceCollection AddPoints(this IServiceCollection services)
    {
        services.AddOptions<PointsOptions>().BindConfiguration(PointsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ReferralOptions>().BindConfiguration(ReferralOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<BirthdayOptions>().BindConfiguration(BirthdayOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PointsDesk>().AddSingleton<AdjustmentDesk>().AddSingleton<EarningRulesStore>().AddSingleton<PointsAudit>();
        services.AddSingleton(provider => new PointsBook(provider.GetRequiredService<Clocks>().Business));
        services.AddSingleton<TierRulesStore>().AddSingleton<TierReview>();
        services.AddSingleton<ReferralDesk>().AddSingleton<BirthdayBenefit>();
        return services;
    }
}
