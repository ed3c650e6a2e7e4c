using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Messaging.Content;
using Engagement.Messaging.Receipts;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>What providers of SMS have approved, and what people answered.</summary>
internal static class SmsEndpoints
{
    public static RouteGroupBuilder MapSmsDesk(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/sms").WithTags("SMS");

        group.MapGet("/approvals", ApprovalsAsync).Require(Right.CampaignRead).WithSummary("What each provider has said of our templates and signatures; one that is not in the list is used as declared");
        group.MapGet("/replies", RepliesAsync).Require(Right.CaseRead).WithSummary("Answers by SMS of members in sight, the newest first; opt-outs are carried out at once and are not among them");
        group.MapPost("/replies/{replyId}/seen", SeenAsync).Require(Right.CaseWork).WithSummary("Mark an answer as seen to");
        return group;
    }

    private static async Task<Ok<Page<ApprovalView>>> ApprovalsAsync(SmsApprovals approvals, CancellationToken ct) =>
        TypedResults.Ok(new Page<ApprovalView>([.. (await approvals.AllAsync(ct)).Select(one => new ApprovalView(one.Provider, one.Subject, one.Code, one.State, one.Type, one.Reason))], null));

    private static async Task<Results<Ok<Page<ReplyView>>, ProblemAnswer>> RepliesAsync(
        bool? waiting, string? cursor, int? limit, StaffCaller caller, ReplyBook book, Database database, AuditLog audit, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => book.ListAsync(session, caller.Scope, waiting ?? false, before, Cursor.Rows(limit)), ct);
        var page = Cursor.Page(rows, limit, row => row.Id, ReplyView.Of);
        var members = rows.Take(page.Items.Count).SelectMany(row => row.Members).Select(member => member.Id.Value).Distinct();
        await database.WriteAsync(tx => audit.AppendAsync(tx, [.. members.Select(member => new AuditEntry(caller.Actor, "sms.reply_read") { MemberId = member })]), ct);
        return TypedResults.Ok(page);
    }

    private static async Task<Results<NoContent, ProblemAnswer>> SeenAsync(long replyId, StaffCaller caller, StaffWrite write, CancellationToken ct)
    {
        var entry = new AuditEntry(caller.Actor, "sms.reply_seen") { Subject = $"sms_reply:{replyId}" };
        var (_, refused) = await write.RunAsync(null, async tx => await ReplyBook.SeeToAsync(tx, caller.Scope, replyId) ? Changed<bool>.To(true, entry) : Changed<bool>.Not(Problems.NotFound, entry), ct);
        return refused is not null ? refused.Answer() : TypedResults.NoContent();
    }
}

internal sealed record ApprovalView(string Provider, SmsSubject Subject, string Code, SmsApprovalState State, SmsTemplateType Type, string Reason);

internal sealed record ReplyView(string Id, string Provider, DateTimeOffset At, bool Waits, string Text, IReadOnlyList<FoundView> Members)
{
    public static ReplyView Of(SmsReplyCard card) => new(card.Id.ToString(), card.Provider, Instants.Of(card.At), card.Waits, card.Text, [.. card.Members.Select(FoundView.Of)]);
}
