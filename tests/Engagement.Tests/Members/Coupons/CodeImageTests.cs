using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Engagement.Members.Coupons;
using QRCoder;

namespace Engagement.Tests.Members.Coupons;

public sealed partial class CodeImageTests
{
    // The widths that the reference encoder bwip-js 4 draws for this text.
    [Fact]
    public void A_barcode_has_the_bars_of_the_reference_encoder() =>
        Assert.Equal("2112143121311123312113313113212232111131233311211113233211222311312133111311232212311313211123132311131211422331112", string.Concat(Code128.Widths("7KQW2MXA9RTB4CDH")));

    [Fact]
    public void Every_character_of_a_barcode_is_eleven_modules_wide_and_the_stop_thirteen()
    {
        for (var c = ' '; c <= '~'; c++)
        {
            var widths = Code128.Widths(c.ToString()).ToList();

            Assert.Equal(3 * 6 + 7, widths.Count);
            Assert.Equal(3 * 11 + 13, widths.Sum());
            Assert.All(widths.Take(18).Chunk(6), character => Assert.Equal(11, character.Sum()));
        }
    }

    [Fact]
    public void A_barcode_holds_no_Chinese() => Assert.Throws<ArgumentException>(() => CodeImage.Barcode("券"));

    [Fact]
    public void Both_pictures_are_well_formed_and_leave_a_quiet_zone()
    {
        var code = CouponCode.New();

        var (bar, qr) = (Dark(CodeImage.Barcode(code)), Dark(CodeImage.Qr(code)));

        Assert.Equal(10, bar.Dark.Min(x => x.X));
        Assert.Equal(bar.Width - 10, bar.Dark.Max(x => x.X + x.Width));
        Assert.Equal(10 + 11 * (CouponCode.Length + 2) + 13 + 10, bar.Width);
        Assert.Equal(4, qr.Dark.Min(x => x.X));
        Assert.Equal(qr.Width - 4, qr.Dark.Max(x => x.X + x.Width));
        // The upper edge of a finder pattern is seven modules wide.
        Assert.Equal(7, qr.Dark[0].Width);
    }

    [Fact]
    public void A_QR_code_draws_every_dark_module_and_no_other()
    {
        using var data = new QRCodeGenerator().CreateQrCode("7KQW2MXA9RTB4CDH", QRCodeGenerator.ECCLevel.M);
        var drawn = QrBar().Matches(CodeImage.Qr("7KQW2MXA9RTB4CDH")).SelectMany(bar =>
            Enumerable.Range(int.Parse(bar.Groups[1].Value), int.Parse(bar.Groups[3].Value)).Select(x => (x, y: int.Parse(bar.Groups[2].Value)))).Order();

        Assert.Equal(from y in Enumerable.Range(0, data.ModuleMatrix.Count) from x in Enumerable.Range(0, data.ModuleMatrix.Count) where data.ModuleMatrix[y][x] orderby x, y select (x, y), drawn);
    }

    [Fact]
    public void Two_codes_are_two_pictures() => Assert.NotEqual(CodeImage.Qr(CouponCode.New()), CodeImage.Qr(CouponCode.New()));

    private static (int Width, IReadOnlyList<(int X, int Width)> Dark) Dark(string svg)
    {
        var root = XDocument.Parse(svg).Root!;
        var width = int.Parse(root.Attribute("viewBox")!.Value.Split(' ')[2], CultureInfo.InvariantCulture);
        var path = root.Elements().Last().Attribute("d")!.Value;
        return (width, [.. Bar().Matches(path).Select(m => (int.Parse(m.Groups[1].Value), int.Parse(m.Groups[2].Value)))]);
    }

    [GeneratedRegex(@"M(\d+) \d+h(\d+)v")]
    private static partial Regex Bar();

    [GeneratedRegex(@"M(\d+) (\d+)h(\d+)v1")]
    private static partial Regex QrBar();
}
