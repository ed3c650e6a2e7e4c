using Engagement.Api.Demo;
using Engagement.Messaging;
using Engagement.Messaging.Content;
using Engagement.Templates;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Content;

/// <summary>The templates that come with the program: reviewed, within the channels' limits, and silent about medicines where others can read.</summary>
public sealed class SampleTemplates
{
    private static readonly BuiltInEngine s_engine = new(TemplateLimits.Default, TimeProvider.System);

    // Written by hand from the rules of the trade, not from the lint's own list.
    private static readonly string[] s_words =
    [
        "药片", "胶囊", "氨氯地平", "二甲双胍", "他汀", "胰岛素", "降压", "降糖", "血压", "血糖", "糖尿病", "高血压", "慢病", "疾病", "症", "处方", "剂量", "盒", "mg", "毫克", "用完",
    ];

    public static TheoryData<string> Codes => [.. DemoTemplates.All.Select(template => template.Code)];

    [Fact]
    public void There_are_twelve_and_one_for_most_kinds()
    {
        Assert.Equal(12, DemoTemplates.All.Count);
        Assert.Equal(
            Directory.GetFiles(Repository.Path("samples", "templates"), "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            DemoTemplates.All.Select(template => template.Code).Order(StringComparer.Ordinal));
        Assert.Equal(Enum.GetValues<MessageKind>().Except([MessageKind.Verification]), DemoTemplates.All.Select(template => template.Kind).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Nothing_stands_against_a_sample(string code) => Assert.Empty(TemplateCheck.Run(Of(code), s_engine).Select(finding => finding.En));

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_sample_uses_only_channels_that_its_kind_may_take_and_always_the_inbox(string code)
    {
        var template = Of(code);
        var rule = Engagement.Messaging.Gate.GateTable.Shipped[template.Kind];

        Assert.NotNull(template.Contents.Inbox);
        if (template.Contents.WeChatSubscribe is not null) Assert.Contains(Channel.WeChatSubscribe, rule.Channels.Keys);
        if (template.Contents.Sms is { } sms)
        {
            Assert.Contains(Channel.Sms, rule.Channels.Keys);
            Assert.Equal(rule.OptOut, sms.Text.EndsWith("拒收请回复R", StringComparison.Ordinal));
            Assert.DoesNotContain("【", sms.Text);
            Assert.Equal(sms.Parameters.Keys.Order(), System.Text.RegularExpressions.Regex.Matches(sms.Text, @"\$\{(\w+)\}").Select(m => m.Groups[1].Value).Distinct().Order());
        }
    }

    [Fact]
    public void A_refill_names_no_drug_class_illness_or_quantity_where_others_can_read()
    {
        var version = CompiledVersion.Compile(new TemplateVersion(0, "refill_reminder", MessageKind.Refill, 1, Of("refill_reminder").Contents), s_engine);
        var model = new MessageModel().For("王秀兰", "王", 2, "康宁大药房（人民路店）", "杭州", "康宁大药房", new ManualClock().GetUtcNow());
        model.Refill("氨氯地平片、二甲双胍片", 20_507);

        foreach (var text in (string[])[MessageText.WeChat(version.Keywords, model.Row).Whole, MessageText.Sms(version, version.Version.Contents.Sms!, model.Row).Whole])
        {
            Assert.All(s_words, word => Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase));
        }

        // Behind the login it says what it is about.
        Assert.Contains("二甲双胍片", version.InboxBody!.Render(model.Row));
    }

    [Theory]
    [InlineData("氨氯地平片续购提醒已生成，请登录小程序查看。拒收请回复R")]
    [InlineData("您的降压药续购提醒已生成，请登录小程序查看。拒收请回复R")]
    [InlineData("您的高血压续购提醒已生成，请登录小程序查看。拒收请回复R")]
    [InlineData("您的续购提醒已生成，共${store}盒28片，请登录小程序查看。拒收请回复R")]
    [InlineData("您在${store}的续购提醒已生成，请登录小程序查看。")]
    public void The_check_finds_an_sms_that_says_too_much_or_offers_no_way_out(string text)
    {
        var template = Of("refill_reminder");
        template = template with { Contents = template.Contents with { Sms = template.Contents.Sms! with { Text = text } } };

        Assert.NotEmpty(TemplateCheck.Run(template, s_engine));
    }

    [Theory]
    [InlineData("thing1", "氨氯地平片续购提醒")]
    [InlineData("thing3", "{{ refill.medicines }}")]
    [InlineData("thing1", "糖尿病用药提醒")]
    public void The_check_finds_a_card_that_says_too_much(string keyword, string text)
    {
        var template = Of("refill_reminder");
        var card = template.Contents.WeChatSubscribe!;
        var keywords = card.Keywords.ToDictionary(k => k.Key, k => k.Key == keyword ? text : k.Value);
        template = template with { Contents = template.Contents with { WeChatSubscribe = card with { Keywords = keywords } } };

        Assert.NotEmpty(TemplateCheck.Run(template, s_engine));
    }

    [Fact]
    public void The_check_finds_a_page_that_the_mini_program_has_not()
    {
        var template = Of("refill_reminder");
        template = template with { Contents = template.Contents with { WeChatSubscribe = template.Contents.WeChatSubscribe! with { Page = "pages/refil/detail" } } };

        Assert.Contains(TemplateCheck.Run(template, s_engine), finding => finding.En.Contains("pages/refil/detail", StringComparison.Ordinal) && finding.En.Contains("41030", StringComparison.Ordinal));
        Assert.True(MiniProgramPages.Has("pages/home/index?from=code"));
        Assert.False(MiniProgramPages.Has("/pages/home/index"));
    }

    [Fact]
    public void The_check_finds_a_channel_that_the_kind_does_not_use()
    {
        var template = Of("promotion_offer");
        template = template with { Contents = template.Contents with { OfficialAccount = new OfficialAccountContent("OT", "pages/home/index", new Dictionary<string, string> { ["thing1"] = "优惠" }) } };

        Assert.Contains(TemplateCheck.Run(template, s_engine), finding => finding.En.Contains("official_account", StringComparison.Ordinal));
    }

    [Fact]
    public void The_check_reads_what_is_said_to_followers_and_in_chats()
    {
        var template = Of("refill_reminder");
        template = template with
        {
            Contents = template.Contents with
            {
                OfficialAccount = new OfficialAccountContent("OT", "pages/home/index", new Dictionary<string, string> { ["thing1"] = "糖尿病用药提醒" }),
                CustomerService = new CustomerServiceContent("{{ refill.medicines }}该续了"),
            },
        };

        var findings = TemplateCheck.Run(template, s_engine).Select(finding => finding.En).ToList();
        Assert.Contains(findings, finding => finding.Contains("officialAccount", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Contains("customerService", StringComparison.Ordinal));
    }

    [Fact]
    public void The_check_finds_a_template_that_nobody_reviewed() =>
        Assert.Contains(TemplateCheck.Run(Of("points_notice") with { ReviewedBy = "" }, s_engine), finding => finding.En.Contains("reviewed", StringComparison.Ordinal));

    private static TemplateFile Of(string code) => DemoTemplates.All.Single(template => template.Code == code);
}
