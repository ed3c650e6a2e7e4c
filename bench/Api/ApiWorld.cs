using System.Diagnostics;
using Engagement.Api.Demo;
using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Coupons;
using Engagement.Members.Imports;
using Engagement.Members.Points;
using Engagement.Members.Products;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Bench.Api;

/// <summary>Fills a SQLite installation as a chain has it after half a year: members, tickets, points with a history, tiers, coupons.</summary>
internal static class ApiWorld
{
    public const int Stores = 20;
    public const int LinesPerMember = 6;
    private const int Days = 180;
    private const int CouponOwnersEvery = 4;
    private const int ClaimsAtOnce = 2_000;
    private const long Author = 1;
    private const long Approver = 2;

    private static readonly ImportOptions s_options = new(WeChatAccount: "wxbench0000000000");

    /// <summary>Makes it, and says how fast the ledger booked what had been bought.</summary>
    public static async Task<LedgerRate> MakeAsync(string folder, int members, CancellationToken ct)
    {
        KeyRing.Create(Path.Combine(folder, "keys"), demo: true);
        await using var installation = await Installation.OpenAsync(Settings.Read(folder), migrate: true, ct);
        await using var services = installation.Services();
        installation.Business.Offset = -TimeSpan.FromDays(Days);
        await MasterAsync(installation, services, members, ct);
        await services.GetRequiredService<EarningRulesStore>().AddAsync(new EarningRules { EarnOnOtcA = true }, installation.Business.Today(), "bench", ct);
        await services.GetRequiredService<TierRulesStore>().AddAsync(
            new TierRules { Levels = [new("普通会员", "Member", 0), new("银卡", "Silver", 50_000), new("金卡", "Gold", 200_000)] }, installation.Business.Today(), "bench", ct);
        var first = installation.Business.Today();
        installation.Business.Offset = TimeSpan.Zero;
        await services.GetRequiredService<PurchaseImport>().RunAsync(Lines(members, first), s_options, null, null, ct);
        var rate = await BookAsync(installation, services, ct);
        await CouponsAsync(installation, services, ct);
        await new DemoCare(installation, services).OpenAsync(ct);
        return rate;
    }

    /// <summary>The phone of a member, as a cashier types it.</summary>
    public static string Phone(int i) => $"199{i:00000000}";

    private static async Task MasterAsync(Installation installation, ServiceProvider services, int members, CancellationToken ct)
    {
        await services.GetRequiredService<StoreImport>().RunAsync(
            Enumerable.Range(0, Stores).Select(i => new StoreRow($"S{i:00}", $"康宁大药房（{i + 1}店）", "杭州")).ToAsyncEnumerable(), s_options, null, null, ct);
        await services.GetRequiredService<ProductImport>().RunAsync(ProductList.Embedded.All.ToAsyncEnumerable(), s_options, null, null, ct);
        await services.GetRequiredService<MemberImport>().RunAsync(Enumerable.Range(0, members).Select(Member).ToAsyncEnumerable(), s_options, null, null, ct);
    }

    private static MemberRow Member(int i) => new()
    {
        Source = "till", MemberNo = $"M{i:0000000}", Name = BenchPeople.Name(i), Phone = Phone(i), Sex = i % 2 == 0 ? "女" : "男", Birthday = BenchPeople.Birthday(i),
        StoreCode = $"S{i % Stores:00}", OpenId = $"o{i:0000000}BenchOpenIdOfAMember", Joined = "2026-01-01",
        Consents = [Agreed(Purpose.Membership), Agreed(Purpose.Health), Agreed(Purpose.Tips)],
    };

    private static ConsentRow Agreed(Purpose purpose) => new(purpose, true, ChinaTime.DayOf(new DateOnly(2026, 1, 1)), "1", "form");

