using Engagement.Api.Hosting;
using Engagement.Api.Staff.SignIn;
using Microsoft.AspNetCore.Authorization;

namespace Engagement.Api.Staff.Roles;

/// <summary>The right that an endpoint rests on; also what the sweep test and the OpenAPI document read.</summary>
/// <param name="Right">The right.</param>
/// <param name="DuringSignIn">Whether it is open while the sign-in is not complete (second factor, new password).</param>
internal sealed record RightRequirement(Right Right, bool DuringSignIn = false) : IAuthorizationRequirement;

/// <summary>Names the right of an endpoint.</summary>
internal static class Rights
{
    /// <summary>Only for members of staff whose role has the right. The handler takes a <see cref="StaffCaller"/> and passes its scope to every query.</summary>
    public static TBuilder Require<TBuilder>(this TBuilder endpoint, Right right) where TBuilder : IEndpointConventionBuilder => endpoint.Require(new RightRequirement(right));

    /// <summary>As <see cref="Require{TBuilder}(TBuilder, Right)"/>, for the steps of the sign-in itself.</summary>
    public static TBuilder RequireDuringSignIn<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Require(new RightRequirement(Right.OwnAccount, DuringSignIn: true));

    private static TBuilder Require<TBuilder>(this TBuilder endpoint, RightRequirement requirement) where TBuilder : IEndpointConventionBuilder => endpoint
        .WithMetadata(requirement)
        .RequireAuthorization(new AuthorizationPolicyBuilder(StaffAuthentication.Scheme).RequireAuthenticatedUser().AddRequirements(requirement).Build());
}

/// <summary>Decides it, and leaves the caller for the handler.</summary>
internal sealed class RightHandler : AuthorizationHandler<RightRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RightRequirement requirement)
    {
        if (context.Resource is not HttpContext http || http.Features.Get<StaffCaller>() is not { } caller) return Task.CompletedTask;
        if (caller.Stage != SignInStage.Complete && !requirement.DuringSignIn) http.Features.Set(StaffProblems.Of(caller.Stage));
        else if (RoleMatrix.Of(requirement.Right, caller.Account.Role) == Reach.None) http.Features.Set(Problems.Forbidden);
        else
        {
            http.Features.Set(caller with { Right = requirement.Right });
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
