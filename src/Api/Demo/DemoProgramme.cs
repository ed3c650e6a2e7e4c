using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Members;
using Engagement.Members.Coupons;
using Engagement.Members.Points;
using Engagement.Members.Stores;
using Engagement.Members.Tiers;
using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>The demo's loyalty programme: points since some weeks ago, tiers, coupons, and stores with hours and pharmacists.</summary>
internal sealed class DemoProgramme(Installation installation, IServiceProvider services)
{
    // What a chain of the ordinary size books in a second or two; in a very large one a week has to do.
    private const int Days = 60;
    private const int DaysOfMany = 7;
    private const int Many = 100_000;

    // Nobody approves what they wrote, in the demo neither.
    private const long Author = 1;
    private const long Approver = 2;

    private const string FindStory = "SELECT member_no AS No, id AS Id FROM member WHERE source = @source";

    private static readonly string[] s_pharmacists = ["李雯", "周建国", "沈月华", "陈志远", "吴敏", "郑晓东", "何丽萍", "林海"];

    /// <summary>Opens stores and programme; called before the purchases come in.</summary>
    /// <param name="people">How many members the chain has.</param>
    /// <param name="ct">Stops between the steps.</param>
    public async Task OpenAsync(int people, CancellationToken ct)
    {
        await installation.Database.WriteAsync(async tx =>
        {
            foreach (var (store, i) in (await StoreBook.ListAsync(tx)).Select((store, i) => (store, i))) await StoreBook.SaveAsync(tx, Furnished(store, i));
        }, ct);

        // As if the rules had been entered then: they are added for a day that is today or later.
        var then = new OffsetClock(installation.Business) { Offset = -TimeSpan.FromDays(people > Many ? DaysOfMany : Days) };
        var clocks = installation.Clocks with { Business = then };
        await new EarningRulesStore(installation.Database, clocks).AddAsync(new EarningRules { TierMilli = [1000, 1200, 1500], MemberDays = [8, 18, 28], MemberDayMilli = 2000 }, then.Today(), "demo", ct);
        await new TierRulesStore(installation.Database, clocks).AddAsync(new TierRules
        {
            Levels = [new("普卡会员", "Basic", 0, "basic"), new("银卡会员", "Silver", 300_00, "silver"), new("金卡会员", "Gold", 1000_00, "gold")],
        }, then.Today(), "demo", ct);
        foreach (var (code, terms) in Offers()) await PublishAsync(code, terms, ct);
    }

    /// <summary>Books what the purchases have earned; how many accounts there are then.</summary>
    public async Task<long> BookAsync(CancellationToken ct)
    {
        var worker = services.GetRequiredService<PointsWorker>();
        while (await worker.RunOnceAsync(ct) > 0) ct.ThrowIfCancellationRequested();
        return await installation.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM points_account WHERE active + pending > 0"), ct);
    }

    /// <summary>Puts coupons into the wallets of the five people.</summary>
    public async Task GiveAsync(CancellationToken ct)
    {
        var members = (await installation.Database.ReadAsync(session => session.QueryAsync<StoryRow>(FindStory, new { source = Story.Source }), ct)).ToDictionary(row => row.No, row => new MemberId(row.Id));
        foreach (var (number, code) in s_given)
        {
            if (!members.TryGetValue(number, out var member) || await services.GetRequiredService<CouponDefinitions>().FindAsync(code, ct) is not { } definition) continue;
            await services.GetRequiredService<CouponClaims>().ClaimAsync(new ClaimRequest(definition.Id, member, "demo", CouponOrigin.Staff), ct);
        }
    }

    private static readonly (string Member, string Code)[] s_given =
    [
        .. ((string[])[Story.WangXiulan, Story.LiQiang, Story.ChenMin, Story.ZhaoLei, Story.ZhouFang]).Select(number => (number, "WELCOME-5")),
        (Story.WangXiulan, "BP-CHECK"), (Story.ZhaoLei, "BP-CHECK"), (Story.ZhouFang, "HAND-CREAM-90"), (Story.ZhouFang, "SILVER-15"),
    ];

    private IEnumerable<(string Code, CouponTerms Terms)> Offers()
    {
        var now = installation.Business.GetUtcNow();
        var common = new CouponTerms { Title = "", Kind = CouponKind.AmountOff, DaysAfterClaim = 30, ClaimFrom = now.AddDays(-1), ClaimUntil = now.AddDays(365), Advertising = new Advertising { RulesPage = "/pages/coupon/rules" } };
        yield return ("WELCOME-5", common with { Title = "会员专享满50减5", Value = 500, ThresholdFen = 5000 });
        yield return ("POINTS-5", common with { Title = "100积分换5元券", Value = 500, ThresholdFen = 1000, PointsPrice = 100, PerMember = 5, Category = "member" });
        yield return ("POINTS-10", common with { Title = "180积分换10元券", Value = 1000, ThresholdFen = 3000, PointsPrice = 180, PerMember = 5, Category = "member", Total = 500 });
        yield return ("HAND-CREAM-90", common with { Title = "青荷护手霜九折", Kind = CouponKind.Percentage, Value = 1000, CapFen = 1000, Products = new ProductScope { Skus = ["500022", "500023"] } });
        yield return ("BP-CHECK", common with { Title = "免费测血压", Kind = CouponKind.FreeService, Service = "血压测量", PerMember = 12, Category = "service" });
        yield return ("SILVER-15", common with { Title = "银卡满100减15", Value = 1500, ThresholdFen = 10000, Tiers = ["silver", "gold"], Category = "member" });
    }

    private async Task PublishAsync(string code, CouponTerms terms, CancellationToken ct)
    {
        var desk = services.GetRequiredService<CouponDefinitions>();
        // Another chain's products may lack what an offer names: then it is not made.
        if (await desk.CreateAsync(code, terms, Author, ct) is SaveOutcome.Saved saved) await desk.PublishAsync(saved.Id, saved.Version, Approver, ct);
    }

    private static StorePlace Furnished(StorePlace store, int number)
    {
        // Every fifth store is open all night; its pharmacists go home in the evening like everybody's.
        var (opens, closes) = number % 5 == 4 ? (0, StorePlace.DayMinutes) : (8 * 60, 21 * 60 + 30);
        var (morning, evening) = (s_pharmacists[number % s_pharmacists.Length], s_pharmacists[(number + 3) % s_pharmacists.Length]);
        var week = Enumerable.Range(1, 7).ToList();
        return store with
        {
            Address = $"{store.City}市{store.Name.TrimEnd('店')}{number * 7 % 200 + 8}号", Phone = $"400-000-0000-{number + 1:000}",
            Hours = [.. week.Select(day => new OpeningHours(day, opens, closes))],
            Duties = [.. week.SelectMany(day => (PharmacistDuty[])[new(day, 8 * 60, 14 * 60, morning, Licence(morning)), new(day, 14 * 60, 20 * 60, evening, Licence(evening))])],
        };
    }

    private static string Licence(string pharmacist) => $"33{Array.IndexOf(s_pharmacists, pharmacist) + 1:0000000000}（示例）";

    private sealed class StoryRow
    {
        public string No { get; init; } = "";
        public long Id { get; init; }
    }
}
