using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Members.Profiles;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Reports;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>What the demo tells a newcomer, line by line.</summary>
internal static class DemoStory
{
    private const string Merged = """
        SELECT COUNT(*) FROM (
            SELECT k.message_id FROM message m JOIN message_key k ON k.message_id = m.id
            WHERE  m.run_id = @run GROUP BY k.message_id HAVING COUNT(*) > 1) merged
        """;

    /// <summary>How many messages of a run speak of several medicines.</summary>
    public static async Task<long> MergedAsync(Session session, RunResult run) =>
        run.Producer == RefillAutomation.Producer ? await session.ScalarAsync<long>(Merged, new { run = run.Id.Value }) : 0;

    public static void Banner() => Stage.Head(
        "Engagement 演示：人物均为虚构，号码均未分配，没有任何内容离开本机。",
        "Engagement demo: invented people, unassigned numbers, nothing leaves this machine.");

    public static void Loaded(DemoHistory.Loaded loaded, ChainData chain)
    {
        Stage.Line(
            $"{loaded.Stores} 家门店 · {loaded.Members:N0} 名会员 · {loaded.Lines:N0} 行购药明细 · 来源 {Origin(loaded).Zh}",
            $"{loaded.Stores} stores · {loaded.Members:N0} members · {loaded.Lines:N0} lines · {Origin(loaded).En}");
        foreach (var made in loaded.Made) Stage.Line("  " + made.Zh, "  " + made.En);
        if (chain.Rejected.Count > 0) Stage.Line($"  {chain.Rejected.Count} 行无法使用，例如第 {chain.Rejected[0].Line} 行：{chain.Rejected[0].Reason.Zh}", $"  {chain.Rejected.Count} rows could not be used, for example line {chain.Rejected[0].Line}: {chain.Rejected[0].Reason.En}");
    }

    public static void Programme(long accounts) => Stage.Line(
        $"积分计划：{accounts:N0} 名会员有积分；等级 普卡、银卡、金卡；券 6 种",
        $"Loyalty programme: {accounts:N0} members have points; three tiers; six kinds of coupons");

    public static void Known(DemoHistory.Loaded known) => Stage.Line(
        $"数据已在：{known.Stores} 家门店 · {known.Members:N0} 名会员 · {known.Lines:N0} 行购药明细",
        $"Already here: {known.Stores} stores · {known.Members:N0} members · {known.Lines:N0} lines");

    public static void Clock(DateTimeOffset now) => Stage.Line(
        $"演示时钟：{ChinaTime.In(now):yyyy-MM-dd HH:mm}（北京时间）", $"Demo clock: {ChinaTime.In(now):yyyy-MM-dd HH:mm} (Asia/Shanghai)");

    public static void Producing() => Stage.Head("今天要说的话", "What is to be said today");

    public static void Produced(RunResult run, long merged)
    {
        var excluded = run.Excluded.Values.Sum();
        var reasons = excluded == 0 ? "" : $" ({string.Join(", ", run.Excluded.Select(e => $"{e.Key} {e.Value}"))})";
        var heldOut = (Zh: run.HeldOut == 0 ? "" : $" + 对照组 {run.HeldOut}", En: run.HeldOut == 0 ? "" : $" + {run.HeldOut} held out");
        var joined = (Zh: merged == 0 ? "" : $"；{merged} 名会员的多种药合并为一条", En: merged == 0 ? "" : $"; {merged} members' medicines merged");
        var name = Producer(run.Producer);
        Stage.Line(
            $"{name.Zh}：受众 {run.Audience} = 入队 {run.Enqueued}{heldOut.Zh} + 排除 {excluded}{reasons}{joined.Zh}",
            $"{name.En}: audience {run.Audience} = {run.Enqueued} enqueued{heldOut.En} + {excluded} excluded{reasons}{joined.En}");
    }

    public static void Approval(Campaign campaign, IReadOnlyList<CampaignFinding> findings)
    {
        if (findings.Count == 0) return;
        Stage.Line($"活动“{campaign.Content.Name}”审核未通过：", $"The campaign \"{campaign.Content.Name}\" was refused at approval:");
        foreach (var finding in findings) Stage.Line($"  [{finding.Code}] {finding.Sentence.Zh}", $"  [{finding.Code}] {finding.Sentence.En}");
    }

