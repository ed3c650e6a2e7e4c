using Engagement.Members.Profiles;

namespace Engagement.Tests.Members.Profiles;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("138 0013 8000")]
    [InlineData("138-0013-8000")]
    [InlineData("+86 13800138000")]
    [InlineData("008613800138000")]
    [InlineData("8613800138000")]
    [InlineData("１３８００１３８０００")]
    [InlineData("013800138000")]
    [InlineData("'13800138000")]
    [InlineData("(138) 0013.8000")]
    [InlineData("\u202a+86 138\u00a00013\u20118000\u202c")]
    public void Every_way_of_writing_a_number_gives_the_same_number(string text)
    {
        Assert.True(PhoneNumber.TryParse(text, out var number, out var fault), fault.ToString());
        Assert.Equal("13800138000", number.Digits);
    }

    [Theory]
    [InlineData("1380013800", PhoneFault.Length)]
    [InlineData("138001380000", PhoneFault.Length)]
    [InlineData("12345678901", PhoneFault.Prefix)]
    [InlineData("02161234567", PhoneFault.Landline)]
    [InlineData("1410123456789", PhoneFault.DataCard)]
    [InlineData("1440123456789", PhoneFault.DataCard)]
    [InlineData("1480123456789", PhoneFault.DataCard)]
    [InlineData("1.38E+10", PhoneFault.Scientific)]
    [InlineData("1.38001e10", PhoneFault.Scientific)]
    [InlineData("11111111111", PhoneFault.Placeholder)]
    [InlineData("13800138000 转 5", PhoneFault.Characters)]
    [InlineData("1380013800O", PhoneFault.Characters)]
    [InlineData("", PhoneFault.Missing)]
    [InlineData("  -- ", PhoneFault.Missing)]
    [InlineData(null, PhoneFault.Missing)]
    public void What_cannot_be_a_mobile_number_is_refused_with_its_reason(string? text, PhoneFault expected)
    {
        Assert.False(PhoneNumber.TryParse(text, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void A_hundred_thousand_digits_are_refused_as_too_many() =>
        Assert.Equal(PhoneFault.Length, PhoneNumber.TryParse(new string('1', 100_000) + "2", out _, out var fault) ? PhoneFault.None : fault);

    [Theory]
    [InlineData("13800000000", true)]
    [InlineData("13888888888", true)]
    [InlineData("13912345678", true)]
    [InlineData("13800138000", false)]
    [InlineData("19900000042", false)]
    public void Numbers_typed_in_to_fill_the_field_are_taken_but_suspicious(string text, bool suspicious)
    {
        Assert.True(PhoneNumber.TryParse(text, out var number, out _));
        Assert.Equal(suspicious, number.IsSuspicious);
    }

    [Theory]
    [InlineData("19900000042", true, true)]
    [InlineData("13800138000", true, false)]
    [InlineData("15400138000", false, false)]
    [InlineData("17900138000", false, false)]
    public void The_invented_range_is_known_and_a_new_prefix_is_taken(string text, bool known, bool invented)
    {
        Assert.True(PhoneNumber.TryParse(text, out var number, out _));
        Assert.Equal((known, invented), (number.HasKnownPrefix, number.IsInvented));
    }

    [Fact]
    public void Its_text_is_masked_and_a_number_that_was_never_set_says_so()
    {
        Assert.Equal("138****8000", $"{PhoneNumber.Parse("13800138000")}");
        Assert.Equal("(no phone)", default(PhoneNumber).ToString());
        Assert.Throws<InvalidOperationException>(() => default(PhoneNumber).Digits);
    }
}
