using System.Runtime.CompilerServices;
using Engagement.Templates.Content;

namespace Engagement.Tests.Templates.Content;

public sealed class ContentLintTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);

    public static IEnumerable<object[]> Refused() => Rows("refused.tsv");

    public static IEnumerable<object[]> Allowed() => Rows("allowed.tsv");

    private static IEnumerable<object[]> Rows(string file, [CallerFilePath] string here = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, file)).Where(line => line.Length > 0 && line[0] != '#').Select(line => (object[])line.Split('\t'));

    private static IReadOnlyList<ContentFinding> Check(string kind, string surface, string text) =>
        ContentLint.Default.Check(text, Enum.Parse<ContentKind>(kind), Enum.Parse<ContentSurface>(surface), Today);

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_text_that_breaks_a_rule_is_found_with_its_words(string kind, string surface, string code, string text)
    {
        var findings = Check(kind, surface, text);
        var finding = Assert.Single(findings.Where(finding => finding.Code == code).Take(1));
        Assert.Equal(text.Substring(finding.Start, finding.Length), finding.Words);
        Assert.NotEmpty(finding.Article);
        Assert.NotEqual(finding.Message, finding.MessageZh);
    }

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_text_within_the_rules_passes(string kind, string surface, string text) =>
        Assert.Empty(Check(kind, surface, text).Select(finding => $"{finding.Code}: {finding.Words}"));

    [Fact]
    public void There_are_a_hundred_texts_of_either_sort_and_every_code_is_among_them()
    {
        var refused = Refused().ToList();
        Assert.True(refused.Count >= 100 && Allowed().Count() >= 100);
        var shown = refused.Select(row => (string)row[2]).ToHashSet();
        string[] needingProducts = ["expired_approval", "missing_health_food_notice", "missing_device_notice"];
        Assert.Equal(ContentData.Findings.Keys.Order(), shown.Concat(needingProducts).Order());
    }

    [Fact]
    public void The_same_words_are_allowed_to_a_recall_and_refused_to_a_refill()
    {
        const string Text = "您购买的缬沙坦请停止使用，拒收请回复R";
        Assert.Empty(ContentLint.Default.Check(Text, ContentKind.Recall, ContentSurface.Sms, Today));
        Assert.Equal("drug_named", Assert.Single(ContentLint.Default.Check(Text, ContentKind.RefillReminder, ContentSurface.Sms, Today)).Code);
    }

    [Fact]
    public void A_finding_names_the_article_and_the_place_in_the_text_as_written()
    {
        const string Text = "广告：好消息，阿 托 伐 他 汀到货";
        var finding = Assert.Single(ContentLint.Default.Check(Text, ContentKind.Promotion, ContentSurface.InApp, Today));
        Assert.Equal(("rx_promotion", "阿 托 伐 他 汀", 7, "《广告法》第十五条"), (finding.Code, finding.Words, finding.Start, finding.Article));
        Assert.Equal("“阿 托 伐 他 汀”是处方药，不得向公众宣传。", finding.MessageZh);
    }

    [Fact]
    public void A_product_of_the_caller_that_is_prescription_is_refused_by_its_name()
    {
        var lint = new ContentLint([new NamedProduct("康必宁", ProductClass.Prescription)]);
        Assert.Equal(["rx_promotion"], Codes(lint, "广告：康必宁会员价"));
        Assert.Empty(Codes(ContentLint.Default, "广告：康必宁会员价"));
    }

    [Fact]
    public void An_over_the_counter_offer_needs_its_approval_in_force_and_in_the_text()
    {
        const string Advice = "，请按药品说明书或者在药师指导下购买和使用";
        NamedProduct Ibuprofen(DateOnly? until) => new("芬必得布洛芬缓释胶囊", ProductClass.OtcB, "国药广审（文）第260101号", until);
        var lint = new ContentLint([Ibuprofen(Today)]);

        Assert.Empty(Codes(lint, "广告：芬必得布洛芬缓释胶囊会员价，国药广审（文）第260101号" + Advice));
        Assert.Equal(["missing_approval_number"], Codes(lint, "广告：芬必得布洛芬缓释胶囊会员价" + Advice));
        Assert.Equal(["missing_otc_advice"], Codes(lint, "广告：芬必得布洛芬缓释胶囊会员价，国药广审（文）第260101号"));
        var expired = new ContentLint([Ibuprofen(Today.AddDays(-1))]);
        Assert.Equal(["expired_approval"], Codes(expired, "广告：芬必得布洛芬缓释胶囊会员价，国药广审（文）第260101号" + Advice));
    }

    [Theory]
    [InlineData(ProductClass.HealthFood, "本品不能代替药物", "missing_health_food_notice")]
    [InlineData(ProductClass.Device, "请仔细阅读产品说明书或者在医务人员的指导下购买和使用", "missing_device_notice")]
    public void Health_foods_and_devices_need_their_notice(ProductClass productClass, string notice, string code)
    {
        var lint = new ContentLint([new NamedProduct("康乐宝", productClass, "食健广审（文）第1号", Today)]);
        Assert.Empty(Codes(lint, $"广告：康乐宝，食健广审（文）第1号，{notice}"));
        Assert.Equal([code], Codes(lint, "广告：康乐宝，食健广审（文）第1号"));
    }

    [Theory]
    [InlineData(ProductClass.OtcA, true)]
    [InlineData(ProductClass.OtcB, false)]
    [InlineData(ProductClass.Ordinary, false)]
    public void Only_class_B_and_ordinary_goods_may_be_gifts(ProductClass productClass, bool refused)
    {
        var lint = new ContentLint([new NamedProduct("清咽糖", productClass, "国药广审（文）第2号", Today)]);
        Assert.Equal(refused, Codes(lint, "广告：满100元赠送清咽糖，国药广审（文）第2号，请按药品说明书或者在药师指导下购买和使用").Contains("medicine_as_gift"));
    }

    [Fact]
    public void The_data_files_say_their_version() => Assert.Equal("words 1 (2026-11-21); findings 1 (2026-11-21)", ContentLint.DataVersion);

    private static IEnumerable<string> Codes(ContentLint lint, string text) =>
        lint.Check(text, ContentKind.Promotion, ContentSurface.InApp, Today).Select(finding => finding.Code);
}
