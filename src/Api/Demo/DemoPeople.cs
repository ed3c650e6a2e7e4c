using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Members.Profiles;
using Engagement.Messaging;
using Engagement.Messaging.Gate;
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

    private const string Known = "SELECT COUNT(*) FROM member WHERE source = @source";

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

    /// <summary>The five people of the story.</summary>
    public static async Task FiveAsync(Installation installation, CancellationToken ct)
    {
        if (await installation.Database.ReadAsync(session => session.ScalarAsync<long>(Known, new { source = Story.Source }), ct) < Story.Size) return;
        Stage.Head("看看这五个人（./engage why 姓名）", "Five people to look at (./engage why NAME)");
        Stage.Line("  王秀兰 62 岁，两种药快用完，合成一张不写药名的卡片", "  王秀兰, 62: one drug-free card for two medicines");
        Stage.Line("  李强   今天生日", "  李强: birthday today");
        Stage.Line("  陈敏   没有订阅授权，同样的提醒改走不写药名的短信；在沙箱收件箱回复 R，看同意如何变化", "  陈敏: no subscription, so the same refill as a drug-free SMS; reply R in the sandbox inbox and watch the consent change");
        Stage.Line("  赵磊   撤回了健康信息同意，所以什么也没收到，时间线里写明原因", "  赵磊: withdrew health consent, so nothing, and the timeline says why");
        Stage.Line("  周芳   在促销的对照组里", "  周芳: held out of the promotion");
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
