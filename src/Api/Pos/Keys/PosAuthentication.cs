using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Engagement.Api.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Pos.Keys;

/// <summary>Authentication of till systems: <c>Authorization: Bearer pk_…</c>. The key's row decides on each request, so revoking counts at once.</summary>
internal sealed class PosAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, PosKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme of the POS surface.</summary>
    public const string Name = "Pos";

    private const string Bearer = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.NoResult();
        if (await keys.FindAsync(header[Bearer.Length..].Trim(), Context.RequestAborted) is not { } key) return AuthenticateResult.Fail("Not a key that is alive.");
        Context.Features.Set(new PosCaller(key));
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, key.Id.ToString(CultureInfo.InvariantCulture))], RateLimits.ApiKeys);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return PosProblems.KeyRefused.Answer().ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => PosProblems.RightMissing.Answer().ExecuteAsync(Context);
}

/// <summary>The right that an endpoint of the POS surface rests on.</summary>
internal sealed record PosRightRequirement(PosRight Right) : IAuthorizationRequirement;

/// <summary>Names the right of an endpoint.</summary>
internal static class PosRights
{
    /// <summary>Only for keys that have the right. The handler takes a <see cref="PosCaller"/>.</summary>
    public static TBuilder RequireKey<TBuilder>(this TBuilder endpoint, PosRight right) where TBuilder : IEndpointConventionBuilder
    {
        var requirement = new PosRightRequirement(right);
        return endpoint.WithMetadata(requirement)
            .RequireAuthorization(new AuthorizationPolicyBuilder(PosAuthentication.Name).RequireAuthenticatedUser().AddRequirements(requirement).Build());
    }
}

/// <summary>Decides it.</summary>
internal sealed class PosRightHandler : AuthorizationHandler<PosRightRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, PosRightRequirement requirement)
    {
        if (context.Resource is HttpContext http && http.Features.Get<PosCaller>()?.Key.Rights.Contains(requirement.Right) == true) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
