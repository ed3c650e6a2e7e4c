using Engagement.Templates.Content;

namespace Engagement.Tests.Templates.Content;

public sealed class SmsSegmentsTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(68, 1)]
    [InlineData(70, 1)]
    [InlineData(71, 2)]
    [InlineData(134, 2)]
    [InlineData(135, 3)]
    [InlineData(160, 3)]
    [InlineData(500, 8)]
    public void Parts_follow_the_carriers_table(int length, int parts)
    {
        Assert.Equal(parts, SmsSegments.Count(new string('药', length)));
        Assert.Equal(parts, SmsSegments.Count(new string('a', length)));
    }

    [Fact]
    public void The_signature_with_its_brackets_counts() => Assert.Equal(5, "【华为云】".Length);

    [Fact]
    public void An_emoji_counts_as_two_characters()
    {
        Assert.Equal(1, SmsSegments.Count(string.Concat(Enumerable.Repeat("🎂", 35))));
        Assert.Equal(2, SmsSegments.Count(string.Concat(Enumerable.Repeat("🎂", 36))));
    }

    [Fact]
    public void For_every_length_the_parts_hold_the_text_and_one_fewer_would_not()
    {
        for (var length = 1; length <= 5_000; length++)
        {
            var parts = SmsSegments.Count(new string('x', length));
            var room = parts == 1 ? SmsSegments.SinglePart : parts * SmsSegments.PartOfMany;
            Assert.True(length <= room, $"{length} characters do not fit into {parts} parts");
            var roomOfFewer = parts == 2 ? SmsSegments.SinglePart : (parts - 1) * SmsSegments.PartOfMany;
            Assert.True(parts == 1 || length > roomOfFewer, $"{length} characters fit into fewer than {parts} parts");
        }
    }

    [Fact]
    public void Whatever_characters_come_signature_text_and_opt_out_are_counted_as_the_phone_network_carries_them()
    {
        var random = new Random(7067);
        string[] pieces = ["药", "a", "1", "。", " ", "🎂", "𠮷", "👨‍👩‍👧", "\n", "é"];
        for (var round = 0; round < 20_000; round++)
        {
            var body = string.Concat(Enumerable.Range(0, random.Next(120)).Select(_ => pieces[random.Next(pieces.Length)]));
            var whole = "【康宁大药房】" + body + "拒收请回复R";
            var units = System.Text.Encoding.BigEndianUnicode.GetByteCount(whole) / 2;
            var parts = SmsSegments.Count(whole);

            Assert.Equal(units, whole.Length);
            Assert.InRange(units, parts == 1 ? 1 : parts == 2 ? 71 : ((parts - 1) * 67) + 1, parts == 1 ? 70 : parts * 67);
            // Signature and opt-out are 13 characters that are billed like any other.
            Assert.True(parts >= SmsSegments.Count(body));
            Assert.Equal(parts, SmsSegments.Count(new string('x', 13 + body.Length)));
        }
    }

    [Fact]
    public void One_more_character_never_costs_less_and_never_more_than_one_part()
    {
        var text = "";
        for (var length = 0; length < 1_000; length++)
        {
            var longer = text + (length % 3 == 0 ? "🎂" : "药");
            Assert.InRange(SmsSegments.Count(longer) - SmsSegments.Count(text), 0, 1);
            text = longer;
        }
    }

    [Theory]
    [InlineData(57, 1)]
    [InlineData(58, 2)]
    [InlineData(121, 2)]
    [InlineData(122, 3)]
    public void A_signature_and_an_opt_out_can_cost_a_part(int body, int parts) =>
        Assert.Equal(parts, SmsSegments.Count("【康宁大药房】" + new string('药', body) + "拒收请回复R"));
}
