using System.Globalization;
using Engagement.Api.Hosting;
using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Api.Cli;

/// <summary>Tells what an import did, in figures that add up.</summary>
internal static class ImportPrinter
{
    private const int MostTotals = 40;

    public static void Print(ImportKind kind, ImportFileResult result, ImportReport report, bool dryRun)
    {
        if (dryRun) Line("只做了检查，没有写入任何数据。", "Checked only; nothing was written.");
        var rejected = report.Rejected.Values.Sum();
        Line(
            $"读取 {report.Rows:N0} 行 = 新增 {report.Added:N0} + 变更 {report.Changed:N0} + 未变 {report.Unchanged:N0} + 合并 {report.Merged:N0} + 暂存退货 {report.Parked:N0} + 拒绝 {rejected:N0}",
            $"{report.Rows:N0} rows = {report.Added:N0} added + {report.Changed:N0} changed + {report.Unchanged:N0} unchanged + {report.Merged:N0} merged + {report.Parked:N0} refunds parked + {rejected:N0} rejected");
        if (report is { Unchanged: > 0, Added: 0, Changed: 0, Merged: 0, Parked: 0, Unparked: 0 }) Line("没有任何变化：这些行此前已导入。", "Nothing changed: these rows were imported before.");
        Counts("拒绝", "rejected", report.Rejected);
        Counts("已修正", "corrected", report.Corrected);
        Counts("请留意", "worth a look", report.Flagged);
        if (report.ToReview > 0) Line($"  {report.ToReview:N0} 对会员需人工判断是否同一人", $"  {report.ToReview:N0} pairs of members for staff to look at");
        if (report.Unparked > 0) Line($"  {report.Unparked:N0} 行此前暂存的退货已入账", $"  {report.Unparked:N0} refund rows that had been parked were booked");
        if (result.RejectsPath is { } path) Line($"  被拒行清单：{path}", $"  refused rows: {path}");
        if (result.IgnoredColumns.Count > 0) Line($"  未使用的列：{string.Join("、", result.IgnoredColumns)}", $"  columns not used: {string.Join(", ", result.IgnoredColumns)}");
        if (kind == ImportKind.Purchases) Totals(report);
        Line($"  编码 {result.Encoding} · SHA-256 {result.Sha256} · {result.Elapsed.TotalSeconds:0.0} 秒", $"  encoding {result.Encoding} · SHA-256 {result.Sha256} · {result.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>Writes the totals per store and day, to reconcile with the till's own.</summary>
    public static Task WriteTotalsAsync(string path, ImportReport report, CancellationToken ct) => File.WriteAllLinesAsync(path,
        report.Totals.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.StoreCode},{ChinaTime.Date(t.BusinessDay):yyyy-MM-dd},{t.Tickets},{t.Lines},{t.NetFen / 100m:0.00}"))
            .Prepend("store_code,business_date,tickets,lines,net"), ct);

    private static void Totals(ImportReport report)
    {
        var perDay = report.Totals.Count <= MostTotals;
        var rows = perDay
            ? report.Totals.Select(t => ($"{t.StoreCode} {ChinaTime.Date(t.BusinessDay):yyyy-MM-dd}", t.Tickets, t.Lines, t.NetFen))
            : report.Totals.GroupBy(t => t.StoreCode).Select(g => (g.Key, g.Sum(t => t.Tickets), g.Sum(t => t.Lines), g.Sum(t => t.NetFen)));
        if (!perDay) Line($"  按门店合计（{report.Totals.Count:N0} 个店日，逐日见 --totals FILE）：", $"  totals per store ({report.Totals.Count:N0} store days; each day by --totals FILE):");
        foreach (var (name, tickets, lines, fen) in rows) Line($"  {name}：{tickets:N0} 张小票，{lines:N0} 行，{fen / 100m:N2} 元", $"  {name}: {tickets:N0} tickets, {lines:N0} lines, {fen / 100m:N2} yuan");
    }

    private static void Counts(string zh, string en, IReadOnlyDictionary<string, long> counts)
    {
        foreach (var (code, count) in counts) Line($"  {zh} {code}：{count:N0}", $"  {en} {code}: {count:N0}");
    }

    private static void Line(string zh, string en) => Console.WriteLine(Speech.Say(zh, en));
}
