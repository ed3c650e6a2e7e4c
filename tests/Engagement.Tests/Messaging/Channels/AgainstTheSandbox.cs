using System.Net.Http.Json;
using System.Text;
using System.Web;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Channels.WeChat.Push;
using Engagement.Sandbox;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>Our clients and parsers against the sandbox, which shares no line with them: it checks tokens and signatures, and pushes in its own hand.</summary>
public sealed class AgainstTheSandbox : IAsyncLifetime
{
    private const string OpenId = "oOpenIdOfZhouFang00000000000";
    private const string TemplateId = "TemplateIdOfTheRefillReminder00000000000000";
    private const string Phone = "19900000001";

    private readonly WebApplication _sandbox = SandboxApp.Build([]);
    private readonly HttpClient _control = new();
    private FakeProvider _webhooks = null!;

    public async Task InitializeAsync()
    {
        await _sandbox.StartAsync();
        _control.BaseAddress = new Uri(_sandbox.Urls.First());
        _webhooks = (await FakeProvider.StartAsync())
            .On("/wechat", FakeProvider.Answer("success", "text/plain"))
            .On("/report", FakeProvider.Json(AliyunPush.Answer))
            .On("/up", FakeProvider.Json(AliyunPush.Answer));
    }

    public async Task DisposeAsync()
    {
        _control.Dispose();
        await _sandbox.DisposeAsync();
        await _webhooks.DisposeAsync();
    }

    [Theory]
    [InlineData("xml", "plain")]
    [InlineData("xml", "compatible")]
    [InlineData("xml", "safe")]
    [InlineData("json", "plain")]
    [InlineData("json", "compatible")]
    [InlineData("json", "safe")]
    public async Task A_subscribe_message_goes_out_and_its_end_comes_back_in_every_mode(string format, string mode)
    {
        var options = await SetUpWeChatAsync(format, mode);
        await ControlAsync("grants", new[] { new { openid = OpenId, templateId = TemplateId, count = 1 } });
        using var api = WeChat(options);

        var result = await api.SendSubscribeAsync(Message("您有一项提醒　🎂𠮷"), default);

        Assert.Equal((Acceptance.Yes, "0"), (result.Accepted, result.Code));
        await _webhooks.ArrivedAsync("/wechat", 1);
        var sent = Assert.IsType<SubscribeSent>(Assert.Single(Opened(options, _webhooks.Requests[0])));
        Assert.Equal((OpenId, TemplateId, result.ProviderRef, true), (sent.OpenId, sent.TemplateId, sent.MsgId, sent.Delivered));

        // The grant is used up.
        Assert.Equal(SendResult.Refused(ErrorClass.PermanentRecipient, "43101"), await api.SendSubscribeAsync(Message("再来一次"), default));
    }

    [Theory]
    [InlineData("xml")]
    [InlineData("json")]
    public async Task Taps_come_back_as_grants_and_refusals(string format)
    {
        var options = await SetUpWeChatAsync(format, "safe");

        await ControlAsync("taps", new { openid = OpenId, templateId = TemplateId, accept = true });
        await _webhooks.ArrivedAsync("/wechat", 1);
        await ControlAsync("taps", new { openid = OpenId, templateId = TemplateId, accept = false });
        await _webhooks.ArrivedAsync("/wechat", 2);

        var popup = Assert.IsType<SubscribePopup>(Assert.Single(Opened(options, _webhooks.Requests[0])));
        Assert.Equal((OpenId, TemplateId, true), (popup.OpenId, popup.TemplateId, popup.Accepted));
        var change = Assert.IsType<SubscribeChange>(Assert.Single(Opened(options, _webhooks.Requests[1])));
        Assert.Equal((OpenId, TemplateId, false), (change.OpenId, change.TemplateId, change.Accepted));
    }

    [Theory]
    [InlineData("expireTokens")]
    [InlineData("rotateTokens")]
    public async Task A_token_that_died_in_WeChats_hands_is_replaced_in_flight(string fault)
    {
        var options = await SetUpWeChatAsync("xml", "plain");
        await ControlAsync("grants", new[] { new { openid = OpenId, templateId = TemplateId, count = 2 } });
        using var api = WeChat(options);
        await api.SendSubscribeAsync(Message("第一条"), default);
        await ControlAsync("faults", new Dictionary<string, bool> { [fault] = true });

        Assert.Equal(Acceptance.Yes, (await api.SendSubscribeAsync(Message("第二条"), default)).Accepted);
    }

    [Fact]
    public async Task A_wrong_secret_is_a_matter_of_configuration()
    {
        var options = await SetUpWeChatAsync("xml", "plain");
        options.AppSecret = "not-the-secret";
        using var weChat = WeChat(options);
        Assert.Equal(SendResult.Refused(ErrorClass.Config, "40125"), await weChat.SendSubscribeAsync(Message("你好"), default));

        await SetUpAliyunAsync();
        using var aliyun = Aliyun("not-the-secret");
        Assert.Equal(SendResult.Refused(ErrorClass.Config, "SignatureDoesNotMatch"), await aliyun.SendAsync(Sms(Phone), default));
    }

