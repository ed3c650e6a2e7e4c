using System.ComponentModel;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Sign-in of staff. The steps repeat harmlessly: a wrong order is refused, and each one says what comes next.</summary>
internal static class SessionEndpoints
{
    public static RouteGroupBuilder MapSession(this RouteGroupBuilder staff, bool demo)
    {
        var group = staff.MapGroup("/session").WithTags("Staff session").RefusesAsIn(typeof(StaffProblems));

        group.MapPost("/", SignInAsync).OpenTo("whoever signs in is not signed in yet").RequireRateLimiting(RateLimits.SignIn)
            .WithSummary("Sign in with name and password").WithExample("""{"name":"liu.fang","password":"one two three four five"}""");
        group.MapGet("/", Me).RequireDuringSignIn().WithSummary("Who is signed in, with which rights, and what the sign-in still lacks");
        group.MapDelete("/", SignOutAsync).RequireDuringSignIn().WithSummary("Sign out");
        group.MapPost("/code", GiveCodeAsync).RequireDuringSignIn().RequireRateLimiting(RateLimits.SignIn)
            .WithSummary("Second step: the code of the authenticator").WithExample("""{"code":"123456"}""");
        group.MapPost("/password", ChangePasswordAsync).RequireDuringSignIn().RequireRateLimiting(RateLimits.SignIn)
            .WithSummary("Change one's own password").WithExample("""{"current":"abcd-efgh-jkmn-pqrs","password":"five words that nobody guesses"}""");
        group.MapPost("/second-factor", EnrolAsync).RequireDuringSignIn().WithSummary("Make a secret for an authenticator app, with the address of its QR code");
        group.MapPost("/second-factor/confirm", ConfirmAsync).RequireDuringSignIn().RequireRateLimiting(RateLimits.SignIn)
            .WithSummary("Turn the second factor on with its first code").WithExample("""{"code":"123456"}""");
        if (!demo) return group;
        group.MapGet("/demo", DemoRoles).OpenTo("the demo's page of roles; mapped in a demo only").WithSummary("The roles of the demo's one-click sign-in");
        group.MapPost("/demo", DemoAsync).OpenTo("one-click sign-in; mapped in a demo only").WithSummary("Sign in to the demo in a role").WithExample("""{"role":"store_manager"}""");
        return group;
    }

    private static async Task<Results<Ok<SignedIn>, ProblemAnswer>> SignInAsync(SignInBody body, SignInDesk desk, StaffSessions sessions, HttpContext http, CancellationToken ct) =>
        await AnswerAsync(await desk.SignInAsync(body.Name, body.Password, ct), sessions, http, ct);

    private static Ok<SignedIn> Me(StaffCaller caller) => TypedResults.Ok(SignedIn.Of(caller));

