using System.Text.Json;
using Engagement.Api.Hosting;
using Engagement.Members.Surveys;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>满意度调查 for members.</summary>
internal static class SurveyEndpoints
{
    public static RouteGroupBuilder MapSurveys(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/surveys").WithTags("Surveys").RefusesAsIn(typeof(SurveyProblems));

        group.MapGet("/", ListAsync).RequireMember().WithSummary("What this member may answer");
        group.MapGet("/{surveyId:long}", ReadAsync).RequireMember().WithSummary("The questions of the present version");
        group.MapPost("/{surveyId:long}/answers", AnswerAsync).RequireMember().Idempotent().WithSummary("Answer once; anonymous ones are kept without the name").WithExample("""{"version":1,"anonymous":true,"answers":{"overall":5}}""");
        return group;
    }

    private static async Task<Ok<ItemList<SurveyEntry>>> ListAsync(MemberCaller caller, SurveyDesk desk, CancellationToken ct) => TypedResults.Ok(new ItemList<SurveyEntry>(
        [.. (await desk.ForMemberAsync(caller.Id, ct)).Select(one => new SurveyEntry(one.Id.ToString(), one.Content.Title, SurveyMode.Online, ChinaTime.Date(one.Until)))]));

    private static async Task<Results<Ok<SurveyPage>, ProblemAnswer>> ReadAsync(long surveyId, SurveyDesk desk, CancellationToken ct) => await desk.FindAsync(surveyId, ct) is { } survey
        ? TypedResults.Ok(new SurveyPage(survey.Id.ToString(), survey.Content.Title, survey.Version, survey.Content.AnonymousAllowed, survey.Open, ChinaTime.Date(survey.Until),
            [.. survey.Content.Questions.Select(one => new QuestionView(one.Id, one.Text, one.Kind, one.Options, one.Optional || one.Kind == QuestionKind.Text))]))
        : Problems.NotFound.Answer();

    private static async Task<Results<Created, ProblemAnswer>> AnswerAsync(long surveyId, SurveyAnswerBody body, MemberCaller caller, SurveyDesk desk, CancellationToken ct)
    {
        var outcome = await desk.AnswerAsync(surveyId, body.Version, body.Answers, caller.Id, body.Anonymous, SurveyMode.Online, store: null, staff: null, ct);
        return outcome == SurveyOutcome.Done ? TypedResults.Created($"/api/member/surveys/{surveyId}") : SurveyProblems.Of(outcome).Answer();
    }
}

/// <summary>The refusals of surveys.</summary>
internal static class SurveyProblems
{
    private static readonly Problem s_closed = new("survey_closed", 409, new("这份问卷已停止收集或已有新版本，请重新打开。", "This version takes no answers any more: open the survey again."));
    private static readonly Problem s_answered = new("survey_answered", 409, new("您已经答过这份问卷。", "You have answered this survey."));
    private static readonly Problem s_answers = new("answers_invalid", 400, new("有题目未答，或答案不在可选范围内。", "An answer is missing, or none of what can be answered."));
    private static readonly Problem s_named = new("survey_not_anonymous", 400, new("这份问卷不支持匿名。", "This survey wants a name."));
    private static readonly Problem s_content = new("survey_invalid", 400, new("题目或权重不合要求：题目编号不能重复，指标题须为 1 到 5 分，权重合计为 1。", "The questions or weights cannot be used: ids once each, indicators on questions from 1 to 5, weights that add up to 1."));
    private static readonly Problem s_code = new("survey_code_taken", 409, new("编号已被使用。", "Another survey has this code."));

    /// <summary>The refusal of an outcome that is not <see cref="SurveyOutcome.Done"/>.</summary>
    public static Problem Of(SurveyOutcome outcome) => outcome switch
    {
        SurveyOutcome.Done => throw new InvalidOperationException("That is no refusal."),
        SurveyOutcome.NotFound => Problems.NotFound,
        SurveyOutcome.Closed => s_closed,
        SurveyOutcome.Answered => s_answered,
        SurveyOutcome.AnswersInvalid => s_answers,
        SurveyOutcome.NotAnonymous => s_named,
        SurveyOutcome.ContentInvalid => s_content,
        SurveyOutcome.CodeTaken => s_code,
    };
}

internal sealed record SurveyAnswerBody(int Version, bool Anonymous, Dictionary<string, JsonElement> Answers);

internal sealed record SurveyEntry(string Id, string Title, SurveyMode Mode, DateOnly Until);

internal sealed record QuestionView(string Id, string Text, QuestionKind Kind, IReadOnlyList<string> Options, bool Optional);

internal sealed record SurveyPage(string Id, string Title, int Version, bool AnonymousAllowed, bool Open, DateOnly Until, IReadOnlyList<QuestionView> Questions);
