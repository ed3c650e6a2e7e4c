using Engagement.Api.Hosting;
using Engagement.Api.Member;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.Cases;
using Engagement.Messaging.Receipts;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Service cases for staff: the queue, one thread over all channels, answers, what is done. Each look at a thread is in the audit log.</summary>
internal static class CaseDeskEndpoints
{
    public static RouteGroupBuilder MapCaseDesk(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/cases").WithTags("Cases").RefusesAsIn(typeof(CaseProblems));

        group.MapGet("/", ListAsync).Require(Right.CaseRead).WithSummary("Cases in sight, newest first; ?state=, ?mine=true");
        group.MapPost("/", LogAsync).Require(Right.CaseWork).Idempotent().WithSummary("Log a call or what was said at the counter")
            .WithExample("""{"memberId":null,"storeId":null,"category":"call","channel":"phone","text":"顾客来电询问营业时间"}""").Refuses(Problems.NotFound);
        group.MapGet("/{caseId:long}", ReadAsync).Require(Right.CaseRead).WithSummary("One case with the whole thread");
        group.MapPut("/{caseId:long}", ChangeAsync).Require(Right.CaseWork).Versioned().WithSummary("Category, cause, store, owner; If-Match").WithExample("""{"category":"complaint","cause":"packaging","storeId":null,"ownerId":null}""");
        group.MapPost("/{caseId:long}/messages", AnswerAsync).Require(Right.CaseWork).Idempotent().WithSummary("Answer the member, or note among staff; done ends the case")
            .WithExample("""{"text":"已为您换货","channel":"mini_program","internal":false,"done":true}""");
        group.MapGet("/{caseId:long}/photos/{photoId:long}", PhotoAsync).Require(Right.CaseRead).WithSummary("A picture of the case");
        return group;
    }

