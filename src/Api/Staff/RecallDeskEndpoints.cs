using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.Recalls;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>召回: batches that are taken back, and who bought them.</summary>
internal static class RecallDeskEndpoints
{
    public static RouteGroupBuilder MapRecallDesk(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/recalls").WithTags("Recalls");

        group.MapGet("/", ListAsync).Require(Right.RecallRead).WithSummary("Recalls, newest first");
        group.MapPost("/", AnnounceAsync).Require(Right.RecallEdit).WithSummary("Announce a recall; the same batch again is the same recall")
            .WithExample("""{"productId":"1","batchNo":"B2026","level":1,"reason":"含量不合格","advice":"请停止使用并到任一门店退货"}""").Refuses(Problems.NotFound);
        group.MapGet("/{recallId:long}/buyers", BuyersAsync).Require(Right.RecallEdit).WithSummary("Who bought the batch and kept some; each page is in the audit log");
        return group;
    }

    private static async Task<Results<Ok<Page<StaffRecallView>>, ProblemAnswer>> ListAsync(string? cursor, int? limit, Database database, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => RecallDesk.ListAsync(session, before, Cursor.Rows(limit)), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id, StaffRecallView.Of));
    }

    private static async Task<Results<Ok<StaffRecallView>, ProblemAnswer>> AnnounceAsync(RecallBody body, StaffCaller caller, RecallDesk desk, StaffWrite write, CancellationToken ct)
    {
        var faults = new List<(string, Phrase)>();
        if (body.BatchNo.Trim().Length is < 1 or > 64) faults.Add(("batchNo", new("批号须为 1 到 64 个字", "a batch has 1 to 64 characters")));
        if (body.Level is < 1 or > 3) faults.Add(("level", new("召回级别为 1 到 3", "a level is 1 to 3")));
        if (body.Reason.Trim().Length is < 2 or > 200) faults.Add(("reason", new("原因须为 2 到 200 个字", "a reason has 2 to 200 characters")));
        if (body.Advice.Trim().Length is < 2 or > 300) faults.Add(("advice", new("处理办法须为 2 到 300 个字", "advice has 2 to 300 characters")));
        if (faults.Count > 0) return Problems.Fields(faults).Answer();
        if (!long.TryParse(body.ProductId, out var product)) return Problems.NotFound.Answer();
        var entry = new AuditEntry(caller.Actor, "recall.announced");
        var (recall, refused) = await write.RunAsync(null, async tx =>
            await desk.AnnounceAsync(tx, new ProductId(product), body.BatchNo.Trim(), body.Level, body.Reason.Trim(), body.Advice.Trim(), caller.Id) is { } announced
                ? Changed<Recall>.To(announced, entry with { Subject = $"recall:{announced.Id}" }) : Changed<Recall>.Not(Problems.NotFound, entry), ct);
        return refused is not null ? refused.Answer() : TypedResults.Ok(StaffRecallView.Of(recall!));
    }

    private static async Task<Results<Ok<Page<RecallBuyerView>>, ProblemAnswer>> BuyersAsync(long recallId, string? cursor, int? limit, StaffCaller caller, Database database, AuditLog audit, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var after)) return Problems.CursorInvalid.Answer();
        if (await database.ReadAsync(session => RecallDesk.BuyersAsync(session, recallId, after, Cursor.Rows(limit) - 1), ct) is not var (buyers, last)) return Problems.NotFound.Answer();
        await database.WriteAsync(tx => audit.AppendAsync(tx, new AuditEntry(caller.Actor, "recall.buyers") { Subject = $"recall:{recallId}" }), ct);
        return TypedResults.Ok(new Page<RecallBuyerView>([.. buyers.Select(buyer => new RecallBuyerView(buyer.Member.ToString(), buyer.Packs))], last is { } next ? Cursor.Of(next) : null));
    }
}

internal sealed record RecallBody(string ProductId, string BatchNo, int Level, string Reason, string Advice);

internal sealed record RecallBuyerView(string MemberId, int Packs);

internal sealed record StaffRecallView(string Id, string ProductId, string Product, string BatchNo, int Level, string Reason, string Advice, DateTimeOffset At)
{
    public static StaffRecallView Of(Recall recall) => new(recall.Id.ToString(), recall.Product.ToString(), recall.ProductName, recall.BatchNo, recall.Level, recall.Reason, recall.Advice, recall.At);
}
