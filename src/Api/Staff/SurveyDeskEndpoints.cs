using System.Text.Json;
using Engagement.Api.Hosting;
using Engagement.Api.Member;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.Surveys;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Surveys for staff: publish, write down answers from the phone and the counter, read what came of it.</summary>
internal static class SurveyDeskEndpoints
{
    public static RouteGroupBuilder MapSurveyDesk(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/surveys").WithTags("Surveys").RefusesAsIn(typeof(SurveyProblems));

        group.MapGet("/", ListAsync).Require(Right.ReportRead).WithSummary("The newest version of each survey");
        group.MapPost("/", PublishAsync).Require(Right.SurveyEdit).Idempotent().WithSummary("A survey, or the next version of one; the version before takes no answers any more")
            .WithExample("""{"code":"store_visit","content":{"title":"到店服务评价","anonymousAllowed":true,"questions":[{"id":"overall","text":"总体满意吗？","kind":"score5","indicator":"overall"}]},"until":"2027-12-31"}""");
        group.MapPost("/{surveyId:long}/close", CloseAsync).Require(Right.SurveyEdit).WithSummary("It takes no answers any more");
        group.MapPost("/{surveyId:long}/answers", AnswerAsync).Require(Right.CaseWork).Idempotent().WithSummary("Write down what somebody answers by phone or at the counter")
            .WithExample("""{"version":1,"mode":"counter","memberId":null,"anonymous":true,"answers":{"overall":4}}""");
        group.MapGet("/{surveyId:long}/results/{version:int}", ResultAsync).Require(Right.ReportRead).WithSummary("NPS with margin, CSAT, indicators and index; no figures below 30 answers");
        return group;
    }

    private static async Task<Ok<ItemList<StaffSurveyView>>> ListAsync(SurveyDesk desk, CancellationToken ct) =>
        TypedResults.Ok(new ItemList<StaffSurveyView>([.. (await desk.AllAsync(ct)).Select(one => new StaffSurveyView(one.Id.ToString(), one.Code, one.Version, one.Content, ChinaTime.Date(one.Until), one.Open))]));

    private static async Task<Results<Created<TipWritten>, ProblemAnswer>> PublishAsync(SurveyBody body, StaffCaller caller, SurveyDesk desk, StaffWrite write, IdempotentRequest once, CancellationToken ct)
    {
        var (written, refused) = await write.RunAsync(once, async tx =>
        {
            var entry = new AuditEntry(caller.Actor, "survey.published");
            var (outcome, id, version) = await desk.PublishAsync(tx, body.Code, body.Content, body.Until, caller.Id);
            return outcome == SurveyOutcome.Done
                ? Changed<TipWritten>.To(new TipWritten(id.ToString(), version), entry with { Subject = $"survey:{id}:{version}" }) : Changed<TipWritten>.Not(SurveyProblems.Of(outcome), entry);
        }, ct);
        return refused is not null ? refused.Answer() : TypedResults.Created($"/api/staff/surveys/{written!.Id}", written);
    }

    private static async Task<Results<NoContent, ProblemAnswer>> CloseAsync(long surveyId, StaffCaller caller, SurveyDesk desk, StaffWrite write, CancellationToken ct)
    {
        var entry = new AuditEntry(caller.Actor, "survey.closed") { Subject = $"survey:{surveyId}" };
        var (_, refused) = await write.RunAsync(null, async tx => await desk.CloseAsync(tx, surveyId) ? Changed<bool>.To(true, entry) : Changed<bool>.Not(Problems.NotFound, entry), ct);
        return refused is null ? TypedResults.NoContent() : refused.Answer();
    }

    private static async Task<Results<Created, ProblemAnswer>> AnswerAsync(long surveyId, StaffAnswerBody body, StaffCaller caller, SurveyDesk desk, MemberDoor door, CancellationToken ct)
    {
        if (body.Mode == SurveyMode.Online) return Problems.Fields(("mode", new("只能是 phone 或 counter", "phone or counter only"))).Answer();
        long? member = long.TryParse(body.MemberId, out var id) ? id : null;
        if (body.MemberId is not null && member is null) return Problems.NotFound.Answer();
        if (member is { } known && await door.OpenAsync(caller, known, "survey.answer", purpose: null, ct) is { } hidden) return hidden.Answer();
        var outcome = await desk.AnswerAsync(surveyId, body.Version, body.Answers, member is { } whose ? new MemberId(whose) : null, body.Anonymous, body.Mode,
            caller.Stores is [var only] ? new StoreId(only) : null, caller.Id, ct);
        return outcome == SurveyOutcome.Done ? TypedResults.Created($"/api/staff/surveys/{surveyId}") : SurveyProblems.Of(outcome).Answer();
    }

    // Reports of stores need answers by store; until a caller sees every store, the whole is not theirs.
    private static async Task<Results<Ok<SurveyResult>, ProblemAnswer>> ResultAsync(long surveyId, int version, StaffCaller caller, SurveyDesk desk, CancellationToken ct) =>
        caller.Scope.IsEverything && await desk.ResultAsync(surveyId, version, ct) is { } result ? TypedResults.Ok(result) : Problems.NotFound.Answer();
}

internal sealed record SurveyBody(string Code, SurveyContent Content, DateOnly Until);

internal sealed record StaffAnswerBody(int Version, SurveyMode Mode, string? MemberId, bool Anonymous, Dictionary<string, JsonElement> Answers);

internal sealed record StaffSurveyView(string Id, string Code, int Version, SurveyContent Content, DateOnly Until, bool Open);
