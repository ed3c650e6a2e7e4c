using System.ComponentModel;
using System.Globalization;
using System.Security.Claims;
using Engagement.Members.SignIn;
using Engagement.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Member;

/// <summary>Makes and reads the two tokens of a session, with the protectors of ASP.NET Core's bearer tokens.</summary>
internal sealed class MemberTokens(IOptionsMonitor<BearerTokenOptions> bearer, IOptions<SignInOptions> options, Clocks clocks) : IDisposable
{
    private const string SessionClaim = "sid";
    private const string NumberClaim = "no";

    private const int MostRead = 20_000;

    // To open a token costs more than everything else that a request needs; what it says never changes. Whether its session still holds, the session's row decides.
    private readonly MemoryCache _read = new(new MemoryCacheOptions { SizeLimit = MostRead });

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
    public long? ReadAccess(string token)
    {
        if (_read.TryGetValue(token, out Opened? known)) return known!.Until > clocks.System.GetUtcNow() ? known.Session : null;
        if (Read(Bearer.BearerTokenProtector, token) is not { } opened) return null;
        _read.Set(token, opened, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpiration = opened.Until });
        return opened.Session;
    }

    /// <summary>The session that a refresh token names, and the token's number in it.</summary>
    public (long Session, int No)? ReadRefresh(string token) => Read(Bearer.RefreshTokenProtector, token) is { } opened ? (opened.Session, opened.No) : null;

    public void Dispose() => _read.Dispose();

    private static AuthenticationTicket Ticket(MemberSession session, DateTimeOffset until) => new(
        new ClaimsPrincipal(new ClaimsIdentity(
        [
            new Claim(SessionClaim, session.Id.ToString(CultureInfo.InvariantCulture)), new Claim(NumberClaim, session.RefreshNo.ToString(CultureInfo.InvariantCulture)),
        ])),
        new AuthenticationProperties { ExpiresUtc = until }, MemberAuthentication.Scheme);

    private Opened? Read(ISecureDataFormat<AuthenticationTicket> protector, string token) =>
        protector.Unprotect(token) is { Properties.ExpiresUtc: { } until } ticket && until > clocks.System.GetUtcNow()
        && long.TryParse(ticket.Principal.FindFirstValue(SessionClaim), out var session) && int.TryParse(ticket.Principal.FindFirstValue(NumberClaim), out var no)
            ? new Opened(session, no, until)
            : null;

    private sealed record Opened(long Session, int No, DateTimeOffset Until);
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
