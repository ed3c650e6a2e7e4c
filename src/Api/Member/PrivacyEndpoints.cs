using System.ComponentModel;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Members.Privacy;
using Engagement.Members.Profiles;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>The member's rights: see, copy, be forgotten, ask, and who looked at health data.</summary>
internal static class PrivacyEndpoints
{
    public static readonly Problem NotConfirmed = new("erasure_not_confirmed", 400, new("请确认：注销后资料无法恢复。", "Confirm it: what is erased cannot be brought back."));

    private const int LongestNote = 1000;

    public static RouteGroupBuilder MapMemberPrivacy(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/privacy").WithTags("Member privacy");

        group.MapGet("/data", DataAsync).RequireMember().WithSummary("Everything that is known about me, and where it came from");
        group.MapPost("/exports", ExportAsync).RequireMember().WithSummary("Ask for a copy; an open request is the answer");
        group.MapGet("/exports/{requestId}", ExportStateAsync).RequireMember().WithSummary("How far the copy is");
        group.MapGet("/exports/{requestId}/file", FileAsync).RequireMember().WithSummary("The copy, for the session that asked, for 24 hours");
        group.MapPost("/erasure", EraseAsync).RequireMember().WithSummary("Ask to be forgotten; use stops at once").WithExample("""{"confirm":true}""");
        group.MapDelete("/erasure", KeepAsync).RequireMember().WithSummary("Take that back while it waits").Refuses(Problems.NotFound);
        group.MapGet("/requests", RequestsAsync).RequireMember().WithSummary("My requests, with their states and clocks");
        group.MapPost("/requests", AskAsync).RequireMember().Idempotent().WithSummary("Ask for a correction, or for an explanation by a person").WithExample("""{"kind":"explanation","text":"为什么给我推荐这些商品？"}""");
        group.MapGet("/looks", LooksAsync).RequireMember().WithSummary("Who looked at my health data, when and what for");
        return group;
    }

    private static async Task<Ok<DataAnswer>> DataAsync(MemberCaller caller, PrivacyDesk desk, CancellationToken ct) =>
        TypedResults.Ok(new DataAnswer([.. (await desk.ShowAsync(caller.Id, ct)).Select(section => new DataSectionItem(
            section.Title.In(caller.Language), [.. section.Rows.Select(row => new DataRowItem(row.Label.In(caller.Language), (row.OnScreen ?? row.Value).In(caller.Language), row.Origin.In(caller.Language)))]))]));

    private static async Task<Accepted<RequestItem>> ExportAsync(MemberCaller caller, PrivacyDesk desk, CancellationToken ct) =>
        TypedResults.Accepted((string?)null, RequestItem.Of(await desk.SubmitAsync(caller.Session, RequestKind.Export, null, ct)));

    private static async Task<Results<Ok<ExportAnswer>, ProblemAnswer>> ExportStateAsync(long requestId, MemberCaller caller, Database database, CancellationToken ct) =>
        await database.ReadAsync(session => PrivacyDesk.FindAsync(session, caller.Id, requestId), ct) is { Kind: RequestKind.Export } request
            ? TypedResults.Ok(new ExportAnswer(request.Id.ToString(), request.State, RequestItem.China(request.DoneAt), RequestItem.China(request.FileUntil),
                request.State == RequestState.Fulfilled && request.SessionId == caller.Session.Id ? $"/api/member/privacy/exports/{request.Id}/file" : null))
            : Problems.NotFound.Answer();

    private static async Task<Results<FileContentHttpResult, ProblemAnswer>> FileAsync(long requestId, MemberCaller caller, PrivacyDesk desk, CancellationToken ct) =>
        await desk.FileAsync(caller.Session, requestId, ct) is { } file
            ? TypedResults.File(System.Text.Encoding.UTF8.GetBytes(file), "application/json", $"my-data-{requestId}.json")
            : Problems.NotFound.Answer();

    private static async Task<Results<Accepted<RequestItem>, ProblemAnswer>> EraseAsync(ErasureBody body, MemberCaller caller, PrivacyDesk desk, CancellationToken ct) =>
        body.Confirm ? TypedResults.Accepted((string?)null, RequestItem.Of(await desk.SubmitAsync(caller.Session, RequestKind.Erasure, null, ct))) : NotConfirmed.Answer();

