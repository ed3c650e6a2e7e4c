using System.Text.Json;
using Engagement.Api.Demo;
using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Imports;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Content;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Bench.Dispatch;

/// <summary>What a round does.</summary>
/// <param name="Sandbox">Where it sends.</param>
/// <param name="Messages">Messages that are measured.</param>
/// <param name="WarmUp">Messages before them.</param>
/// <param name="Day">The business day.</param>
internal sealed record DispatchPlan(Uri Sandbox, int Messages, int WarmUp, int Day)
{
    /// <summary>When the round begins, on the business clock, and the warm-up is due.</summary>
    public DateTimeOffset Morning => ChinaTime.At(Day, new TimeOnly(10, 0));

    /// <summary>How much later than the warm-up the measured messages are due.</summary>
    public static readonly TimeSpan Later = TimeSpan.FromHours(2);

    public static DispatchPlan Load(string folder) => JsonSerializer.Deserialize<DispatchPlan>(File.ReadAllText(FileIn(folder)))!;

    public void Save(string folder) => File.WriteAllText(FileIn(folder), JsonSerializer.Serialize(this));

    private static string FileIn(string folder) => Path.Combine(folder, "plan.json");
}

/// <summary>An installation in which a promotion waits in the outbox: made once, copied for each round.</summary>
internal static class DispatchWorld
{
    private const int Stores = 20;
    private const int OptedOutEvery = 50;

    public static async Task MakeAsync(string folder, DispatchPlan plan, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        plan.Save(folder);
        KeyRing.Create(Path.Combine(folder, "keys"), demo: true);
        await using var installation = await OpenAsync(folder, plan, migrate: true, ct);
        await using var services = installation.Services();
        var members = await MembersAsync(installation, services, plan, ct);
        await EnqueueAsync(services, plan, members, ct);
    }

    /// <summary>Opens it with the business clock at the plan's morning.</summary>
    public static async Task<Installation> OpenAsync(string folder, DispatchPlan plan, bool migrate, CancellationToken ct)
    {
        var installation = await Installation.OpenAsync(Settings.Read(folder, DemoSettings.For(plan.Sandbox)), migrate, ct);
        installation.Business.Offset = plan.Morning - TimeProvider.System.GetUtcNow();
        return installation;
    }

    public static string Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.Combine(to, "keys"));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories)) File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        return to;
    }

    private static async Task<IReadOnlyList<MemberId>> MembersAsync(Installation installation, ServiceProvider services, DispatchPlan plan, CancellationToken ct)
    {
        var options = new ImportOptions(WeChatAccount: DemoSettings.AppId);
        await services.GetRequiredService<StoreImport>().RunAsync(
            Enumerable.Range(0, Stores).Select(i => new StoreRow($"S{i:00}", $"康宁大药房（{i + 1}店）", "杭州")).ToAsyncEnumerable(), options, null, null, ct);
        await services.GetRequiredService<ProductImport>().RunAsync(ProductList.Embedded.All.ToAsyncEnumerable(), options, null, null, ct);
        await services.GetRequiredService<MemberImport>().RunAsync(
            Enumerable.Range(0, plan.Messages + plan.WarmUp).Select(i => Member(i, plan.Day)).ToAsyncEnumerable(), options, null, null, ct);
        return await installation.Database.ReadAsync(async session =>
            (IReadOnlyList<MemberId>)[.. (await session.QueryAsync<long>("SELECT id FROM member ORDER BY id")).Select(MemberId.From)], ct);
    }

    // Everybody has a phone, so that the suppression list is asked; some have refused SMS, which does not bar WeChat.
    private static MemberRow Member(int i, int day) => new()
    {
        Source = "till", MemberNo = $"M{i:0000000}", Name = "王秀兰", Phone = $"19900{i:000000}", Sex = i % 2 == 0 ? "女" : "男", Birthday = "1964-05-06",
        StoreCode = $"S{i % Stores:00}", OpenId = $"o{i:000000}BenchOpenIdOfTheSandbox", Joined = "2024-01-01",
        Consents =
        [
            new ConsentRow(Purpose.Membership, true, day - 100, "1", "form"), new ConsentRow(Purpose.MarketingWeChat, true, day - 100, "1", "form"),
            new ConsentRow(Purpose.MarketingSms, i % OptedOutEvery != 0, day - 100, "1", "form"),
        ],
    };

    private static async Task EnqueueAsync(ServiceProvider services, DispatchPlan plan, IReadOnlyList<MemberId> members, CancellationToken ct)
    {
        var sample = DemoTemplates.Campaign(DemoCampaign.Lawful);
        // This world has no product master; a product that is not in it would count as a prescription product.
        var file = sample with { Content = sample.Content with { Skus = [] } };
        var template = DemoTemplates.All.First(t => t.Code == file.Template);
        var version = await services.GetRequiredService<TemplateStore>().ApproveAsync(template, ct);
        var campaign = await services.GetRequiredService<CampaignDesk>().SubmitAsync(file, null, ct);
        if (await services.GetRequiredService<CampaignDesk>().ApproveAsync(campaign, ct) is not []) throw new InvalidOperationException("The sample campaign was refused.");
        await services.GetRequiredService<Database>().WriteAsync(tx => services.GetRequiredService<GrantBook>().AddAsync(
            tx, [.. members.Select(member => (member, template.Contents.WeChatSubscribe!.TemplateId, 1))]), ct);

        var lastMoment = (plan.Morning + TimeSpan.FromHours(9)).ToUnixTimeMilliseconds();
        await services.GetRequiredService<RunExpander>().ExpandAsync(
            new RunPlan("promotion", template.Kind, version, plan.Day, campaign.Id),
            [.. members.Select((member, i) => new Candidate(
                member, null, [$"campaign:{campaign.Id}:{member}"], "{}", (plan.Morning + (i < plan.WarmUp ? TimeSpan.Zero : DispatchPlan.Later)).ToUnixTimeMilliseconds(), lastMoment))],
            ct);
    }
}
