using Engagement.Api.Hosting;
using Engagement.Api.Member;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.CarePlans;
using Engagement.Members.Coupons;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Care plans for pharmacists: enrolment at the counter, which only the member can confirm, and the plan of a member who has agreed.</summary>
internal static class EnrolmentEndpoints
{
    public static RouteGroupBuilder MapEnrolments(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/members/{memberId:long}/care-plan").WithTags("Care plan").RefusesAsIn(typeof(CareProblems)).Refuses(StaffProblems.PurposeNeeded);

        group.MapGet("/", ReadAsync).Require(Right.MemberHealth).WithSummary("The plan; needs ?purpose=, and is empty without the member's health consent");
        group.MapGet("/enrolments", ListAsync).Require(Right.MemberHealth).WithSummary("Enrolments; needs ?purpose=");
        group.MapPost("/enrolments", EnterAsync).Require(Right.CarePlanEdit).Idempotent().WithSummary("Enter an enrolment; the member confirms it on the own phone with the code or its QR picture")
            .WithExample("""{"programme":"hypertension","purpose":"会员在柜台建档","medicines":[{"name":"氨氯地平片","strength":"5mg","dose":{"amount":1,"unit":"片","timesPerDay":1,"times":["08:00"]},"daysLeft":20}]}""");
        group.MapPut("/lines/{lineId:long}/dose", DoseAsync).Require(Right.CarePlanEdit).WithSummary("Complete or change a dose (补全用法)")
            .WithExample("""{"purpose":"会员在柜台咨询用法","dose":{"amount":1,"unit":"片","timesPerDay":2,"times":["08:00","20:00"]}}""");
        return group;
    }

    private static async Task<Results<Ok<CarePlanView>, ProblemAnswer>> ReadAsync(long memberId, string? purpose, StaffCaller caller, MemberDoor door, CarePlanBook book, HttpRequest request, CancellationToken ct)
    {
        if (await door.OpenAsync(caller, memberId, "care_plan.read", purpose, ct) is { } hidden) return hidden.Answer();
        return TypedResults.Ok(CarePlanView.Of(await book.ReadAsync(new MemberId(memberId), ct), Languages.Of(request)));
    }

    private static async Task<Results<Ok<ItemList<EnrolmentView>>, ProblemAnswer>> ListAsync(long memberId, string? purpose, StaffCaller caller, MemberDoor door, Enrolments enrolments, CancellationToken ct)
    {
        if (await door.OpenAsync(caller, memberId, "care_enrolment.list", purpose, ct) is { } hidden) return hidden.Answer();
        var rows = await enrolments.ListAsync(new MemberId(memberId), ct);
        return TypedResults.Ok(new ItemList<EnrolmentView>([.. rows.Select(row => new EnrolmentView(row.Id.ToString(), row.Programme, row.State, row.CreatedAt, row.DecidedAt))]));
    }

    private static async Task<Results<Created<EnrolmentCode>, ProblemAnswer>> EnterAsync(long memberId, EnrolmentBody body, StaffCaller caller, MemberDoor door, Enrolments enrolments, CancellationToken ct)
    {
        if (await door.OpenAsync(caller, memberId, "care_enrolment.enter", body.Purpose, ct) is { } hidden) return hidden.Answer();
        var medicines = (body.Medicines ?? []).Select(one => new NewTherapy(one.Name, one.Strength, one.Dose?.ToDose(), one.DaysLeft)).ToList();
        var (outcome, code, until) = await enrolments.EnterAsync(new MemberId(memberId), body.Programme, medicines, caller.Stores is [var only] ? new StoreId(only) : null, caller.Id, ct);
        return outcome == CareOutcome.Done
            ? TypedResults.Created($"/api/staff/members/{memberId}/care-plan/enrolments", new EnrolmentCode(code, CodeImage.Qr($"pages/plan/enrol?code={code}"), until))
            : CareProblems.Of(outcome).Answer();
    }

    private static async Task<Results<NoContent, ProblemAnswer>> DoseAsync(long memberId, long lineId, StaffDoseBody body, StaffCaller caller, MemberDoor door, CareDesk desk, CancellationToken ct)
    {
        if (await door.OpenAsync(caller, memberId, "care_plan.dose", body.Purpose, ct) is { } hidden) return hidden.Answer();
        var outcome = await desk.DoseAsync(new MemberId(memberId), lineId, body.Dose.ToDose(), Teller.Pharmacist(caller.Id), ct);
        return outcome == CareOutcome.Done ? TypedResults.NoContent() : CareProblems.Of(outcome).Answer();
    }
}

internal sealed record EnrolmentBody(string Programme, string Purpose, IReadOnlyList<NewLineBody>? Medicines = null);

internal sealed record StaffDoseBody(string Purpose, DoseBody Dose);

internal sealed record EnrolmentCode(string Code, string QrSvg, DateTimeOffset ExpiresAt);

internal sealed record EnrolmentView(string Id, string Programme, EnrolmentState State, DateTimeOffset CreatedAt, DateTimeOffset? DecidedAt);