    public static async Task SummaryAsync(Installation installation, IServiceProvider services, Summary summary, IReadOnlyList<RunResult> runs, CancellationToken ct)
    {
        Stage.Head("结果", "What became of it");
        foreach (var (producer, run) in summary.Runs) Outcome(Producer(producer), run);
        await installation.Database.ReadAsync(async session =>
        {
            await DemoPeople.CostAsync(session, runs);
            return true;
        }, ct);
        Stage.Line(
            $"丢失 {summary.Lost} · 重复 {summary.Duplicates} · 沙箱计数 {summary.Sandbox.Accepted}{(summary.Holds() ? "，一致" : "，不一致！")}",
            $"Lost {summary.Lost} · doubled {summary.Duplicates} · sandbox counted {summary.Sandbox.Accepted}{(summary.Holds() ? ", the same" : ", NOT the same!")}");
        var (made, already) = (runs.Sum(run => run.Enqueued), runs.Sum(run => run.Excluded.GetValueOrDefault(Messaging.Gate.Reason.Already)));
        if (already > 0) Stage.Line($"新生成 {made} 条，{already} 条此前已生成", $"{made} new, {already} already");
        await DemoPeople.ReasonsAsync(installation, runs, ct);
        await DemoPeople.FiveAsync(installation, services.GetRequiredService<MemberStore>(), services.GetRequiredService<MemberTimeline>(), ct);
        Stage.Line($"用时 {summary.Seconds} 秒", $"{summary.Seconds} seconds");
    }

    public static void Addresses(string api, Uri sandbox)
    {
        Stage.Head("打开看看", "Have a look");
        Stage.Line($"  沙箱收件箱（像手机一样显示每条消息，可回复 R）：{sandbox}", $"  Sandbox inbox (each message as a phone shows it; reply R there): {sandbox}");
        Stage.Line($"  会员小程序预览（可选五个人）：{api}/preview", $"  Member mini-program, as any of the five: {api}/preview");
        Stage.Line($"  接口说明（OpenAPI）：{api}/openapi/v1.json", $"  OpenAPI document: {api}/openapi/v1.json");
        Stage.Line($"  健康检查：{api}/health/ready", $"  Health: {api}/health/ready");
        Stage.Line("  为什么：./engage why 王秀兰      前进三天：./engage demo advance 3      停止：Ctrl-C", "  Why: ./engage why 王秀兰      three days on: ./engage demo advance 3      stop: Ctrl-C");
    }

    /// <summary>What stands beside the bar while messages leave.</summary>
    public static string Live(LiveFigures live)
    {
        var channels = string.Join(" · ", live.SentByChannel.Select(c => $"{c.Key} {c.Value}"));
        return Speech.Say(
            $"已发送 {live.Sent}（{channels}）· {live.CostFen / 100m:0.00} 元 · 未发送 {live.Suppressed}",
            $"{live.Sent} sent ({channels}) · {live.CostFen / 100m:0.00} yuan · {live.Suppressed} suppressed");
    }

    private static void Outcome(Phrase name, RunSummary run)
    {
        var suppressed = run.Suppressed.Count == 0 ? "" : $" ({string.Join(", ", run.Suppressed.Select(s => $"{s.Key} {s.Value}"))})";
        var rest = string.Concat(Part("失败", run.Failed), Part("结果未知", run.InDoubt), Part("等待", run.Pending));
        var restEn = string.Concat(Part("failed", run.Failed), Part("in doubt", run.InDoubt), Part("pending", run.Pending));
        Stage.Line(
            $"{name.Zh}：{run.Enqueued} = 已发送 {run.Sent}（送达 {run.Delivered}，未送达 {run.Undelivered}）+ 未发送 {run.Suppressed.Values.Sum()}{suppressed}{rest}",
            $"{name.En}: {run.Enqueued} = {run.Sent} sent ({run.Delivered} delivered, {run.Undelivered} not) + {run.Suppressed.Values.Sum()} suppressed{suppressed}{restEn}");
    }

    private static string Part(string word, int count) => count == 0 ? "" : $" + {word} {count}";

    private static Phrase Origin(DemoHistory.Loaded loaded) => loaded.Origin.StartsWith("made:", StringComparison.Ordinal)
        ? new Phrase("按已发表的购买参数生成，种子 42", "made from published purchase parameters, seed 42")
        : new Phrase(loaded.Origin, loaded.Origin);

    /// <summary>What a producer is called in front of people.</summary>
    public static Phrase Producer(string producer) => producer switch
    {
        MemberTimeline.ConsentProducer => new("同意", "Consent"),
        BirthdayAutomation.Producer => new("生日祝福", "Birthday"),
        RefillAutomation.Producer => new("续购提醒", "Refill"),
        DemoRun.Promotion => new("促销活动", "Promotion"),
        _ => new(producer, producer),
    };
}
