using System.Text.Json.Nodes;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.Coupons;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Coupon definitions: written, approved by somebody else, stopped, and given to invited members.</summary>
internal static class CouponEndpoints
{
    // Every reason has a code of its own (docs/reasons.md); "reasons" in the answer lists all that stand against a definition.
    private static readonly Problem s_codeTaken = Of(CouponReason.All.Single(reason => reason.Code == "coupon.code_taken"), 409);
    private static readonly Problem s_refused = new("coupon_refused", 422, new("券的设置不合要求，reasons 列出了全部原因。", "The definition cannot be used as it is; \"reasons\" lists everything that stands against it."));
    private static readonly Problem s_authorApproves = Of(CouponReason.All.Single(reason => reason.Code == "coupon.author_approves"), 403);
    private static readonly Problem s_changed = Of(CouponReason.All.Single(reason => reason.Code == "coupon.stale"), 409);

    private static readonly Problem[] s_all = [s_codeTaken, s_refused, s_authorApproves, s_changed];

    private const string Terms = """
        {"title":"满100减10元","kind":"amount_off","value":1000,"thresholdFen":10000,"capFen":null,"currency":"CNY","service":"","products":{"skus":[],"classes":["other"],"except":[]},"stores":[],
        "channels":["store","mini_program"],"tiers":[],"invitedOnly":false,"validFrom":null,"validUntil":null,"daysAfterClaim":30,"claimFrom":"2026-01-01T00:00:00+08:00","claimUntil":"2099-01-01T00:00:00+08:00",
        "total":1000,"budgetFen":null,"daily":100,"perMember":1,"perPerson":1,"category":"promotion","combinable":true,"refund":"return_while_valid","reissueDays":0,"pointsPrice":0,
        "advertising":{"approvalNo":"","approvalUntil":null,"warning":"","marked":false,"rulesPage":""}}
        """;

    public static RouteGroupBuilder MapCoupons(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/coupons/definitions").WithTags("Coupons");

        group.MapGet("/", ListAsync).Require(Right.CouponRead).WithSummary("Definitions, the newest first");
        group.MapGet("/{definitionId}", GetAsync).Require(Right.CouponRead).WithSummary("One definition; its ETag goes into If-Match");
        group.MapGet("/{definitionId}/versions", VersionsAsync).Require(Right.CouponRead).WithSummary("Every version that was saved, the oldest first: who wrote it, who approved it");
        group.MapPost("/", CreateAsync).Require(Right.CouponEdit).Idempotent().WithSummary("Save a new definition as a draft; its code stays").WithExample($$"""{"code":"OFF10-100","terms":{{Terms}}}""");
        group.MapPut("/{definitionId}", ChangeAsync).Require(Right.CouponEdit).Versioned().WithSummary("Save the next version as a draft; coupons that members hold keep theirs").WithExample($$"""{"terms":{{Terms}}}""");
        group.MapPost("/{definitionId}/approval", ApproveAsync).Require(Right.CouponApprove).Versioned().WithSummary("Approve the version that was read: claims open. Nobody approves what they wrote");
        group.MapPost("/{definitionId}/stop", (long definitionId, StaffCaller caller, StaffWrite write, CancellationToken ct) => OpenAsync(definitionId, false, caller, write, ct))
            .Require(Right.CouponEdit).WithSummary("Stop claims at once; coupons that members hold are not touched");
        group.MapPost("/{definitionId}/resume", (long definitionId, StaffCaller caller, StaffWrite write, CancellationToken ct) => OpenAsync(definitionId, true, caller, write, ct))
            .Require(Right.CouponApprove).WithSummary("Let claims run again");
        group.MapPost("/{definitionId}/invitations", InviteAsync).Require(Right.CouponEdit).WithSummary("Let members claim a definition that is for invited members only; those who may already stay as they are")
            .WithExample("""{"memberIds":["700000000000000001","700000000000000002"]}""");
        return group;
    }

    private static async Task<Results<Ok<Page<DefinitionView>>, ProblemAnswer>> ListAsync(string? cursor, int? limit, CouponDefinitions definitions, CancellationToken ct)
    {
        var place = default(CouponCursor);
        if (cursor is not null && !CouponCursor.TryParse(cursor, out place)) return Problems.CursorInvalid.Answer();
        var page = await definitions.ListAsync(cursor is null ? null : place, limit ?? 50, ct);
        return TypedResults.Ok(new Page<DefinitionView>([.. page.Items.Select(DefinitionView.Of)], page.Next?.ToString()));
    }

