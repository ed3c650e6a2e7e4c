using System.Text;
using QRCoder;

namespace Engagement.Members.Coupons;

/// <summary>Codes as pictures: SVG, black on white with the quiet zone that scanners need. What is read is the code itself, without hyphens.</summary>
public static class CodeImage
{
    private const int BarQuiet = 10;
    private const int BarHeight = 50;

    /// <summary>A QR code; it can be read with a sixth of it dirty.</summary>
    public static string Qr(string text)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        // The generator's matrix has the quiet zone around it already.
        var rows = data.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (int x = 0, end; x < rows.Count; x = end + 1)
            {
                for (end = x; end < rows.Count && rows[y][end]; end++) continue;
                if (end > x) path.Append($"M{x} {y}h{end - x}v1h-{end - x}z");
            }
        }

        return Svg(rows.Count, rows.Count, path);
    }

    /// <summary>A Code 128 barcode.</summary>
    /// <exception cref="ArgumentException">A character is not printable ASCII.</exception>
    public static string Barcode(string text)
    {
        var path = new StringBuilder();
        var x = BarQuiet;
        var isBar = true;
        foreach (var width in Code128.Widths(text))
        {
            if (isBar) path.Append($"M{x} 0h{width}v{BarHeight}h-{width}z");
            x += width;
            isBar = !isBar;
        }

        return Svg(x + BarQuiet, BarHeight, path);
    }

    private static string Svg(int width, int height, StringBuilder path) =>
        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{width}v{height}H0z"/><path d="{path}"/></svg>""";
}
