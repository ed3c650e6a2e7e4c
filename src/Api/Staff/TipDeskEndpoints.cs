using System.Text.Json.Nodes;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members.Staff;
using Engagement.Members.Tips;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>健康科普 for staff: write, review by a registered pharmacist, withdraw.</summary>
internal static class TipDeskEndpoints
{
    private const string Example = """
        {"code":"winter_pressure","content":{"title":"天冷了，血压怎么量","summary":"冬季血压容易波动，固定时间测量更可靠。","paragraphs":["每天早晚各量一次，量前静坐五分钟。"],"topic":"blood_pressure","source":"国家卫生健康委时令节气与健康发布会","tags":["hypertension"],"terms":["小雪"]},"validFrom":"2026-11-01","validUntil":"2027-10-31"}
        """;

    private static readonly Problem s_refused = new("tip_refused", 400, new("文章未通过自动检查，findings 列出了原因。", "The article did not pass the automatic check; \"findings\" says why."));
    private static readonly Problem s_stale = new("tip_stale", 409, new("已有更新的版本，或该版本不在待审状态。", "There is a newer version, or this one does not wait for a review."));
    private static readonly Problem s_own = new("tip_own", 403, new("不能审核自己写的或自己已审过一次的文章。", "Nobody reviews what they wrote, and nobody twice."));
    private static readonly Problem s_licence = new("licence_needed", 403, new("审核人须有在有效期内的药师注册证。", "A reviewer needs a valid licence as a pharmacist."));
    private static readonly Problem s_code = new("tip_code_taken", 409, new("编号已被使用。", "Another article has this code."));

    public static RouteGroupBuilder MapTipDesk(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/tips").WithTags("Tips");

        group.MapGet("/", ListAsync).Require(Right.TipRead).WithSummary("The newest version of each article");
        group.MapGet("/{tipId:long}", ReadAsync).Require(Right.TipRead).WithSummary("One article");
        group.MapPost("/", WriteAsync).Require(Right.TipEdit).Idempotent().WithSummary("A new article; it is checked and waits for a pharmacist").WithExample(Example);
        group.MapPut("/{tipId:long}", RewriteAsync).Require(Right.TipEdit).Versioned().WithSummary("A new version; the published one stays until it is reviewed").WithExample(Example);
        group.MapPost("/{tipId:long}/review", ReviewAsync).Require(Right.ContentReview).WithSummary("A pharmacist's verdict; medicine safety needs two").WithExample("""{"version":1,"accept":true}""");
        group.MapPost("/{tipId:long}/withdrawal", WithdrawAsync).Require(Right.ContentReview).WithSummary("Takes it away from everybody within half a minute").WithExample("""{"why":"指南已更新"}""");
        group.MapGet("/{tipId:long}/readers", ReadersAsync).Require(Right.PrivacyRequest).WithSummary("Who has read it, to tell them that something was wrong");

        staff.MapPut("/pharmacists/{accountId:long}/licence", LicenceAsync).Require(Right.LicenceEdit).WithTags("Tips").WithSummary("The licence of a pharmacist's account")
            .WithExample("""{"name":"林静","licenceNo":"330000000000001","institution":"康宁大药房","validUntil":"2028-12-31"}""");
        return group;
    }

