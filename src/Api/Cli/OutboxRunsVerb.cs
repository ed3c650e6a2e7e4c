using System.CommandLine;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Messaging.Reports;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Spectre.Console;

namespace Engagement.Api.Cli;

/// <summary><c>engage outbox runs</c> and <c>engage outbox pause|resume|cancel RUN</c>.</summary>
internal static class OutboxRunsVerb
{
    private const int Refused = 1;
    private const int Width = 160;

    private static readonly Argument<string> s_target = new("RUN") { Description = Speech.Say("批次号或活动代码", "the number of a run, or the code of a campaign") };
    private static readonly Option<int> s_most = new("--most") { Description = Speech.Say("最近多少个批次", "how many of the latest runs"), HelpName = "N", DefaultValueFactory = _ => 20 };

    public static IEnumerable<Command> Create()
    {
        var runs = new Command("runs", Speech.Say("最近的批次", "the latest runs")) { s_most };
        runs.SetAction((parsed, ct) => ListAsync(parsed.GetRequiredValue(EngageCommand.Data), parsed.GetValue(s_most), parsed.InvocationConfiguration.Output, ct));
        yield return runs;
        yield return Decision("pause", "暂停发送", "stop sending until it is resumed", "已暂停", "paused", (desk, target, ct) => desk.PauseAsync(target, PauseReason.Staff, ct));
        yield return Decision("resume", "继续发送", "go on sending", "已继续", "resumed", (desk, target, ct) => desk.ResumeAsync(target, ct));
        yield return Decision("cancel", "取消，不再发送", "end it for good", "已取消", "cancelled", (desk, target, ct) => desk.CancelAsync(target, ct));
    }

    private static Command Decision(string name, string zh, string en, string doneZh, string doneEn, Func<RunDesk, RunTarget, CancellationToken, Task<RunAnswer>> decide)
    {
        var command = new Command(name, Speech.Say(zh, en)) { s_target };
        command.SetAction(async (parsed, ct) =>
        {
            await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
            await using var services = installation.Services();
            var (text, desk) = (parsed.GetRequiredValue(s_target), services.GetRequiredService<RunDesk>());
            var answer = await desk.FindAsync(text, ct) is { } target ? await decide(desk, target, ct) : RunAnswer.Unknown;
            // With no worker at work, nobody else would do it soon.
            if (name == "cancel" && answer == RunAnswer.Done) await services.GetRequiredService<CancelledRuns>().ClearAsync(ct);
            var said = Say(text, answer, new Phrase(doneZh, doneEn)).Say();
            await (answer == RunAnswer.Done ? parsed.InvocationConfiguration.Output : parsed.InvocationConfiguration.Error).WriteLineAsync(said);
            return answer == RunAnswer.Done ? 0 : Refused;
        });
        return command;
    }

    private static Phrase Say(string target, RunAnswer answer, Phrase done) => answer switch
    {
        RunAnswer.Done => new($"{target} {done.Zh}。", $"{target} is {done.En}."),
        RunAnswer.Already => new($"{target} 原来就是如此，没有改动。[already]", $"{target} was so already; nothing was changed. [already]"),
        RunAnswer.Unknown => new($"没有批次或活动“{target}”，请看 engage outbox runs。[unknown_run]", $"There is no run or campaign \"{target}\": see engage outbox runs. [unknown_run]"),
        RunAnswer.WrongState => new($"{target} 已结束或尚未批准，不能这样做。[wrong_state]", $"{target} is over, or was never approved. [wrong_state]"),
    };

    private static async Task<int> ListAsync(string data, int most, TextWriter output, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(data), migrate: false, ct);
        var (runs, waiting) = await installation.Database.ReadAsync(async session => (
            await RunListStore.LatestAsync(session, most), await RunListStore.WaitingAsync(session)), ct);
        if (runs.Count == 0) await output.WriteLineAsync(Speech.Say("还没有批次。", "There is no run yet."));
        else Print(runs, output);
        foreach (var campaign in waiting)
        {
            await output.WriteLineAsync(Speech.Say(
                $"活动 {campaign.Code} 没有开始：{PauseReason.Sentence(campaign.Reason).Zh}。开始：engage outbox resume {campaign.Code}　放弃：engage outbox cancel {campaign.Code}",
                $"The campaign {campaign.Code} was not started: {PauseReason.Sentence(campaign.Reason).En}. Start it: engage outbox resume {campaign.Code}   drop it: engage outbox cancel {campaign.Code}"));
        }

        return 0;
    }

    private static void Print(IReadOnlyList<ListedRun> runs, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = Math.Max(console.Profile.Width, Width);
        var table = new Table().Border(TableBorder.Simple);
        foreach (var (zh, en, number) in s_columns)
        {
            table.AddColumn(new TableColumn(Speech.Say(zh, en)) { Alignment = number ? Justify.Right : Justify.Left, NoWrap = true });
        }

        foreach (var run in runs)
        {
            var f = run.Figures;
            string[] cells =
            [
                run.Id.ToString(), run.Campaign ?? DemoStory.Producer(f.Producer).Say(), $"{ChinaTime.Date(run.BusinessDay):yyyy-MM-dd}", State(run).Say(),
                .. new[] { f.Audience, f.Enqueued, f.Sent, f.Pending, f.InDoubt, f.Failed, f.PossiblyTwice }.Select(figure => figure.ToString("N0")),
            ];
            table.AddRow(cells.Select(Markup.Escape).ToArray());
        }

        console.Write(table);
    }

    private static readonly (string Zh, string En, bool Number)[] s_columns =
    [
        ("批次", "run", false), ("来源", "of", false), ("日期", "day", false), ("状态", "state", false), ("受众", "audience", true), ("入队", "enqueued", true),
        ("已发送", "sent", true), ("等待", "pending", true), ("结果未知", "in doubt", true), ("失败", "failed", true), ("可能重复", "possibly twice", true),
    ];

    private static Phrase State(ListedRun run) => run.Paused is { } paused ? new($"暂停（{paused}）", $"paused ({paused})") : run.State switch
    {
        RunState.Expanding => new("展开中", "expanding"),
        RunState.Expanded => new("发送中", "sending"),
        RunState.Cancelled => new("已取消", "cancelled"),
        RunState.Done => new("完成", "done"),
    };
}
