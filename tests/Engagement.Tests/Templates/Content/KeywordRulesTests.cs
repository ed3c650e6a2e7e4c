using Engagement.Templates.Content;

namespace Engagement.Tests.Templates.Content;

public sealed class KeywordRulesTests
{
    [Theory]
    [InlineData("thing1", "和平路店续购提醒")]
    [InlineData("thing01", "12345678901234567890")]
    [InlineData("thing20", "祝㐂先生生日快乐🎂")]
    [InlineData("number1", "12345678901234567890123456789012")]
    [InlineData("number2", "3.5")]
    [InlineData("letter3", "abcXYZ")]
    [InlineData("symbol1", "★☆!")]
    [InlineData("character_string6", "A-2026/11#8")]
    [InlineData("time2", "15:01")]
    [InlineData("time2", "2019年10月1日 15:01")]
    [InlineData("time2", "09:00~20:00")]
    [InlineData("time2", "23:59:59")]
    [InlineData("date3", "2019年10月1日")]
    [InlineData("date3", "2019年10月")]
    [InlineData("date3", "10月1日")]
    [InlineData("date3", "2026-11-21 10:00")]
    [InlineData("date3", "2026-11-21~2026-12-01")]
    [InlineData("amount4", "¥12.50")]
    [InlineData("amount4", "12元")]
    [InlineData("phone_number5", "+86-0766-66888866")]
    [InlineData("car_number8", "粤A8Z888挂")]
    [InlineData("name1", "王秀兰")]
    [InlineData("name1", "阿卜杜拉·买买提")]
    [InlineData("name1", "Alexander Hamilton")]
    [InlineData("phrase7", "已完成")]
    [InlineData("enum1", "进行中")]
    public void A_value_of_its_type_passes(string key, string value)
    {
        Assert.Null(KeywordRules.Check(key, value));
        Assert.Equal(new KeywordFit(value, null), KeywordRules.Fit(key, value));
    }

    [Theory]
    [InlineData("thing1", "", KeywordProblem.Empty)]
    [InlineData("thing1", "  ", KeywordProblem.Empty)]
    [InlineData("thing1", null, KeywordProblem.Empty)]
    [InlineData("thing1", "123456789012345678901", KeywordProblem.TooLong)]
    [InlineData("thing1", "两\n行", KeywordProblem.ControlCharacter)]
    [InlineData("thing1", "两\u0007", KeywordProblem.ControlCharacter)]
    [InlineData("number1", "12a", KeywordProblem.WrongForm)]
    [InlineData("number1", "123456789012345678901234567890123", KeywordProblem.TooLong)]
    [InlineData("letter1", "a1", KeywordProblem.WrongForm)]
    [InlineData("symbol1", "a", KeywordProblem.WrongForm)]
    [InlineData("symbol1", "!!!!!!", KeywordProblem.TooLong)]
    [InlineData("character_string1", "单号8", KeywordProblem.WrongForm)]
    [InlineData("time1", "下午三点", KeywordProblem.WrongForm)]
    [InlineData("time1", "25:00", KeywordProblem.WrongForm)]
    [InlineData("date1", "明天", KeywordProblem.WrongForm)]
    [InlineData("date1", "2019年", KeywordProblem.WrongForm)]
    [InlineData("amount1", "¥12345678901", KeywordProblem.WrongForm)]
    [InlineData("amount1", "十二元", KeywordProblem.WrongForm)]
    [InlineData("phone_number1", "1380000000000000000", KeywordProblem.TooLong)]
    [InlineData("name1", "一二三四五六七八九十一", KeywordProblem.TooLong)]
    [InlineData("name1", "王1", KeywordProblem.WrongForm)]
    [InlineData("phrase1", "已 OK", KeywordProblem.WrongForm)]
    [InlineData("phrase1", "一二三四五六", KeywordProblem.TooLong)]
    [InlineData("sauce1", "x", KeywordProblem.UnknownType)]
    public void A_value_that_WeChat_would_refuse_is_refused_with_its_reason(string key, string? value, KeywordProblem problem)
    {
        var finding = KeywordRules.Check(key, value);
        Assert.Equal(problem, finding?.Problem);
        Assert.Contains(key, finding!.MessageZh, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("thing1", "您在和平路店的续购提醒已经生成，请登录小程序查看", "您在和平路店的续购提醒已经生成，请登录…")]
    [InlineData("thing1", "1234567890123456789🎂x", "1234567890123456789…")]
    [InlineData("thing1", "123456789012345678🎂🎂", "123456789012345678…")]
    [InlineData("thing1", " 两\r\n行 ", "两 行")]
    [InlineData("name1", "一二三四五六七八九十一", "一二三四五六七八九十")]
    [InlineData("phrase1", "已经全部完成", "已经全部完")]
    public void Prose_is_shortened_with_a_warning_and_never_within_a_character(string key, string value, string expected)
    {
        var fit = KeywordRules.Fit(key, value);
        Assert.Equal(expected, fit.Value);
        Assert.NotNull(fit.Finding);
        Assert.Null(KeywordRules.Check(key, fit.Value));
    }

    [Theory]
    [InlineData("thing1", "\n")]
    [InlineData("number1", "123456789012345678901234567890123")]
    [InlineData("date1", "明天")]
    [InlineData("amount1", "¥12345678901")]
    public void What_cannot_be_shortened_without_saying_something_else_is_refused(string key, string value)
    {
        var fit = KeywordRules.Fit(key, value);
        Assert.Null(fit.Value);
        Assert.NotNull(fit.Finding);
    }

    [Fact]
    public void Whatever_text_comes_a_fitted_thing_is_one_that_WeChat_takes()
    {
        var random = new Random(42);
        string[] pieces = ["药", "a", "🎂", "𠮷", "\n", " ", "，", "\u0000", "👨‍👩‍👧"];
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (KeywordRules.Fit("thing1", text).Value is not { } value) continue;
            Assert.Null(KeywordRules.Check("thing1", value));
            Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(value)));
        }
    }
}
