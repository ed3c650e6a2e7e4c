using System.Net.Http.Headers;
using Engagement.Api.Member;
using Engagement.Members;
using Engagement.Members.SignIn;
using Engagement.Tests.Api.Staff;

namespace Engagement.Tests.Api.Member;

/// <summary>Callers of the member surface, signed in without WeChat.</summary>
internal static class AsMember
{
    /// <summary>The appid of the mini-program that these people use.</summary>
    public const string Account = "wxtest0000000000";

    /// <summary>A member with a token; with <c>null</c> a visitor.</summary>
    public static async Task<HttpClient> MemberAsync(this StaffApp app, long? member, string? openId = null)
    {
        var person = new WeChatPerson(Account, openId ?? $"o{member}", null);
        var session = await app.Database.WriteAsync(
            tx => app.Service<MemberSessions>().BeginAsync(tx, person, member is { } id ? new MemberId(id) : null), CancellationToken.None);
        var client = app.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", app.Service<MemberTokens>().Issue(session).AccessToken);
        return client;
    }
}
