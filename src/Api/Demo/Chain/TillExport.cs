using System.Text;
using System.Text.Unicode;
using Engagement.Storage;

namespace Engagement.Api.Demo.Chain;

/// <summary>What the file behind <c>run.sh --purchases</c> turned out to be.</summary>
internal abstract record TillFile
{
    private TillFile()
    {
    }

    /// <summary>A foreign till's export, completed to a chain.</summary>
    internal sealed record Completed(ChainData Data) : TillFile;

    /// <summary>Our own purchase feed: the ordinary importer reads it.</summary>
    internal sealed record OwnFeed : TillFile;

    /// <summary>Nothing that can be used.</summary>
    internal sealed record Refused(Phrase Why) : TillFile;
}

/// <summary>Reads a real till export by what its first line says.</summary>
internal static class TillExport
{
    private const int LongestHeader = 4096;
    private const int ShownHeader = 120;

    // What names a ticket and an article in our own feed (docs/imports.md); its importer decides about the rest.
    private static readonly string[] s_ticketHeadings = ["ticket_no", "小票号", "单号", "销售单号", "流水号", "订单号"];
    private static readonly string[] s_articleHeadings = ["sku", "商品编码", "商品编号", "货号"];

    /// <summary>Reads the file; its dates are moved as a whole so that the newest ticket is yesterday.</summary>
    public static async Task<TillFile> ReadAsync(string path, ChainOptions options, CancellationToken ct)
    {
        try
        {
            var header = await FirstLineAsync(path, ct);
            var columns = header.Split(',', StringSplitOptions.TrimEntries);
            if (GroceryExport.Recognises(header)) return await GroceryExport.ReadAsync(path, options, ct);
            if (IsOwnFeed(header)) return new TillFile.OwnFeed();
            var missing = CdnowExport.Columns.Except(columns).ToList();
            if (missing.Count == 0) return await CdnowExport.ReadAsync(path, columns, options, ct);
            return Unknown(path, header, missing);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new TillFile.Refused(new($"读不了 {path}：{failure.Message}", $"{path} cannot be read: {failure.Message}"));
        }
    }

    private static bool IsOwnFeed(string header)
    {
        var headings = header.Split([',', '\t', ';']).Select(heading => heading.Trim(' ', '"').ToLowerInvariant()).ToHashSet();
        return headings.Overlaps(s_ticketHeadings) && headings.Overlaps(s_articleHeadings);
    }

    private static async Task<string> FirstLineAsync(string path, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        var start = new byte[LongestHeader];
        var read = await file.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, ct);
        var end = start.AsSpan(0, read).IndexOfAny((byte)'\r', (byte)'\n');
        return Decode(start.AsSpan(0, end < 0 ? read : end)).TrimStart('\uFEFF');
    }

    // Chinese tills write GB18030 as often as UTF-8.
    private static string Decode(ReadOnlySpan<byte> line) =>
        (Utf8.IsValid(line) ? Encoding.UTF8 : CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!).GetString(line);

    private static TillFile.Refused Unknown(string path, string header, List<string> missing)
    {
        var found = header.Length == 0 ? "" : header.Length > ShownHeader ? header[..ShownHeader] + "…" : header;
        var cdnow = string.Join(",", CdnowExport.Columns);
        var (nearZh, nearEn) = missing.Count < CdnowExport.Columns.Count - 2
            ? ($"缺少列 {string.Join("、", missing)}。", $" Missing: {string.Join(", ", missing)}.")
            : ("", "");
        return new TillFile.Refused(new(
            $"看不懂 {path} 的第 1 行：“{found}”。{nearZh}能识别：{cdnow}；每行一篮商品编号（旁边有 items.csv）；本系统的购买明细（见 docs/imports.md）。",
            $"Line 1 of {path} is not understood: \"{found}\".{nearEn} Understood are: {cdnow}; one basket of item numbers a line with items.csv beside it; our own purchase feed (docs/imports.md)."));
    }
}
