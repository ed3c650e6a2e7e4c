using System.Net;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Tests.Api.Hosting;

/// <summary>A serving node over a real Redis: what <c>/health/ready</c> says of it, and what the other nodes know.</summary>
public sealed class BeingReady : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly RedisServer _redis = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    public Task InitializeAsync() => _redis.InitializeAsync();

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _redis.DisposeAsync();
        _folder.Dispose();
    }

    [RedisFact]
    public async Task Without_its_Redis_a_node_is_degraded_and_still_ready()
    {
        await using var installation = await InstallAsync();
        await using var app = EngagementApp.Build(installation, "http://127.0.0.1:0", Role.All, schedule: false, quiet: true);
        await app.StartAsync();
        await Eventually.True(async () => await ReadyAsync(app) == (HttpStatusCode.OK, "Healthy"));

        _redis.Kill();

        await Eventually.True(async () => (await ReadyAsync(app)).Text.StartsWith("Degraded\ncluster: Redis does not answer", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(app)).Status);

        await _redis.StartAsync();
        await Eventually.True(async () => await ReadyAsync(app) == (HttpStatusCode.OK, "Healthy"));
    }

    [RedisFact]
    public async Task A_serving_node_is_on_the_list_until_it_stops_and_hears_the_others()
    {
        await using var installation = await InstallAsync();
        await using var app = EngagementApp.Build(installation, "http://127.0.0.1:0", Role.All, schedule: false, quiet: true);
        await app.StartAsync();
        Assert.Equal(1, await NodesAsync(installation));
        var other = new RedisCluster(
            new ClusterOptions { Redis = _redis.ConnectionString }, "another", () => 2, new FieldCipher(installation.Keys), TimeProvider.System, RedisLine.Limit, new Messaging.Channels.RecordingLogger<ClusterState>());
        await Eventually.True(() => other.Condition == ClusterCondition.Shared && app.Services.GetRequiredService<ClusterState>().Condition == ClusterCondition.Shared);

        var woken = app.Services.GetRequiredService<OutboxSignals>().Inbound.Next;
        other.Tell(Topic.Inbound);
        await woken.WaitAsync(TimeSpan.FromSeconds(10));

        await app.StopAsync();
        Assert.Equal(0, await NodesAsync(installation));
        other.Dispose();
    }

    private static Task<long> NodesAsync(Installation installation) =>
        installation.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM cluster_node WHERE roles = 3"), CancellationToken.None);

    private async Task<Installation> InstallAsync()
    {
        KeyRing.Create(_folder["keys"], demo: true);
        var settings = Settings.Read(_folder.Path, [.. DemoSettings.For(FakeProvider.NobodyThere()), new("Cluster:Redis", _redis.ConnectionString)]);
        return await Installation.OpenAsync(settings, migrate: true, CancellationToken.None);
    }

    private async Task<(HttpStatusCode Status, string Text)> ReadyAsync(WebApplication app)
    {
        using var answer = await _http.GetAsync($"{EngagementApp.Address(app)}/health/ready");
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
