using Engagement.Members;
using Engagement.Members.CarePlans;
using Engagement.Members.Consents;
using Engagement.Members.Staff;
using Engagement.Members.Tips;
using Engagement.Messaging.Content;
using Engagement.Storage;
using Engagement.Tests.Members.CarePlans;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Tips;

public sealed class TipChoiceTests
{
    private static readonly int s_day = Day("2026-11-25");

    [Theory]
    [InlineData("2026-02-03", "大寒")]
    [InlineData("2026-02-04", "立春")]
    [InlineData("2026-02-18", "雨水")]
    [InlineData("2026-11-21", "立冬")]
    [InlineData("2026-11-22", "小雪")]
    [InlineData("2025-12-21", "冬至")]
    [InlineData("2025-02-03", "立春")]
    [InlineData("2024-02-04", "立春")]
    [InlineData("2024-04-04", "清明")]
    [InlineData("2024-12-21", "冬至")]
    public void Solar_terms_begin_on_the_days_of_the_almanac(string date, string term) => Assert.Equal(term, SolarTerms.On(Day(date)));

    [Fact]
    public void Outside_the_table_there_is_no_season() => Assert.Null(SolarTerms.On(Day("2023-12-31")));

    [Fact]
    public void A_season_that_is_not_now_and_a_tag_without_consent_keep_a_tip_away()
    {
        TipVersion[] tips = [Tip(1, terms: ["大暑"]), Tip(2, tags: ["diabetes"]), Tip(3, terms: ["小雪"]), Tip(4)];

        Assert.Equal([3L, 4L], Ids(tips, TipReader.Anybody));
        Assert.Equal([3L, 2L, 4L], Ids(tips, TipReader.Anybody with { Health = true, Tags = new HashSet<string> { "diabetes" } }));
    }

    [Fact]
    public void The_score_is_that_of_the_reference_and_ties_go_by_id()
    {
        var reader = TipReader.Anybody with { Health = true, Tags = new HashSet<string> { "diabetes", "heart", "lipids" }, City = "杭州", Topics = new Dictionary<string, int> { ["old"] = 2 } };
        TipVersion[] tips =
        [
            Tip(1, tags: ["diabetes", "heart", "lipids"]), Tip(2, terms: ["小雪"], tags: ["diabetes"], regions: ["杭州"]), Tip(3, topic: "old"), Tip(4, regions: ["上海"]), Tip(5, reviewed: s_day - 3),
        ];

        Assert.Equal([(2L, 6), (1L, 4), (5L, 1), (4L, 0), (3L, -2)], TipFeed.Choose(tips, reader, s_day).Select(chosen => (chosen.Tip.Id, chosen.Score)));
    }

    [Fact]
    public void What_was_read_comes_again_after_half_a_year()
    {
        var reader = TipReader.Anybody with { Seen = new Dictionary<long, int> { [1] = s_day - 179, [2] = s_day - 180 } };

        Assert.Equal([2L], Ids([Tip(1), Tip(2)], reader));
    }

    [Fact]
    public void Age_and_validity_count()
    {
        TipVersion[] tips = [Tip(1) with { ValidUntil = s_day - 1 }, Tip(2) with { ValidFrom = s_day + 1 }, Tip(3) with { State = TipState.Draft }, Tip(4, ageFrom: 60), Tip(5, ageFrom: 18)];

        Assert.Equal([5L], Ids(tips, TipReader.Anybody with { Age = 59 }));
        Assert.Equal([4L, 5L], Ids(tips, TipReader.Anybody));
    }

    [Fact]
    public void The_reason_says_what_chose_it()
    {
        var reader = TipReader.Anybody with { Health = true, Tags = new HashSet<string> { "hypertension" } };

        var chosen = Assert.Single(TipFeed.Choose([Tip(1, terms: ["小雪"], tags: ["hypertension"])], reader, s_day));

        Assert.Equal("与您关注的血压有关，现在是小雪时节", chosen.Reason.Zh);
    }