    private static async Task<Results<Ok<Page<StaffCaseView>>, ProblemAnswer>> ListAsync(Named<CaseState>? state, bool? mine, string? cursor, int? limit, StaffCaller caller, Database database, CaseDesk desk, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => desk.ListAsync(session, caller.Scope, state?.Value, mine == true ? caller.Id.Value : null, before, Cursor.Rows(limit)), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id, row => StaffCaseView.Of(row, [])));
    }

    private static async Task<Results<Created<NewId>, ProblemAnswer>> LogAsync(LogCaseBody body, StaffCaller caller, MemberDoor door, Database database, CaseDesk desk, AuditLog audit, CancellationToken ct)
    {
        if (body.Text.Trim().Length is < 1 or > 2000) return CaseProblems.TextInvalid.Answer();
        if (!TryId(body.MemberId, out var member) || !TryId(body.StoreId, out var store)) return Problems.NotFound.Answer();
        if (member is { } known && await door.OpenAsync(caller, known, "case.log", purpose: null, ct) is { } hidden) return hidden.Answer();
        store ??= caller.Stores is [var only] ? only : null;
        if (store is not null && !caller.Scope.Covers(store)) return Problems.NotFound.Answer();
        var id = await database.WriteAsync(async tx =>
        {
            var made = await desk.LogAsync(tx, member is { } whose ? new MemberId(whose) : null, body.Category, store is { } where ? new StoreId(where) : null, body.Channel, body.Text.Trim());
            await audit.AppendAsync(tx, new AuditEntry(caller.Actor, "case.logged") { MemberId = member, Subject = $"case:{made}" });
            return made;
        }, ct);
        return TypedResults.Created($"/api/staff/cases/{id}", new NewId(id.ToString()));
    }

    private static async Task<Results<Ok<StaffCaseView>, ProblemAnswer>> ReadAsync(long caseId, StaffCaller caller, HttpResponse response, Database database, CaseDesk desk, AuditLog audit, CancellationToken ct)
    {
        var (found, thread) = await database.ReadAsync(session => desk.ReadAsync(session, caller.Scope, caseId), ct);
        if (found is null) return Problems.NotFound.Answer();
        await database.WriteAsync(tx => audit.AppendAsync(tx, new AuditEntry(caller.Actor, "case.read") { MemberId = found.Member?.Value, Subject = $"case:{caseId}" }), ct);
        VersionTag.Set(response, found.Version);
        return TypedResults.Ok(StaffCaseView.Of(found, thread));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> ChangeAsync(
        long caseId, ChangeCaseBody body, StaffCaller caller, HttpRequest request, Database database, CaseDesk desk, AuditLog audit, CancellationToken ct)
    {
        var (version, untagged) = VersionTag.Read(request);
        if (untagged is not null) return untagged.Answer();
        if (!TryId(body.StoreId, out var store) || !TryId(body.OwnerId, out var owner) || (store is not null && !caller.Scope.Covers(store))) return Problems.NotFound.Answer();
        return CaseProblems.Answer(await database.WriteAsync(async tx =>
        {
            var outcome = await desk.ChangeAsync(tx, caller.Scope, caseId, version, body.Category, body.Cause, store is { } where ? new StoreId(where) : null, owner);
            if (outcome == CaseOutcome.Done) await audit.AppendAsync(tx, new AuditEntry(caller.Actor, "case.changed") { Subject = $"case:{caseId}" });
            return outcome;
        }, ct));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> AnswerAsync(long caseId, CaseAnswerBody body, StaffCaller caller, Database database, CaseDesk desk, ChatsWaiting chats, AuditLog audit, CancellationToken ct) =>
        CaseProblems.Answer(await database.WriteAsync(async tx =>
        {
            var outcome = await desk.AnswerAsync(tx, caller.Scope, caseId, new CaseStaff(caller.Id.Value, "客服"), body.Text, body.Channel, body.Internal, body.Done);
            // Whoever wrote in WeChat reads the answer there; in the inbox it stands anyway.
            if (outcome == CaseOutcome.Done && body is { Channel: CaseChannel.WeChat, Internal: false } && (await desk.ReadAsync(tx, caller.Scope, caseId)).Case?.Member is { } member) await chats.AnswerAsync(tx, member, body.Text);
            if (outcome == CaseOutcome.Done) await audit.AppendAsync(tx, new AuditEntry(caller.Actor, body.Internal ? "case.noted" : body.Done ? "case.done" : "case.answered") { Subject = $"case:{caseId}" });
            return outcome;
        }, ct));

    private static async Task<Results<FileContentHttpResult, ProblemAnswer>> PhotoAsync(long caseId, long photoId, StaffCaller caller, Database database, CaseDesk desk, CasePhotos photos, AuditLog audit, CancellationToken ct)
    {
        var (found, image) = await database.ReadAsync(async session =>
            (await desk.ReadAsync(session, caller.Scope, caseId) is { Case: { } one } ? one : null, await photos.OfCaseAsync(session, caseId, photoId)), ct);
        if (found is null || image is not var (type, bytes)) return Problems.NotFound.Answer();
        await database.WriteAsync(tx => audit.AppendAsync(tx, new AuditEntry(caller.Actor, "case.photo") { MemberId = found.Member?.Value, Subject = $"case:{caseId}" }), ct);
        return TypedResults.File(bytes, type);
    }

    private static bool TryId(string? text, out long? id)
    {
        id = long.TryParse(text, out var number) ? number : null;
        return text is null || id is not null;
    }
}

internal sealed record LogCaseBody(string? MemberId, string? StoreId, CaseCategory Category, CaseChannel Channel, string Text);

internal sealed record ChangeCaseBody(CaseCategory Category, string Cause, string? StoreId, string? OwnerId);

internal sealed record CaseAnswerBody(string Text, CaseChannel Channel, bool Internal, bool Done);

internal sealed record StaffCaseView(
    string Id, string? MemberId, CaseCategory Category, string Cause, string? StoreId, string? OwnerId, CaseChannel Source, CaseState State, int Level, DateTimeOffset DueAt, DateTimeOffset At,
    DateTimeOffset? DoneAt, int Reopened, int? Rating, string Title, IReadOnlyList<CaseEntryView> Thread)
{
    public static StaffCaseView Of(ServiceCase one, IReadOnlyList<CaseEntry> thread) => new(
        one.Id.ToString(), one.Member?.ToString(), one.Category, one.Cause, one.Store?.ToString(), one.Owner?.ToString(), one.Source, one.State, one.Level, one.DueAt, one.OpenedAt, one.DoneAt,
        one.Reopened, one.Rating, one.Opening, [.. thread.Select(CaseEntryView.Of)]);
}