    [Fact]
    public async Task Sms_go_out_signed_one_by_one_and_in_batches_and_their_receipts_and_replies_come_back()
    {
        await SetUpAliyunAsync();
        using var api = Aliyun("aliyun-secret");

        var one = await api.SendAsync(Sms(Phone), default);
        var many = await api.SendBatchAsync([.. Enumerable.Range(2, 5).Select(i => Sms($"1990000000{i}") with { OutId = "batch-1" })], default);
        await ControlAsync("replies", new { phone = Phone, content = " ｒ " });

        Assert.Equal((Acceptance.Yes, "OK"), (one.Accepted, one.Code));
        Assert.Equal((Acceptance.Yes, "OK"), (many.Accepted, many.Code));
        await Eventually.True(() => Receipts().Count == 6);
        var receipts = Receipts();
        Assert.All(receipts, receipt => Assert.True(receipt is { Delivered: true, Code: "DELIVERED", Size: 1, ReportedAt: not null }));
        Assert.Equal((Phone, "m-1"), receipts.Where(r => r.BizId == one.ProviderRef).Select(r => (r.Phone, r.OutId)).Single());
        Assert.Equal(5, receipts.Count(r => r.BizId == many.ProviderRef && r.OutId == "batch-1"));

        await _webhooks.ArrivedAsync("/up", 1);
        var reply = Assert.Single(AliyunPush.ParseReplies(Encoding.UTF8.GetBytes(_webhooks.Requests.Single(r => r.Path == "/up").Body)).Items);
        Assert.Equal((Phone, true), (reply.Phone, reply.IsOptOut));

        List<SmsReceipt> Receipts() =>
            [.. _webhooks.Requests.Where(r => r.Path == "/report").SelectMany(r => AliyunPush.ParseReceipts(Encoding.UTF8.GetBytes(r.Body)).Items)];
    }

    private static IReadOnlyList<WeChatEvent> Opened(WeChatOptions options, ReceivedRequest request)
    {
        var query = HttpUtility.ParseQueryString(request.Query);
        var opened = WeChatPush.Open(
            options, new WeChatPushQuery(query["timestamp"], query["nonce"], query["signature"], query["msg_signature"]), Encoding.UTF8.GetBytes(request.Body));
        Assert.Null(opened.Problem);
        return WeChatPush.Parse(opened.Body).Events;
    }

    private async Task<WeChatOptions> SetUpWeChatAsync(string format, string mode)
    {
        var key = mode == "plain" ? null : "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        await PutSetupAsync(new
        {
            wechat = new
            {
                appId = "wx0000000000000001", appSecret = "wechat-secret", acceptAnyOpenid = true,
                templates = new[] { new { id = TemplateId, title = "用药提醒", type = 2, keywords = new { thing1 = "提醒内容" } } },
                push = new { url = new Uri(_webhooks.Address, "/wechat"), token = "push-token", format, mode, encodingAesKey = key },
            },
            receipts = new { minDelayMs = 0, maxDelayMs = 0 },
        });
        return new WeChatOptions
        {
            BaseUrl = _control.BaseAddress!, AppId = "wx0000000000000001", AppSecret = "wechat-secret", PushToken = "push-token", EncodingAesKey = key,
        };
    }

    private Task SetUpAliyunAsync() => PutSetupAsync(new
    {
        aliyun = new
        {
            accessKeyId = "aliyun-key", accessKeySecret = "aliyun-secret", signatures = new[] { "测试药房" },
            templates = new[] { new { code = "SMS_100000001", text = "${name}您好，您有一项提醒，请登录小程序查看。", type = "notice" } },
            push = new { reportUrl = new Uri(_webhooks.Address, "/report"), upUrl = new Uri(_webhooks.Address, "/up") },
        },
        receipts = new { minDelayMs = 0, maxDelayMs = 0 },
    });

    private async Task PutSetupAsync<T>(T setup)
    {
        using var answer = await _control.PutAsJsonAsync("/_sandbox/setup", setup);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task ControlAsync<T>(string what, T body)
    {
        using var answer = await _control.PostAsJsonAsync($"/_sandbox/{what}", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static WeChatApi WeChat(WeChatOptions options) =>
        new(options, TimeProvider.System, new Engagement.Storage.Cluster.LocalCluster(() => 1), new ProviderTokens(), NullLogger<WeChatApi>.Instance);

    private AliyunSmsApi Aliyun(string secret) => new(
        new AliyunSmsOptions { BaseUrl = _control.BaseAddress!, AccessKeyId = "aliyun-key", AccessKeySecret = secret, SignName = "测试药房" },
        TimeProvider.System, NullLogger<AliyunSmsApi>.Instance);

    private static SubscribeMessage Message(string text) => new(OpenId, TemplateId, "pages/refill/index?ref=abc", [KeyValuePair.Create("thing1", text)]);

    private static SmsMessage Sms(string phone) => new(phone, "测试药房", "SMS_100000001", [KeyValuePair.Create("name", "王*~ 秀兰")], "m-1");
}