    private static async Task<Results<Ok<DefinitionView>, ProblemAnswer>> GetAsync(long definitionId, CouponDefinitions definitions, HttpResponse response, CancellationToken ct)
    {
        if (await definitions.FindAsync(new CouponDefinitionId(definitionId), ct) is not { } found) return Problems.NotFound.Answer();
        VersionTag.Set(response, found.Version);
        return TypedResults.Ok(DefinitionView.Of(found));
    }

    private static async Task<Results<Ok<Page<DefinitionVersionView>>, ProblemAnswer>> VersionsAsync(long definitionId, CouponDefinitions definitions, CancellationToken ct) =>
        await definitions.VersionsAsync(new CouponDefinitionId(definitionId), ct) is { Count: > 0 } versions
            ? TypedResults.Ok(new Page<DefinitionVersionView>([.. versions.Select(DefinitionVersionView.Of)], null)) : Problems.NotFound.Answer();

    private static async Task<Results<Created<SavedView>, ProblemAnswer>> CreateAsync(NewDefinitionBody body, StaffCaller caller, CouponDefinitions definitions, StaffWrite write, IdempotentRequest once, CancellationToken ct)
    {
        var (saved, refused) = await write.RunAsync(once, async tx => Outcome(await definitions.CreateAsync(tx, body.Code, body.Terms, caller.Id.Value), new AuditEntry(caller.Actor, "coupon.saved"), body.Terms), ct);
        return refused is not null ? refused.Answer() : TypedResults.Created($"/api/staff/coupons/definitions/{saved!.Id}", saved);
    }

    private static async Task<Results<Ok<SavedView>, ProblemAnswer>> ChangeAsync(
        long definitionId, DefinitionBody body, StaffCaller caller, CouponDefinitions definitions, StaffWrite write, HttpRequest request, HttpResponse response, CancellationToken ct)
    {
        var (seen, untagged) = VersionTag.Read(request);
        if (untagged is not null) return untagged.Answer();
        var entry = new AuditEntry(caller.Actor, "coupon.saved") { Subject = $"definition:{definitionId}" };
        var (saved, refused) = await write.RunAsync(null, async tx => Outcome(await definitions.ChangeAsync(tx, new CouponDefinitionId(definitionId), seen, body.Terms, caller.Id.Value), entry, body.Terms), ct);
        if (refused is not null) return refused.Answer();
        VersionTag.Set(response, saved!.Version);
        return TypedResults.Ok(saved);
    }

    private static async Task<Results<Ok<ApprovedView>, ProblemAnswer>> ApproveAsync(
        long definitionId, StaffCaller caller, CouponDefinitions definitions, StaffWrite write, HttpRequest request, CancellationToken ct)
    {
        var (seen, untagged) = VersionTag.Read(request);
        if (untagged is not null) return untagged.Answer();
        var entry = new AuditEntry(caller.Actor, "coupon.approved") { Subject = $"definition:{definitionId}" };
        var (approved, refused) = await write.RunAsync(null, async tx => await definitions.PublishAsync(tx, new CouponDefinitionId(definitionId), seen, caller.Id.Value) switch
        {
            PublishOutcome.Published done => Changed<ApprovedView>.To(new ApprovedView(done.Author.ToString(), done.Approver.ToString()), entry),
            PublishOutcome.Refused why => Changed<ApprovedView>.Not(Of(why.Refusals), entry),
            var other => throw new InvalidOperationException($"An approval that nobody knows: {other}."),
        }, ct);
        return refused is not null ? refused.Answer() : TypedResults.Ok(approved!);
    }

