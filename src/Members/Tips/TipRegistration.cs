using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Members.Tips;

/// <summary>Registers health tips. Who hosts them brings an <see cref="ITipWords"/>.</summary>
public static class TipRegistration
{
    /// <summary>Adds the shelf, the feed and the desk.</summary>
    public static IServiceCollection AddTips(this IServiceCollection services) => services.AddSingleton<TipShelf>().AddSingleton<TipFeed>().AddSingleton<TipDesk>();
}
