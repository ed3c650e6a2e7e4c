using Engagement.Api.Staff.Accounts;
using Engagement.Api.Staff.Roles;
using Engagement.Members.Staff;
using Engagement.Storage.Audit;

namespace Engagement.Api.Staff.SignIn;

/// <summary>What a session still lacks.</summary>
internal enum SignInStage
{
    Complete = 0,

    /// <summary>The code of the authenticator.</summary>
    Code = 1,

    /// <summary>A password of the owner's own.</summary>
    Password = 2,

    /// <summary>An authenticator.</summary>
    Enrolment = 3,
}

/// <summary>The member of staff who makes this request, as account, session and stores are at this moment. A handler takes one as a parameter.</summary>
/// <param name="Account">The account.</param>
/// <param name="Session">The session.</param>
/// <param name="Stores">The stores that the account is tied to.</param>
/// <param name="Now">The system clock's moment at which this was read, Unix milliseconds.</param>
internal sealed record StaffCaller(StaffAccount Account, StaffSession Session, IReadOnlyList<long> Stores, long Now)
{
    /// <summary>The right that the endpoint names.</summary>
    public Right Right { get; init; } = Right.OwnAccount;

    public StaffId Id => Account.Id;

    /// <summary>What this caller may see with the right of this endpoint: every query takes it.</summary>
    public StaffScope Scope => ScopeOf(Right);

    /// <summary>What the session still lacks.</summary>
    public SignInStage Stage =>
        Session.Demo ? SignInStage.Complete
        : Account.Totp == TotpState.On && !Session.SecondFactor ? SignInStage.Code
        : Account.PasswordUntil is not null ? SignInStage.Password
        : Account.Totp != TotpState.On && Account.Role.NeedsSecondFactor() ? SignInStage.Enrolment
        : SignInStage.Complete;

    /// <summary>As the audit log keeps them.</summary>
    public AuditActor Actor => new(Id.Value, Account.Name, RoleMatrix.Code(Account.Role), Stores is [var only] ? only : null);

    /// <summary>Whether they have another right too.</summary>
    public bool May(Right right) => RoleMatrix.Of(right, Account.Role) != Reach.None;

    /// <summary>How far another right of theirs reaches.</summary>
    public StaffScope ScopeOf(Right right) => RoleMatrix.Scope(right, Account.Role, Id, Stores);

    public static ValueTask<StaffCaller?> BindAsync(HttpContext http) => ValueTask.FromResult(http.Features.Get<StaffCaller>());
}
