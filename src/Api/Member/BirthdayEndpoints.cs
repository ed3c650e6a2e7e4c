using Engagement.Api.Hosting;
using Engagement.Members.Referrals;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>The benefit of a birthday: once for each.</summary>
internal static class BirthdayEndpoints
{
    private static readonly Problem s_unknown = new("birthday.unknown", 409, new("请先在个人资料中填写生日（月、日即可）。", "Enter your birthday in your profile first; month and day will do."));
    private static readonly Problem s_notNow = new("birthday.not_now", 409, new("还没到生日礼的领取时间。", "It is not time for the birthday gift."));
    private static readonly Problem s_taken = new("birthday.taken", 409, new("今年的生日礼已经领取。", "This year's birthday gift was taken."));

    public static RouteGroupBuilder MapBirthday(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/birthday").WithTags("Birthday");

        group.MapGet("/", ReadAsync).RequireMember().WithSummary("Whether there is a birthday gift, and when");
        group.MapPost("/benefit", TakeAsync).RequireMember().Idempotent().WithSummary("Take the birthday gift");
        return member;
    }

    private static async Task<FastJson<BirthdayAnswer>> ReadAsync(MemberCaller caller, Database database, BirthdayBenefit benefit, CancellationToken ct) =>
        new(Show(await database.ReadAsync(session => benefit.LookAsync(session, caller.Id), ct), caller.Language), MemberJson.Default.BirthdayAnswer);

    private static async Task<Results<FastCreated<BirthdayAnswer>, ProblemAnswer>> TakeAsync(MemberCaller caller, IdempotentRequest once, Database database, BirthdayBenefit benefit, CancellationToken ct)
    {
        var (outcome, standing) = await database.WriteAsync(async tx =>
        {
            var outcome = await benefit.GiveAsync(tx, caller.Id);
            if (outcome == BirthdayOutcome.Taken) await IdempotencyStore.CommitAsync(tx, once);
            return (outcome, await benefit.LookAsync(tx, caller.Id));
        }, ct);
        return outcome switch
        {
            BirthdayOutcome.Taken => new FastCreated<BirthdayAnswer>(Show(standing, caller.Language), MemberJson.Default.BirthdayAnswer),
            BirthdayOutcome.TakenBefore => s_taken.Answer(),
            BirthdayOutcome.NotNow => s_notNow.Answer(),
            BirthdayOutcome.NoBirthday => s_unknown.Answer(),
        };
    }

    private static BirthdayAnswer Show(BirthdayStanding standing, Language language)
    {
        var (state, text) = standing.Outcome switch
        {
            BirthdayOutcome.Taken => ("available", new Phrase($"生日快乐！可领取 {standing.Points} 积分", $"Happy birthday! {standing.Points} points are waiting for you")),
            BirthdayOutcome.TakenBefore => ("taken", new Phrase("今年的生日礼已领取", "This year's birthday gift was taken")),
            BirthdayOutcome.NotNow => ("not_yet", new Phrase($"{standing.From:yyyy年M月d日}起可领取生日礼", $"The birthday gift can be taken from {standing.From:yyyy-MM-dd}")),
            BirthdayOutcome.NoBirthday => ("no_birthday", new Phrase("填写生日（月、日即可）后，生日前后可领取生日礼", "With a birthday in your profile (month and day will do) there is a gift around it")),
        };
        return new BirthdayAnswer(state, standing.From, standing.Until, standing.Points, text.In(language));
    }
}

internal sealed record BirthdayAnswer(string State, DateOnly? From, DateOnly? Until, int Points, string Text);