    // In the order of the days, as tills deliver; each ticket has two lines, and every third a medicine that is taken for long.
    private static async IAsyncEnumerable<PurchaseLineRow> Lines(int members, int first)
    {
        var random = new Random(7);
        var goods = ProductList.Embedded.All.Where(product => product.Class is not (ProductClass.Prescription or ProductClass.Unknown)).ToArray();
        var chronic = ProductList.Embedded.All.Where(product => product.Therapy is not null).ToArray();
        var tickets = members * LinesPerMember / 2;
        for (var ticket = 0; ticket < tickets; ticket++)
        {
            var member = random.Next(members);
            for (var line = 1; line <= 2; line++)
            {
                var product = line == 1 && ticket % 3 == 0 ? chronic[random.Next(chronic.Length)] : goods[random.Next(goods.Length)];
                var price = Math.Max(100, product.PriceFen);
                yield return new PurchaseLineRow
                {
                    Source = "till", StoreCode = $"S{member % Stores:00}", TillNo = "1", TicketNo = $"T{ticket:00000000}", LineNo = line,
                    BusinessDay = first + (int)((long)ticket * Days / tickets), MemberNo = $"M{member:0000000}", Sku = product.Sku, Quantity = 1, UnitPriceFen = price, NetFen = price,
                };
            }
        }

        await Task.CompletedTask;
    }

    private static async Task<LedgerRate> BookAsync(Installation installation, ServiceProvider services, CancellationToken ct)
    {
        var worker = ActivatorUtilities.CreateInstance<PointsWorker>(services);
        var watch = Stopwatch.StartNew();
        while (await worker.BookEventsAsync(ct) > 0) { }
        var seconds = watch.Elapsed.TotalSeconds;
        var counts = await installation.Database.ReadAsync(async session => (
            Entries: await session.ScalarAsync<long>("SELECT COUNT(*) FROM points_entry"), Earned: await session.ScalarAsync<long>("SELECT COUNT(*) FROM points_entry WHERE kind = 1"),
            Postings: await session.ScalarAsync<long>("SELECT COUNT(*) FROM points_posting"), Lots: await session.ScalarAsync<long>("SELECT COUNT(*) FROM points_lot"),
            Orders: await session.ScalarAsync<long>("SELECT COUNT(*) FROM points_order")), ct);
        while (await worker.RunOnceAsync(ct) > 0) { }
        return new LedgerRate(counts.Earned, seconds, counts.Entries, counts.Postings, counts.Lots, counts.Orders);
    }

    private static async Task CouponsAsync(Installation installation, ServiceProvider services, CancellationToken ct)
    {
        var desk = services.GetRequiredService<CouponDefinitions>();
        var claims = services.GetRequiredService<CouponClaims>();
        var now = installation.Business.GetUtcNow();
        var members = await installation.Database.ReadAsync(session => session.QueryAsync<long>("SELECT id FROM member ORDER BY id"), ct);
        var owners = members.Where((_, i) => i % CouponOwnersEvery == 0).ToArray();
        for (var i = 0; i < 8; i++)
        {
            var terms = new CouponTerms
            {
                Title = $"满{50 + i * 10}减{5 + i}", Kind = CouponKind.AmountOff, Value = 500 + i * 100, ThresholdFen = 5000 + i * 1000,
                Products = new ProductScope { Classes = [ProductClass.Other] }, DaysAfterClaim = 60, ClaimFrom = now.AddDays(-1), ClaimUntil = now.AddDays(90), PointsPrice = i < 3 ? 0 : 50, Advertising = new Advertising { RulesPage = "/pages/rules/coupons" },
            };
            if (await desk.CreateAsync($"BENCH-{i}", terms, Author, ct) is not SaveOutcome.Saved saved) throw new InvalidOperationException("A coupon was refused.");
            if (await desk.PublishAsync(saved.Id, saved.Version, Approver, ct) is not PublishOutcome.Published) throw new InvalidOperationException("A coupon was not approved.");
            if (i >= 3) continue;
            foreach (var part in owners.Chunk(ClaimsAtOnce))
            {
                await installation.Database.WriteAsync(async tx =>
                {
                    foreach (var member in part) await claims.ClaimAsync(tx, new ClaimRequest(saved.Id, new MemberId(member), Origin: CouponOrigin.Benefit));
                }, ct);
            }
        }
    }
}

/// <summary>How fast tickets became points.</summary>
/// <param name="Earned">Tickets that earned.</param>
/// <param name="Seconds">In which time.</param>
/// <param name="Entries">Rows that were written: entries,</param>
/// <param name="Postings">their postings,</param>
/// <param name="Lots">lots,</param>
/// <param name="Orders">and what each ticket earned.</param>
internal sealed record LedgerRate(long Earned, double Seconds, long Entries, long Postings, long Lots, long Orders)
{
    public double PerSecond => Earned / Seconds;
}