    public static TheoryData<string> Samples() => [.. Directory.GetFiles(Repository.Path("samples", "tips"), "*.json").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_sells_nothing(string file)
    {
        var tip = TipFile.Parse(File.ReadAllText(Repository.Path("samples", "tips", file)));
        var products = File.ReadLines(Repository.Path("samples", "products", "products.csv")).Skip(1).Select(line => line.Split(',')[1]);

        Assert.Empty(TipCheck.Findings(tip.Content, products, new TipWords(), new DateOnly(2026, 11, 22)).Select(finding => finding.Zh));
    }

    [Theory]
    [InlineData("详情见 https://example.com/a")]
    [InlineData("打开pages/coupon/wallet")]
    [InlineData("咨询13800000000")]
    [InlineData("请拨打0571-88886666")]
    [InlineData("拨打400-800-1234")]
    [InlineData("只要¥9.9")]
    [InlineData("一盒29元")]
    [InlineData("会员优惠进行中")]
    [InlineData("欢迎到店测量血压")]
    [InlineData("服用氨氯地平片 江南即可")]
    [InlineData("<script>alert(1)</script>")]
    public void What_sells_is_found(string words)
    {
        var content = new TipContent("天冷量血压的办法", "固定时间测量更可靠。", [$"每天早晚各量一次。{words}"], "blood_pressure", "国家卫生健康委员会");

        Assert.NotEmpty(TipCheck.Findings(content, ["氨氯地平片 江南"], new TipWords(), new DateOnly(2026, 11, 22)));
    }

    [Fact]
    public void The_number_for_emergencies_may_be_named() => Assert.Empty(TipCheck.Selling("胸痛时立即拨打120。"));

    private static int Day(string date) => ChinaTime.DayOf(DateOnly.Parse(date, System.Globalization.CultureInfo.InvariantCulture));

    private static IEnumerable<long> Ids(IEnumerable<TipVersion> tips, TipReader reader) => TipFeed.Choose(tips, reader, s_day).Select(chosen => chosen.Tip.Id);

    private static TipVersion Tip(long id, string[]? terms = null, string[]? tags = null, string[]? regions = null, string topic = "any", int? reviewed = null, int? ageFrom = null) =>
        new(id, "t" + id, 1, new TipContent("标题标题", "摘要摘要", ["正文"], topic, "来源来源") { Terms = terms ?? [], Tags = tags ?? [], Regions = regions ?? [], AgeFrom = ageFrom },
            TipState.Published, new StaffId(1), 0, 100_000) { ReviewedDay = reviewed ?? s_day - 200 };
}

public abstract class TipContract(TestDatabase database)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly StaffId s_author = new(11), s_pharmacist = new(12), s_second = new(13);

