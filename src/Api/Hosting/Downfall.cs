namespace Engagement.Api.Hosting;

/// <summary>Whether a host stops because one of its services failed, rather than because somebody asked it to.</summary>
internal sealed class Downfall
{
    private volatile bool _failed;

    private Downfall()
    {
    }

    /// <summary>Whether it did; known once the host has stopped.</summary>
    public bool Failed => _failed;

    /// <summary>Watches a host from before its start.</summary>
    public static Downfall Watch(IHost host)
    {
        var downfall = new Downfall();
        var services = host.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        // Looked at when the stop begins: what fails because of the stop is none of its reasons.
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => downfall._failed = services.Exists(service => service.ExecuteTask is { IsFaulted: true }));
        return downfall;
    }
}
