using Engagement.Storage.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Storage;

/// <summary>Registers how state is kept.</summary>
public static class StorageRegistration
{
    /// <summary>Adds an opened and migrated database with its keys, ids and clocks, and what is made from them.</summary>
    /// <remarks>They are opened before the host is built: a database that cannot be used stops the start with one sentence.</remarks>
    public static IServiceCollection AddStorage(this IServiceCollection services, Database database, KeyRing keys, IdGenerator ids, Clocks clocks)
    {
        services.AddSingleton(database).AddSingleton(keys).AddSingleton(ids).AddSingleton(clocks);
        services.AddSingleton<FieldCipher>().AddSingleton<BlindIndex>().AddSingleton<OpaqueRef>().AddSingleton<Events.EventStore>().AddSingleton<Audit.AuditLog>();
        return services.AddCluster();
    }

    /// <summary>Adds what nodes share and may lose; its options are checked at start.</summary>
    private static IServiceCollection AddCluster(this IServiceCollection services)
    {
        services.AddOptions<ClusterOptions>().BindConfiguration(ClusterOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsCheck>();
        services.AddSingleton<NodeRegistry>();
        services.AddSingleton(provider => ClusterState.Open(
            provider.GetRequiredService<IOptions<ClusterOptions>>().Value, provider.GetRequiredService<NodeRegistry>(), provider.GetRequiredService<FieldCipher>(),
            provider.GetRequiredService<Clocks>(), provider.GetRequiredService<ILogger<ClusterState>>()));
        return services;
    }

    /// <summary>Adds the heartbeat of a process that serves.</summary>
    /// <param name="services">The services of the host; the heartbeat comes first, so that it also ends last.</param>
    /// <param name="role">What the process does.</param>
    public static IServiceCollection AddHeartbeat(this IServiceCollection services, Role role) =>
        services.AddHostedService(provider => new Heartbeat(
            provider.GetRequiredService<NodeRegistry>(), role, provider.GetRequiredService<Clocks>(), provider.GetRequiredService<ILogger<Heartbeat>>()));
}
