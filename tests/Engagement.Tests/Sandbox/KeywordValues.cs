using Engagement.Sandbox.WeChat;

namespace Engagement.Tests.Sandbox;

public sealed class KeywordValues
{
    [Theory]
    [InlineData("thing1", "二十个字以内的任何内容，abc 123！")]
    [InlineData("thing01", "正好二十个字符正好二十个字符正好二十个字")]
    [InlineData("number1", "12345678901234567890123456789012")]
    [InlineData("number1", "3.14")]
    [InlineData("letter1", "abcXYZ")]
    [InlineData("symbol1", "￥%#@!")]
    [InlineData("character_string6", "ORDER-2026/03:10 #7")]
    [InlineData("time1", "15:01")]
    [InlineData("time1", "2019年10月1日 15:01")]
    [InlineData("time1", "9:05:30~18:00")]
    [InlineData("date1", "2019年10月1日")]
    [InlineData("date1", "2019年10月")]
    [InlineData("date1", "10月1日")]
    [InlineData("date1", "2019-10-01 15:01")]
    [InlineData("date1", "2019/10/01~2019/10/07")]
    [InlineData("date1", "2019.10.01")]
    [InlineData("amount1", "¥1234567.89")]
    [InlineData("amount1", "20元")]
    [InlineData("phone_number1", "+86-0766-66888866")]
    [InlineData("car_number1", "粤A8Z888挂")]
    [InlineData("name1", "阿卜杜热西提买买提江")]
    [InlineData("name1", "Wang Xiulan")]
    [InlineData("phrase1", "待取货")]
    [InlineData("enum1", "已完成")]
    [InlineData("const1", "固定内容")]
    public void A_value_within_its_type_is_taken(string key, string value) => Assert.Null(KeywordRules.Fault(key, value, countCodePoints: false));

    [Theory]
    [InlineData("thing1", "二十一个字符二十一个字符二十一个字符二十一")]
    [InlineData("thing1", "有\n换行")]
    [InlineData("thing1", "有\t制表")]
    [InlineData("thing1", "   ")]
    [InlineData("number1", "123456789012345678901234567890123")]
    [InlineData("number1", "12盒")]
    [InlineData("letter1", "abc1")]
    [InlineData("symbol1", "a")]
    [InlineData("symbol1", "!!!!!!")]
    [InlineData("character_string6", "订单7")]
    [InlineData("character_string6", "123456789012345678901234567890123")]
    [InlineData("time1", "25:00")]
    [InlineData("time1", "明天上午")]
    [InlineData("time1", "15:01~")]
    [InlineData("date1", "2019-10/01")]
    [InlineData("date1", "本周五")]
    [InlineData("amount1", "12345678901")]
    [InlineData("amount1", "¥12,5")]
    [InlineData("amount1", "二十元")]
    [InlineData("phone_number1", "+86-0766-668888666")]
    [InlineData("phone_number1", "电话12345")]
    [InlineData("car_number1", "粤A8Z8888挂")]
    [InlineData("car_number1", "粤粤A888")]
    [InlineData("name1", "阿卜杜热西提买买提江江")]
    [InlineData("name1", "王xiulan12345")]
    [InlineData("name1", "WangXiulanWangXiulanX")]
    [InlineData("phrase1", "超过五个字了")]
    [InlineData("phrase1", "ok")]
    [InlineData("unknown1", "好")]
    public void A_value_that_breaks_its_type_is_refused(string key, string value) => Assert.NotNull(KeywordRules.Fault(key, value, countCodePoints: false));

    [Fact]
    public void Whether_an_emoji_counts_one_or_two_is_a_setting()
    {
        var value = string.Concat(Enumerable.Repeat("🎂", 20));
        Assert.NotNull(KeywordRules.Fault("thing1", value, countCodePoints: false));
        Assert.Null(KeywordRules.Fault("thing1", value, countCodePoints: true));
    }
}