    private static async Task<Results<NoContent, ProblemAnswer>> OpenAsync(long definitionId, bool open, StaffCaller caller, StaffWrite write, CancellationToken ct)
    {
        var entry = new AuditEntry(caller.Actor, open ? "coupon.resumed" : "coupon.stopped") { Subject = $"definition:{definitionId}" };
        var (_, refused) = await write.RunAsync(null, async tx =>
            await CouponDefinitions.OpenAsync(tx, new CouponDefinitionId(definitionId), open) ? Changed<bool>.To(true, entry) : Changed<bool>.Not(Problems.NotFound, entry), ct);
        return refused is not null ? refused.Answer() : TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemAnswer>> InviteAsync(long definitionId, InvitationsBody body, StaffCaller caller, StaffWrite write, CancellationToken ct)
    {
        if (body.MemberIds.Count is < 1 or > 1000) return Problems.Fields(("memberIds", new("1 到 1000 位会员", "1 to 1,000 members"))).Answer();
        var entry = new AuditEntry(caller.Actor, "coupon.invited") { Subject = $"definition:{definitionId}", Detail = $$"""{"members":{{body.MemberIds.Count}}}""" };
        var (_, refused) = await write.RunAsync(null, async tx =>
        {
            var ids = body.MemberIds.Select(member => member.Value).Distinct().ToArray();
            var known = await tx.ScalarAsync<long>("SELECT COUNT(*) FROM member WHERE id IN @ids AND erased_at IS NULL", new { ids });
            var definition = await tx.ScalarAsync<long>("SELECT COUNT(*) FROM coupon_definition WHERE id = @id", new { id = definitionId });
            if (known != ids.Length || definition == 0) return Changed<bool>.Not(Problems.NotFound, entry);
            await CouponDefinitions.InviteAsync(tx, new CouponDefinitionId(definitionId), body.MemberIds);
            return Changed<bool>.To(true, entry);
        }, ct);
        return refused is not null ? refused.Answer() : TypedResults.NoContent();
    }

    private static Changed<SavedView> Outcome(SaveOutcome outcome, AuditEntry entry, CouponTerms wanted) => outcome switch
    {
        SaveOutcome.Saved saved => Changed<SavedView>.To(new SavedView(saved.Id.ToString(), saved.Version), entry with { Subject = $"definition:{saved.Id}", Detail = $$"""{"version":{{saved.Version}}}""" }),
        SaveOutcome.Stale stale => Changed<SavedView>.Not(Problems.Stale(stale.Version, stale.Changes.Select(change => (change.Field, JsonNode.Parse(change.Before), JsonNode.Parse(change.After)))), entry),
        SaveOutcome.Refused why => Changed<SavedView>.Not(Of(why.Refusals), entry),
        _ => throw new InvalidOperationException($"A save of {wanted.Kind} that nobody knows: {outcome}."),
    };

    private static Problem Of(IReadOnlyList<CouponRefusal> refusals)
    {
        if (refusals is [var only])
        {
            if (only.Reason.Code == "coupon.unknown_definition") return Problems.NotFound;
            if (Array.Find(s_all, problem => problem.Code == only.Reason.Code) is { } known) return known;
        }

        return s_refused with
        {
            More = new JsonObject
            {
                ["reasons"] = new JsonArray([.. refusals.Select(refusal => new JsonObject { ["code"] = refusal.Reason.Code, ["about"] = refusal.Detail, ["zh"] = refusal.Sentence.Zh, ["en"] = refusal.Sentence.En })]),
            },
        };
    }

    private static Problem Of(CouponReason reason, int status) => new(reason.Code, status, reason.Sentence);
}

internal sealed record NewDefinitionBody(string Code, CouponTerms Terms);

internal sealed record DefinitionBody(CouponTerms Terms);

internal sealed record InvitationsBody(IReadOnlyList<MemberId> MemberIds);

internal sealed record SavedView(string Id, long Version);

internal sealed record ApprovedView(string AuthorId, string ApproverId);

internal sealed record StockView(bool Open, long Claimed, long CommittedFen);

internal sealed record DefinitionView(string Id, string Code, long Version, CouponTerms Terms, string AuthorId, long? PublishedVersion, StockView? Stock)
{
    public static DefinitionView Of(CouponDefinition definition) => new(
        definition.Id.ToString(), definition.Code, definition.Version, definition.Terms, definition.Author.ToString(), definition.PublishedVersion,
        definition.Stock is { } stock ? new StockView(stock.IsOpen, stock.Claimed, stock.CommittedFen) : null);
}

internal sealed record DefinitionVersionView(long Version, CouponTerms Terms, string AuthorId, DateTimeOffset SavedAt, string? ApproverId, DateTimeOffset? ApprovedAt)
{
    public static DefinitionVersionView Of(CouponVersion version) => new(
        version.Version, version.Terms, version.Author.ToString(), ChinaTime.In(version.SavedAt), version.Approver?.ToString(), version.PublishedAt is { } at ? ChinaTime.In(at) : null);
}
