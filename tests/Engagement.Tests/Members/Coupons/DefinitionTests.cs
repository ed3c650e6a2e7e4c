using Engagement.Members.Coupons;
using Engagement.Members.Products;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Coupons;

/// <summary>How a coupon is written, checked, approved and changed.</summary>
public abstract class DefinitionContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private CouponShop _shop = null!;

    private CouponDefinitions Desk => _shop.Definitions;

    public async Task InitializeAsync() => _shop = await CouponShop.OpenAsync(test);

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [DatabaseFact]
    public async Task Every_field_comes_back_as_it_was_saved()
    {
        var terms = Offer() with
        {
            CapFen = 900, Stores = [_shop.Store], Channels = [SalesChannel.Store, SalesChannel.Delivery], Tiers = ["金卡"], InvitedOnly = true, ValidFrom = new DateOnly(2026, 3, 11),
            DaysAfterClaim = 7, BudgetFen = 100_000, Daily = 10, PerMember = 2, PerPerson = 3, Category = "member", Combinable = false, Refund = RefundPolicy.IssueAgain,
            ReissueDays = 14, PointsPrice = 500, Products = new() { Skus = ["VITC"], Classes = [ProductClass.Other], Except = ["SOAP", "AML"] },
        };

        var id = await _shop.PublishAsync(terms, "SPRING-2026");

        var found = (await Desk.FindAsync("SPRING-2026", None))!;
        Assert.Equal((id, 1, 1, CouponShop.Author), (found.Id, found.Version, found.PublishedVersion, found.Author));
        Assert.Equal(terms.ToJson(), found.Terms.ToJson());
        Assert.Equal(new CouponStock(true, 0, 0), found.Stock);
        Assert.Null(await Desk.FindAsync("AUTUMN", None));
    }

    [DatabaseFact]
    public async Task An_author_does_not_approve_and_both_are_named()
    {
        var saved = await SaveAsync(_shop.Terms());

        Assert.Equal("coupon.author_approves", Code(await Desk.PublishAsync(saved.Id, 1, CouponShop.Author, None)));
        Assert.Equal(new PublishOutcome.Published(CouponShop.Author, CouponShop.Approver), await Desk.PublishAsync(saved.Id, 1, CouponShop.Approver, None));
        // A repeated approval is the first one, whoever sends it.
        Assert.Equal(new PublishOutcome.Published(CouponShop.Author, CouponShop.Approver), await Desk.PublishAsync(saved.Id, 1, 99, None));
    }

    [DatabaseFact]
    public async Task Who_wrote_any_part_of_it_does_not_approve_it()
    {
        var saved = await SaveAsync(_shop.Terms());
        Assert.IsType<SaveOutcome.Saved>(await Desk.ChangeAsync(saved.Id, 1, _shop.Terms() with { Title = "夏日满减" }, 13, None));

        Assert.Equal("coupon.author_approves", Code(await Desk.PublishAsync(saved.Id, 2, CouponShop.Author, None)));
        Assert.Equal("coupon.stale", Code(await Desk.PublishAsync(saved.Id, 1, CouponShop.Approver, None)));
        Assert.IsType<PublishOutcome.Published>(await Desk.PublishAsync(saved.Id, 2, CouponShop.Approver, None));
    }

    [DatabaseFact]
    public async Task A_stale_change_is_refused_with_what_changed()
    {
        var saved = await SaveAsync(_shop.Terms());
        await Desk.ChangeAsync(saved.Id, 1, _shop.Terms() with { Title = "改名", Value = 1200 }, 13, None);

        var stale = Assert.IsType<SaveOutcome.Stale>(await Desk.ChangeAsync(saved.Id, 1, _shop.Terms() with { Total = 5 }, 14, None));

        Assert.Equal(2, stale.Version);
        Assert.Equal(["title", "value"], stale.Changes.Select(change => change.Field).Order());
        Assert.Equal(("1000", "1200"), stale.Changes.Where(change => change.Field == "value").Select(change => (change.Before, change.After)).Single());
    }

    [DatabaseFact]
    public async Task Of_two_changes_at_once_one_is_stale()
    {
        var saved = await SaveAsync(_shop.Terms());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Desk.ChangeAsync(saved.Id, 1, _shop.Terms() with { Total = 10 + i }, 13, None))));

        Assert.Single(outcomes.OfType<SaveOutcome.Saved>());
        Assert.Equal(7, outcomes.OfType<SaveOutcome.Stale>().Count());
    }

    [DatabaseFact]
    public async Task A_published_version_stays_and_coupons_keep_theirs()
    {
        var id = await _shop.PublishAsync(_shop.Terms());
        var old = Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id)).Coupon;
        await Desk.ChangeAsync(id, 1, _shop.Terms() with { Value = 300 }, CouponShop.Author, None);
        // A draft changes nothing yet.
        Assert.Equal(1, Assert.IsType<ClaimOutcome.Claimed>(await _shop.ClaimAsync(id, "M2")).Coupon.Version);
        await Desk.PublishAsync(id, 2, CouponShop.Approver, None);

        Assert.Equal(1000, (await _shop.RedeemAsync("T1", old, ("CREAM", 5000))).DiscountFen);
        var versions = await Desk.VersionsAsync(id, None);
        Assert.Equal([(1L, 1000L, (long?)CouponShop.Approver), (2L, 300L, CouponShop.Approver)], versions.Select(v => (v.Version, v.Terms.Value, v.Approver)));
        Assert.Equal(2, (await Desk.FindAsync(id, None))!.Stock!.Claimed);
    }

    [DatabaseTheory]
    [InlineData("AML", "苯磺酸氨氯地平片 (AML)")]
    [InlineData("IBU", "布洛芬片 (IBU)")]
    [InlineData("NEW", "新到的货 (NEW)")]
    [InlineData("GONE", "GONE")]
    public async Task A_scope_that_touches_a_restricted_product_is_refused_with_its_name(string sku, string named)
    {
        var refusal = await RefusedAsync(_shop.Terms() with { Products = new() { Skus = ["CREAM", sku] } });

        Assert.Equal(("coupon.restricted_product", named), (refusal.Reason.Code, refusal.Detail));
        // As an exception it is harmless: it only takes out.
        await SaveAsync(_shop.Terms() with { Products = new() { Except = [sku] } });
    }

    [DatabaseTheory]
    [InlineData(ProductClass.Prescription)]
    [InlineData(ProductClass.OtcA)]
    [InlineData(ProductClass.Unknown)]
    public async Task A_class_that_takes_no_coupon_is_refused(ProductClass @class) =>
        Assert.Equal("coupon.restricted_product", (await RefusedAsync(_shop.Terms() with { Products = new() { Classes = [@class] } })).Reason.Code);

    [DatabaseFact]
    public async Task No_drug_is_a_gift()
    {
        var gift = Offer() with { Kind = CouponKind.Exchange, Value = 0, Products = new() { Skus = ["COLD"] } };

        Assert.Equal("感冒清热颗粒 (COLD)", (await RefusedAsync(gift, "coupon.drug_gift")).Detail);
        await SaveAsync(gift with { Products = new() { Skus = ["CREAM"] } });
    }

    [DatabaseFact]
    public async Task A_class_that_changed_after_the_save_stops_the_approval()
    {
        var saved = await SaveAsync(_shop.Terms() with { Products = new() { Skus = ["CREAM"] } });
        await _shop.Pharmacy.ImportAsync(CouponShop.Product("CREAM", "护手霜", ProductClass.Prescription));

        Assert.Equal("coupon.restricted_product", Code(await Desk.PublishAsync(saved.Id, 1, CouponShop.Approver, None)));
    }

    [DatabaseFact]
    public async Task A_title_that_names_a_prescription_medicine_is_refused() =>
        Assert.Equal("苯磺酸氨氯地平片", (await RefusedAsync(_shop.Terms() with { Title = "氨氯地平立减" }, "coupon.names_prescription")).Detail);

    [DatabaseTheory]
    [InlineData("VITC", "本品不能代替药物")]
    [InlineData("COLD", "请按药品说明书或者在药师指导下购买和使用")]
    [InlineData("MASK", "请仔细阅读产品说明书或者在医务人员的指导下购买和使用")]
    public async Task An_offer_that_advertises_brings_what_the_law_wants(string sku, string warning)
    {
        var bare = _shop.Terms() with { Products = new() { Skus = [sku] } };
        var whole = bare with { Advertising = Approved(warning) };

        var refused = Assert.IsType<SaveOutcome.Refused>(await CreateAsync(bare)).Refusals;

        Assert.Equal(["coupon.approval_missing", "coupon.mark_missing", "coupon.warning_missing"], refused.Select(r => r.Reason.Code));
        Assert.Equal(warning, refused[2].Detail);
        await SaveAsync(whole);
        Assert.Equal("coupon.approval_expired", (await RefusedAsync(whole with { Advertising = whole.Advertising with { ApprovalUntil = new DateOnly(2026, 3, 9) } })).Reason.Code);
    }

    [DatabaseFact]
    public async Task What_is_given_or_costs_points_has_a_page_of_rules()
    {
        Assert.Equal("coupon.rules_missing", (await RefusedAsync(_shop.Terms() with { PointsPrice = 10 })).Reason.Code);
        Assert.Equal("coupon.rules_missing", (await RefusedAsync(_shop.Terms() with { Kind = CouponKind.FreeService, Value = 0, Service = "测血压" })).Reason.Code);
    }

    public static TheoryData<string, Func<CouponTerms, CouponTerms>> Wrong() => new()
    {
        { "title", t => t with { Title = " " } }, { "title", t => t with { Title = new string('券', 41) } }, { "kind", t => t with { Kind = (CouponKind)9 } },
        { "value", t => t with { Value = 0 } }, { "value", t => t with { Value = long.MaxValue } }, { "value", t => t with { Kind = CouponKind.Percentage, Value = 10_000 } },
        { "thresholdFen", t => t with { ThresholdFen = -1 } }, { "capFen", t => t with { CapFen = 0 } }, { "currency", t => t with { Currency = "USD" } },
        { "service", t => t with { Service = "测血压" } }, { "products", t => t with { Kind = CouponKind.Exchange } }, { "channels", t => t with { Channels = [(SalesChannel)7] } },
        { "refund", t => t with { Refund = 0 } }, { "reissueDays", t => t with { Refund = RefundPolicy.IssueAgain } }, { "category", t => t with { Category = "vip" } },
        { "pointsPrice", t => t with { PointsPrice = -1 } }, { "claimUntil", t => t with { ClaimUntil = t.ClaimFrom } }, { "validUntil", t => t with { ValidUntil = null } },
        { "claimUntil", t => t with { ClaimUntil = t.ClaimUntil.AddDays(12) } }, { "daysAfterClaim", t => t with { DaysAfterClaim = -1 } },
        { "validFrom", t => t with { ValidFrom = t.ValidUntil!.Value.AddDays(1) } }, { "total", t => t with { Total = 0 } }, { "daily", t => t with { Daily = 0 } },
        { "perMember", t => t with { PerMember = 0 } }, { "perPerson", t => t with { PerPerson = 0 } }, { "budgetFen", t => t with { BudgetFen = 0 } },
        { "title", t => t with { Title = null! } }, { "products", t => t with { Products = new() { Skus = [null!] } } }, { "products", t => t with { Products = null! } },
        { "advertising", t => t with { Advertising = null! } }, { "tiers", t => t with { Tiers = null! } }, { "terms", t => t with { Tiers = [new string('卡', 20_000)] } },
        { "capFen", t => t with { Kind = CouponKind.Percentage, Value = 1000, BudgetFen = 1000 } }, { "advertising", t => t with { Advertising = new() { Warning = new string('字', 501) } } },
    };

    [DatabaseFact]
    public async Task Terms_that_make_no_sense_are_refused_by_the_name_of_the_field()
    {
        foreach (var row in Wrong())
        {
            var (field, change) = ((string)row[0], (Func<CouponTerms, CouponTerms>)row[1]);
            var refused = Assert.IsType<SaveOutcome.Refused>(await CreateAsync(change(_shop.Terms())));
            Assert.Contains(refused.Refusals, r => r.Reason.Code == "coupon.terms_invalid" && r.Detail == field);
        }
    }

    [DatabaseFact]
    public async Task A_code_is_used_once_and_has_its_form()
    {
        await _shop.PublishAsync(_shop.Terms(), "SPRING");

        Assert.Equal("coupon.code_taken", (await RefusedAsync(_shop.Terms(), code: "SPRING")).Reason.Code);
        Assert.All(["", "x", "春", "A'; DROP TABLE coupon --", new string('A', 33)], code => Assert.Equal("code", RefusedAsync(_shop.Terms(), code: code).Result.Detail));
    }

    [DatabaseFact]
    public async Task Pages_of_definitions_leave_none_out()
    {
        for (var i = 0; i < 5; i++) await SaveAsync(_shop.Terms());

        var first = await Desk.ListAsync(null, 3, None);
        var second = await Desk.ListAsync(first.Next, 3, None);

        Assert.Equal(5, first.Items.Concat(second.Items).DistinctBy(d => d.Id).Count());
        Assert.Null(second.Next);
        Assert.True(CouponCursor.TryParse(first.Next.ToString(), out var read) && read == first.Next);
        Assert.False(CouponCursor.TryParse("1;DROP", out _));
    }

    private static string Code(PublishOutcome outcome) => Assert.IsType<PublishOutcome.Refused>(outcome).Refusals.Single().Reason.Code;

    private static Advertising Approved(string warning) => new() { ApprovalNo = "浙药广审(文)第260310-00001号", ApprovalUntil = new DateOnly(2026, 12, 31), Warning = warning, Marked = true };

    private CouponTerms Offer() => _shop.Terms() with { Advertising = Approved("本品不能代替药物") with { RulesPage = "/pages/rules/spring" } };

    private Task<SaveOutcome> CreateAsync(CouponTerms terms, string? code = null) => Desk.CreateAsync(code ?? $"C{_shop.Pharmacy.Ids.Next()}", terms, CouponShop.Author, None);

    private async Task<SaveOutcome.Saved> SaveAsync(CouponTerms terms) => Assert.IsType<SaveOutcome.Saved>(await CreateAsync(terms));

    private async Task<CouponRefusal> RefusedAsync(CouponTerms terms, string? reason = null, string? code = null)
    {
        var refused = Assert.IsType<SaveOutcome.Refused>(await CreateAsync(terms, code)).Refusals;
        return reason is null ? refused.Single() : refused.Single(r => r.Reason.Code == reason);
    }
}

public sealed class DefinitionOnSqlite(SqliteTestDatabase database) : DefinitionContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class DefinitionOnMySql(MySqlTestDatabase database) : DefinitionContract(database), IClassFixture<MySqlTestDatabase>;