    private static async Task<NoContent> SignOutAsync(StaffCaller caller, SignInDesk desk, HttpContext http, CancellationToken ct)
    {
        await desk.SignOutAsync(caller, ct);
        await http.SignOutAsync(StaffAuthentication.Scheme);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<SignedIn>, ProblemAnswer>> GiveCodeAsync(CodeGiven body, StaffCaller caller, SignInDesk desk, StaffSessions sessions, HttpContext http, CancellationToken ct) =>
        caller.Stage != SignInStage.Code ? StaffProblems.StepDone.Answer() : await AnswerAsync(await desk.GiveCodeAsync(caller, body.Code, ct), sessions, http, ct);

    private static async Task<Results<Ok<SignedIn>, ProblemAnswer>> ChangePasswordAsync(
        PasswordChange body, StaffCaller caller, SignInDesk desk, StaffSessions sessions, HttpContext http, CancellationToken ct)
    {
        if (caller.Stage == SignInStage.Code) return StaffProblems.CodeNeeded.Answer();
        return caller.Session.Demo ? Problems.Forbidden.Answer() : await AnswerAsync(await desk.ChangePasswordAsync(caller, body.Current, body.Password, ct), sessions, http, ct);
    }

    private static async Task<Results<Ok<Enrolment>, ProblemAnswer>> EnrolAsync(StaffCaller caller, SignInDesk desk, CancellationToken ct)
    {
        if (caller.Stage is SignInStage.Code or SignInStage.Password) return StaffProblems.Of(caller.Stage).Answer();
        // A new phone needs a reset by an administrator: an open session alone must not be able to move the second factor.
        if (caller.Account.Totp == Accounts.TotpState.On || caller.Session.Demo) return StaffProblems.StepDone.Answer();
        var secret = await desk.EnrolAsync(caller, ct);
        return TypedResults.Ok(new Enrolment(secret, Totp.Uri(secret, caller.Account.Name)));
    }

    private static async Task<Results<Ok<SignedIn>, ProblemAnswer>> ConfirmAsync(CodeGiven body, StaffCaller caller, SignInDesk desk, StaffSessions sessions, HttpContext http, CancellationToken ct) =>
        caller.Stage is SignInStage.Code or SignInStage.Password ? StaffProblems.Of(caller.Stage).Answer()
        : await AnswerAsync(await desk.ConfirmAsync(caller, body.Code, ct), sessions, http, ct);

    private static Ok<IReadOnlyList<DemoRole>> DemoRoles() =>
        TypedResults.Ok<IReadOnlyList<DemoRole>>([.. Enum.GetValues<StaffRole>().Select(role => new DemoRole(role, role.Title().Zh, role.Title().En))]);

    private static async Task<Results<Ok<SignedIn>, ProblemAnswer>> DemoAsync(DemoChoice body, DemoSignIn demo, StaffSessions sessions, HttpContext http, CancellationToken ct) =>
        await AnswerAsync(new SignInResult(await demo.SignInAsync(body.Role, ct), null), sessions, http, ct);

    private static async Task<Results<Ok<SignedIn>, ProblemAnswer>> AnswerAsync(SignInResult result, StaffSessions sessions, HttpContext http, CancellationToken ct)
    {
        if (result.Refused is { } refused) return refused.Answer();
        await http.SignInAsync(result.Session!);
        return TypedResults.Ok(SignedIn.Of((await sessions.FindAsync(result.Session!.Id, ct))!));
    }
}

internal sealed record SignInBody(string Name, string Password);

internal sealed record CodeGiven(string Code);

internal sealed record PasswordChange(string Current, [property: Description("At least 12 characters")] string Password);

internal sealed record Enrolment(string Secret, string OtpauthUri);

internal sealed record DemoChoice(StaffRole Role);

internal sealed record DemoRole(StaffRole Role, string Zh, string En);

/// <summary>Who is signed in.</summary>
/// <param name="Id">The account.</param>
/// <param name="Name">The sign-in name.</param>
/// <param name="DisplayName">The name that people read.</param>
/// <param name="Role">The role.</param>
/// <param name="Stage">What the sign-in still lacks; <c>complete</c> when nothing.</param>
/// <param name="Rights">What the role may do, and how far it reaches.</param>
/// <param name="Stores">The stores that the account is tied to.</param>
/// <param name="ExpiresAt">When the session ends at the latest.</param>
internal sealed record SignedIn(
    string Id, string Name, string DisplayName, StaffRole Role, SignInStage Stage, IReadOnlyDictionary<string, Reach> Rights, IReadOnlyList<string> Stores, DateTimeOffset ExpiresAt)
{
    public static SignedIn Of(StaffCaller caller) => new(
        caller.Id.ToString(), caller.Account.Name, caller.Account.DisplayName, caller.Account.Role, caller.Stage,
        Enum.GetValues<Right>().Where(caller.May).ToDictionary(RoleMatrix.Code, right => RoleMatrix.Of(right, caller.Account.Role)),
        [.. caller.Stores.Select(store => store.ToString(System.Globalization.CultureInfo.InvariantCulture))], ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(caller.Session.ExpiresAt)));
}
