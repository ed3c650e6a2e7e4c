using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Storage;

/// <summary>Registers how state is kept.</summary>
public static class StorageRegistration
{
    /// <summary>Adds an opened and migrated database with its keys, ids and clocks, and what is made from them.</summary>
    /// <remarks>They are opened before the host is built: a database that cannot be used stops the start with one sentence.</remarks>
    public static IServiceCollection AddStorage(this IServiceCollection services, Database database, KeyRing keys, IdGenerator ids, Clocks clocks)
    {
        services.AddSingleton(database).AddSingleton(keys).AddSingleton(ids).AddSingleton(clocks);
        services.AddSingleton<FieldCipher>().AddSingleton<BlindIndex>().AddSingleton<OpaqueRef>().AddSingleton<Events.EventStore>();
        return services;
    }
}
