using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Half an hour with the record of a member of another store. Opening it twice makes two entries and does no harm.</summary>
internal static class BreakGlassEndpoints
{
    public static RouteGroupBuilder MapBreakGlass(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/break-glass").WithTags("Break-glass").RefusesAsIn(typeof(StaffProblems));

        group.MapPost("/", OpenAsync).Require(Right.BreakGlass).WithSummary("Open the record of the member who shows this code")
            .WithExample("""{"memberCode":"88000000000000000002","purpose":"会员在柜台咨询用药"}""").Refuses(Problems.NotFound);
        group.MapGet("/", ListAsync).Require(Right.BreakGlassRead).WithSummary("Openings of members whose home store is in sight, newest first");
        return group;
    }

    private static async Task<Results<Ok<BreakGlassView>, ProblemAnswer>> OpenAsync(BreakGlassBody body, StaffCaller caller, BreakGlass desk, CancellationToken ct)
    {
        var (access, refused) = await desk.OpenAsync(caller, body.MemberCode, body.Purpose, ct);
        return refused is not null ? refused.Answer() : TypedResults.Ok(BreakGlassView.Of(access!));
    }

    private static async Task<Results<Ok<Page<BreakGlassView>>, ProblemAnswer>> ListAsync(string? cursor, int? limit, StaffCaller caller, Database database, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => BreakGlass.ListAsync(session, caller.Scope, before, Cursor.Rows(limit)), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id, BreakGlassView.Of));
    }
}

internal sealed record BreakGlassBody(string MemberCode, string Purpose);

internal sealed record BreakGlassView(string Id, string StaffId, string Staff, string MemberId, string Purpose, DateTimeOffset OpenedAt, DateTimeOffset ExpiresAt)
{
    public static BreakGlassView Of(BreakGlassAccess access) => new(
        access.Id.ToString(), access.StaffId.ToString(), access.StaffName, access.MemberId.ToString(), access.Purpose,
        ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(access.OpenedAt)), ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(access.ExpiresAt)));
}
