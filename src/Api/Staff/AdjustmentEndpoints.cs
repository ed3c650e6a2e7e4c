using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.Points;
using Engagement.Members.Staff;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Corrections of points: always with a reason; above the limit they wait for a second person.</summary>
internal static class AdjustmentEndpoints
{
    public static RouteGroupBuilder MapAdjustments(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/points/adjustments").WithTags("Corrections of points");

        group.MapGet("/", ListAsync).Require(Right.PointsRead).WithSummary("Corrections that wait for a second person, the oldest first");
        group.MapPost("/", ProposeAsync).Require(Right.PointsAdjust).Idempotent().WithSummary("Correct a member's points: booked at once up to the limit, above it a second person has to agree")
            .WithExample("""{"memberId":"700000000000000001","points":200,"reason":"收银漏记积分，小票 20261103-0042"}""").Refuses(LoyaltyProblems.OfAdjustments);
        group.MapPost("/{adjustmentId}/approval", (long adjustmentId, StaffCaller caller, AdjustmentDesk desk, StaffWrite write, CancellationToken ct) =>
                DecideAsync(caller, "points.adjustment_approved", adjustmentId, tx => desk.ApproveAsync(tx, adjustmentId, caller.Id.ToString()), write, ct))
            .Require(Right.PointsApprove).WithSummary("Agree to a correction that somebody else asked for: it is booked").Refuses(LoyaltyProblems.OfAdjustments);
        group.MapPost("/{adjustmentId}/refusal", (long adjustmentId, StaffCaller caller, AdjustmentDesk desk, StaffWrite write, CancellationToken ct) =>
                DecideAsync(caller, "points.adjustment_refused", adjustmentId, tx => desk.RefuseAsync(tx, adjustmentId, caller.Id.ToString()), write, ct))
            .Require(Right.PointsApprove).WithSummary("Refuse a correction").Refuses(LoyaltyProblems.OfAdjustments);
        return group;
    }

    private static async Task<Results<Ok<Page<AdjustmentView>>, ProblemAnswer>> ListAsync(string? cursor, int? limit, StaffCaller caller, Database database, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var after)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => AdjustmentDesk.WaitingAsync(session, caller.Scope, after, Cursor.Rows(limit)), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id, AdjustmentView.Of));
    }

    private static async Task<Results<Created<AdjustmentAnswer>, ProblemAnswer>> ProposeAsync(
        AdjustmentBody body, StaffCaller caller, AdjustmentDesk desk, StaffWrite write, IdempotentRequest once, CancellationToken ct)
    {
        var (made, refused) = await write.RunAsync(once, async tx =>
        {
            var entry = new AuditEntry(caller.Actor, "points.adjusted") { MemberId = body.MemberId.Value, Detail = $$"""{"points":{{body.Points}}}""" };
            if (!await IsInSightAsync(tx, body.MemberId, caller.Scope)) return Changed<AdjustmentAnswer>.Not(Problems.NotFound, entry with { MemberId = null });
            var (outcome, id) = await desk.ProposeAsync(tx, body.MemberId, body.Points, body.Reason, caller.Id.ToString());
            return LoyaltyProblems.Of(outcome) is { } problem
                ? Changed<AdjustmentAnswer>.Not(problem, entry)
                : Changed<AdjustmentAnswer>.To(new AdjustmentAnswer(id.ToString(), outcome == AdjustmentOutcome.Applied), entry with { Subject = $"adjustment:{id}" });
        }, ct);
        return refused is not null ? refused.Answer() : TypedResults.Created($"/api/staff/points/adjustments/{made!.Id}", made);
    }

    private static async Task<Results<NoContent, ProblemAnswer>> DecideAsync(StaffCaller caller, string action, long id, Func<Tx, Task<AdjustmentOutcome>> decide, StaffWrite write, CancellationToken ct)
    {
        var entry = new AuditEntry(caller.Actor, action) { Subject = $"adjustment:{id}" };
        var (_, refused) = await write.RunAsync(null, async tx => LoyaltyProblems.Of(await decide(tx)) is { } problem ? Changed<bool>.Not(problem, entry) : Changed<bool>.To(true, entry), ct);
        return refused is not null ? refused.Answer() : TypedResults.NoContent();
    }

    private static async Task<bool> IsInSightAsync(Session session, MemberId member, StaffScope scope) =>
        await session.ScalarAsync<long>($"SELECT COUNT(*) FROM member WHERE id = @member AND erased_at IS NULL AND {scope.Sql("store_id")}", new { member = member.Value, scope.Stores, scope.Owner }) > 0;
}

internal sealed record AdjustmentBody(MemberId MemberId, long Points, string Reason);

/// <summary>A correction that was asked for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Applied">Whether it is booked; else it waits for a second person.</param>
internal sealed record AdjustmentAnswer(string Id, bool Applied);

internal sealed record AdjustmentView(string Id, string MemberId, long Points, string Reason, string ProposedById, DateTimeOffset ProposedAt)
{
    public static AdjustmentView Of(Adjustment adjustment) =>
        new(adjustment.Id.ToString(), adjustment.Member.ToString(), adjustment.Points, adjustment.Reason, adjustment.ProposedBy, Instants.Of(adjustment.ProposedAt));
}
