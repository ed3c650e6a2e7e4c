using Engagement.Api.Hosting;
using Engagement.Members.SignIn;
using Engagement.Messaging.Channels.WeChat;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Member;

/// <summary>Sign-in of members with the code of <c>wx.login</c>.</summary>
internal static class SessionEndpoints
{
    public static RouteGroupBuilder MapMemberSession(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/session").WithTags("Member session");

        group.MapPost("/", SignInAsync).OpenTo("whoever signs in is not signed in yet")
            .WithSummary("Sign in with the code of wx.login").WithExample("""{"code":"0a3AbC000dEfGh1ijk2lMn4opq3AbC0d"}""");
        group.MapPost("/refresh", RefreshAsync).OpenTo("the access token may have expired")
            .WithSummary("The next two tokens for a refresh token").WithExample("""{"refreshToken":"CfDJ8…"}""").Refuses(Problems.SignedOut);
        group.MapDelete("/", SignOutAsync).RequireVisitor().WithSummary("Sign out");
        return group;
    }

    private static async Task<Results<Ok<SessionAnswer>, ProblemAnswer>> SignInAsync(
        WeChatCode body, IWeChatAccountApi weChat, IOptions<WeChatOptions> options, PersonDesk desk, MemberTokens tokens, CancellationToken ct)
    {
        if (!body.Plausible) return MemberProblems.CodeRefused.Answer();
        var reply = await weChat.SessionAsync(body.Code, ct);
        if (reply.Value is not { } person) return MemberProblems.Of(reply.Class, reply.Code).Answer();
        return TypedResults.Ok(tokens.Issue(await desk.SignInAsync(new WeChatPerson(options.Value.AppId, person.OpenId, person.UnionId), ct)));
    }

    private static async Task<Results<Ok<SessionAnswer>, ProblemAnswer>> RefreshAsync(RefreshBody body, MemberSessions sessions, MemberTokens tokens, CancellationToken ct)
    {
        if (tokens.ReadRefresh(body.RefreshToken) is not var (id, no) || await sessions.RefreshAsync(id, no, ct) is not { } session) return Problems.SignedOut.Answer();
        return TypedResults.Ok(tokens.Issue(session));
    }

    private static async Task<NoContent> SignOutAsync(MemberCaller caller, PersonDesk desk, CancellationToken ct)
    {
        await desk.SignOutAsync(caller.Session, ct);
        return TypedResults.NoContent();
    }
}

/// <summary>A code that WeChat gave to the mini-program.</summary>
internal sealed record WeChatCode(string Code)
{
    /// <summary>Whether it can be one: WeChat is not asked about anything else.</summary>
    public bool Plausible => Code.Length is > 0 and <= 256 && !Code.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter));
}

internal sealed record RefreshBody(string RefreshToken);
