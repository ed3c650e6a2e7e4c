using Engagement.Api.Hosting;
using Engagement.Members.Tiers;
using Engagement.Storage;

namespace Engagement.Api.Member;

/// <summary>The tier of a member: what it is, how long it is kept, what the next one takes, and what it was.</summary>
internal static class TierEndpoints
{
    public static RouteGroupBuilder MapMemberTier(this RouteGroupBuilder member)
    {
        member.MapGet("/tier", ReadAsync).RequireMember().WithTags("Member tier").WithSummary("The tier with its history, and all tiers with their thresholds");
        return member;
    }

    private static async Task<FastJson<TierAnswer>> ReadAsync(MemberCaller caller, Database database, TierReview review, CancellationToken ct)
    {
        var (tier, rules, periods) = await database.ReadAsync(async session =>
            (await review.OfAsync(session, caller.Id), await review.RulesAsync(session), await TierReview.HistoryAsync(session, caller.Id)), ct);
        if (tier is null || rules is null) return Answer(new TierAnswer(null, null, null, 0, null, null, null, [], []));
        var names = rules.Levels.Select(level => new Phrase(level.Zh, level.En).In(caller.Language)).ToList();
        var now = HomeTier.Of(tier, caller.Language);
        return Answer(new TierAnswer(
            now.Code, now.Name, now.Until, tier.WindowFen, now.NextName, tier.NextThresholdFen, now.ToNextFen,
            [.. periods.Select(period => new TierPast(names[Math.Min(period.Tier, names.Count - 1)], ChinaTime.Date(period.ValidFrom), period.ValidTo is { } to ? ChinaTime.Date(to - 1) : null))],
            [.. rules.Levels.Select((level, place) => new TierStep(rules.CodeOf(place), names[place], level.ThresholdFen))]));
    }

    private static FastJson<TierAnswer> Answer(TierAnswer answer) => new(answer, MemberJson.Default.TierAnswer);
}

/// <summary>All of it is empty where the chain has no tiers.</summary>
internal sealed record TierAnswer(
    string? Code, string? Name, DateOnly? Until, long SpentFen, string? NextName, long? NextThresholdFen, long? ToNextFen, IReadOnlyList<TierPast> History, IReadOnlyList<TierStep> Tiers);

/// <summary>A tier that was held; the last day is included, and missing while it is held.</summary>
internal sealed record TierPast(string Name, DateOnly From, DateOnly? Until);

internal sealed record TierStep(string Code, string Name, long ThresholdFen);
