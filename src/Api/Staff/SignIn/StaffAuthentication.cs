using System.Globalization;
using System.Security.Claims;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Accounts;
using Engagement.Api.Staff.Roles;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;

namespace Engagement.Api.Staff.SignIn;

/// <summary>Cookie authentication of staff: the cookie names a session, and the session's row is what counts.</summary>
internal static class StaffAuthentication
{
    /// <summary>The scheme of the staff surface.</summary>
    public const string Scheme = "Staff";

    private const string SessionClaim = "sid";

    public static IServiceCollection AddStaff(this IServiceCollection services)
    {
        services.AddStaffAccounts().AddSingleton<BreakGlass>().AddSingleton<MemberDoor>().AddSingleton<StaffWrite>().AddSingleton<MemberPortrait>().AddSingleton<DemoSignIn>();
        services.AddSingleton<IAuthorizationHandler, RightHandler>();
        services.AddAuthentication().AddCookie(Scheme, cookie =>
        {
            cookie.Cookie.Name = "engagement-staff";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.Cookie.Path = "/api/staff";
            // The row decides; the ticket itself only must not outlive any row.
            cookie.ExpireTimeSpan = TimeSpan.FromDays(1);
            cookie.SlidingExpiration = false;
            cookie.Events = new() { OnValidatePrincipal = ValidateAsync, OnRedirectToLogin = RefuseAsync(Problems.SignedOut), OnRedirectToAccessDenied = RefuseAsync(Problems.Forbidden) };
        });
        return services.AddAuthorization();
    }

    /// <summary>Accounts and sign-in without a web host: what the command line needs.</summary>
    public static IServiceCollection AddStaffAccounts(this IServiceCollection services)
    {
        services.AddOptions<StaffOptions>().BindConfiguration(StaffOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton(_ => new Passwords()).AddSingleton<StaffSessions>().AddSingleton<AccountDesk>().AddSingleton<SignInDesk>();
    }

    /// <summary>Hands out the cookie of a session.</summary>
    public static Task SignInAsync(this HttpContext http, StaffSession session) => http.SignInAsync(Scheme, new ClaimsPrincipal(new ClaimsIdentity(
        [new Claim(ClaimTypes.NameIdentifier, session.StaffId.ToString()), new Claim(SessionClaim, session.Id.ToString(CultureInfo.InvariantCulture))], Scheme)));

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        var named = long.TryParse(context.Principal?.FindFirstValue(SessionClaim), out var id);
        if (named && await http.RequestServices.GetRequiredService<StaffSessions>().FindAsync(id, http.RequestAborted) is { } caller) http.Features.Set(caller);
        else context.RejectPrincipal();
    }

    private static Func<RedirectContext<CookieAuthenticationOptions>, Task> RefuseAsync(Problem problem) =>
        context => (context.HttpContext.Features.Get<Problem>() ?? problem).Answer().ExecuteAsync(context.HttpContext);
}
