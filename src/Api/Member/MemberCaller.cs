using Engagement.Members;
using Engagement.Members.SignIn;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Member;

/// <summary>The member, or the visitor without a phone number yet, who makes this request. A handler takes one as a parameter.</summary>
/// <param name="Session">The session, as its row is at this moment.</param>
/// <param name="Language">The language in which the member reads.</param>
internal sealed record MemberCaller(MemberSession Session, Language Language)
{
    /// <summary>The member; <c>null</c> is a visitor, whom only <see cref="MemberAuthentication.RequireVisitor"/> lets in.</summary>
    public MemberId? Member => Session.Member;

    /// <summary>The member, behind <see cref="MemberAuthentication.RequireMember"/>.</summary>
    /// <exception cref="InvalidOperationException">A visitor: the endpoint names the wrong guard.</exception>
    public MemberId Id => Session.Member ?? throw new InvalidOperationException("A visitor came past RequireMember.");

    /// <summary>As the audit log keeps them.</summary>
    public AuditActor Actor => new(Session.Member?.Value ?? 0, "member", "member");

    public static ValueTask<MemberCaller?> BindAsync(HttpContext http) => ValueTask.FromResult(http.Features.Get<MemberCaller>());
}
