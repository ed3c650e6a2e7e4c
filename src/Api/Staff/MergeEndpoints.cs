using System.ComponentModel;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.Merges;
using Engagement.Members.Profiles;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Pairs of records that may be one person: look, decide, and undo within 90 days.</summary>
internal static class MergeEndpoints
{
    public static readonly Problem Conflict = new("merge_conflict", 409, new("两份档案有无法合并的冲突（两个已验证的手机号，或性别与出生年份相差过大）。", "The records contradict each other (two verified phones, or sex and year of birth far apart)."));
    public static readonly Problem ErasureWaits = new("merge_erasure_waits", 409, new("其中一位会员已申请删除个人信息，不能合并。", "One of them has asked to be erased: they cannot be merged."));
    public static readonly Problem TooLate = new("merge_too_late", 409, new("已超过 90 天，或已经拆分。", "The 90 days are over, or they were parted before."));
    public static readonly Problem NotLatest = new("merge_not_latest", 409, new("保留的档案后来又被合并或删除，请先拆分较新的合并。", "The record that stayed was merged or erased since: part the newer merge first."));

    public static RouteGroupBuilder MapMerges(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/merges").WithTags("Merges");

        group.MapGet("/reviews", ReviewsAsync).Require(Right.MemberMerge).WithSummary("Pairs that wait for a decision, newest first");
        group.MapPost("/reviews/{reviewId}", DecideAsync).Require(Right.MemberMerge).Idempotent().WithSummary("Decide: one person, or two")
            .WithExample("""{"decision":"merge","keep":"1"}""");
        group.MapGet("/", MergesAsync).Require(Right.MemberMerge).WithSummary("Merges, newest first, and until when they can be undone");
        group.MapPost("/", MergeAsync).Require(Right.MemberMerge).Idempotent().WithSummary("Merge two records without waiting for a pair").WithExample("""{"keep":"1","merge":"2"}""").Refuses(Problems.NotFound);
        group.MapDelete("/{mergeId}", PartAsync).Require(Right.MemberMerge).WithSummary("Part two records that were merged");
        return group;
    }

    private static async Task<Results<Ok<Page<ReviewItem>>, ProblemAnswer>> ReviewsAsync(
        StaffCaller caller, Database database, MemberStore members, AuditLog audit, CancellationToken ct, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var (rows, profiles) = await database.ReadAsync(async session =>
        {
            var open = await MergeReviews.OpenAsync(session, caller.Scope, before, Cursor.Rows(limit));
            return (open, await members.ProfilesAsync(session, [.. open.SelectMany(row => (long[])[row.MemberId, row.OtherId]).Distinct().Select(MemberId.From)]));
        }, ct);
        await database.WriteAsync(tx => audit.AppendAsync(tx, new AuditEntry(caller.Actor, "member.merge_list")), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id, row => new ReviewItem(
            row.Id.ToString(), row.Reason, China(row.CreatedAt), PairMember.Of(profiles[new MemberId(row.MemberId)]), PairMember.Of(profiles[new MemberId(row.OtherId)]))));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> DecideAsync(
        long reviewId, ReviewDecision body, StaffCaller caller, Database database, MergeDesk desk, AuditLog audit, Clocks clocks, IdempotentRequest once, CancellationToken ct)
    {
        var refused = await database.WriteAsync(async tx =>
        {
            if (await MergeReviews.FindAsync(tx, caller.Scope, reviewId) is not { } pair) return Problems.NotFound;
            if (body.Decision == Decision.Merge)
            {
                var keep = body.Keep ?? new MemberId(Math.Min(pair.MemberId, pair.OtherId));
                if (keep.Value != pair.MemberId && keep.Value != pair.OtherId) return Problems.Fields(("keep", new("须为这两份档案之一", "must be one of the two records")));
                // First the merge, which a refusal leaves undone: then the pair stays on the list.
                if (Of(await desk.MergeAsync(tx, keep, new MemberId(pair.MemberId + pair.OtherId - keep.Value), pair.Reason, caller.Actor)) is { } problem) return problem;
            }
            else
            {
                await audit.AppendAsync(tx, new AuditEntry(caller.Actor, "member.kept_apart") { MemberId = pair.MemberId, Subject = $"member:{pair.OtherId}" });
            }

            await MergeReviews.DecideAsync(tx, reviewId, body.Decision == Decision.Merge ? ReviewState.Merged : ReviewState.Apart, caller.Id, clocks.Business.NowMs());
            await IdempotencyStore.CommitAsync(tx, once);
            return null;
        }, ct);
        return refused is null ? TypedResults.NoContent() : refused.Answer();
    }

