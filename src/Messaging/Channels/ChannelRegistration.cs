using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Messaging.Channels.Sms.Tencent;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Channels;

/// <summary>Registers the channels' clients.</summary>
/// <remarks>
/// Each client owns one pool of connections for the life of the process. No handler factory stands between: its retries and
/// rotations are what a send must not have. The clients run on the system's clock: tokens and signatures live in real time.
/// </remarks>
public static class ChannelRegistration
{
    /// <summary>Adds the WeChat client; its options are checked at start.</summary>
    public static IServiceCollection AddWeChat(this IServiceCollection services)
    {
        services.AddOptions<WeChatOptions>().BindConfiguration(WeChatOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WeChatOptions>>(new ProblemsRefuseStart<WeChatOptions>(options => options.Problems()));
        services.AddSingleton<ProviderTokens>();
        services.AddSingleton(provider => new WeChatApi(
            provider.GetRequiredService<IOptions<WeChatOptions>>().Value,
            provider.GetRequiredService<Clocks>().System,
            provider.GetRequiredService<ClusterState>(),
            provider.GetRequiredService<ProviderTokens>(),
            provider.GetRequiredService<ILogger<WeChatApi>>()));
        services.AddSingleton<IWeChatApi>(provider => provider.GetRequiredService<WeChatApi>());
        services.AddSingleton(provider => provider.GetRequiredService<WeChatApi>().Accounts);
        return services;
    }

    /// <summary>Adds the SMS providers, and what shares the traffic among them; their options are checked at start.</summary>
    public static IServiceCollection AddSms(this IServiceCollection services)
    {
        services.AddOptions<SmsOptions>().BindConfiguration(SmsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SmsOptions>>(new ProblemsRefuseStart<SmsOptions>(options => options.Problems()));
        services.AddOptions<AliyunSmsOptions>().BindConfiguration(AliyunSmsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AliyunSmsOptions>>(new ProblemsRefuseStart<AliyunSmsOptions>(options => options.Problems()));
        services.AddSingleton<ISmsProvider>(provider => new AliyunSmsApi(
            provider.GetRequiredService<IOptions<AliyunSmsOptions>>().Value,
            provider.GetRequiredService<Clocks>().System,
            provider.GetRequiredService<ILogger<AliyunSmsApi>>()));
        services.AddOptions<TencentSmsOptions>().BindConfiguration(TencentSmsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TencentSmsOptions>>(new ProblemsRefuseStart<TencentSmsOptions>(options => options.Problems()));
        services.AddSingleton<ISmsProvider>(provider => new TencentSmsApi(
            provider.GetRequiredService<IOptions<TencentSmsOptions>>().Value,
            provider.GetRequiredService<Clocks>().System,
            provider.GetRequiredService<ILogger<TencentSmsApi>>()));
        services.AddSingleton(provider => new SmsTraffic(
            SmsProviders.Usable([.. provider.GetServices<ISmsProvider>()]).Select(one => one.Name), provider.GetRequiredService<IOptions<SmsOptions>>().Value,
            provider.GetRequiredService<Clocks>().System, provider.GetRequiredService<ILogger<SmsTraffic>>()));
        services.AddSingleton<SmsProviders>();
        services.AddOptions<VerificationOptions>().BindConfiguration(VerificationOptions.Section);
        services.AddSingleton(provider => new VerificationSms(provider.GetRequiredService<SmsProviders>(), provider.GetRequiredService<IOptions<VerificationOptions>>()));
        return services;
    }
}
