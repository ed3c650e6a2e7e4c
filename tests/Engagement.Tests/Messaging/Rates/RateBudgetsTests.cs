using Engagement.Messaging;
using Engagement.Messaging.Rates;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.Options;

namespace Engagement.Tests.Messaging.Rates;

/// <summary>What may go now, by provider, provider template and campaign.</summary>
public sealed class RateBudgetsTests
{
    private static readonly CampaignId Autumn = new(7);

    [Fact]
    public async Task Without_a_limit_everything_goes_and_nobody_is_asked()
    {
        var rates = new RateBudgets(Options.Create(new RateOptions { Aliyun = 0, Tencent = 0 }), new NobodyAsks());

        Assert.False(rates.Limited);
        Assert.Equal([200, 56], await CountsAsync(rates, new("wechat", "模板", Autumn, 200), new("aliyun", "SMS_1", null, 56)));
    }

    [Fact]
    public async Task Who_has_no_limit_goes_while_the_others_wait()
    {
        var rates = Rates(new RateOptions { Aliyun = 10 });

        Assert.True(rates.Limited);
        Assert.Equal([2, 500, 0], await CountsAsync(rates, new("aliyun", "SMS_1", null, 50), new("wechat", "模板", Autumn, 500), new("aliyun", "SMS_2", null, 1)));
    }

    [Fact]
    public async Task Each_template_has_its_own_budget_and_a_named_one_its_own_rate()
    {
        var options = new RateOptions { Aliyun = 0, Tencent = 0, Template = 10 };
        options.Templates["SMS_2"] = 50;
        options.Templates["SMS_3"] = 0;

        Assert.Equal([2, 10, 99, 2], await CountsAsync(Rates(options),
            new("aliyun", "SMS_1", null, 99), new("aliyun", "SMS_2", null, 99), new("aliyun", "SMS_3", null, 99), new("aliyun", "SMS_4", null, 99)));
    }

    [Fact]
    public async Task A_campaign_shares_one_budget_over_its_channels_and_other_messages_have_none()
    {
        var rates = Rates(new RateOptions { Aliyun = 0, Tencent = 0, Campaign = 20 });

        Assert.Equal([3, 1, 4, 9], await CountsAsync(rates,
            new("wechat", "模板", Autumn, 3), new("aliyun", "SMS_1", Autumn, 9), new("aliyun", "SMS_1", new CampaignId(8), 9), new("aliyun", "SMS_1", null, 9)));
    }

    [Fact]
    public async Task What_waits_is_told_when_to_ask_again()
    {
        var grant = (await Rates(new RateOptions { Aliyun = 10 }).TakeAsync([new("aliyun", "SMS_1", null, 50)], default))[0];

        Assert.Equal(2, grant.Count);
        Assert.InRange(grant.Pause.TotalMilliseconds, 50, 201);
    }

    [Theory]
    [InlineData(-1, 0, 0.2, "Rates:Aliyun")]
    [InlineData(100_001, 0, 0.2, "Rates:Aliyun")]
    [InlineData(0, -5, 0.2, "Rates:Templates:SMS_9")]
    [InlineData(0, 0, 0.001, "Rates:Burst")]
    [InlineData(0, 0, 6, "Rates:Burst")]
    public void A_wrong_rate_stops_the_start_and_names_its_key(int aliyun, int template, double burst, string key)
    {
        var options = new RateOptions { Aliyun = aliyun, Burst = TimeSpan.FromSeconds(burst) };
        options.Templates["SMS_9"] = template;

        Assert.StartsWith(key, Assert.Single(options.Problems()));
    }

    [Fact]
    public void The_defaults_are_in_order() => Assert.Empty(new RateOptions().Problems());

    private static RateBudgets Rates(RateOptions options) => new(Options.Create(options), new LocalCluster(() => 1));

    private static async Task<IEnumerable<int>> CountsAsync(RateBudgets rates, params RateRequest[] wanted) =>
        (await rates.TakeAsync(wanted, default)).Select(grant => grant.Count);

    private sealed class NobodyAsks : ClusterState
    {
        public override ClusterCondition Condition => ClusterCondition.InProcess;

        public override Task<SharedToken?> TokenAsync(string name, string? seen, TimeSpan patience, Func<Task<SharedToken?>> fetch) => throw new InvalidOperationException();

        public override ValueTask<IReadOnlyList<BudgetGrant>> TakeAsync(IReadOnlyList<BudgetRequest> wanted) => throw new InvalidOperationException();

        public override void Tell(Topic topic) => throw new InvalidOperationException();

        public override void Listen(Topic topic, Action heard) => throw new InvalidOperationException();
    }
}
