using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Members;
using Engagement.Members.Home;
using Engagement.Members.Profiles;
using Engagement.Messaging;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Reports;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>The people behind the figures: an example for each reason, and five to look at.</summary>
internal static class DemoPeople
{
    private const string Costs = """
        SELECT channel AS Channel, COUNT(*) AS Count, SUM(cost_fen) AS Fen
        FROM   message
        WHERE  run_id IN @runs AND state IN (3, 4, 5)
        GROUP BY channel
        """;

    private const string Examples = """
        SELECT rm.reason AS Reason, MIN(rm.member_id) AS Member FROM run_member rm WHERE rm.run_id IN @runs AND rm.reason IS NOT NULL GROUP BY rm.reason
        UNION ALL
        SELECT m.reason AS Reason, MIN(m.member_id) AS Member FROM message m WHERE m.run_id IN @runs AND m.reason IS NOT NULL GROUP BY m.reason
        UNION ALL
        SELECT 'held_out' AS Reason, MIN(rm.member_id) AS Member FROM run_member rm WHERE rm.run_id IN @runs AND rm.arm = 2 HAVING COUNT(*) > 0
        """;

    private const string Names = "SELECT id AS Id, member_no AS No, name_cipher AS Name FROM member WHERE id IN @ids";

    /// <summary>What left, by channel, and what it cost.</summary>
    public static async Task CostAsync(Session session, IReadOnlyList<RunResult> runs)
    {
        foreach (var row in await session.QueryAsync<CostRow>(Costs, new { runs = runs.Select(run => run.Id.Value) }))
        {
            var channel = (Channel)row.Channel;
            Stage.Line($"  {channel.Code()}：{row.Count} 条，{row.Fen / 100m:0.00} 元", $"  {channel.Code()}: {row.Count}, {row.Fen / 100m:0.00} yuan");
        }
    }

    /// <summary>Every reason that occurred, once, with a member whom it concerns.</summary>
    public static async Task ReasonsAsync(Installation installation, IReadOnlyList<RunResult> runs, CancellationToken ct)
    {
        var rows = await installation.Database.ReadAsync(session => session.QueryAsync<ExampleRow>(Examples, new { runs = runs.Select(run => run.Id.Value) }), ct);
        if (rows.Count == 0) return;
        var names = await NamesAsync(installation, [.. rows.Select(row => row.Member).Distinct()], ct);
        Stage.Head("没有发出去的原因（各举一例）", "Why some were not sent (one example each)");
        foreach (var row in rows.DistinctBy(row => row.Reason).OrderBy(row => row.Reason, StringComparer.Ordinal))
        {
            var sentence = Reason.Sentence(row.Reason);
            Stage.Line($"  {row.Reason,-22} {sentence.Zh}，例如 {names[row.Member]}", $"  {row.Reason,-22} {sentence.En}; for example {names[row.Member]}");
        }
    }

    /// <summary>The five people of the story, with what really became of them.</summary>
    public static async Task FiveAsync(Installation installation, MemberStore members, MemberTimeline timeline, HomeBook home, CancellationToken ct)
    {
        var found = new List<MemberId>();
        foreach (var number in (string[])[Story.WangXiulan, Story.LiQiang, Story.ChenMin, Story.ZhaoLei, Story.ZhouFang])
        {
            found.AddRange((await members.FindAsync(number, 1, ct)).Take(1));
        }

        if (found.Count == 0) return;
        var profiles = await members.ProfilesAsync(found, ct);
        Stage.Head("看看这五个人（./engage why 姓名）", "Five people to look at (./engage why NAME)");
        foreach (var member in found)
        {
            var entries = await installation.Database.ReadAsync(session => timeline.ReadAsync(session, member, campaign: null), ct);
            Stage.Line($"  {profiles[member].Name?.Value}", $"  {profiles[member].Name?.Value}");
            if (await installation.Database.ReadAsync(session => home.ReadAsync(session, member), ct) is { } page)
            {
                Stage.Line(
                    $"    积分 {page.Points.Active}（待生效 {page.Points.Pending}）· {page.Tier?.Name.Zh ?? "无等级"} · 可用券 {page.UsableCoupons} 张",
                    $"    {page.Points.Active} points ({page.Points.Pending} pending) · tier {page.Tier?.Name.En ?? "none"} · {page.UsableCoupons} coupon{(page.UsableCoupons == 1 ? "" : "s")}");
            }

            foreach (var entry in entries.Where(e => e.Producer != MemberTimeline.ConsentProducer || e.At > installation.Business.GetUtcNow().AddDays(-30)))
            {
                var why = string.Concat(entry.Details.Select(detail => Speech.Say("；", "; ") + detail.Say()));
                Stage.Line($"    {DemoStory.Producer(entry.Producer).Zh}：{entry.Title.Zh}{why}", $"    {DemoStory.Producer(entry.Producer).En}: {entry.Title.En}{why}");
            }
        }

        Stage.Line("  在沙箱收件箱替陈敏回复 R，再运行 ./engage why 陈敏，看同意如何变化", "  reply R for 陈敏 in the sandbox inbox, then run ./engage why 陈敏 and see the consent change");
    }

    private static async Task<Dictionary<long, string>> NamesAsync(Installation installation, IReadOnlyList<long> ids, CancellationToken ct)
    {
        var cipher = new FieldCipher(installation.Keys);
        var rows = await installation.Database.ReadAsync(session => session.QueryAsync<NameRow>(Names, new { ids }), ct);
        return rows.ToDictionary(row => row.Id, row => $"{cipher.Decrypt(MemberColumns.Name, row.Id, row.Name) ?? "—"} ({row.No})");
    }

    private sealed class CostRow
    {
        public long Channel { get; init; }
        public long Count { get; init; }
        public long Fen { get; init; }
    }

    private sealed class ExampleRow
    {
        public string Reason { get; init; } = "";
        public long Member { get; init; }
    }

    private sealed class NameRow
    {
        public long Id { get; init; }
        public string No { get; init; } = "";
        public byte[]? Name { get; init; }
    }
}
