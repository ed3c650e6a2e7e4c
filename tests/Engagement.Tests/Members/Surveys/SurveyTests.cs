using System.Text.Json;
using Engagement.Members;
using Engagement.Members.Cases;
using Engagement.Members.Staff;
using Engagement.Members.Surveys;
using Engagement.Storage;
using Engagement.Tests.Members.CarePlans;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Surveys;

public sealed class SurveyMeasureTests
{
    [Fact]
    public void Net_promoters_of_the_reference()
    {
        int[] scores = [.. Enumerable.Repeat(9, 60), .. Enumerable.Repeat(7, 25), .. Enumerable.Repeat(6, 15)];

        var nps = SurveyMeasures.Nps(scores)!.Value;

        Assert.Equal(45, nps.Score, 0.0001);
        Assert.Equal(14.50, nps.Margin, 0.005);
    }

    [Theory]
    [InlineData(10, 100)]
    [InlineData(9, 100)]
    [InlineData(8, 0)]
    [InlineData(7, 0)]
    [InlineData(6, -100)]
    [InlineData(0, -100)]
    public void Nine_promotes_and_six_detracts(int score, double nps) => Assert.Equal(nps, SurveyMeasures.Nps([score])!.Value.Score, 0.0001);

    [Fact]
    public void The_two_best_of_five_are_content() => Assert.Equal(60, SurveyMeasures.Csat([4, 5, 5, 3, 2])!.Value, 0.0001);

    [Fact]
    public void The_index_of_the_reference()
    {
        var means = new Dictionary<IndicatorGroup, double>
        {
            [IndicatorGroup.ProductQuality] = 4.4, [IndicatorGroup.Service] = 3.8, [IndicatorGroup.Price] = 3.2, [IndicatorGroup.Image] = 4.0, [IndicatorGroup.Satisfaction] = 4.1,
        };

        var whole = SurveyMeasures.Index(means, SurveyMeasures.DefaultWeights)!;
        Assert.Equal(73.5, whole.Value, 0.05);
        Assert.Empty(whole.Missing);

        means.Remove(IndicatorGroup.Price);
        means.Remove(IndicatorGroup.Image);
        var part = SurveyMeasures.Index(means, SurveyMeasures.DefaultWeights)!;
        Assert.Equal(77.0, part.Value, 0.05);
        Assert.Equal([IndicatorGroup.Price, IndicatorGroup.Image], part.Missing);
    }

    [Fact]
    public void Nothing_answered_is_no_measure()
    {
        Assert.Null(SurveyMeasures.Nps([]));
        Assert.Null(SurveyMeasures.Csat([]));
        Assert.Null(SurveyMeasures.Index(new Dictionary<IndicatorGroup, double>(), SurveyMeasures.DefaultWeights));
    }

    [Fact]
    public void There_are_thirteen_indicators_in_five_groups_and_the_weights_add_up()
    {
        Assert.Equal(13, SurveyMeasures.Indicators.Count);
        Assert.Equal(Enum.GetValues<IndicatorGroup>(), SurveyMeasures.Indicators.Values.Distinct().Order());
        Assert.Equal(1, SurveyMeasures.DefaultWeights.Values.Sum(), 0.0001);
    }
}

