using Engagement.Api.Demo;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Imports;
using Engagement.Messaging;
using Engagement.Messaging.Audiences;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Content;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;
using Reason = Engagement.Messaging.Gate.Reason;

namespace Engagement.EndToEnd.Chaos;

/// <summary>Members of all sorts, and what is to be said to them.</summary>
/// <remarks>
/// Everybody has more subscriptions than messages, here and at the sandbox: a second copy would be taken, and seen. Who has no openid gets
/// an SMS, who has neither only the inbox; some are held out, some have not agreed.
/// </remarks>
internal sealed class ChaosWorld
{
    private const int Grants = 3;

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ChaosMachine _machine;
    private readonly IReadOnlyList<MemberId> _members;

    private ChaosWorld(ChaosMachine machine, IReadOnlyList<MemberId> members) => (_machine, _members) = (machine, members);

    private long Now => _machine.Installation.Business.NowMs();

    private int Today => _machine.Installation.Business.Today();

    /// <summary>Makes so many members.</summary>
    public static async Task<ChaosWorld> MakeAsync(ChaosMachine machine, int members)
    {
        var options = new ImportOptions(WeChatAccount: DemoSettings.AppId);
        await machine.Services.GetRequiredService<StoreImport>().RunAsync(
            Enumerable.Range(0, 5).Select(i => new StoreRow($"S{i}", $"康宁大药房（{i + 1}店）", "杭州")).ToAsyncEnumerable(), options, null, null, None);
        // All of them: a scheduler runs its automations whatever a test is about.
        foreach (var template in DemoTemplates.All) await machine.Services.GetRequiredService<TemplateStore>().ApproveAsync(template, None);
        var today = machine.Installation.Business.Today();
        await machine.Services.GetRequiredService<MemberImport>().RunAsync(Enumerable.Range(0, members).Select(i => Member(i, today)).ToAsyncEnumerable(), options, null, null, None);
        var ids = await machine.Installation.Database.ReadAsync(session => session.QueryAsync<MemberNo>(
            "SELECT id AS Id, member_no AS No FROM member"), None);
        return new ChaosWorld(machine, [.. ids.OrderBy(row => row.No, StringComparer.Ordinal).Select(row => new MemberId(row.Id))]);
    }

    /// <summary>A mix of about twice as many messages as there are members: promotions, reminders by WeChat and by SMS, notices by SMS.</summary>
    public async Task MixAsync()
    {
        await PromotionAsync("chaos_promotion", 0, _members.Count);
        await RecallAsync(0, _members.Count * 3 / 4);
        await PointsAsync(0, _members.Count / 2);
    }

    /// <summary>A promotion to members from one to another.</summary>
    public async Task<RunResult> PromotionAsync(string code, int from, int to)
    {
        var template = Template("promotion_offer");
        var campaign = await CampaignAsync(code, null);
        await GrantAsync(template, from, to, i => i % 10 != 4);
        return await RunAsync(template, from, to, TimeSpan.FromHours(9), code, campaign.Id, i => Agrees(i) ? null : Reason.NoMarketingConsent);
    }

    /// <summary>A promotion to everybody that a scheduler starts by itself, now.</summary>
    public async Task<CampaignId> ScheduledAsync(string code)
    {
        await GrantAsync(Template("promotion_offer"), 0, _members.Count, i => i % 10 != 4);
        return (await CampaignAsync(code, _machine.Installation.Business.GetUtcNow())).Id;
    }

    /// <summary>A reminder: half by WeChat, half by SMS.</summary>
    public async Task<RunResult> RecallAsync(int from, int to)
    {
        var template = Template("recall_notice");
        await GrantAsync(template, from, to, i => i % 2 == 0);
        return await RunAsync(template, from, to, TimeSpan.FromDays(2), "recall", null, _ => null);
    }

    /// <summary>A notice, by SMS.</summary>
    public Task<RunResult> PointsAsync(int from, int to) => RunAsync(Template("points_notice"), from, to, TimeSpan.FromHours(1), "points", null, _ => null);

    private static bool Agrees(int i) => i % 25 != 7;

    private static MemberRow Member(int i, int today) => new()
    {
        Source = "till", MemberNo = $"M{i:0000000}", Name = "王秀兰", Phone = i % 33 == 5 ? "" : $"199{i:00000000}", Sex = "女",
        StoreCode = $"S{i % 5}", OpenId = OpenId(i), Joined = "2024-01-01",
        Consents =
        [
            new ConsentRow(Purpose.Membership, true, today - 100, "1", "form"), new ConsentRow(Purpose.MarketingWeChat, Agrees(i), today - 100, "1", "form"),
            new ConsentRow(Purpose.MarketingSms, Agrees(i), today - 100, "1", "form"),
        ],
    };

    /// <summary>The openid of the i-th member; empty for those who have none.</summary>
    public static string OpenId(int i) => i % 20 == 3 ? "" : $"o{i:0000000}ChaosOpenIdOfTheSandbox";

    private static TemplateFile Template(string code) => DemoTemplates.All.First(template => template.Code == code);

    private async Task<Campaign> CampaignAsync(string code, DateTimeOffset? at)
    {
        await _machine.Services.GetRequiredService<TemplateStore>().ApproveAsync(Template("promotion_offer"), None);
        var sample = DemoTemplates.Campaign(DemoCampaign.Lawful);
        // There is no product master here, and a product that is not in it counts as a prescription product.
        var file = sample with { Code = code, At = at, Audience = new AllOf([]), HoldoutPercent = 10, Content = sample.Content with { Skus = [] } };
        var desk = _machine.Services.GetRequiredService<CampaignDesk>();
        var campaign = await desk.SubmitAsync(file, null, None);
        return await desk.ApproveAsync(campaign, None) is [] ? campaign : throw new InvalidOperationException("The campaign was refused.");
    }

    private async Task GrantAsync(TemplateFile template, int from, int to, Func<int, bool> has)
    {
        var id = template.Contents.WeChatSubscribe!.TemplateId;
        var those = Enumerable.Range(from, to - from).Where(i => has(i) && OpenId(i).Length > 0).ToList();
        await _machine.Installation.Database.WriteAsync(tx => _machine.Services.GetRequiredService<GrantBook>().AddAsync(tx, [.. those.Select(i => (_members[i], id, Grants))]), None);
        await _machine.Sandbox.GrantAsync([.. those.Select(i => new SandboxGrant(OpenId(i), id, Grants))], None);
    }

    private async Task<RunResult> RunAsync(TemplateFile template, int from, int to, TimeSpan life, string producer, CampaignId? campaign, Func<int, string?> refused)
    {
        var version = await _machine.Services.GetRequiredService<TemplateStore>().ApproveAsync(template, None);
        var (due, last) = (Now, Now + (long)life.TotalMilliseconds);
        return await _machine.Services.GetRequiredService<RunExpander>().ExpandAsync(
            new RunPlan(producer, template.Kind, version, Today, campaign, producer, campaign is null ? 0 : 1000),
            [.. Enumerable.Range(from, to - from).Select(i => new Candidate(_members[i], refused(i), [$"chaos:{producer}:{_members[i]}"], "{}", due, last))], None);
    }

    private sealed class MemberNo
    {
        public long Id { get; init; }
        public string No { get; init; } = "";
    }
}
