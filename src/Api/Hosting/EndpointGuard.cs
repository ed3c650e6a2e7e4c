using Engagement.Api.Staff.Roles;
using Microsoft.AspNetCore.Authorization;

namespace Engagement.Api.Hosting;

/// <summary>Refuses to start with an endpoint that nobody guards.</summary>
internal static class EndpointGuard
{
    /// <summary>Throws when an endpoint under <c>/api</c> neither names its guard nor is opened in so many words.</summary>
    /// <exception cref="InvalidOperationException">Names each of them.</exception>
    public static void Check(IEndpointRouteBuilder app)
    {
        var unguarded = app.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Where(Unguarded).Select(endpoint => endpoint.DisplayName).ToList();
        if (unguarded.Count > 0) throw new InvalidOperationException($"These endpoints name no guard (.Require(Right.…) for staff, a policy, or .OpenTo(why)): {string.Join("; ", unguarded)}.");
    }

    /// <summary>Whether nothing stands before it. Staff endpoints name a right; that somebody is signed in is not enough there.</summary>
    internal static bool Unguarded(RouteEndpoint endpoint)
    {
        var path = "/" + endpoint.RoutePattern.RawText?.TrimStart('/');
        if (!path.StartsWith($"{ApiSurface.Root}/", StringComparison.Ordinal) || endpoint.Metadata.GetMetadata<OpenEndpoint>() is not null) return false;
        return path.StartsWith("/api/staff/", StringComparison.Ordinal)
            ? endpoint.Metadata.GetMetadata<RightRequirement>() is null
            : endpoint.Metadata.GetMetadata<IAuthorizeData>() is null && endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is null;
    }
}
