using Engagement.Members.Profiles;

namespace Engagement.Tests.Members.Profiles;

public sealed class PersonNameTests
{
    [Theory]
    [InlineData(" 王 秀 兰 ", "王秀兰")]
    [InlineData("欧阳　娜娜", "欧阳娜娜")]
    [InlineData("买买提•艾力", "买买提·艾力")]
    [InlineData("买买提・艾力", "买买提·艾力")]
    [InlineData("Ｊｏｈｎ  Smith", "John Smith")]
    [InlineData("王秀兰13800138000", "王秀兰")]
    [InlineData("𠮷田", "𠮷田")]
    public void A_name_is_cleaned(string text, string expected)
    {
        Assert.True(PersonName.TryParse(text, out var name, out var fault), fault.ToString());
        Assert.Equal(expected, name.Value);
    }

    [Theory]
    [InlineData("顾客", NameFault.Placeholder)]
    [InlineData("测试", NameFault.Placeholder)]
    [InlineData("TEST", NameFault.Placeholder)]
    [InlineData("无", NameFault.Placeholder)]
    [InlineData("", NameFault.Missing)]
    [InlineData("12345", NameFault.Missing)]
    [InlineData("王", NameFault.TooShort)]
    [InlineData("***", NameFault.Characters)]
    [InlineData("王王王王王王王王王王王王王王王王王王王王王", NameFault.TooLong)]
    public void What_is_no_name_says_why(string text, NameFault expected)
    {
        Assert.False(PersonName.TryParse(text, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Theory]
    [InlineData("王秀蘭", "王秀兰")]
    [InlineData("陳敏女士", "陈敏")]
    [InlineData("王秀兰阿姨", "王秀兰")]
    [InlineData("買买提·艾力", "買买提艾力")]
    [InlineData("John Smith", "johnsmith")]
    public void Two_spellings_of_one_name_compare_equal(string text, string expected) =>
        Assert.Equal(expected, PersonName.Parse(text).CompareForm);

    [Theory]
    [InlineData("王秀兰", "王", "王**")]
    [InlineData("李强", "李", "李*")]
    [InlineData("欧阳娜娜", "欧阳", "欧阳**")]
    [InlineData("司马光", "司马", "司马*")]
    [InlineData("欧阳", "欧阳", "欧阳*")]
    [InlineData("John Smith", "Smith", "J***")]
    [InlineData("𠮷田", "𠮷", "𠮷*")]
    public void The_surname_is_known_and_the_rest_is_masked(string text, string surname, string masked)
    {
        Assert.Equal(surname, PersonName.Parse(text).Surname);
        Assert.Equal(masked, PersonName.Parse(text).ToString());
    }

    [Theory]
    [InlineData("王先生", true)]
    [InlineData("欧阳女士", true)]
    [InlineData("王强先生", false)]
    [InlineData("李强", false)]
    public void A_surname_with_a_title_proves_nobodys_identity(string text, bool partial) =>
        Assert.Equal(partial, PersonName.Parse(text).IsPartial);
}
