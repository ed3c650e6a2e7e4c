using Engagement.Api.Hosting;
using Engagement.Api.Member;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members.Privacy;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Requests of members about their data, as staff see and finish them. Copies and erasures are done by the program; a person may only refuse one, with a reason.</summary>
internal static class PrivacyRequestEndpoints
{
    private const int LongestReason = 200;

    public static RouteGroupBuilder MapPrivacyRequests(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/privacy-requests").WithTags("Privacy requests");

        group.MapGet("/", ListAsync).Require(Right.PrivacyRequest).WithSummary("Requests, newest first; open=true for those that wait");
        group.MapGet("/{requestId}/note", NoteAsync).Require(Right.PrivacyRequest).WithSummary("What the member wrote with it");
        group.MapPost("/{requestId}/fulfil", FulfilAsync).Require(Right.PrivacyRequest).WithSummary("Say that it is done");
        group.MapPost("/{requestId}/refuse", RefuseAsync).Require(Right.PrivacyRequest).WithSummary("Refuse it; the member reads the reason").WithExample("""{"reason":"无法核实本人身份"}""");
        return group;
    }

    private static async Task<Results<Ok<Page<StaffRequestItem>>, ProblemAnswer>> ListAsync(StaffCaller caller, Database database, CancellationToken ct, bool open = false, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => PrivacyDesk.ListAsync(session, caller.Scope, open, before, Cursor.Rows(limit)), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id, row => new StaffRequestItem(row.MemberId.ToString(), RequestItem.Of(row))));
    }

    private static async Task<Results<Ok<NoteAnswer>, ProblemAnswer>> NoteAsync(long requestId, StaffCaller caller, Database database, PrivacyDesk desk, MemberDoor door, CancellationToken ct)
    {
        var rows = await database.ReadAsync(session => PrivacyDesk.ListAsync(session, caller.Scope, open: false, requestId + 1, 1), ct);
        if (rows is not [var request] || request.Id != requestId) return Problems.NotFound.Answer();
        if (await door.OpenAsync(caller, request.MemberId, "privacy.note_read", purpose: null, ct) is { } hidden) return hidden.Answer();
        return TypedResults.Ok(new NoteAnswer(await database.ReadAsync(session => desk.NoteAsync(session, requestId), ct)));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> FulfilAsync(long requestId, StaffCaller caller, PrivacyDesk desk, CancellationToken ct) =>
        await desk.FinishAsync(requestId, caller.Scope, null, caller.Actor, ct) ? TypedResults.NoContent() : Problems.NotFound.Answer();

    private static async Task<Results<NoContent, ProblemAnswer>> RefuseAsync(long requestId, RefusalBody body, StaffCaller caller, PrivacyDesk desk, CancellationToken ct)
    {
        if (body.Reason.Trim().Length is < 2 or > LongestReason) return Problems.Fields(("reason", new("须为 2 到 200 个字", "must have 2 to 200 characters"))).Answer();
        return await desk.FinishAsync(requestId, caller.Scope, body.Reason.Trim(), caller.Actor, ct) ? TypedResults.NoContent() : Problems.NotFound.Answer();
    }
}

internal sealed record RefusalBody(string Reason);

internal sealed record NoteAnswer(string? Note);

internal sealed record StaffRequestItem(string MemberId, RequestItem Request);
