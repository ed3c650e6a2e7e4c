using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms.Aliyun;
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
        Assert.NotNull(services.GetRequiredService<IAliyunSmsApi>());
        Assert.Equal(new Uri("https://api.weixin.qq.com"), services.GetRequiredService<IOptions<WeChatOptions>>().Value.BaseUrl);
        Assert.False(services.GetRequiredService<IOptions<AliyunSmsOptions>>().Value.TakesPromotions);
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
    public void A_wrong_setting_stops_the_start_and_names_its_key(string key, string value)
    {
        using var services = Services(new() { [key] = value });

        var refusal = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        Assert.Contains(key, refusal.Message);
        if (key.EndsWith("Secret", StringComparison.Ordinal)) Assert.DoesNotContain(value, refusal.Message);
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .AddLogging()
        .AddSingleton(new Clocks(TimeProvider.System, TimeProvider.System))
        .AddSingleton<ClusterState>(new LocalCluster(() => 1))
        .AddWeChat()
        .AddAliyunSms()
        .BuildServiceProvider();
}
