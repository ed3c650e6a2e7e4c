using Engagement.Api.Demo;
using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Imports;
using Engagement.Messaging;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Content;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Bench.Dispatch;

/// <summary>Fills a world: members, an approved promotion, and (unless the worker expands it) its messages in the outbox.</summary>
internal static class DispatchWorld
{
    private const int Stores = 20;
    private const int OptedOutEvery = 50;
    private const int GrantsAtOnce = 10_000;

    /// <summary>A filled world, closed, and the plan that belongs to it.</summary>
    public static async Task<(World World, DispatchPlan Plan)> MakeAsync(string folder, DatabaseProvider provider, DispatchPlan plan, CancellationToken ct)
    {
        var world = await World.CreateAsync(folder, provider, ct);
        var filled = await FillAsync(world, world.With(plan), ct);
        await world.CloseAsync(ct);
        return (world, plan with { Campaign = filled.Campaign, Version = filled.Version, LastMembers = filled.LastMembers });
    }

    /// <summary>Opens an installation with the business clock before the first phase.</summary>
    public static async Task<Installation> OpenAsync(string folder, DispatchPlan plan, bool migrate, CancellationToken ct)
    {
        var installation = await Installation.OpenAsync(Settings.Read(folder, [.. DemoSettings.For(plan.Sandbox), .. plan.Settings]), migrate, ct);
        installation.Business.Offset = plan.AheadIn(-1);
        return installation;
    }

    /// <summary>Expands the promotion to everybody.</summary>
    public static async Task ExpandAsync(IServiceProvider services, DispatchPlan plan, CancellationToken ct)
    {
        var run = new RunPlan("promotion", MessageKind.Promotion, plan.Version, plan.Day, new CampaignId(plan.Campaign));
        var result = await services.GetRequiredService<RunExpander>().ExpandAsync(run, new EveryMember(plan), null, ct);
        if (result.Enqueued != plan.Total) throw new InvalidOperationException($"{result.Enqueued} messages were made instead of {plan.Total}.");
    }

    private static async Task<DispatchPlan> FillAsync(World world, DispatchPlan plan, CancellationToken ct)
    {
        await using var installation = await OpenAsync(world.Folder, plan, migrate: true, ct);
        await using var services = installation.Services();
        var members = await MembersAsync(installation, services, plan, ct);
        plan = await CampaignAsync(services, plan with { LastMembers = LastOfEach(plan.Phases, members) }, ct);
        if (plan.Channel == Channel.WeChatSubscribe) await GrantAsync(services, members, ct);
        if (!plan.ExpandsInWorker) await ExpandAsync(services, plan, ct);
        return plan;
    }

    private static async Task<IReadOnlyList<long>> MembersAsync(Installation installation, ServiceProvider services, DispatchPlan plan, CancellationToken ct)
    {
        var options = new ImportOptions(WeChatAccount: DemoSettings.AppId);
        await services.GetRequiredService<StoreImport>().RunAsync(
            Enumerable.Range(0, Stores).Select(i => new StoreRow($"S{i:00}", $"康宁大药房（{i + 1}店）", "杭州")).ToAsyncEnumerable(), options, null, null, ct);
        await services.GetRequiredService<ProductImport>().RunAsync(ProductList.Embedded.All.ToAsyncEnumerable(), options, null, null, ct);
        await services.GetRequiredService<MemberImport>().RunAsync(Enumerable.Range(0, plan.Total).Select(i => Member(i, plan)).ToAsyncEnumerable(), options, null, null, ct);
        return await installation.Database.ReadAsync(session => session.QueryAsync<long>("SELECT id FROM member ORDER BY id"), ct);
    }

    // Everybody has a phone, so that the suppression list is asked; some have refused SMS, which does not bar WeChat.
    private static MemberRow Member(int i, DispatchPlan plan) => new()
    {
        Source = "till", MemberNo = $"M{i:0000000}", Name = BenchPeople.Name(i), Phone = $"19900{i:000000}", Sex = i % 2 == 0 ? "女" : "男", Birthday = BenchPeople.Birthday(i),
        StoreCode = $"S{i % Stores:00}", OpenId = $"o{i:000000}BenchOpenIdOfTheSandbox", Joined = "2024-01-01",
        Consents =
        [
            new ConsentRow(Purpose.Membership, true, plan.Day - 100, "1", "form"), new ConsentRow(Purpose.MarketingWeChat, true, plan.Day - 100, "1", "form"),
            new ConsentRow(Purpose.MarketingSms, plan.Channel == Channel.Sms || i % OptedOutEvery != 0, plan.Day - 100, "1", "form"),
        ],
    };

    private static async Task<DispatchPlan> CampaignAsync(ServiceProvider services, DispatchPlan plan, CancellationToken ct)
    {
        var sample = DemoTemplates.Campaign(DemoCampaign.Lawful);
        // This world has no product master; a product that is not in it would count as a prescription product.
        var file = sample with { Content = sample.Content with { Skus = [] }, SmsFallback = plan.Channel == Channel.Sms };
        var version = await services.GetRequiredService<TemplateStore>().ApproveAsync(DemoTemplates.All.First(t => t.Code == file.Template), ct);
        var campaign = await services.GetRequiredService<CampaignDesk>().SubmitAsync(file, null, ct);
        return await services.GetRequiredService<CampaignDesk>().ApproveAsync(campaign, ct) is []
            ? plan with { Campaign = campaign.Id.Value, Version = version }
            : throw new InvalidOperationException("The sample campaign was refused.");
    }

    private static async Task GrantAsync(ServiceProvider services, IReadOnlyList<long> members, CancellationToken ct)
    {
        var template = DemoTemplates.WeChatTemplate("promotion");
        foreach (var part in members.Chunk(GrantsAtOnce))
        {
            await services.GetRequiredService<Database>().WriteAsync(tx => services.GetRequiredService<GrantBook>().AddAsync(
                tx, [.. part.Select(member => (new MemberId(member), template, 1))]), ct);
        }
    }

    private static List<long> LastOfEach(IReadOnlyList<int> phases, IReadOnlyList<long> members)
    {
        var (last, end) = (new List<long>(), 0);
        foreach (var count in phases) last.Add(members[(end += count) - 1]);
        return last;
    }
}

/// <summary>Every member, read page by page as audiences are; each is due in the phase to which the plan counts them.</summary>
internal sealed class EveryMember(DispatchPlan plan) : ICandidateSource
{
    private const string Next = "SELECT id FROM member WHERE id > @after ORDER BY id LIMIT @limit";

    private readonly long[] _last = [.. plan.LastMembers];

    public bool Makes(RunPlan plan) => false;

    public async Task<CandidatePage> ReadAsync(Session session, RunPlan run, long after, int limit)
    {
        var members = await session.QueryAsync<long>(Next, new { after, limit });
        return members.Count == 0 ? CandidatePage.End : new CandidatePage([.. members.Select(Candidate)], members[^1]);
    }

    private Candidate Candidate(long member)
    {
        var phase = Array.BinarySearch(_last, member) is >= 0 and var found ? found : ~Array.BinarySearch(_last, member);
        return new Candidate(
            new MemberId(member), null, [$"campaign:{plan.Campaign}:{member}"], "{}", plan.DueAt(phase).ToUnixTimeMilliseconds(), plan.NotAfter.ToUnixTimeMilliseconds());
    }
}
