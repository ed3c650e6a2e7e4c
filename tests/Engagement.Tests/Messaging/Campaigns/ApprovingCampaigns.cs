using Engagement.Api.Demo;
using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Messaging;
using Engagement.Messaging.Audiences;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Content;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Campaigns;

/// <summary>What is approved and what is not, and what a campaign that is not may do.</summary>
public sealed class ApprovingCampaigns(SqliteTestDatabase test) : IClassFixture<SqliteTestDatabase>, IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;

    public async Task InitializeAsync()
    {
        _house = await MessagingHouse.OpenAsync(test);
        await _house.Get<TemplateStore>().ApproveAsync(MessagingHouse.Template(MessageKind.Promotion), None);
        foreach (var @class in Enum.GetValues<ProductClass>())
        {
            await _house.Get<ProductImport>().RunAsync(Row(new ProductRow
            {
                Sku = @class.ToString(), Name = "商品" + (int)@class, GenericName = @class == ProductClass.Prescription ? "阿托伐他汀" : "", Class = @class, PriceFen = 100,
            }), new ImportOptions(), null, null, None);
        }
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [Theory]
    [InlineData("Other", "", null)]
    [InlineData("Prescription", "", "prescription_guard")]
    [InlineData("Prescription", "粤药广审(文)第270101-00001号", "prescription_guard")]
    [InlineData("Unknown", "", "prescription_guard")]
    [InlineData("OtcA", "", "no_approval_number")]
    [InlineData("OtcB", "", "no_approval_number")]
    [InlineData("Device", "", "no_approval_number")]
    [InlineData("HealthFood", "", "no_approval_number")]
    [InlineData("nobody-knows", "", "unknown_product")]
    public async Task A_product_of_a_campaign_decides_what_it_needs(string sku, string approvalNo, string? finding)
    {
        var (campaign, findings) = await SubmitAsync(Lawful with { Content = Lawful.Content with { Skus = [sku], ApprovalNo = approvalNo } });

        Assert.Equal(finding is null ? CampaignState.Approved : CampaignState.Refused, campaign.State);
        if (finding is null) Assert.Empty(findings);
        else Assert.Contains(findings, f => f.Code == finding && f.Sentence.Zh.Length > 0 && f.Sentence.En.Length > 0);
    }

    [Fact]
    public async Task A_campaign_that_names_a_prescription_medicine_is_refused_with_the_article_and_never_runs()
    {
        var (campaign, findings) = await SubmitAsync(DemoTemplates.Campaign(DemoCampaign.Unlawful));

        Assert.Contains(findings, f => f.Sentence.Zh.Contains("广告法", StringComparison.Ordinal) && f.Sentence.Zh.Contains("十五", StringComparison.Ordinal));
        Assert.Null(await _house.Get<CampaignRuns>().RunAsync(campaign, "promotion", None));
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM run"));
    }

    [Fact]
    public async Task A_campaign_whose_audience_asks_for_health_data_is_refused_at_approval()
    {
        var (campaign, findings) = await SubmitAsync(Lawful with { Audience = new AllOf([new BoughtClassWithin([ProductClass.OtcA], 30)]) });

        Assert.Equal(CampaignState.Refused, campaign.State);
        Assert.Contains(findings, f => f.Code == "audience_health_data" && f.Sentence.Zh.Contains("个人信息保护法", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_code_again_changes_nothing_and_a_refused_one_stays_refused()
    {
        var (refused, _) = await SubmitAsync(DemoTemplates.Campaign(DemoCampaign.Unlawful));

        var (again, findings) = await SubmitAsync(DemoTemplates.Campaign(DemoCampaign.Unlawful));

        Assert.Equal((refused.Id, CampaignState.Refused), (again.Id, again.State));
        Assert.Empty(findings);
    }

    [Fact]
    public async Task A_template_that_is_not_there_is_named()
    {
        var refusal = await Assert.ThrowsAsync<KeyNotFoundException>(() => _house.Get<CampaignDesk>().SubmitAsync(Lawful with { Template = "missing_one" }, null, None));

        Assert.Contains("missing_one", refusal.Message);
    }

    private static CampaignFile Lawful => DemoTemplates.Campaign(DemoCampaign.Lawful) with { Content = DemoTemplates.Campaign(DemoCampaign.Lawful).Content with { Skus = [] } };

    private async Task<(Campaign Campaign, IReadOnlyList<CampaignFinding> Findings)> SubmitAsync(CampaignFile file)
    {
        var desk = _house.Get<CampaignDesk>();
        var campaign = await desk.SubmitAsync(file, null, None);
        var findings = await desk.ApproveAsync(campaign, None);
        return ((await _house.Database.ReadAsync(session => CampaignStore.FindAsync(session, campaign.Id), None))!, findings);
    }

    private static async IAsyncEnumerable<ProductRow> Row(ProductRow row)
    {
        await Task.CompletedTask;
        yield return row;
    }
}
