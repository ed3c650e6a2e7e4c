using System.CommandLine;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Members.Imports;
using Engagement.Messaging.Channels.WeChat;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Cli;

/// <summary><c>engage import stores|products|members|purchases FILE</c>.</summary>
internal static class ImportVerb
{
    private static readonly Argument<FileInfo> s_file = new Argument<FileInfo>("FILE") { Description = Speech.Say("CSV 文件（列见 docs/imports.md）", "a CSV file (columns: docs/imports.md)") }.AcceptExistingOnly();
    private static readonly Option<bool> s_dryRun = new("--dry-run") { Description = Speech.Say("只检查，不写入", "check everything, write nothing") };
    private static readonly Option<string?> s_rejects = new("--rejects") { Description = Speech.Say("被拒行的清单（默认 FILE.rejects.csv）", "where refused rows are listed (default: FILE.rejects.csv)"), HelpName = "FILE" };
    private static readonly Option<string?> s_totals = new("--totals") { Description = Speech.Say("把每店每日合计写成 CSV", "write the totals per store and day as CSV"), HelpName = "FILE" };
    private static readonly Option<string> s_source = new("--source")
    {
        Description = Speech.Say("文件没有来源列时的来源代码", "the source code when the file has no such column"), HelpName = "CODE", DefaultValueFactory = _ => "till",
    };

    public static Command Create()
    {
        var command = new Command("import", Speech.Say("导入 CSV", "import CSV"));
        foreach (var kind in Enum.GetValues<ImportKind>())
        {
            var verb = new Command(kind.ToString().ToLowerInvariant(), Name(kind).Say()) { s_file, s_dryRun, s_rejects, s_totals, s_source };
            verb.SetAction((parsed, ct) => RunAsync(kind, parsed, ct));
            command.Add(verb);
        }

        return command;
    }

    private static async Task<int> RunAsync(ImportKind kind, ParseResult parsed, CancellationToken ct)
    {
        var file = parsed.GetRequiredValue(s_file);
        await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
        await using var services = installation.Services();
        var options = new ImportOptions(parsed.GetValue(s_dryRun), WeChatAccount: services.GetRequiredService<IOptions<WeChatOptions>>().Value.AppId, Source: parsed.GetRequiredValue(s_source));
        var result = await Stage.BarAsync("导入", "Importing", file.Length, bar => services.GetRequiredService<ImportFile>().RunAsync(
            kind, file.FullName, options, parsed.GetValue(s_rejects) ?? file.FullName + ".rejects.csv", new Rows(bar, file.Length), ct));
        if (result.Report is not { } report)
        {
            await Console.Error.WriteLineAsync(result.Error!.Sentence.Say());
            return 1;
        }

        ImportPrinter.Print(kind, result, report, options.DryRun);
        if (parsed.GetValue(s_totals) is { } totals) await ImportPrinter.WriteTotalsAsync(totals, report, ct);
        return 0;
    }

    private static Storage.Phrase Name(ImportKind kind) => kind switch
    {
        ImportKind.Stores => new("门店", "stores"),
        ImportKind.Products => new("商品主档", "the product master"),
        ImportKind.Members => new("会员", "members"),
        ImportKind.Purchases => new("购药明细与退货", "purchase lines and refunds"),
    };

    // The bar counts bytes, rows come in: the file's line count joins the two.
    private sealed class Rows(IProgress<Stage.Step> bar, long bytes) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => bar.Report(new Stage.Step(value.Expected is > 0 and var expected ? bytes * Math.Min(value.Rows, expected) / expected : 0));
    }
}
