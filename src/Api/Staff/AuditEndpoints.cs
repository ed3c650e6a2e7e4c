using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>The audit log, for auditors. Each look at it is an entry too.</summary>
internal static class AuditEndpoints
{
    public static RouteGroupBuilder MapAudit(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/audit").WithTags("Audit log");

        group.MapGet("/", SearchAsync).Require(Right.AuditRead).WithSummary("Search by actor, member, action and time; newest first. An action that ends in a dot means all that begin so");
        group.MapGet("/chain", VerifyAsync).Require(Right.AuditRead).WithSummary("Compute the hash chain again; names the first row that does not fit");
        return group;
    }

    private static async Task<Results<Ok<Page<AuditView>>, ProblemAnswer>> SearchAsync([AsParameters] AuditFilter filter, StaffCaller caller, Database database, AuditLog audit, CancellationToken ct)
    {
        if (!Cursor.TryRead(filter.Cursor, out var before)) return Problems.CursorInvalid.Answer();
        var query = new AuditQuery
        {
            ActorId = filter.Actor, MemberId = filter.Member, Action = filter.Action, Since = filter.Since?.ToUnixTimeMilliseconds(), Until = filter.Until?.ToUnixTimeMilliseconds(),
            Before = before, Limit = Cursor.Rows(filter.Limit),
        };
        var rows = await database.ReadAsync(session => AuditLog.SearchAsync(session, query), ct);
        await database.WriteAsync(tx => audit.AppendAsync(tx, new AuditEntry(caller.Actor, "audit.search") { MemberId = filter.Member }), ct);
        return TypedResults.Ok(Cursor.Page(rows, filter.Limit, row => row.Seq, AuditView.Of));
    }

    private static async Task<Ok<ChainView>> VerifyAsync(StaffCaller caller, Database database, AuditLog audit, CancellationToken ct)
    {
        var verdict = await AuditLog.VerifyAsync(database, noted: null, ct);
        await database.WriteAsync(tx => audit.AppendAsync(tx, new AuditEntry(caller.Actor, "audit.verify") { Outcome = verdict.BrokenAt is null ? AuditEntry.Done : "broken" }), ct);
        return TypedResults.Ok(new ChainView(verdict.BrokenAt is null, verdict.Rows, verdict.BrokenAt, verdict.Problem?.Zh, verdict.Problem?.En, verdict.Head.Hash));
    }
}

/// <summary>What is looked for; everything that is given must hold.</summary>
internal sealed record AuditFilter
{
    public long? Actor { get; init; }

    public long? Member { get; init; }

    public string? Action { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    public string? Cursor { get; init; }

    public int? Limit { get; init; }
}

internal sealed record AuditView(
    long Seq, DateTimeOffset At, string ActorId, string Actor, string Role, string? StoreId, string Action, string? MemberId, string Subject, string Purpose, string Outcome, string Detail)
{
    public static AuditView Of(AuditRecord row) => new(
        row.Seq, ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(row.At)), row.Entry.Actor.Id.ToString(), row.Entry.Actor.Name, row.Entry.Actor.Role, row.Entry.Actor.StoreId?.ToString(),
        row.Entry.Action, row.Entry.MemberId?.ToString(), row.Entry.Subject, row.Entry.Purpose, row.Entry.Outcome, row.Entry.Detail);
}

internal sealed record ChainView(bool Whole, long Rows, long? BrokenAt, string? Zh, string? En, string Head);