public abstract class SurveyContract(TestDatabase database)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly StaffId s_author = new(5);

    private static readonly SurveyContent s_content = new("到店服务评价", true,
    [
        new("overall", "总体满意吗？", QuestionKind.Score5) { Indicator = "overall" }, new("drug", "药品质量如何？", QuestionKind.Score5) { Indicator = "drug", Optional = true },
        new("recommend", "会推荐给亲友吗？", QuestionKind.Score10) { Optional = true }, new("why", "想说的话", QuestionKind.Text),
        new("visit", "多久来一次？", QuestionKind.Choice) { Options = ["每周", "每月"], Optional = true },
    ]);

    [DatabaseFact]
    public async Task A_member_answers_once_and_a_closed_version_takes_none()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, member) = await OpenAsync(house);
        var (_, id, version) = await PublishAsync(house, desk);

        Assert.Equal(id, Assert.Single(await desk.ForMemberAsync(member, None)).Id);
        Assert.Equal(SurveyOutcome.Done, await AnswerAsync(desk, id, version, member, """{"overall":5,"visit":"每月","why":"很好<script>😀"}"""));
        Assert.Equal(SurveyOutcome.Answered, await AnswerAsync(desk, id, version, member, """{"overall":5}"""));
        Assert.Empty(await desk.ForMemberAsync(member, None));

        var (_, again, next) = await PublishAsync(house, desk);
        Assert.Equal((id, version + 1), (again, next));
        Assert.Equal(SurveyOutcome.Closed, await AnswerAsync(desk, id, version, member, """{"overall":5}"""));
        Assert.Equal(SurveyOutcome.Done, await AnswerAsync(desk, id, next, member, """{"overall":5}"""));
        Assert.Equal(SurveyOutcome.NotFound, await AnswerAsync(desk, id, 99, member, """{"overall":5}"""));

        house.Pharmacy.Clock.Advance(TimeSpan.FromDays(40));
        Assert.Equal(SurveyOutcome.Closed, await AnswerAsync(desk, id, next, await house.JoinAsync(), """{"overall":5}"""));
    }

    [DatabaseTheory]
    [InlineData("""{"drug":5}""")]
    [InlineData("""{"overall":0}""")]
    [InlineData("""{"overall":6}""")]
    [InlineData("""{"overall":4.5}""")]
    [InlineData("""{"overall":"5"}""")]
    [InlineData("""{"overall":5,"recommend":11}""")]
    [InlineData("""{"overall":5,"visit":"每年"}""")]
    [InlineData("""{"overall":5,"nothing":1}""")]
    [InlineData("""{"overall":99999999999999999999}""")]
    public async Task Answers_that_are_none_are_refused(string answers)
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, member) = await OpenAsync(house);
        var (_, id, version) = await PublishAsync(house, desk);

        Assert.Equal(SurveyOutcome.AnswersInvalid, await AnswerAsync(desk, id, version, member, answers));
        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM survey_done"));
    }

    [DatabaseFact]
    public async Task A_low_score_opens_a_case_and_an_anonymous_one_without_a_name()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, member) = await OpenAsync(house);
        var (_, id, version) = await PublishAsync(house, desk);
        var other = await house.JoinAsync();

        await AnswerAsync(desk, id, version, member, """{"overall":2,"why":"等太久"}""");
        await AnswerAsync(desk, id, version, other, """{"overall":4,"recommend":6}""", anonymous: true);

        var cases = await house.Pharmacy.QueryAsync<long?>("SELECT member_id FROM service_case ORDER BY id");
        Assert.Equal([member.Value, null], cases);
        Assert.Equal([member.Value, null], await house.Pharmacy.QueryAsync<long?>("SELECT member_id FROM survey_answer ORDER BY id"));
    }

    [DatabaseFact]
    public async Task Figures_are_shown_from_thirty_answers_on_over_all_three_modes()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, _) = await OpenAsync(house);
        var (_, id, version) = await PublishAsync(house, desk);
        var answers = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>("""{"overall":4,"drug":5,"recommend":9}""")!;
        for (var i = 0; i < 29; i++) await desk.AnswerAsync(id, version, answers, null, true, i % 2 == 0 ? SurveyMode.Phone : SurveyMode.Counter, null, s_author, None);

        var few = (await desk.ResultAsync(id, version, None))!;
        Assert.Equal((29, false, null), (few.Count, few.Published, few.Csat));

        await desk.AnswerAsync(id, version, answers, null, true, SurveyMode.Online, null, null, None);
        var result = (await desk.ResultAsync(id, version, None))!;
        Assert.True(result.Published);
        Assert.Equal([15, 14, 1], [result.Modes[SurveyMode.Phone], result.Modes[SurveyMode.Counter], result.Modes[SurveyMode.Online]]);
        Assert.Equal(100, result.Csat);
        Assert.Equal(100, result.Nps!.Value.Score);
        // 0.25 × 1 + 0.20 × 0.75 over 0.45.
        Assert.Equal(0.4 / 0.45 * 100, result.Index!.Value, 0.0001);
        Assert.Equal([IndicatorGroup.Service, IndicatorGroup.Price, IndicatorGroup.Image], result.Index.Missing);
    }

    [DatabaseFact]
    public async Task A_survey_that_wants_a_name_takes_no_anonymous_answer_and_bad_content_is_refused()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, member) = await OpenAsync(house);
        var (_, id, version) = await desk.PublishAsync("named", s_content with { AnonymousAllowed = false }, ChinaTime.Date(house.Pharmacy.Today), s_author, None);

        Assert.Equal(SurveyOutcome.NotAnonymous, await AnswerAsync(desk, id, version, member, """{"overall":5}""", anonymous: true));
        foreach (var bad in new[]
        {
            s_content with { Questions = [] }, s_content with { Questions = [s_content.Questions[0], s_content.Questions[0]] },
            s_content with { Questions = [new("a", "问题", QuestionKind.Choice)] }, s_content with { Questions = [new("a", "问题", QuestionKind.Score10) { Indicator = "drug" }] },
            s_content with { Weights = new Dictionary<IndicatorGroup, double> { [IndicatorGroup.Price] = 0.5 } },
        })
        {
            Assert.Equal(SurveyOutcome.ContentInvalid, (await desk.PublishAsync("bad", bad, ChinaTime.Date(house.Pharmacy.Today), s_author, None)).Outcome);
        }
    }

    private static Task<(SurveyOutcome Outcome, long Id, int Version)> PublishAsync(CareHouse house, SurveyDesk desk) =>
        desk.PublishAsync("visit", s_content, ChinaTime.Date(house.Pharmacy.Today + 30), s_author, None);

    private static Task<SurveyOutcome> AnswerAsync(SurveyDesk desk, long id, int version, MemberId member, string answers, bool anonymous = false) =>
        desk.AnswerAsync(id, version, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(answers)!, member, anonymous, SurveyMode.Online, null, null, None);

    private static async Task<(SurveyDesk Desk, MemberId Member)> OpenAsync(CareHouse house)
    {
        var pharmacy = house.Pharmacy;
        await pharmacy.Database.WriteAsync(async tx =>
        {
            foreach (var table in (string[])["survey", "survey_version", "survey_answer", "survey_score", "survey_text", "survey_done", "service_case", "case_entry"]) await tx.ExecuteAsync($"DELETE FROM {table}");
        }, None);
        var cases = new CaseDesk(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks, pharmacy.Cipher);
        return (new SurveyDesk(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks, pharmacy.Cipher, cases), await house.JoinAsync());
    }
}

public sealed class SurveysOnSqlite(SqliteTestDatabase database) : SurveyContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class SurveysOnMySql(MySqlTestDatabase database) : SurveyContract(database), IClassFixture<MySqlTestDatabase>;
