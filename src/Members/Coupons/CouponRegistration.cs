using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Engagement.Members.Coupons;

/// <summary>Registers coupons.</summary>
public static class CouponRegistration
{
    /// <summary>Adds definitions, claims, the till and the wallet. Points come from the ledger and tiers from purchases, unless another <see cref="IPointsPayment"/> or <see cref="IMemberTiers"/> is registered before.</summary>
    public static IServiceCollection AddCoupons(this IServiceCollection services)
    {
        services.AddOptions<CouponOptions>().BindConfiguration(CouponOptions.Section).ValidateDataAnnotations()
            .Validate(options => options.Categories.Keys.All(code => code.Length is > 0 and <= 32), "Coupons:Categories: a code has 1 to 32 characters.")
            .ValidateOnStart();
        services.TryAddSingleton<IPointsPayment, CouponPoints>();
        services.TryAddSingleton<IMemberTiers, EarnedTiers>();
        return services.AddSingleton<CouponDefinitions>().AddSingleton<CouponClaims>().AddSingleton<CouponTill>().AddSingleton<CouponRefunds>()
            .AddSingleton<CouponWallet>().AddSingleton<CouponWatch>();
    }

    /// <summary>Adds the sweep, for processes that work.</summary>
    public static IServiceCollection AddCouponSweep(this IServiceCollection services) => services.AddHostedService<CouponSweep>();
}
