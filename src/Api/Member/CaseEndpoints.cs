using Engagement.Api.Hosting;
using Engagement.Members.Cases;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Engagement.Api.Member;

/// <summary>我的服务: complaints, questions and after-sale of a member, and questions to a pharmacist.</summary>
internal static class CaseEndpoints
{
    // A form's frame around the picture itself.
    private const long LargestForm = CasePhotos.LargestBytes + 64 * 1024;

    public static RouteGroupBuilder MapCases(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/cases").WithTags("Cases").RefusesAsIn(typeof(CaseProblems));

        group.MapGet("/", ListAsync).RequireMember().WithSummary("The member's cases, newest first");
        group.MapPost("/", OpenAsync).RequireMember().Idempotent().WithSummary("Open one; what cannot wait gets a fixed text at once").WithExample("""{"category":"complaint","text":"上次买的药盒压坏了","photos":[]}""");
        group.MapGet("/{caseId:long}", ReadAsync).RequireMember().WithSummary("One case with its thread over all channels");
        group.MapPost("/{caseId:long}/messages", SayAsync).RequireMember().Idempotent().WithSummary("Say more").WithExample("""{"text":"补充一张照片","photos":[]}""");
        group.MapPost("/{caseId:long}/rating", RateAsync).RequireMember().WithSummary("Rate what was done, 1 to 5").WithExample("""{"score":5}""");
        group.MapPost("/{caseId:long}/reopen", ReopenAsync).RequireMember().Idempotent().WithSummary("It is not done after all; within 30 days").WithExample("""{"text":"问题还在"}""");

        member.MapPost("/photos", AddPhotoAsync).RequireMember().DisableAntiforgery().WithMetadata(new RequestSizeLimitAttribute(LargestForm)).WithTags("Cases").RefusesAsIn(typeof(CaseProblems)).WithSummary("A picture for a case: JPEG, PNG or WebP, 5 MB at most")
            .WithExample("--photo\r\nContent-Disposition: form-data; name=\"file\"; filename=\"box.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n(the bytes of the picture)\r\n--photo--\r\n", "multipart/form-data");
        member.MapGet("/photos/{photoId:long}", PhotoAsync).RequireMember().WithTags("Cases").RefusesAsIn(typeof(CaseProblems)).WithSummary("The member's own picture");
        return group;
    }

    private static async Task<Results<Ok<Page<CaseSummary>>, ProblemAnswer>> ListAsync(string? cursor, int? limit, MemberCaller caller, CaseDesk desk, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        return TypedResults.Ok(Cursor.Page(await desk.ListAsync(caller.Id, before, Cursor.Rows(limit), ct), limit, one => one.Id, CaseSummary.Of));
    }

    private static async Task<Results<Created<NewId>, ProblemAnswer>> OpenAsync(NewCaseBody body, MemberCaller caller, CaseDesk desk, CancellationToken ct)
    {
        if (!CaseProblems.Ids(body.Photos, out var photos)) return CaseProblems.PhotoInvalid.Answer();
        var (outcome, id) = await desk.OpenAsync(caller.Id, body.Category, body.Text, photos, ct);
        return outcome == CaseOutcome.Done ? TypedResults.Created($"/api/member/cases/{id}", new NewId(id.ToString())) : CaseProblems.Of(outcome).Answer();
    }