    private static async Task<Results<Ok<Page<TipView>>, ProblemAnswer>> ListAsync(string? cursor, int? limit, Database database, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => TipShelf.LatestAsync(session, before, Cursor.Rows(limit)), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id, TipView.Of));
    }

    private static async Task<Results<Ok<TipView>, ProblemAnswer>> ReadAsync(long tipId, HttpResponse response, Database database, CancellationToken ct)
    {
        if (await database.ReadAsync(session => TipShelf.FindAsync(session, tipId), ct) is not { } tip) return Problems.NotFound.Answer();
        VersionTag.Set(response, tip.Version);
        return TypedResults.Ok(TipView.Of(tip));
    }

    private static async Task<Results<Created<TipWritten>, ProblemAnswer>> WriteAsync(TipBody body, StaffCaller caller, TipDesk desk, CancellationToken ct)
    {
        var (outcome, id, version, findings) = await desk.WriteAsync(null, 0, new TipFile(body.Code, body.Content), body.ValidFrom, body.ValidUntil, caller.Id, ct);
        return outcome == TipOutcome.Done ? TypedResults.Created($"/api/staff/tips/{id}", new TipWritten(id.ToString(), version)) : Of(outcome, findings).Answer();
    }

    private static async Task<Results<Ok<TipWritten>, ProblemAnswer>> RewriteAsync(long tipId, TipBody body, StaffCaller caller, TipDesk desk, HttpRequest request, CancellationToken ct)
    {
        var (latest, untagged) = VersionTag.Read(request);
        if (untagged is not null) return untagged.Answer();
        if (latest is < 0 or > int.MaxValue - 1) return Problems.TagUnknown.Answer();
        var (outcome, id, version, findings) = await desk.WriteAsync(tipId, (int)latest, new TipFile(body.Code, body.Content), body.ValidFrom, body.ValidUntil, caller.Id, ct);
        return outcome == TipOutcome.Done ? TypedResults.Ok(new TipWritten(id.ToString(), version)) : Of(outcome, findings).Answer();
    }

    private static async Task<Results<NoContent, ProblemAnswer>> ReviewAsync(long tipId, TipReviewBody body, StaffCaller caller, TipDesk desk, StaffWrite write, CancellationToken ct)
    {
        var entry = new AuditEntry(caller.Actor, body.Accept ? "tip.accepted" : "tip.refused") { Subject = $"tip:{tipId}:{body.Version}" };
        var (_, refused) = await write.RunAsync(null, async tx => await desk.ReviewAsync(tx, tipId, body.Version, body.Accept, caller.Id) is var outcome and not TipOutcome.Done
            ? Changed<bool>.Not(Of(outcome, []), entry) : Changed<bool>.To(true, entry), ct);
        return refused is null ? TypedResults.NoContent() : refused.Answer();
    }

    private static async Task<Results<NoContent, ProblemAnswer>> WithdrawAsync(long tipId, TipWhyBody body, StaffCaller caller, TipDesk desk, StaffWrite write, CancellationToken ct)
    {
        if (body.Why.Trim().Length is < 2 or > 200) return Problems.Fields(("why", new("须为 2 到 200 个字", "2 to 200 characters"))).Answer();
        var entry = new AuditEntry(caller.Actor, "tip.withdrawn") { Subject = $"tip:{tipId}" };
        var (_, refused) = await write.RunAsync(null, async tx => await desk.WithdrawAsync(tx, tipId, body.Why.Trim()) ? Changed<bool>.To(true, entry) : Changed<bool>.Not(Problems.NotFound, entry), ct);
        return refused is null ? TypedResults.NoContent() : refused.Answer();
    }

    private static async Task<Results<Ok<Page<string>>, ProblemAnswer>> ReadersAsync(long tipId, string? cursor, int? limit, StaffCaller caller, Database database, AuditLog audit, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var after)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => TipDesk.ReadersAsync(session, tipId, after, Cursor.Rows(limit)), ct);
        await database.WriteAsync(tx => audit.AppendAsync(tx, new AuditEntry(caller.Actor, "tip.readers") { Subject = $"tip:{tipId}" }), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row, row => row.ToString()));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> LicenceAsync(long accountId, LicenceBody body, StaffCaller caller, Database database, AuditLog audit, CancellationToken ct)
    {
        if (new[] { body.Name, body.LicenceNo, body.Institution }.Any(text => text.Trim().Length is 0 or > 64)) return Problems.Fields(("name", new("姓名、证号、单位须为 1 到 64 个字", "name, number and institution have 1 to 64 characters"))).Answer();
        return await database.WriteAsync<Results<NoContent, ProblemAnswer>>(async tx =>
        {
            if (await tx.ScalarAsync<long>("SELECT COUNT(*) FROM staff WHERE id = @accountId", new { accountId }) == 0) return Problems.NotFound.Answer();
            await TipDesk.KeepLicenceAsync(tx, new PharmacistLicence(new StaffId(accountId), body.Name.Trim(), body.LicenceNo.Trim(), body.Institution.Trim(), ChinaTime.DayOf(body.ValidUntil)));
            await audit.AppendAsync(tx, new AuditEntry(caller.Actor, "pharmacist.licence") { Subject = $"staff:{accountId}" });
            return TypedResults.NoContent();
        }, ct);
    }

    private static Problem Of(TipOutcome outcome, IReadOnlyList<Phrase> findings) => outcome switch
    {
        TipOutcome.Done => throw new InvalidOperationException("That is no refusal."),
        TipOutcome.NotFound => Problems.NotFound,
        TipOutcome.Stale => s_stale,
        TipOutcome.OwnTip => s_own,
        TipOutcome.NoLicence => s_licence,
        TipOutcome.CodeTaken => s_code,
        TipOutcome.Refused => s_refused with { More = new JsonObject { ["findings"] = new JsonArray([.. findings.Select(finding => new JsonObject { ["zh"] = finding.Zh, ["en"] = finding.En })]) } },
    };
}

internal sealed record TipBody(string Code, TipContent Content, DateOnly ValidFrom, DateOnly ValidUntil);

internal sealed record TipReviewBody(int Version, bool Accept);

internal sealed record TipWhyBody(string Why);

internal sealed record LicenceBody(string Name, string LicenceNo, string Institution, DateOnly ValidUntil);

internal sealed record TipWritten(string Id, int Version);

internal sealed record TipView(string Id, string Code, int Version, TipContent Content, TipState State, string AuthorId, DateOnly ValidFrom, DateOnly ValidUntil, string? Reviewer, string? LicenceNo, DateOnly? ReviewedOn)
{
    public static TipView Of(TipVersion tip) => new(
        tip.Id.ToString(), tip.Code, tip.Version, tip.Content, tip.State, tip.Author.ToString(), ChinaTime.Date(tip.ValidFrom), ChinaTime.Date(tip.ValidUntil), tip.Reviewer, tip.LicenceNo,
        tip.ReviewedDay is { } day ? ChinaTime.Date(day) : null);
}
