using Engagement.Api.Hosting;
using Engagement.Members.Home;
using Engagement.Members.Tips;
using Engagement.Messaging.Inbox;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>The first page of the mini-program in one request.</summary>
internal static class HomeEndpoints
{
    // From this age on, large letters are offered.
    private const int LargeTextAge = 60;

    public static RouteGroupBuilder MapHome(this RouteGroupBuilder member)
    {
        member.MapGet("/home", ReadAsync).RequireVisitor().WithTags("Home").WithSummary("The first page: points, tier, coupons, what runs out, and what is new");
        return member;
    }

    private static async Task<Results<FastJson<HomeAnswer>, ProblemAnswer>> ReadAsync(MemberCaller caller, Database database, HomeBook home, TipFeed feed, Clocks clocks, CancellationToken ct)
    {
        var now = ChinaTime.In(clocks.Business.GetUtcNow());
        if (caller.Member is not { } member) return Answer(new HomeAnswer(now, "visitor", false, null, new HomeCoupons(0), [], await TipAsync(feed, ct), 0));
        var (read, unread) = await database.ReadAsync(async session => (await home.ReadAsync(session, member), await MemberInbox.UnreadAsync(session, member)), ct);
        if (read is not { } page) return Problems.NotFound.Answer();
        return Answer(new HomeAnswer(
            now, "member", page.LargeText is null && page.BirthYear is { } born && now.Year - born >= LargeTextAge,
            new HomeMember(member.ToString(), page.Name, page.Tier is null ? null : HomeTier.Of(page.Tier, caller.Language), page.Points),
            new HomeCoupons(page.UsableCoupons), Reminders(page, ChinaTime.DateOf(now), caller.Language), await TipAsync(feed, ct), unread));
    }

    private static async ValueTask<HomeTip?> TipAsync(TipFeed feed, CancellationToken ct) =>
        await feed.OfTheDayAsync(ct) is { } tip ? new HomeTip(tip.Id.ToString(), tip.Content.Title, tip.Content.Summary) : null;

    private static FastJson<HomeAnswer> Answer(HomeAnswer answer) => new(answer, MemberJson.Default.HomeAnswer);

    private static List<HomeReminder> Reminders(HomeView page, DateOnly today, Language language)
    {
        var reminders = new List<HomeReminder>(page.Refills.Count + 1);
        foreach (var refill in page.Refills)
        {
            var due = ChinaTime.Date(refill.LastDay);
            reminders.Add(new HomeReminder(refill.Line.ToString(), "refill", Running(refill.Medicine, due.DayNumber - today.DayNumber).In(language), due, "pages/plan/index"));
        }

        if (page.HasBirthdayBenefit) reminders.Add(new HomeReminder("birthday", "birthday", new Phrase("生日礼待领取", "Your birthday gift is waiting").In(language), today, "pages/benefit/birthday"));
        return reminders;
    }

    private static Phrase Running(string? medicine, int days)
    {
        var (zh, en) = medicine is null ? ("一种在用药品", "A medicine that you take") : (medicine, medicine);
        return days switch
        {
            > 0 => new($"{zh} 还可用 {days} 天", $"{en}: {days} days left"),
            0 => new($"{zh} 今天用完", $"{en} runs out today"),
            _ => new($"{zh} 已用完 {-days} 天", $"{en} ran out {-days} days ago"),
        };
    }
}

/// <summary>The first page.</summary>
internal sealed record HomeAnswer(
    DateTimeOffset Now, string State, bool LargeTextOffer, HomeMember? Member, HomeCoupons Coupons, IReadOnlyList<HomeReminder> Reminders, HomeTip? Tip, long Unread);

internal sealed record HomeMember(string Id, string? DisplayName, HomeTier? Tier, HomePoints Points);

internal sealed record HomeTier(string Code, string Name, DateOnly? Until, string? NextName, long? ToNextFen)
{
    public static HomeTier Of(Engagement.Members.Tiers.TierView tier, Language language) => new(
        tier.Code, tier.Name.In(language), tier.KeptUntil is { } day ? ChinaTime.Date(day) : null, tier.NextName?.In(language), tier.NextThresholdFen is { } next ? Math.Max(0, next - tier.WindowFen) : null);
}

internal readonly record struct HomeCoupons(int Usable);

internal sealed record HomeReminder(string Id, string Kind, string Title, DateOnly Due, string Page);

internal sealed record HomeTip(string Id, string Title, string Summary);
