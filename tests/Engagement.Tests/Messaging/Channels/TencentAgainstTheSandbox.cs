using System.Net.Http.Json;
using System.Text;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Tencent;
using Engagement.Sandbox;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>Our Tencent Cloud client and parsers against the sandbox, which shares no line with them.</summary>
public sealed class TencentAgainstTheSandbox : IAsyncLifetime
{
    private const string Phone = "19900000001";

    private readonly WebApplication _sandbox = SandboxApp.Build([]);
    private readonly HttpClient _control = new(new SocketsHttpHandler { UseProxy = false });
    private FakeProvider _webhooks = null!;
    private TencentSmsApi _api = null!;

    public async Task InitializeAsync()
    {
        await _sandbox.StartAsync();
        _control.BaseAddress = new Uri(_sandbox.Urls.First());
        _webhooks = (await FakeProvider.StartAsync()).On("/report", FakeProvider.Json(TencentPush.Answer)).On("/reply", FakeProvider.Json(TencentPush.Answer));
        _api = Api("tencent-key");
        using var answer = await _control.PutAsJsonAsync("/_sandbox/setup", new
        {
            tencent = new
            {
                secretId = "tencent-id", secretKey = "tencent-key", signatures = new[] { "测试药房" },
                templates = new[] { new { id = "1110", text = "{1}您好，您有{2}项提醒，请登录小程序查看。", type = "notice" } },
                push = new { reportUrl = new Uri(_webhooks.Address, "/report"), replyUrl = new Uri(_webhooks.Address, "/reply"), withSession = true },
            },
            receipts = new { minDelayMs = 0, maxDelayMs = 0 },
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        _control.Dispose();
        await _sandbox.DisposeAsync();
        await _webhooks.DisposeAsync();
    }

    [Fact]
    public async Task Two_hundred_numbers_are_taken_signed_and_their_receipts_and_a_reply_come_back()
    {
        var answer = await _api.SendAsync([.. Enumerable.Range(1, 200).Select(i => Message($"19900000{i:000}"))], default);

        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal((Acceptance.Yes, "Ok"), (answer[i].Accepted, answer[i].Code)));
        await Eventually.True(() => Receipts().Count == 200);
        var mine = Receipts().Single(receipt => receipt.Phone == Phone);
        Assert.Equal((answer[0].ProviderRef, "m-1", true, "DELIVRD"), (mine.BizId, mine.OutId, mine.Delivered, mine.Code));
        Assert.NotNull(mine.ReportedAt);

        using var asked = await _control.PostAsJsonAsync("/_sandbox/replies", new { phone = Phone, content = " ｔｄ " });
        await _webhooks.ArrivedAsync("/reply", 1);
        var reply = Assert.Single(TencentPush.ParseReplies(Encoding.UTF8.GetBytes(_webhooks.Requests.Single(r => r.Path == "/reply").Body)).Items);
        Assert.Equal((Phone, true, "12"), (reply.Phone, reply.IsOptOut, reply.DestCode));
    }

    [Fact]
    public async Task Each_number_has_its_own_code_and_what_is_known_of_it_can_be_asked()
    {
        using var told = await _control.PostAsJsonAsync("/_sandbox/faults", new
        {
            channel = "tencent_sms", recipients = new Dictionary<string, string> { ["19900000002"] = "FailedOperation.PhoneNumberInBlacklist", ["19900000003"] = "LimitExceeded.PhoneNumberDailyLimit" },
        });
        Assert.True(told.IsSuccessStatusCode, await told.Content.ReadAsStringAsync());

        var answer = await _api.SendAsync([Message(Phone), Message("19900000002"), Message("19900000003"), Message("19900000404")], default);

        Assert.Equal(Acceptance.Yes, answer[0].Accepted);
        Assert.Equal(SendResult.Refused(ErrorClass.PermanentRecipient, "FailedOperation.PhoneNumberInBlacklist"), answer[1]);
        Assert.Equal(SendResult.Refused(ErrorClass.Quota, "LimitExceeded.PhoneNumberDailyLimit"), answer[2]);
        await Eventually.True(() => Receipts().Count == 2);
        var sentAt = TimeProvider.System.GetUtcNow();
        Assert.Equal(new SmsFinding(SmsFate.Delivered, "DELIVRD"), await _api.AskAsync(new SmsSend(Phone, sentAt, "m-1", null), default));
        Assert.Equal(SmsFate.Undelivered, (await _api.AskAsync(new SmsSend("19900000404", sentAt, "m-1", null), default)).Fate);
        Assert.Equal(SmsFate.NotListed, (await _api.AskAsync(new SmsSend(Phone, sentAt, "m-2", null), default)).Fate);
        Assert.Equal(SmsFate.NotListed, (await _api.AskAsync(new SmsSend("19900000002", sentAt, "m-1", null), default)).Fate);
    }

    [Fact]
    public async Task A_wrong_key_a_wrong_template_and_a_wrong_signature_are_told_apart()
    {
        using var thief = Api("not-the-key");

        Assert.Equal(SendResult.Refused(ErrorClass.Config, "AuthFailure.SignatureFailure"), (await thief.SendAsync([Message(Phone)], default))[0]);
        Assert.Equal(SendResult.Refused(ErrorClass.PermanentTemplate, "FailedOperation.TemplateIncorrectOrUnapproved"), (await _api.SendAsync([Message(Phone) with { TemplateCode = "9" }], default))[0]);
        Assert.Equal(SendResult.Refused(ErrorClass.Config, "FailedOperation.SignatureIncorrectOrUnapproved"), (await _api.SendAsync([Message(Phone) with { SignName = "别家" }], default))[0]);
        Assert.Equal(
            SendResult.Refused(ErrorClass.PermanentTemplate, "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"),
            (await _api.SendAsync([Message(Phone) with { Parameters = [KeyValuePair.Create("name", "https://m.example.cn/u/1"), KeyValuePair.Create("count", "2")] }], default))[0]);
    }

    private List<SmsReceipt> Receipts() =>
        [.. _webhooks.Requests.Where(r => r.Path == "/report").SelectMany(r => TencentPush.ParseReceipts(Encoding.UTF8.GetBytes(r.Body)).Items)];

    private TencentSmsApi Api(string key) => new(
        new TencentSmsOptions { BaseUrl = _control.BaseAddress!, SecretId = "tencent-id", SecretKey = key, SdkAppId = "1400006666" },
        TimeProvider.System, NullLogger<TencentSmsApi>.Instance);

    private static SmsMessage Message(string phone) =>
        new(phone, "测试药房", "1110", [KeyValuePair.Create("name", "王*~ 秀兰"), KeyValuePair.Create("count", "2")], "m-1") { ExtendCode = "12" };
}
