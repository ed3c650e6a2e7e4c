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
}
