using Engagement.Messaging.Automations;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Content;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Reports;
using Engagement.Messaging.Runs;
using Engagement.Messaging.Settling;
using Engagement.Templates;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Messaging;

/// <summary>Registers what is said: one line a feature.</summary>
public static class MessagingRegistration
{
    /// <summary>Adds everything but the loops that work by themselves; see <see cref="AddWorker"/>.</summary>
    public static IServiceCollection AddMessaging(this IServiceCollection services)
    {
        services.AddOptions<CapsOptions>().BindConfiguration(CapsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<QuietOptions>().BindConfiguration(QuietOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DispatchOptions>().BindConfiguration(DispatchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddWeChat().AddAliyunSms();

        services.AddSingleton<ITemplateEngine>(provider => new BuiltInEngine(new TemplateLimits(), provider.GetRequiredService<Storage.Clocks>().Business));
        services.AddSingleton<TemplateStore>().AddSingleton<TemplateBook>();
        services.AddSingleton(GateTable.Shipped).AddSingleton<MessageGate>();
        services.AddSingleton<OutboxSignals>().AddSingleton<DeadLetterStore>().AddSingleton<RunExpander>();
        services.AddSingleton<CampaignStore>().AddSingleton<CampaignDesk>().AddSingleton<CampaignRuns>();
        services.AddSingleton<BirthdayAutomation>().AddSingleton<RefillAutomation>().AddSingleton<DailySchedule>();
        services.AddSingleton<InboundStore>().AddSingleton<GrantBook>().AddSingleton<ReplyDesk>();
        services.AddSingleton<MemberTimeline>();
        return services;
    }

    /// <summary>Adds the loops: dispatch, and the application of what providers push.</summary>
    public static IServiceCollection AddWorker(this IServiceCollection services)
    {
        services.AddSingleton<DispatchProfile>().AddSingleton<FlightRecorder>().AddSingleton<Takeover>().AddSingleton<ShardLeases>();
        services.AddSingleton<RunWatch>().AddSingleton<WavePlanner>().AddSingleton<Sender>();
        services.AddSingleton<Dispatcher>().AddHostedService(provider => provider.GetRequiredService<Dispatcher>());
        services.AddSettling();
        services.AddSingleton<EventApplier>().AddHostedService(provider => provider.GetRequiredService<EventApplier>());
        services.AddSingleton<WeChatDoubts>().AddSingleton<InboundApplier>().AddHostedService(provider => provider.GetRequiredService<InboundApplier>());
        return services;
    }

    /// <summary>Adds the daily automations.</summary>
    public static IServiceCollection AddScheduler(this IServiceCollection services) => services.AddHostedService<DailyWorker>();
}
