using Engagement.Api.Demo;
using Engagement.Bench.Dispatch;
using Engagement.Messaging;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Bench.Channels;

/// <summary>The posts of the bare loop, sent through our clients: they write the body, sign it, and read the answer.</summary>
internal static class ClientPosts
{
    /// <summary>The clients as the worker has them, pointed at the sandbox.</summary>
    public static ServiceProvider Clients(DispatchPlan plan)
    {
        var settings = DemoSettings.For(plan.Sandbox).Append(new("WeChat:MaxConnections", $"{plan.InFlight}")).Append(new("Sms:Aliyun:MaxConnections", $"{plan.InFlight}"));
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddLogging()
            .AddSingleton(new Clocks(TimeProvider.System, TimeProvider.System))
            .AddSingleton<ClusterState>(new LocalCluster(() => 1))
            .AddWeChat().AddSms()
            .BuildServiceProvider();
    }

    /// <summary>The posts of the plan's channel.</summary>
    public static IPosts Of(ServiceProvider clients, DispatchPlan plan)
    {
        var template = DemoTemplates.All.First(t => t.Code == DemoTemplates.Campaign(DemoCampaign.Lawful).Template).Contents;
        var offer = DemoTemplates.Campaign(DemoCampaign.Lawful).Content;
        return plan.Channel == Channel.Sms
            ? new Sms(clients.GetServices<ISmsProvider>().First(provider => provider.Name == "aliyun"), template.Sms!.SignName, template.Sms.TemplateCode, offer)
            : new WeChat(clients.GetRequiredService<IWeChatApi>(), offer);
    }

    private sealed class WeChat(IWeChatApi api, CampaignOffer offer) : IPosts
    {
        public async ValueTask PostAsync(int index, CancellationToken ct)
        {
            var message = new SubscribeMessage(
                $"o{index:000000}BenchOpenIdOfTheSandbox", "TMPL-PROMO-0001", $"pages/campaign/detail?ref={index:0000000000000000000000}",
                [new("thing1", offer.Name), new("thing2", offer.Offer), new("date3", "2026年12月04日"), new("thing4", "广告｜可在消息设置中关闭")]);
            if (await api.SendSubscribeAsync(message, ct) is { Accepted: not Acceptance.Yes } refused) throw new InvalidOperationException($"The sandbox refused a send: {refused.Code}.");
        }
    }

    private sealed class Sms(ISmsProvider provider, string sign, string template, CampaignOffer offer) : IPosts
    {
        public async ValueTask PostAsync(int index, CancellationToken ct)
        {
            var reference = $"{index:0000000000000000000000}";
            var call = new SmsMessage[BareSms.Size];
            for (var i = 0; i < call.Length; i++)
            {
                call[i] = new SmsMessage($"19900{index * call.Length + i:000000}", sign, template, [new("name", offer.Name), new("offer", offer.Offer)], reference);
            }

            var answer = await provider.SendAsync(call, ct);
            if (answer[0] is { Accepted: not Acceptance.Yes } refused) throw new InvalidOperationException($"The sandbox refused a batch: {refused.Code}.");
        }
    }
}
