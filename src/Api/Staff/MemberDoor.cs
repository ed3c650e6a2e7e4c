using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Staff;

/// <summary>The one door to a single member's record for staff: scope, break-glass, purpose and audit entry in one call.</summary>
/// <remarks>
/// <code>
/// if (await door.OpenAsync(caller, memberId, "member.read_health", purpose, ct) is { } refused) return refused.Answer();
/// </code>
/// A member out of sight and one who does not exist are answered alike, and both attempts are logged.
/// </remarks>
internal sealed class MemberDoor(Database database, AuditLog audit, BreakGlass breakGlass)
{
    private const string FindStore = "SELECT id, store_id AS StoreId FROM member WHERE id = @member AND erased_at IS NULL";

    // What of a member is health data: reading it needs a purpose, or, for the auditor, a case number as one.
    private static readonly Right[] s_health = [Right.MemberHealth, Right.MemberCaution, Right.CarePlanEdit];

    /// <summary>Whether a text will do as a purpose.</summary>
    public static bool IsPurpose(string? purpose) => purpose?.Trim().Length is >= 2 and <= 200;

    /// <summary>Opens a member's record with the right of the endpoint; <c>null</c> when it is open.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="member">The member.</param>
    /// <param name="action">The audit code of what is done: <c>member.read</c>.</param>
    /// <param name="purpose">Why; needed for health data.</param>
    /// <param name="ct">Stops before the write.</param>
    public async Task<Problem?> OpenAsync(StaffCaller caller, long member, string action, string? purpose, CancellationToken ct)
    {
        if (s_health.Contains(caller.Right) && !IsPurpose(purpose)) return StaffProblems.PurposeNeeded;
        return await database.WriteAsync(async tx =>
        {
            var row = await tx.SingleOrDefaultAsync<MemberRow>(FindStore, new { member });
            var open = row is not null && (caller.Scope.Covers(row.StoreId) || (caller.May(Right.BreakGlass) && await breakGlass.IsOpenAsync(tx, caller.Id, member)));
            await audit.AppendAsync(tx, new AuditEntry(caller.Actor, action)
            {
                MemberId = row is null ? null : member, Purpose = purpose?.Trim() ?? "", Outcome = open ? AuditEntry.Done : AuditEntry.Refused,
                Detail = open && !caller.Scope.Covers(row!.StoreId) ? """{"break_glass":true}""" : "",
            });
            return open ? null : Problems.NotFound;
        }, ct);
    }

    private sealed class MemberRow
    {
        public long Id { get; init; }
        public long? StoreId { get; init; }
    }
}
