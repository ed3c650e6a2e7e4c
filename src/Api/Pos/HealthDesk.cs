using Engagement.Api.Hosting;
using Engagement.Api.Pos.Keys;
using Engagement.Api.Staff;
using Engagement.Api.Staff.Accounts;
using Engagement.Api.Staff.Roles;
using Engagement.Members;
using Engagement.Members.Tills;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Pos;

/// <summary>What may be shown at a counter: everything to a pharmacist, to a cashier only whether there is something to mind.</summary>
internal sealed record ShownStrip(Strip Strip, bool Whole);

/// <summary>Opens the health strip: the key's right, the member of staff who looks, the purpose, the member's consent, and the entry in the audit log.</summary>
/// <remarks>The till system vouches for who stands at the till, as it does for each sale; the entry names that person and the key.</remarks>
internal sealed class HealthDesk(Database database, HealthStrip strips, AuditLog audit)
{
    private static readonly Problem s_staffRefused = new("staff_refused", 403, new(
        "没有这位员工、账号已停用、不在本店，或没有查看权限。", "There is no such member of staff, the account is disabled, it is of another store, or it may not look at this."));

    private static readonly Problem s_codeNeeded = new("member_code_needed", 403, new("外店会员须出示会员码。", "A member of another store shows the member code first."));

    private static readonly Problem s_notConsented = new("health_not_consented", 403, new("会员没有同意使用健康信息。", "The member does not agree to the use of health data."));

    /// <summary>What it may refuse with.</summary>
    public static IReadOnlyList<Problem> Refusals { get; } = [s_staffRefused, s_codeNeeded, s_notConsented, StaffProblems.PurposeNeeded];

    /// <summary>Shows the strip, or says why not; both are in the log.</summary>
    public async Task<(ShownStrip? Shown, Problem? Refused)> ReadAsync(PosCaller caller, StoreId store, Shopper shopper, string staff, string purpose, CancellationToken ct)
    {
        if (!MemberDoor.IsPurpose(purpose)) return (null, StaffProblems.PurposeNeeded);
        var (account, stores, home) = await database.ReadAsync(async session =>
        {
            var found = await session.AccountAsync(AccountDesk.Canonical(staff));
            return (found, found is null ? [] : await session.StoresAsync(found.Id),
                await session.ScalarAsync<long?>("SELECT store_id FROM member WHERE id = @id AND erased_at IS NULL", new { id = shopper.Member.Value }));
        }, ct);
        var right = account is { Disabled: false } && account.Role.IsOfStores() ? RightOf(account.Role) : null;
        var scope = right is { } has ? RoleMatrix.Scope(has, account!.Role, account.Id, stores) : default;
        var foreign = !scope.Covers(home);
        var refused = !scope.Covers(store.Value) ? s_staffRefused : foreign && !shopper.Present ? s_codeNeeded : null;
        var strip = refused is null ? await strips.ReadAsync(shopper.Member, ct) : null;
        if (refused is null && strip is null) refused = s_notConsented;
        var actor = account is null ? caller.ActorAt(store) : new AuditActor(account.Id.Value, account.Name, RoleMatrix.Code(account.Role), store.Value);
        // Nothing leaves before the entry is durable.
        await database.WriteAsync(tx => audit.AppendAsync(tx, new AuditEntry(actor, right == Right.MemberCaution ? "member.read_caution" : "member.read_health")
        {
            MemberId = shopper.Member.Value, Subject = $"pos_key:{caller.Key.Id}", Purpose = purpose.Trim(), Outcome = refused is null ? AuditEntry.Done : refused.Code,
            Detail = refused is null && foreign ? """{"break_glass":true}""" : "",
        }), ct);
        return refused is null ? (new ShownStrip(strip!, right == Right.MemberHealth), null) : (null, refused);
    }

    private static Right? RightOf(StaffRole role) =>
        RoleMatrix.Of(Right.MemberHealth, role) != Reach.None ? Right.MemberHealth : RoleMatrix.Of(Right.MemberCaution, role) != Reach.None ? Right.MemberCaution : null;
}
