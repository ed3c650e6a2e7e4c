using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Storage;

namespace Engagement.Api.Cli;

/// <summary><c>engage demo run</c> (what <c>run.sh</c> calls) and <c>engage demo advance DAYS</c>.</summary>
internal static class DemoVerb
{
    private static readonly Option<int> s_port = Number("--port", "接口端口，0 为自动", "the API's port, 0 picks a free one", 5080, 0, 65535);
    private static readonly Option<int> s_sandboxPort = Number("--sandbox-port", "沙箱端口，0 为自动", "the sandbox's port, 0 picks a free one", 5090, 0, 65535);
    private static readonly Option<int> s_members = Number("--members", "生成多少会员", "how many members to make", 5000, 100, 1_000_000);
    private static readonly Option<FileInfo?> s_purchases = new("--purchases") { Description = Speech.Say("真实的收银导出文件", "a real till export"), HelpName = "FILE" };
    private static readonly Option<DateTimeOffset?> s_at = new("--at") { Description = Speech.Say("演示时钟的起点（ISO 时间）", "where the demo's clock starts (ISO time)"), HelpName = "ISO-TIME", CustomParser = Time };
    private static readonly Option<bool> s_once = new("--once") { Description = Speech.Say("做完主要工作就退出", "do the main job and stop") };
    private static readonly Option<bool> s_empty = new("--empty") { Description = Speech.Say("不带演示数据启动", "start without the demo's data") };
    private static readonly Argument<int> s_days = new("DAYS") { Description = Speech.Say("前进的天数", "how many days") };

    public static Command Create()
    {
        s_purchases.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<FileInfo?>() is { Exists: false } missing) result.AddError(Speech.Say($"找不到文件 {missing}", $"There is no file {missing}"));
        });
        var run = new WorkerCommand("run", Speech.Say("运行演示（run.sh 调用）", "run the demo (what run.sh calls)")) { s_port, s_sandboxPort, s_members, s_purchases, s_at, s_once, s_empty };
        run.SetAction((parsed, ct) => new DemoRun(new DemoOptions(
            Path.GetFullPath(parsed.GetRequiredValue(EngageCommand.Data)), parsed.GetValue(s_port), parsed.GetValue(s_sandboxPort),
            parsed.GetValue(s_purchases)?.FullName, parsed.GetValue(s_members), parsed.GetValue(s_at), parsed.GetValue(s_once), parsed.GetValue(s_empty))).RunAsync(ct));

        s_days.Validators.Add(days =>
        {
            if (Whole(days) is < 1 or > 365) days.AddError(Speech.Say("DAYS 应在 1 到 365 之间", "DAYS is from 1 to 365"));
        });
        var advance = new Command("advance", Speech.Say("把演示时钟向前拨", "move the demo's clock on")) { s_days };
        advance.SetAction((parsed, ct) => AdvanceAsync(parsed.GetRequiredValue(EngageCommand.Data), parsed.GetValue(s_days), ct));
        return new Command("demo", Speech.Say("演示", "the demo")) { run, advance };
    }

    // A time without an offset is meant as people here read clocks.
    private static DateTimeOffset? Time(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time))
        {
            return DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var local) && local.Kind == DateTimeKind.Unspecified
                ? new DateTimeOffset(local, ChinaTime.Offset)
                : time;
        }

        result.AddError(Speech.Say($"--at 需要 ISO 时间，例如 2026-11-22T10:00，而不是“{text}”", $"--at wants an ISO time such as 2026-11-22T10:00, not \"{text}\""));
        return null;
    }

    private static async Task<int> AdvanceAsync(string data, int days, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(data), migrate: false, ct);
        if (!installation.Keys.Demo)
        {
            throw new StorageException("not_a_demo", new("这不是演示安装，业务时钟不能拨动。", "This is no demo installation; its business clock is not moved."));
        }

        DemoStory.Clock(await DemoClock.AdvanceAsync(installation, days, ct));
        return 0;
    }

    // What was given, when it is a number; that it is none is said by the parser, and asking it for the value would throw.
    private static int? Whole(SymbolResult result) => result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static Option<int> Number(string name, string zh, string en, int standard, int least, int most)
    {
        var option = new Option<int>(name) { Description = Speech.Say(zh, en), HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (Whole(result) is { } value && (value < least || value > most))
            {
                result.AddError(Speech.Say($"{name} 应在 {least} 到 {most} 之间", $"{name} is from {least} to {most}"));
            }
        });
        return option;
    }
}
