using Engagement.Members.Timelines;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Messaging.Content;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Inbox;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Rates;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Reports;
using Engagement.Messaging.Runs;
using Engagement.Messaging.Settling;
using Engagement.Templates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging;

/// <summary>Registers what is said: one line a feature.</summary>
public static class MessagingRegistration
{
    /// <summary>Adds everything but the loops that work by themselves; see <see cref="AddWorker"/>.</summary>
    public static IServiceCollection AddMessaging(this IServiceCollection services)
    {
        services.AddOptions<CapsOptions>().BindConfiguration(CapsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<QuietOptions>().BindConfiguration(QuietOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ChannelsOptions>().BindConfiguration(ChannelsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ChannelsOptions>>(new ProblemsRefuseStart<ChannelsOptions>(options => options.Problems()));
        services.AddOptions<DispatchOptions>().BindConfiguration(DispatchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RateOptions>().BindConfiguration(RateOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RateOptions>, RateOptionsCheck>();
        services.AddOptions<ScheduleOptions>().BindConfiguration(ScheduleOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<TemplateOptions>().BindConfiguration(TemplateOptions.Section)
            .Validate(options => TemplateEngines.Available.Contains(options.Engine), TemplateOptions.NotHere).ValidateOnStart();
        services.AddWeChat().AddSms();

        services.AddSingleton(provider => TemplateEngines.Make(
            provider.GetRequiredService<IOptions<TemplateOptions>>().Value.Engine, TemplateLimits.Default, provider.GetRequiredService<Storage.Clocks>().Business));
        services.AddSingleton<TemplateStore>().AddSingleton<TemplateBook>().AddSingleton<ProviderTemplates>().AddSingleton<SubscribeMoments>().AddSingleton<SmsApprovals>().AddSingleton<SmsRouter>();
        services.AddSingleton(GateTable.Shipped).AddSingleton<MessageGate>();
        services.AddSingleton<OutboxSignals>().AddSingleton<RateBudgets>().AddSingleton<DeadLetterStore>()
            .AddSingleton<RunExpander>().AddSingleton<RunDesk>().AddSingleton<RunResumer>().AddSingleton<CancelledRuns>();
        services.AddSingleton<CampaignStore>().AddSingleton<CampaignDesk>().AddSingleton<CampaignAudience>().AddSingleton<CampaignRuns>().AddSingleton<CampaignSchedule>();
        services.AddSingleton<BirthdayAutomation>().AddSingleton<RefillAutomation>().AddSingleton<DailySchedule>();
        services.AddSingleton<ICandidateSource>(provider => provider.GetRequiredService<CampaignAudience>());
        services.AddSingleton<ICandidateSource>(provider => provider.GetRequiredService<BirthdayAutomation>());
        services.AddSingleton<ICandidateSource>(provider => provider.GetRequiredService<RefillAutomation>());
        services.AddSingleton<InboundStore>().AddSingleton<GrantBook>().AddSingleton<Members.Privacy.IPersonalData, MessagesOfMember>().AddSingleton<Members.Merges.IMergePart, GrantsOfMerges>().AddSingleton<ReplyDesk>().AddSingleton<ChatDesk>().AddSingleton<ChatsWaiting>().AddSingleton<ChatReplies>().AddSingleton<FollowerLinks>().AddSingleton<OptOutConfirmations>().AddSingleton<CaseNotices>();
        services.AddSingleton<MemberTimeline>().AddSingleton<ITimelineSource, MessageHistory>().AddSingleton<ITimelineSource, ReplyHistory>().AddSingleton<ReplyBook>().AddSingleton<KindSwitches>().AddSingleton<Members.Tips.ITipWords, TipWords>();
        services.AddSingleton(provider => new MemberInbox(
            provider.GetRequiredService<Storage.Database>(), provider.GetRequiredService<Storage.Clocks>(), provider.GetRequiredService<Storage.FieldCipher>(),
            provider.GetRequiredService<TemplateBook>(), provider.GetRequiredService<GateTable>()));
        return services;
    }

    /// <summary>Adds the loops: dispatch, and the application of what providers push.</summary>
    public static IServiceCollection AddWorker(this IServiceCollection services)
    {
        // Before the dispatcher, which renews the leases that it reads.
        services.AddSingleton<OutageGuard>().AddHostedService(provider => provider.GetRequiredService<OutageGuard>());
        services.AddSingleton<DispatchProfile>().AddSingleton<FlightRecorder>().AddSingleton<Takeover>().AddSingleton<ShardLeases>();
        services.AddSingleton<RunWatch>().AddSingleton<WavePlanner>().AddSingleton<WaveBudget>().AddSingleton<Sender>();
        services.AddSingleton<Dispatcher>().AddHostedService(provider => provider.GetRequiredService<Dispatcher>());
        services.AddSingleton<IHeldWork>(provider => provider.GetRequiredService<Dispatcher>()).AddSettling();
        services.AddSingleton<EventApplier>().AddHostedService(provider => provider.GetRequiredService<EventApplier>());
        services.AddSingleton<WeChatDoubts>().AddSingleton<InboundApplier>().AddHostedService(provider => provider.GetRequiredService<InboundApplier>());
        services.AddSingleton<WeChatErrands>().AddHostedService(provider => provider.GetRequiredService<WeChatErrands>());
        return services;
    }

    /// <summary>Adds the loop of whatever has its time.</summary>
    public static IServiceCollection AddScheduler(this IServiceCollection services) => services.AddHostedService<ScheduleWorker>();
}