    private static async Task<Results<Ok<CaseView>, ProblemAnswer>> ReadAsync(long caseId, MemberCaller caller, CaseDesk desk, CancellationToken ct)
    {
        var (found, thread) = await desk.ReadAsync(caller.Id, caseId, ct);
        return found is null ? Problems.NotFound.Answer() : TypedResults.Ok(CaseView.Of(found, thread));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> SayAsync(long caseId, CaseTextBody body, MemberCaller caller, CaseDesk desk, CancellationToken ct) =>
        CaseProblems.Ids(body.Photos, out var photos) ? CaseProblems.Answer(await desk.SayAsync(caller.Id, caseId, body.Text, photos, ct)) : CaseProblems.PhotoInvalid.Answer();

    private static async Task<Results<NoContent, ProblemAnswer>> RateAsync(long caseId, ScoreBody body, MemberCaller caller, CaseDesk desk, CancellationToken ct) =>
        CaseProblems.Answer(await desk.RateAsync(caller.Id, caseId, body.Score, ct));

    private static async Task<Results<NoContent, ProblemAnswer>> ReopenAsync(long caseId, ReopenBody body, MemberCaller caller, CaseDesk desk, CancellationToken ct) =>
        CaseProblems.Answer(await desk.ReopenAsync(caller.Id, caseId, body.Text, ct));

    private static async Task<Results<Created<NewId>, ProblemAnswer>> AddPhotoAsync(IFormFile file, MemberCaller caller, CasePhotos photos, CancellationToken ct)
    {
        if (file.Length > CasePhotos.LargestBytes) return CaseProblems.NoPicture.Answer();
        using var image = new MemoryStream();
        await file.CopyToAsync(image, ct);
        var (outcome, id) = await photos.AddAsync(caller.Id, image.ToArray(), ct);
        return outcome == CaseOutcome.Done ? TypedResults.Created($"/api/member/photos/{id}", new NewId(id.ToString())) : CaseProblems.Of(outcome).Answer();
    }

    private static async Task<Results<FileContentHttpResult, ProblemAnswer>> PhotoAsync(long photoId, MemberCaller caller, CasePhotos photos, CancellationToken ct) =>
        await photos.FindAsync(caller.Id, photoId, ct) is var (type, image) ? TypedResults.File(image, type) : Problems.NotFound.Answer();
}

/// <summary>The refusals of cases.</summary>
internal static class CaseProblems
{
    public static readonly Problem TooMany = new("too_many_today", 409, new("今天的数量已达上限，请明天再试。", "That is as much as is kept in a day."));
    public static readonly Problem TextInvalid = new("case_text_invalid", 400, new("文字须为 1 到 2000 个字；来电只能由员工登记。", "A text has 1 to 2,000 characters; calls are logged by staff."));
    public static readonly Problem PhotoInvalid = new("photo_invalid", 400, new("照片不存在、已用过，或超过 6 张。", "A photo is not there, was used before, or there are more than six."));
    public static readonly Problem NoPicture = new("no_picture", 400, new("只接受 5 MB 以内的 JPEG、PNG 或 WebP 图片。", "Only pictures: JPEG, PNG or WebP, 5 MB at most."));
    public static readonly Problem NotNow = new("case_not_now", 409, new("工单当前状态不支持此操作：办结后才能评价，重新打开须在办结后 30 天内。", "Not in this state: a rating follows the end, and a case is opened again within 30 days of it."));
    public static readonly Problem LicenceNeeded = new("pharmacist_needed", 403, new("用药问题须由登记了注册证的药师答复。", "A question to a pharmacist is answered by one whose licence is on file."));

    /// <summary>The refusal of an outcome that is not <see cref="CaseOutcome.Done"/>.</summary>
    public static Problem Of(CaseOutcome outcome) => outcome switch
    {
        CaseOutcome.Done => throw new InvalidOperationException("That is no refusal."),
        CaseOutcome.NotFound => Problems.NotFound,
        CaseOutcome.TooMany => TooMany,
        CaseOutcome.TextInvalid => TextInvalid,
        CaseOutcome.PhotoInvalid => PhotoInvalid,
        CaseOutcome.NoPicture => NoPicture,
        CaseOutcome.NotNow => NotNow,
        CaseOutcome.LicenceNeeded => LicenceNeeded,
        CaseOutcome.Stale => Problems.StaleVersion,
    };

    public static Results<NoContent, ProblemAnswer> Answer(CaseOutcome outcome) => outcome == CaseOutcome.Done ? TypedResults.NoContent() : Of(outcome).Answer();

    /// <summary>Reads ids; <c>false</c> when one is none.</summary>
    public static bool Ids(IReadOnlyList<string>? texts, out IReadOnlyList<long> ids)
    {
        ids = [.. (texts ?? []).Select(text => long.TryParse(text, out var id) ? id : 0)];
        return !ids.Contains(0);
    }
}

internal sealed record NewCaseBody(CaseCategory Category, string Text, IReadOnlyList<string>? Photos = null);

internal sealed record CaseTextBody(string Text, IReadOnlyList<string>? Photos = null);

internal sealed record ScoreBody(int Score);

internal sealed record ReopenBody(string Text);

internal sealed record CaseSummary(string Id, CaseCategory Category, string Title, CaseState State, DateTimeOffset At, int? Rating)
{
    public static CaseSummary Of(ServiceCase one) => new(one.Id.ToString(), one.Category, one.Opening, one.State, one.OpenedAt, one.Rating);
}

internal sealed record CaseEntryView(DateTimeOffset At, CaseVoice From, string Speaker, CaseChannel Channel, string Text, IReadOnlyList<string> Photos, bool Internal)
{
    public static CaseEntryView Of(CaseEntry entry) => new(entry.At, entry.Voice, entry.Speaker, entry.Channel, entry.Text, [.. entry.Photos.Select(photo => photo.ToString())], entry.Internal);
}

internal sealed record CaseView(string Id, CaseCategory Category, CaseState State, DateTimeOffset At, DateTimeOffset DueAt, IReadOnlyList<CaseEntryView> Thread, string? Done, DateTimeOffset? DoneAt, int? Rating, int Reopened)
{
    public static CaseView Of(ServiceCase one, IReadOnlyList<CaseEntry> thread) => new(
        one.Id.ToString(), one.Category, one.State, one.OpenedAt, one.DueAt, [.. thread.Select(CaseEntryView.Of)],
        one.State == CaseState.Done ? thread.LastOrDefault(entry => entry is { Voice: CaseVoice.Staff, Internal: false })?.Text : null, one.DoneAt, one.Rating, one.Reopened);
}
