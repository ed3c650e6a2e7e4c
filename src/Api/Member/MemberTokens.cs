using System.ComponentModel;
using System.Globalization;
using System.Security.Claims;
using Engagement.Members.SignIn;
using Engagement.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Member;

/// <summary>Makes and reads the two tokens of a session, with the protectors of ASP.NET Core's bearer tokens.</summary>
internal sealed class MemberTokens(IOptionsMonitor<BearerTokenOptions> bearer, IOptions<SignInOptions> options, Clocks clocks)
{
    private const string SessionClaim = "sid";
    private const string NumberClaim = "no";

    private BearerTokenOptions Bearer => bearer.Get(MemberAuthentication.Scheme);

    /// <summary>The tokens of a session as it is now.</summary>
    public SessionAnswer Issue(MemberSession session)
    {
        var now = clocks.System.GetUtcNow();
        return new SessionAnswer(
            Bearer.BearerTokenProtector.Protect(Ticket(session, now + options.Value.Access)),
            Bearer.RefreshTokenProtector.Protect(Ticket(session, now + options.Value.Idle)),
            (long)options.Value.Access.TotalSeconds, session.Member is null ? SessionState.Visitor : SessionState.Member);
    }

    /// <summary>The session that an access token names; <c>null</c> when it is none of ours or has expired.</summary>
    public long? ReadAccess(string token) => Read(Bearer.BearerTokenProtector, token)?.Session;

    /// <summary>The session that a refresh token names, and the token's number in it.</summary>
    public (long Session, int No)? ReadRefresh(string token) => Read(Bearer.RefreshTokenProtector, token);

    private static AuthenticationTicket Ticket(MemberSession session, DateTimeOffset until) => new(
        new ClaimsPrincipal(new ClaimsIdentity(
        [
            new Claim(SessionClaim, session.Id.ToString(CultureInfo.InvariantCulture)), new Claim(NumberClaim, session.RefreshNo.ToString(CultureInfo.InvariantCulture)),
        ])),
        new AuthenticationProperties { ExpiresUtc = until }, MemberAuthentication.Scheme);

    private (long Session, int No)? Read(ISecureDataFormat<AuthenticationTicket> protector, string token) =>
        protector.Unprotect(token) is { Properties.ExpiresUtc: { } until } ticket && until > clocks.System.GetUtcNow()
        && long.TryParse(ticket.Principal.FindFirstValue(SessionClaim), out var session) && int.TryParse(ticket.Principal.FindFirstValue(NumberClaim), out var no)
            ? (session, no)
            : null;
}

/// <summary>Whether a phone number has been given.</summary>
internal enum SessionState
{
    Visitor = 1,
    Member = 2,
}

/// <summary>The answer to a sign-in.</summary>
/// <param name="AccessToken">Goes into the header <c>Authorization: Bearer …</c>.</param>
/// <param name="RefreshToken">Gets the next two tokens, once.</param>
/// <param name="ExpiresIn">Seconds that the access token works.</param>
/// <param name="State">Whether it is a member or a visitor.</param>
internal sealed record SessionAnswer(string AccessToken, string RefreshToken, [property: Description("Seconds")] long ExpiresIn, SessionState State);