    [DatabaseFact]
    public async Task Only_a_licensed_pharmacist_who_did_not_write_it_lets_a_tip_out()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, feed, member) = await OpenAsync(house);
        var tip = await WriteAsync(house, desk, "foot_care");

        Assert.Empty(await feed.ReadAsync(member, 10, None));
        Assert.Equal(TipOutcome.NoLicence, await desk.ReviewAsync(tip, 1, true, new StaffId(99), None));
        Assert.Equal(TipOutcome.NoLicence, await desk.ReviewAsync(tip, 1, true, new StaffId(14), None));
        Assert.Equal(TipOutcome.OwnTip, await desk.ReviewAsync(tip, 1, true, s_author, None));
        Assert.Equal(TipOutcome.Done, await desk.ReviewAsync(tip, 1, true, s_pharmacist, None));
        Assert.Equal(TipOutcome.Stale, await desk.ReviewAsync(tip, 1, true, s_pharmacist, None));

        var read = (await feed.OpenAsync(member, tip, None))!;
        Assert.Equal(("药师甲", "L12", house.Pharmacy.Today), (read.Reviewer, read.LicenceNo, read.ReviewedDay));
        Assert.Empty(await feed.ReadAsync(member, 10, None));
        Assert.Equal([member.Value], await house.Pharmacy.Database.ReadAsync(session => TipDesk.ReadersAsync(session, tip, null, 10), None));

        Assert.True(await WithdrawAsync(house, desk, tip));
        Assert.Null(await feed.OpenAsync(member, tip, None));
        Assert.False(await WithdrawAsync(house, desk, tip));
    }

    [DatabaseFact]
    public async Task Medicine_safety_needs_two_pharmacists()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, feed, member) = await OpenAsync(house);
        var tip = await WriteAsync(house, desk, "medicine_storage");

        Assert.Equal(TipOutcome.Done, await desk.ReviewAsync(tip, 1, true, s_pharmacist, None));
        Assert.Empty(await feed.ReadAsync(member, 10, None));
        Assert.Equal(TipOutcome.OwnTip, await desk.ReviewAsync(tip, 1, true, s_pharmacist, None));
        Assert.Equal(TipOutcome.Done, await desk.ReviewAsync(tip, 1, true, s_second, None));
        Assert.Equal(tip, Assert.Single(await feed.ReadAsync(member, 10, None)).Tip.Id);
    }

    [DatabaseFact]
    public async Task A_new_version_replaces_the_old_one_only_when_it_is_reviewed()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, feed, member) = await OpenAsync(house);
        var tip = await WriteAsync(house, desk, "foot_care");
        await desk.ReviewAsync(tip, 1, true, s_pharmacist, None);
        var next = Sample("foot_care");
        next = next with { Content = next.Content with { Title = "每天检查双脚的办法" } };

        Assert.Equal(TipOutcome.Stale, (await desk.WriteAsync(tip, 7, next, ChinaTime.Date(house.Pharmacy.Today), ChinaTime.Date(house.Pharmacy.Today + 300), s_author, None)).Outcome);
        Assert.Equal(2, (await desk.WriteAsync(tip, 1, next, ChinaTime.Date(house.Pharmacy.Today), ChinaTime.Date(house.Pharmacy.Today + 300), s_author, None)).Version);
        Assert.Equal("每天看看自己的脚", (await feed.OpenAsync(null, tip, None))!.Content.Title);
        await desk.ReviewAsync(tip, 2, true, s_pharmacist, None);
        Assert.Equal("每天检查双脚的办法", (await feed.OpenAsync(member, tip, None))!.Content.Title);
    }

    [DatabaseFact]
    public async Task A_version_that_another_has_followed_is_not_let_out_and_nobody_lets_out_what_they_had_a_hand_in()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, feed, _) = await OpenAsync(house);
        var tip = await WriteAsync(house, desk, "foot_care");
        await NextAsync(1, s_pharmacist);

        Assert.Equal(TipOutcome.Stale, await desk.ReviewAsync(tip, 1, true, s_second, None));
        Assert.Null(await feed.OpenAsync(null, tip, None));
        // The author of the third changed a comma of what the second pharmacist wrote.
        await NextAsync(2, s_author);
        Assert.Equal(TipOutcome.OwnTip, await desk.ReviewAsync(tip, 3, true, s_pharmacist, None));
        Assert.Equal(TipOutcome.Done, await desk.ReviewAsync(tip, 3, true, s_second, None));

        // What was out once is judged anew: the next one is nobody's yet but its author's.
        await NextAsync(3, s_author);
        Assert.Equal(TipOutcome.Done, await desk.ReviewAsync(tip, 4, true, s_pharmacist, None));

        async Task NextAsync(int latest, StaffId author) => Assert.Equal(TipOutcome.Done, (await desk.WriteAsync(
            tip, latest, Sample("foot_care"), ChinaTime.Date(house.Pharmacy.Today), ChinaTime.Date(house.Pharmacy.Today + 300), author, None)).Outcome);
    }

    [DatabaseFact]
    public async Task A_tip_that_names_a_product_of_ours_is_not_kept()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, _, _) = await OpenAsync(house);
        var sample = Sample("walking");

        var (outcome, _, _, findings) = await desk.WriteAsync(null, 0, sample with { Content = sample.Content with { Summary = "走路前可服苯磺酸氨氯地平片。" } },
            ChinaTime.Date(house.Pharmacy.Today), ChinaTime.Date(house.Pharmacy.Today + 30), s_author, None);

        Assert.Equal(TipOutcome.Refused, outcome);
        Assert.Contains(findings, finding => finding.Zh.Contains("苯磺酸氨氯地平片", StringComparison.Ordinal));
        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM tip"));
    }

    [DatabaseFact]
    public async Task Conditions_and_medicines_choose_only_under_the_health_consent()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, feed, member) = await OpenAsync(house);
        var tip = await WriteAsync(house, desk, "foot_care");
        await desk.ReviewAsync(tip, 1, true, s_pharmacist, None);
        await house.Health.SetAsync(member, new HealthProfile(["2型糖尿病"], []), None);

        Assert.Contains("血糖", Assert.Single(await feed.ReadAsync(member, 10, None)).Reason.Zh, StringComparison.Ordinal);
        await house.Pharmacy.Database.WriteAsync(tx => house.Consents.RecordAsync(tx, [new ConsentChange(member, Purpose.Health, false, "v1", "test", "form", house.Pharmacy.Clock.NowMs())]), None);
        Assert.Empty(await feed.ReadAsync(member, 10, None));
        Assert.Empty(await feed.ReadAsync(null, 10, None));
    }

    private static TipFile Sample(string name) => TipFile.Parse(File.ReadAllText(Repository.Path("samples", "tips", name + ".json")));

    private static Task<bool> WithdrawAsync(CareHouse house, TipDesk desk, long tip) => house.Pharmacy.Database.WriteAsync(tx => desk.WithdrawAsync(tx, tip, "指南已更新"), None);

    private static async Task<long> WriteAsync(CareHouse house, TipDesk desk, string sample)
    {
        var (outcome, id, version, findings) = await desk.WriteAsync(null, 0, Sample(sample), ChinaTime.Date(house.Pharmacy.Today), ChinaTime.Date(house.Pharmacy.Today + 300), s_author, None);
        Assert.True(outcome == TipOutcome.Done, string.Join('\n', findings.Select(finding => finding.Zh)));
        Assert.Equal(1, version);
        return id;
    }

    private static async Task<(TipDesk Desk, TipFeed Feed, MemberId Member)> OpenAsync(CareHouse house)
    {
        var pharmacy = house.Pharmacy;
        var shelf = new TipShelf(pharmacy.Database, pharmacy.Clocks);
        await pharmacy.Database.WriteAsync(async tx =>
        {
            foreach (var table in (string[])["tip", "tip_version", "tip_view", "pharmacist_licence"]) await tx.ExecuteAsync($"DELETE FROM {table}");
            foreach (var (staff, name, until) in new[] { (s_author, "作者", pharmacy.Today), (s_pharmacist, "药师甲", pharmacy.Today), (s_second, "药师乙", pharmacy.Today + 9), (new StaffId(14), "过期", pharmacy.Today - 1) })
            {
                await TipDesk.KeepLicenceAsync(tx, new PharmacistLicence(staff, name, $"L{staff.Value}", "康宁大药房", until));
            }
        }, None);
        return (new TipDesk(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks, new TipWords(), shelf), new TipFeed(pharmacy.Database, pharmacy.Clocks, shelf, house.Health), await house.JoinAsync(Purpose.Health));
    }
}

public sealed class TipsOnSqlite(SqliteTestDatabase database) : TipContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class TipsOnMySql(MySqlTestDatabase database) : TipContract(database), IClassFixture<MySqlTestDatabase>;
