using Engagement.Messaging.Channels;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Engagement.Api.Hosting;

/// <summary>What <c>/health/ready</c> looks at. Without the database a node is of no use (503); without Redis or a provider's token it is only worse off (200, <c>Degraded</c>).</summary>
internal static class Readiness
{
    public static IServiceCollection AddReadiness(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<DatabaseHealth>("database")
            .AddCheck<MigrationHealth>("migrations")
            .AddCheck<ClusterHealth>("cluster")
            .AddCheck<TokenHealth>("provider_tokens");
        return services;
    }

    /// <summary>The first word is the state; under it, a line for each entry that is not healthy.</summary>
    public static void MapReadiness(this WebApplication app, string path) => app.MapHealthChecks(path, new()
    {
        ResponseWriter = (http, report) =>
        {
            http.Response.ContentType = "text/plain";
            var worse = report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).Select(entry => $"\n{entry.Key}: {Why(entry.Value)}");
            return http.Response.WriteAsync($"{report.Status}{string.Concat(worse)}", http.RequestAborted);
        },
    });

    // The page is open to whoever can reach it: what an exception says may name servers and users.
    private static string? Why(HealthReportEntry entry) => entry.Exception switch
    {
        null => entry.Description,
        StorageException failure => failure.Code,
        { } failure => failure.GetType().Name,
    };
}

/// <summary>The database answers.</summary>
internal sealed class DatabaseHealth(Database database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await database.ReadAsync(session => session.ScalarAsync<long>("SELECT 1"), cancellationToken);
        return HealthCheckResult.Healthy();
    }
}

/// <summary>The database is at this build's schema.</summary>
internal sealed class MigrationHealth(Database database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await new Migrator(database, Installation.Schema, TimeProvider.System).PendingAsync(cancellationToken) == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("The database is not at this build's schema.");
}

/// <summary>Redis answers, where there should be one.</summary>
internal sealed class ClusterHealth(ClusterState cluster, NodeRegistry nodes) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(cluster.Condition == ClusterCondition.Degraded
            ? HealthCheckResult.Degraded($"Redis does not answer; this node works with its own token and its share of the rates, one of {nodes.LiveWorkers}.")
            : HealthCheckResult.Healthy());
}

/// <summary>No provider refused us an access token when last asked.</summary>
internal sealed class TokenHealth(ProviderTokens tokens) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(tokens.Problems is { Count: > 0 } problems
            ? HealthCheckResult.Degraded(string.Join(", ", problems.Select(problem => $"{problem.Key} refused an access token ({problem.Value})")))
            : HealthCheckResult.Healthy());
}
