using Engagement.Api.Hosting;
using Engagement.Members.CarePlans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>用药计划: the member's own medicines, doses, measurements, and the confirmation of an enrolment.</summary>
internal static class CarePlanEndpoints
{
    public static RouteGroupBuilder MapCarePlan(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/care-plan").WithTags("Care plan").RefusesAsIn(typeof(CareProblems));

        group.MapGet("/", ReadAsync).RequireMember().WithSummary("Lines, today's doses, measurements; empty without the health consent");
        group.MapPost("/lines", AddAsync).RequireMember().Idempotent().WithSummary("Add a medicine")
            .WithExample("""{"name":"氨氯地平片","strength":"5mg","dose":{"amount":1,"unit":"片","timesPerDay":1,"times":["08:00"]},"daysLeft":20}""");
        group.MapPut("/lines/{lineId:long}/dose", DoseAsync).RequireMember().WithSummary("How it is taken from today on").WithExample("""{"amount":1,"unit":"片","timesPerDay":2,"times":["08:00","20:00"]}""");
        group.MapPost("/lines/{lineId:long}/answer", AnswerAsync).RequireMember().Idempotent().WithSummary("已购买 · 还有药 · 不再服用 · 3 天后提醒: updates the plan and ends what was planned").WithExample("""{"answer":"still_have","days":10}""");
        group.MapGet("/lines/{lineId:long}/calendar", CalendarAsync).RequireMember().WithSummary("Arguments of wx.addPhoneRepeatCalendar, with a title that says nothing");
        group.MapPost("/doses", MarkAsync).RequireMember().WithSummary("A dose was taken or skipped; again changes it").WithExample("""{"lineId":"1","date":"2026-11-22","time":"08:00","state":"taken"}""").Refuses(Problems.NotFound);
        group.MapPost("/measurements", MeasureAsync).RequireMember().Idempotent().WithSummary("A measurement; the answer says whether it is out of range").WithExample("""{"kind":"blood_pressure","values":{"systolic":128,"diastolic":80},"at":"2026-11-22T08:00:00+08:00"}""");
        group.MapPut("/health", HealthAsync).RequireMember().WithSummary("Conditions and allergies").WithExample("""{"conditions":["高血压"],"allergies":["青霉素"]}""");
        group.MapGet("/enrolments/{code}", OfferAsync).RequireMember().RequireRateLimiting(RateLimits.SignIn).WithSummary("What the pharmacist at the counter entered for this member");
        group.MapPost("/enrolments/{code}", DecideAsync).RequireMember().RequireRateLimiting(RateLimits.SignIn).WithSummary("The member's own yes or no; yes gives the consents to health data and reminders").WithExample("""{"accept":true}""")
            .Refuses(ConsentEndpoints.GuardianNeeded);
        return group;
    }

    private static async Task<Ok<CarePlanView>> ReadAsync(MemberCaller caller, CarePlanBook book, CancellationToken ct) => TypedResults.Ok(CarePlanView.Of(await book.ReadAsync(caller.Id, ct), caller.Language));

    private static async Task<Results<Created<NewId>, ProblemAnswer>> AddAsync(NewLineBody body, MemberCaller caller, CareDesk desk, CancellationToken ct)
    {
        var (outcome, line) = await desk.AddAsync(caller.Id, new NewTherapy(body.Name, body.Strength, body.Dose?.ToDose(), body.DaysLeft), Teller.Member, ct);
        return outcome == CareOutcome.Done ? TypedResults.Created($"/api/member/care-plan/lines/{line}", new NewId(line!.Value.ToString())) : CareProblems.Of(outcome).Answer();
    }

    private static async Task<Results<NoContent, ProblemAnswer>> DoseAsync(long lineId, DoseBody body, MemberCaller caller, CareDesk desk, CancellationToken ct) =>
        Answer(await desk.DoseAsync(caller.Id, lineId, body.ToDose(), Teller.Member, ct));

    private static async Task<Results<NoContent, ProblemAnswer>> AnswerAsync(long lineId, AnswerBody body, MemberCaller caller, CareDesk desk, CancellationToken ct) =>
        Answer(await desk.AnswerAsync(caller.Id, lineId, body.Answer, body.Days, Teller.Member, ct));

    private static async Task<Results<Ok<CalendarView>, ProblemAnswer>> CalendarAsync(long lineId, MemberCaller caller, CarePlanBook book, CancellationToken ct)
    {
        var entries = await book.CalendarAsync(caller.Id, lineId, ct);
        if (entries is null) return Problems.NotFound.Answer();
        if (entries is not [var first, ..]) return CareProblems.TimeInvalid.Answer();
        return TypedResults.Ok(new CalendarView(first.Title, first.StartTime, first.RepeatInterval, first.RepeatEndTime, first.Description, [.. entries.Skip(1)]));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> MarkAsync(MarkBody body, MemberCaller caller, CareDesk desk, CancellationToken ct) =>
        long.TryParse(body.LineId, out var line) ? Answer(await desk.MarkAsync(caller.Id, line, body.Date, body.Time, body.State, ct)) : Problems.NotFound.Answer();

    private static async Task<Results<Created<MeasurementView>, ProblemAnswer>> MeasureAsync(MeasureBody body, MemberCaller caller, HealthBook book, CancellationToken ct)
    {
        var (outcome, kept) = await book.MeasureAsync(caller.Id, body.Kind, body.Values, body.At, Teller.Member, ct);
        return outcome == CareOutcome.Done ? TypedResults.Created("/api/member/care-plan", MeasurementView.Of(kept!, caller.Language)) : CareProblems.Of(outcome).Answer();
    }

    private static async Task<Results<NoContent, ProblemAnswer>> HealthAsync(HealthBody body, MemberCaller caller, HealthBook book, CancellationToken ct) =>
        Answer(await book.SetAsync(caller.Id, new HealthProfile(body.Conditions, body.Allergies), ct));

    private static async Task<Results<Ok<EnrolmentOfferView>, ProblemAnswer>> OfferAsync(string code, MemberCaller caller, Enrolments enrolments, CancellationToken ct) =>
        await enrolments.FindAsync(caller.Id, code, ct) is { } offer
            ? TypedResults.Ok(new EnrolmentOfferView(offer.Programme.In(caller.Language), offer.Store, offer.Pharmacist, offer.Medicines, offer.Text.In(caller.Language), offer.TextVersion, offer.ExpiresAt))
            : Problems.NotFound.Answer();

    private static async Task<Results<NoContent, ProblemAnswer>> DecideAsync(string code, DecisionBody body, MemberCaller caller, Enrolments enrolments, CancellationToken ct) =>
        Answer(await enrolments.DecideAsync(caller.Id, code, body.Accept, ct));

    private static Results<NoContent, ProblemAnswer> Answer(CareOutcome outcome) => outcome == CareOutcome.Done ? TypedResults.NoContent() : CareProblems.Of(outcome).Answer();
}
