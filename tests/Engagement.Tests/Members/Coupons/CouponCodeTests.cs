using Engagement.Members.Coupons;

namespace Engagement.Tests.Members.Coupons;

public sealed class CouponCodeTests
{
    [Fact]
    public void A_new_code_is_read_as_itself_and_never_comes_twice()
    {
        var codes = Enumerable.Range(0, 20_000).Select(_ => CouponCode.New()).ToList();

        Assert.Equal(codes.Count, codes.Distinct().Count());
        Assert.All(codes, code =>
        {
            Assert.True(CouponCode.TryParse(code, out var read));
            Assert.Equal(code, read);
        });
    }

    [Fact]
    public void Every_place_of_a_code_holds_every_character()
    {
        var codes = Enumerable.Range(0, 5_000).Select(_ => CouponCode.New()).ToList();

        Assert.All(Enumerable.Range(0, CouponCode.Length), place => Assert.Equal(CouponCode.Alphabet.Order(), codes.Select(code => code[place]).Distinct().Order()));
    }

    [Fact]
    public void Any_one_wrong_character_is_found()
    {
        for (var round = 0; round < 200; round++)
        {
            var code = CouponCode.New();
            for (var place = 0; place < code.Length; place++)
            {
                foreach (var other in CouponCode.Alphabet.Where(c => c != code[place]))
                {
                    Assert.False(CouponCode.TryParse(code[..place] + other + code[(place + 1)..], out _), $"{code} with {other} at {place}");
                }
            }
        }
    }

    [Fact]
    public void Any_two_characters_in_each_others_place_are_found()
    {
        for (var round = 0; round < 500; round++)
        {
            var code = CouponCode.New();
            for (var a = 0; a < code.Length; a++)
            {
                for (var b = a + 1; b < code.Length; b++)
                {
                    if (code[a] == code[b]) continue;
                    var swapped = code.ToCharArray();
                    (swapped[a], swapped[b]) = (swapped[b], swapped[a]);
                    Assert.False(CouponCode.TryParse(new string(swapped), out _), $"{code} with {a} and {b} exchanged");
                }
            }
        }
    }

    [Fact]
    public void What_people_and_scanners_make_of_a_code_is_read()
    {
        var code = CouponCode.New();

        Assert.All([CouponCode.Grouped(code), $"  {code} ", code.ToLowerInvariant(), string.Concat(code.Select(c => (char)(c + 0xFEE0))), string.Join(' ', code.Chunk(4).Select(c => new string(c)))],
            typed => Assert.True(CouponCode.TryParse(typed, out var read) && read == code, typed));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2222222222222222222222222222222222222222222222222222222222222222222222222222")]
    [InlineData("' OR 1=1 --")]
    [InlineData("券码🌸")]
    [InlineData("OOOOOOOOOOOOOOOO")]
    public void What_is_no_code_is_refused(string? text) => Assert.False(CouponCode.TryParse(text, out _));

    [Fact]
    public void Half_a_character_is_refused() => Assert.False(CouponCode.TryParse("2222\ud83c22222222222", out _));
}
