using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Messaging.Channels.Sms.Tencent;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>A wrong setting stops the start and names its key; none at all is fine.</summary>
public sealed class ChannelSettings
{
    [Fact]
    public void An_empty_configuration_starts_and_gives_both_clients()
    {
        using var services = Services([]);

        services.GetRequiredService<IStartupValidator>().Validate();
        Assert.NotNull(services.GetRequiredService<IWeChatApi>());
        Assert.Equal(["aliyun", "tencent"], services.GetServices<ISmsProvider>().Select(provider => provider.Name));
        Assert.Equal(new Uri("https://api.weixin.qq.com"), services.GetRequiredService<IOptions<WeChatOptions>>().Value.BaseUrl);
        Assert.False(services.GetRequiredService<IOptions<AliyunSmsOptions>>().Value.TakesPromotions);
        Assert.False(services.GetRequiredService<IOptions<TencentSmsOptions>>().Value.TakesPromotions);
    }

    [Fact]
    public void A_whole_configuration_is_bound()
    {
        using var services = Services(new()
        {
            ["WeChat:BaseUrl"] = "http://127.0.0.1:5090/wechat", ["WeChat:AppId"] = "wx1", ["WeChat:AppSecret"] = "s", ["WeChat:Account"] = "main-2",
            ["WeChat:PushToken"] = "demo-token", ["WeChat:EncodingAesKey"] = new string('A', 43), ["WeChat:MiniProgramState"] = "Trial", ["WeChat:SendTimeout"] = "00:00:02",
            ["Sms:Aliyun:BaseUrl"] = "http://sandbox:5090", ["Sms:Aliyun:AccessKeyId"] = "k", ["Sms:Aliyun:AccessKeySecret"] = "s", ["Sms:Aliyun:SignName"] = "测试药房",
            ["Sms:Aliyun:TakesPromotions"] = "true", ["Sms:Aliyun:WebhookSecret"] = "0123456789abcdef",
            ["Sms:Tencent:BaseUrl"] = "http://sandbox:5090", ["Sms:Tencent:SecretId"] = "k", ["Sms:Tencent:SecretKey"] = "s", ["Sms:Tencent:SdkAppId"] = "1400006666",
            ["Sms:Tencent:ReminderExtendCode"] = "12", ["Sms:Tencent:PromotionExtendCode"] = "13", ["Sms:Weights:tencent"] = "30",
        });

        services.GetRequiredService<IStartupValidator>().Validate();
        Assert.Equal(MiniProgramState.Trial, services.GetRequiredService<IOptions<WeChatOptions>>().Value.MiniProgramState);
        Assert.True(services.GetRequiredService<IOptions<AliyunSmsOptions>>().Value.TakesPromotions);
    }

    [Theory]
    [InlineData("WeChat:BaseUrl", "api.weixin.qq.com")]
    [InlineData("WeChat:BaseUrl", "http://api.weixin.qq.com")]
    [InlineData("WeChat:BaseUrl", "ftp://localhost")]
    [InlineData("WeChat:BaseUrl", "https://localhost/?a=b")]
    [InlineData("WeChat:AppId", "wx1")]
    [InlineData("WeChat:AppSecret", "secret-0")]
    [InlineData("WeChat:Account", "Main")]
    [InlineData("WeChat:PushToken", "a b c")]
    [InlineData("WeChat:EncodingAesKey", "too-short")]
    [InlineData("WeChat:MiniProgramState", "9")]
    [InlineData("WeChat:SendTimeout", "00:00:00.05")]
    [InlineData("WeChat:SendTimeout", "00:05:00")]
    [InlineData("WeChat:MaxConnections", "0")]
    [InlineData("Sms:Aliyun:BaseUrl", "http://dysmsapi.aliyuncs.com")]
    [InlineData("Sms:Aliyun:AccessKeyId", "k")]
    [InlineData("Sms:Aliyun:SignName", "【测试药房】")]
    [InlineData("Sms:Aliyun:WebhookSecret", "short")]
    [InlineData("Sms:Aliyun:SendTimeout", "00:00:00")]
    [InlineData("Sms:Aliyun:MaxConnections", "5000")]
    [InlineData("Sms:Aliyun:PartFen", "101")]
    [InlineData("Sms:Aliyun:ReminderExtendCode", "12a")]
    [InlineData("Sms:Tencent:BaseUrl", "http://sms.tencentcloudapi.com")]
    [InlineData("Sms:Tencent:SecretId", "k")]
    [InlineData("Sms:Tencent:SecretKey", "the-key-0")]
    [InlineData("Sms:Tencent:SdkAppId", "app")]
    [InlineData("Sms:Tencent:Region", "eu-frankfurt")]
    [InlineData("Sms:Tencent:WebhookSecret", "short")]
    [InlineData("Sms:Tencent:PartFen", "-1")]
    [InlineData("Sms:Tencent:PromotionExtendCode", "123456789")]
    [InlineData("Sms:Tencent:SendTimeout", "00:02:00")]
    [InlineData("Sms:Tencent:MaxConnections", "0")]
    [InlineData("Sms:Weights:mobile", "1")]
    [InlineData("Sms:Weights:tencent", "1001")]
    [InlineData("Sms:Weights:aliyun", "0")]
    [InlineData("Sms:ErrorPercent", "0")]
    [InlineData("Sms:StepPoints", "101")]
    [InlineData("Sms:Window", "00:00:00.5")]
    [InlineData("Sms:WindowLeast", "0")]
    [InlineData("Sms:HealthyFor", "02:00:00")]
    [InlineData("Sms:BreakAfter", "0")]
    [InlineData("Sms:BreakFor", "00:20:00")]
    public void A_wrong_setting_stops_the_start_and_names_its_key(string key, string value)
    {
        using var services = Services(new() { [key] = value });

        var refusal = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        Assert.Contains(key, refusal.Message);
        if (key.EndsWith("Secret", StringComparison.Ordinal) || key.EndsWith("SecretKey", StringComparison.Ordinal)) Assert.DoesNotContain(value, refusal.Message);
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .AddLogging()
        .AddSingleton(new Clocks(TimeProvider.System, TimeProvider.System))
        .AddSingleton<ClusterState>(new LocalCluster(() => 1))
        .AddWeChat()
        .AddSms()
        .BuildServiceProvider();
}
