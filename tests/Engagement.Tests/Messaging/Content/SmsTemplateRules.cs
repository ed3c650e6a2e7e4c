using Engagement.Messaging;
using Engagement.Messaging.Content;
using Engagement.Templates;

namespace Engagement.Tests.Messaging.Content;

/// <summary>What no provider of SMS would approve is found before anybody hands it in.</summary>
public sealed class SmsTemplateRules
{
    private static readonly BuiltInEngine s_engine = new(TemplateLimits.Default, TimeProvider.System);
    private static readonly TemplateFile s_good = MessagingHouse.Template(MessageKind.Recall);

    [Fact]
    public void A_template_that_two_providers_have_is_fine() =>
        Assert.Empty(Findings(sms => sms with { Others = new Dictionary<string, SmsProviderTemplate> { ["tencent"] = new("1110", ["store"]) } }));

    [Theory]
    [InlineData("您好，请看${store}${store}。", "touch")]
    [InlineData("${store}", "touch")]
    [InlineData("【别家】您好，请到${store}。", "brackets")]
    [InlineData("您好，请到门店。", "each once")]
    [InlineData("您好，请到${store}或${store}咨询。", "each once")]
    [InlineData("您好，请到${store}，${other}。", "each once")]
    public void A_text_that_would_be_refused_is_found(string text, string finding) =>
        Assert.Contains(Findings(sms => sms with { Text = text }), found => found.Contains(finding, StringComparison.Ordinal));

    [Theory]
    [InlineData("https://x.cn/{{ member.surname }}")]
    [InlineData("m.kangning.com")]
    [InlineData("【康宁】")]
    public void An_address_or_a_signature_in_a_variable_is_found(string value) =>
        Assert.Contains(Findings(sms => sms with { Parameters = new Dictionary<string, string> { ["store"] = value } }), found => found.Contains("_in_variable", StringComparison.Ordinal));

    [Theory]
    [InlineData("人民路店")]
    [InlineData("3.5公里")]
    [InlineData("No.2 store")]
    public void Words_with_points_are_no_addresses(string value) => Assert.Null(SmsVariables.Refuses([KeyValuePair.Create("store", value)]));

    [Fact]
    public void A_text_of_more_than_five_hundred_characters_is_found() =>
        Assert.Contains(Findings(sms => sms with { Text = "您好，请到${store}。" + new string('好', 500) }), found => found.Contains("longer than 500", StringComparison.Ordinal));

    [Fact]
    public void Another_providers_template_names_a_provider_and_each_variable_once()
    {
        Assert.Contains(Others("mobile", "store"), found => found.Contains("no SMS provider mobile", StringComparison.Ordinal));
        Assert.Contains(Others("tencent"), found => found.Contains("name each variable once", StringComparison.Ordinal));
        Assert.Contains(Others("tencent", "store", "store"), found => found.Contains("name each variable once", StringComparison.Ordinal));
        Assert.Empty(Others("huawei", "store"));

        IReadOnlyList<string> Others(string provider, params string[] order) =>
            Findings(sms => sms with { Others = new Dictionary<string, SmsProviderTemplate> { [provider] = new("1", order) } });
    }

    [Fact]
    public void Huawei_takes_no_promotion_with_variables()
    {
        var promotion = MessagingHouse.Template(MessageKind.Promotion);
        var sms = promotion.Contents.Sms!;
        var file = promotion with { Contents = promotion.Contents with { Sms = sms with { Others = new Dictionary<string, SmsProviderTemplate> { ["huawei"] = new("H", [.. sms.Parameters.Keys]) } } } };

        Assert.Contains(TemplateCheck.Run(file, s_engine), found => found.En.Contains("takes no promotion with variables", StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Findings(Func<SmsContent, SmsContent> change) =>
        [.. TemplateCheck.Run(s_good with { Contents = s_good.Contents with { Sms = change(s_good.Contents.Sms!) } }, s_engine).Select(finding => finding.En)];
}