    private static async Task<Results<NoContent, ProblemAnswer>> MergeAsync(MergeBody body, StaffCaller caller, Database database, MergeDesk desk, IdempotentRequest once, CancellationToken ct)
    {
        var refused = await database.WriteAsync(async tx =>
        {
            var seen = await tx.QueryAsync<long>($"SELECT id FROM member WHERE id IN @ids AND erased_at IS NULL AND {caller.Scope.Sql("store_id")}",
                new { ids = (long[])[body.Keep.Value, body.Merge.Value], caller.Scope.Stores, caller.Scope.Owner });
            if (seen.Count != 2) return Problems.NotFound;
            if (Of(await desk.MergeAsync(tx, body.Keep, body.Merge, "by_staff", caller.Actor)) is { } problem) return problem;
            await IdempotencyStore.CommitAsync(tx, once);
            return null;
        }, ct);
        return refused is null ? TypedResults.NoContent() : refused.Answer();
    }

    private static async Task<Results<Ok<Page<MergeItem>>, ProblemAnswer>> MergesAsync(StaffCaller caller, Database database, CancellationToken ct, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => MergeReviews.MergesAsync(session, caller.Scope, before, Cursor.Rows(limit)), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id, row => new MergeItem(
            row.Id.ToString(), row.SurvivorId.ToString(), row.MergedId.ToString(), row.Reason, China(row.MergedAt), China(row.UndoUntil), row.UndoneAt is { } at ? China(at) : null)));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> PartAsync(long mergeId, StaffCaller caller, Database database, MergeDesk desk, CancellationToken ct) =>
        Of(await database.WriteAsync(tx => desk.PartAsync(tx, mergeId, caller.Scope, caller.Actor), ct)) is { } refused ? refused.Answer() : TypedResults.NoContent();

    private static Problem? Of(MergeOutcome outcome) => outcome switch
    {
        MergeOutcome.Done => null,
        MergeOutcome.NotFound => Problems.NotFound,
        MergeOutcome.Conflict => Conflict,
        MergeOutcome.ErasureWaits => ErasureWaits,
        MergeOutcome.TooLate => TooLate,
        MergeOutcome.NotLatest => NotLatest,
    };

    private static DateTimeOffset China(long at) => ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(at));
}

internal enum Decision
{
    Merge = 1,
    Apart = 2,
}

internal sealed record ReviewDecision(Decision Decision, [property: Description("The record that stays; the older one when it is left out")] MemberId? Keep = null);

internal sealed record MergeBody(MemberId Keep, MemberId Merge);

internal sealed record ReviewItem(string Id, string Reason, DateTimeOffset At, PairMember Member, PairMember Other);

internal sealed record MergeItem(string Id, string Kept, string Merged, string Reason, DateTimeOffset At, DateTimeOffset UndoUntil, DateTimeOffset? UndoneAt);

/// <summary>A record of a pair, masked.</summary>
internal sealed record PairMember(string Id, string MemberNo, string? Name, string? Phone, string? Birthday, int Sex, string? StoreId, string JoinedOn)
{
    public static PairMember Of(MemberProfile profile) => new(
        profile.Id.ToString(), profile.MemberNo, profile.Name?.ToString(), profile.Phone?.ToString(), profile.Birthday is { } born ? $"{born.Year?.ToString() ?? "****"}-{born.Month:00}-{born.Day:00}" : null,
        profile.Sex, profile.StoreId?.ToString(), ChinaTime.Date(profile.JoinedDay).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
}