    private static async Task<Results<NoContent, ProblemAnswer>> KeepAsync(MemberCaller caller, PrivacyDesk desk, CancellationToken ct) =>
        await desk.WithdrawErasureAsync(caller.Id, ct) ? TypedResults.NoContent() : Problems.NotFound.Answer();

    private static async Task<Ok<RequestList>> RequestsAsync(MemberCaller caller, Database database, CancellationToken ct) =>
        TypedResults.Ok(new RequestList([.. (await database.ReadAsync(session => PrivacyDesk.OfAsync(session, caller.Id), ct)).Select(RequestItem.Of)], null));

    private static async Task<Results<Accepted<RequestItem>, ProblemAnswer>> AskAsync(AskBody body, MemberCaller caller, PrivacyDesk desk, CancellationToken ct)
    {
        if (body.Text.Trim().Length is 0 or > LongestNote) return Problems.Fields(("text", new("须为 1 到 1000 个字", "must have 1 to 1000 characters"))).Answer();
        var kind = body.Kind == AskKind.Correction ? RequestKind.Correction : RequestKind.Explanation;
        return TypedResults.Accepted((string?)null, RequestItem.Of(await desk.SubmitAsync(caller.Session, kind, body.Text.Trim(), ct)));
    }

    private static async Task<Results<Ok<Page<LookItem>>, ProblemAnswer>> LooksAsync(MemberCaller caller, Database database, CancellationToken ct, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var looks = await database.ReadAsync(session => HealthLooks.OfAsync(session, caller.Id, before, Cursor.Rows(limit)), ct);
        return TypedResults.Ok(Cursor.Page(looks, limit, look => look.Seq, look => new LookItem(
            ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(look.At)), $"{RoleName(look.Role, caller.Language)} {Masked(look.Staff)}".Trim(), look.Store, look.Purpose, What(look.Action).In(caller.Language))));
    }

    private static string RoleName(string code, Language language) =>
        Enum.GetValues<StaffRole>().Where(role => RoleMatrix.Code(role) == code).Select(role => role.Title().In(language)).FirstOrDefault() ?? new Phrase("门店系统", "store system").In(language);

    private static string Masked(string name) => PersonName.TryParse(name, out var person, out _) ? person.ToString() : "";

    private static Phrase What(string action) => action switch
    {
        "member.break_glass" => new("打开会员档案（外店临时）", "opened the record (another store)"),
        "member.caution" or "pos.caution" => new("过敏与慎用提示", "allergies and cautions"),
        _ => new("健康信息", "health data"),
    };
}

internal enum AskKind
{
    Correction = 1,
    Explanation = 2,
}

internal sealed record ErasureBody([property: Description("Must be true")] bool Confirm);

internal sealed record AskBody(AskKind Kind, string Text);

internal sealed record DataAnswer(IReadOnlyList<DataSectionItem> Sections);

internal sealed record DataSectionItem(string Title, IReadOnlyList<DataRowItem> Rows);

internal sealed record DataRowItem(string Label, string Value, string Origin);

internal sealed record ExportAnswer(string Id, RequestState State, DateTimeOffset? ReadyAt, DateTimeOffset? Until, string? Url);

internal sealed record LookItem(DateTimeOffset At, string Who, string? Store, string Purpose, string What);

internal sealed record RequestList(IReadOnlyList<RequestItem> Items, string? Next);

/// <summary>A request.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What for.</param>
/// <param name="State">Where it stands.</param>
/// <param name="At">When it came in.</param>
/// <param name="DueBy">Until when it must be done.</param>
/// <param name="ActsAt">When the program does it by itself, while it waits.</param>
/// <param name="DoneAt">When it was done.</param>
/// <param name="Reason">Why it was refused.</param>
internal sealed record RequestItem(string Id, RequestKind Kind, RequestState State, DateTimeOffset At, DateTimeOffset DueBy, DateTimeOffset? ActsAt, DateTimeOffset? DoneAt, string? Reason)
{
    public static RequestItem Of(PrivacyRequest request) => new(
        request.Id.ToString(), request.Kind, request.State, China(request.SubmittedAt)!.Value, China(request.DueAt)!.Value, China(request.ActAt), China(request.DoneAt), request.Reason.Length == 0 ? null : request.Reason);

    public static DateTimeOffset? China(long? at) => at is { } ms ? ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(ms)) : null;
}
