using System.Globalization;
using System.Security.Claims;
using Engagement.Api.Hosting;
using Engagement.Members.SignIn;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authorization;

namespace Engagement.Api.Member;

/// <summary>Bearer tokens of members: a token names a session, and the session's row is what counts.</summary>
internal static class MemberAuthentication
{
    /// <summary>The scheme of the member surface.</summary>
    public const string Scheme = "Member";

    public static IServiceCollection AddMemberSurface(this IServiceCollection services)
    {
        services.AddAuthentication().AddBearerToken(Scheme, bearer => bearer.Events.OnMessageReceived = ReceiveAsync);
        return services.AddSingleton<MemberTokens>().AddSingleton<IAuthorizationHandler, MemberHandler>();
    }

    /// <summary>Only for members: somebody who has given a phone number. The handler takes a <see cref="MemberCaller"/>.</summary>
    public static TBuilder RequireMember<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.Require(new MemberRequirement(Visitors: false));

    /// <summary>For members, and for visitors who are signed in and have not given a phone number: <see cref="MemberCaller.Member"/> may be <c>null</c>.</summary>
    public static TBuilder RequireVisitor<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.Require(new MemberRequirement(Visitors: true));

    private static TBuilder Require<TBuilder>(this TBuilder endpoint, MemberRequirement requirement) where TBuilder : IEndpointConventionBuilder => endpoint
        .WithMetadata(requirement).RequireAuthorization(new AuthorizationPolicyBuilder(Scheme).RequireAuthenticatedUser().AddRequirements(requirement).Build());

    private static async Task ReceiveAsync(MessageReceivedContext context)
    {
        const string bearer = "Bearer ";
        var http = context.HttpContext;
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(bearer, StringComparison.OrdinalIgnoreCase)) return;
        var session = http.RequestServices.GetRequiredService<MemberTokens>().ReadAccess(header[bearer.Length..].Trim()) is { } id
            ? await http.RequestServices.GetRequiredService<MemberSessions>().FindAsync(id, http.RequestAborted)
            : null;
        if (session is null)
        {
            context.Fail("The token names no session that is open.");
            return;
        }

        http.Features.Set(new MemberCaller(session, Languages.Of(http.Request)));
        var who = session.Member?.ToString() ?? "v" + session.Id.ToString(CultureInfo.InvariantCulture);
        context.Principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, who)], Scheme));
        context.Success();
    }
}

/// <summary>The guard of an endpoint of the member surface.</summary>
/// <param name="Visitors">Whether somebody without a phone number is let in.</param>
internal sealed record MemberRequirement(bool Visitors) : IAuthorizationRequirement;

/// <summary>Decides it, and says what a visitor lacks.</summary>
internal sealed class MemberHandler : AuthorizationHandler<MemberRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, MemberRequirement requirement)
    {
        if (context.Resource is not HttpContext http || http.Features.Get<MemberCaller>() is not { } caller) return Task.CompletedTask;
        if (requirement.Visitors || caller.Member is not null) context.Succeed(requirement);
        else http.Features.Set(MemberProblems.PhoneNeeded);
        return Task.CompletedTask;
    }
}
