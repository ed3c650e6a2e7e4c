using Engagement.Members.CarePlans;
using Engagement.Members.Cases;
using Engagement.Members.Codes;
using Engagement.Members.Consents;
using Engagement.Members.Coupons;
using Engagement.Members.Facts;
using Engagement.Members.Home;
using Engagement.Members.Imports;
using Engagement.Members.Merges;
using Engagement.Members.Imports.Jobs;
using Engagement.Members.Points;
using Engagement.Members.Preferences;
using Engagement.Members.Profiles;
using Engagement.Members.Recalls;
using Engagement.Members.Referrals;
using Engagement.Members.SignIn;
using Engagement.Members.Surveys;
using Engagement.Members.Tiers;
using Engagement.Members.Tills;
using Engagement.Members.Timelines;
using Engagement.Members.Tips;
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
        services.AddCarePlans().AddTips().AddCases().AddSurveys().AddRecalls();
        services.AddSingleton<MemberHistory>().AddSingleton<ITimelineSource, PurchaseHistory>().AddSingleton<ITimelineSource, PointsHistory>()
            .AddSingleton<ITimelineSource, CouponHistory>().AddSingleton<ITimelineSource, ConsentHistory>();
        services.AddSingleton<StoreImport>();
        services.AddSingleton<ProductImport>().AddSingleton<Products.ProductDesk>();
        services.AddSingleton<MemberImport>();
        services.AddSingleton<PurchaseImport>();
        services.AddSingleton<ImportFile>();
        services.AddSingleton<MemberCodes>().AddSingleton<HomeBook>();
        return services.AddPoints().AddCoupons().AddTills();
    }

    /// <summary>Adds the loop that books points, tiers and referrals.</summary>
    public static IServiceCollection AddPointsWorker(this IServiceCollection services) =>
        services.AddHostedService(provider => provider.GetRequiredService<PointsWorker>());

    /// <summary>Adds the queue of uploaded files, for processes that take them.</summary>
    public static IServiceCollection AddImportDesk(this IServiceCollection services)
    {
        services.AddOptions<ImportJobOptions>().BindConfiguration(ImportJobOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<ImportDesk>().AddHostedService(provider => provider.GetRequiredService<ImportDesk>());
    }

    private static IServiceCollection AddPoints(this IServiceCollection services)
    {
        services.AddOptions<PointsOptions>().BindConfiguration(PointsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ReferralOptions>().BindConfiguration(ReferralOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<BirthdayOptions>().BindConfiguration(BirthdayOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PointsDesk>().AddSingleton<AdjustmentDesk>().AddSingleton<EarningRulesStore>().AddSingleton<PointsAudit>();
        services.AddSingleton(provider => new PointsBook(provider.GetRequiredService<Clocks>().Business));
        services.AddSingleton<IMergePart, PointsOfMerges>();
        services.AddSingleton<PointsWorker>().AddSingleton<TierRulesStore>().AddSingleton<TierReview>();
        services.AddSingleton<Loyalty.RulesDesk>();
        services.AddSingleton<ReferralDesk>().AddSingleton<BirthdayBenefit>();
        return services;
    }
}
