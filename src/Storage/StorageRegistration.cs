using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Engagement.Storage;

/// <summary>Registers how state is kept.</summary>
public static class StorageRegistration
{
    /// <summary>Adds the database, the cipher and the blind index. The host adds <see cref="Clocks"/>, <see cref="KeyRing"/> and <see cref="IdGenerator"/>.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => Database.Open(provider.GetRequiredService<IOptions<DatabaseOptions>>().Value));
        services.AddSingleton<FieldCipher>();
        services.AddSingleton<BlindIndex>();
        return services;
    }
}
