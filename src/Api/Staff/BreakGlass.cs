using Engagement.Api.Hosting;
using Engagement.Api.Staff.SignIn;
using Engagement.Members.Codes;
using Engagement.Members.Staff;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Staff;

/// <summary>One opening of a member's record by a pharmacist of another store.</summary>
internal sealed record BreakGlassAccess(long Id, long StaffId, string StaffName, long MemberId, long? HomeStoreId, string Purpose, long OpenedAt, long ExpiresAt);

/// <summary>A pharmacist sees a member of another store for half an hour, because the member stands at the counter and has shown the code. The home store sees that it happened.</summary>
internal sealed class BreakGlass(Database database, IdGenerator ids, Clocks clocks, AuditLog audit, MemberCodes codes, IOptions<StaffOptions> options)
{
    private const string FindMember = "SELECT id, store_id AS StoreId FROM member WHERE id = @id AND erased_at IS NULL";

    private const string Insert = """
        INSERT INTO break_glass (id, staff_id, member_id, home_store_id, purpose, opened_at, expires_at)
        VALUES (@id, @staff, @member, @home, @purpose, @now, @until)
        """;

    private const string SelectOpen = "SELECT COUNT(*) FROM break_glass WHERE staff_id = @staff AND member_id = @member AND expires_at > @now";

    private const string SelectList = """
        SELECT b.id, b.staff_id AS StaffId, s.name AS StaffName, b.member_id AS MemberId, b.home_store_id AS HomeStoreId, b.purpose, b.opened_at AS OpenedAt, b.expires_at AS ExpiresAt
        FROM break_glass b JOIN staff s ON s.id = b.staff_id
        """;

    /// <summary>Opens the record of the member who shows this code; a code of nobody is answered as any other thing that is not there.</summary>
    public Task<(BreakGlassAccess? Access, Problem? Refused)> OpenAsync(StaffCaller caller, string memberCode, string purpose, CancellationToken ct)
    {
        if (!MemberDoor.IsPurpose(purpose)) return Task.FromResult<(BreakGlassAccess?, Problem?)>((null, StaffProblems.PurposeNeeded));
        return database.WriteAsync<(BreakGlassAccess?, Problem?)>(async tx =>
        {
            var member = await codes.FindAsync(tx, memberCode) is { } id ? await tx.SingleOrDefaultAsync<MemberRow>(FindMember, new { id = id.Value }) : null;
            var entry = new AuditEntry(caller.Actor, "member.break_glass") { MemberId = member?.Id, Purpose = purpose };
            if (member is null)
            {
                await audit.AppendAsync(tx, entry with { Outcome = AuditEntry.Refused });
                return (null, Problems.NotFound);
            }

            var now = clocks.System.NowMs();
            var access = new BreakGlassAccess(ids.Next(), caller.Id.Value, caller.Account.Name, member.Id, member.StoreId, purpose, now, now + (long)options.Value.BreakGlass.TotalMilliseconds);
            await tx.ExecuteAsync(Insert, new { id = access.Id, staff = access.StaffId, member = access.MemberId, home = access.HomeStoreId, purpose, now, until = access.ExpiresAt });
            await audit.AppendAsync(tx, entry);
            return (access, null);
        }, ct);
    }

    /// <summary>Whether the record is open for them now.</summary>
    public async Task<bool> IsOpenAsync(Session session, StaffId staff, long member) =>
        await session.ScalarAsync<long>(SelectOpen, new { staff = staff.Value, member, now = clocks.System.NowMs() }) > 0;

    /// <summary>What was opened of members whose home store is in the scope, newest first.</summary>
    public static Task<List<BreakGlassAccess>> ListAsync(Session session, StaffScope scope, long? before, int limit) => session.QueryAsync<BreakGlassAccess>(
        $"{SelectList} WHERE {scope.Sql("b.home_store_id")} AND b.id < @before ORDER BY b.id DESC LIMIT @limit", new { before = before ?? long.MaxValue, limit, scope.Stores, scope.Owner });

    private sealed class MemberRow
    {
        public long Id { get; init; }
        public long? StoreId { get; init; }
    }
}
