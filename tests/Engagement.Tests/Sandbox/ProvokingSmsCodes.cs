using System.Text.Json.Nodes;
using Engagement.Tests.Support;

namespace Engagement.Tests.Sandbox;

public sealed class ProvokingSmsCodes
{
    private const string Phone = "13800000000";

    [Theory]
    [InlineData("outOfService", "isv.OUT_OF_SERVICE")]
    [InlineData("noBalance", "isv.AMOUNT_NOT_ENOUGH")]
    [InlineData("notOpened", "isv.PRODUCT_UN_SUBSCRIPT")]
    [InlineData("unknown", "isv.ACCOUNT_NOT_EXISTS")]
    [InlineData("abnormal", "isv.ACCOUNT_ABNORMAL")]
    [InlineData("calledFromAbroad", "isv.DENY_IP_RANGE")]
    [InlineData("noPermission", "isp.RAM_PERMISSION_DENY")]
    public async Task An_account_of_Aliyun_in_a_bad_state_sends_nothing(string state, string code)
    {
        await using var sandbox = await SandboxServer.StartAsync(setup => setup["aliyun"]!["state"] = state);
        Assert.Equal(code, await new AliyunCaller(sandbox).SendAsync(Phone));
        Assert.Empty(await sandbox.MessagesAsync());
    }

    [Theory]
    [InlineData("noBalance", "FailedOperation.InsufficientBalanceInSmsPackage")]
    [InlineData("arrears", "UnauthorizedOperation.SerivceSuspendDueToArrears")]
    [InlineData("appDisabled", "UnauthorizedOperation.SdkAppIdIsDisabled")]
    [InlineData("ipNotListed", "UnauthorizedOperation.RequestIpNotInWhitelist")]
    [InlineData("noPermission", "UnauthorizedOperation.RequestPermissionDeny")]
    public async Task An_account_of_Tencent_in_a_bad_state_sends_nothing(string state, string code)
    {
        await using var sandbox = await StartAsync(setup => setup["tencent"]!["state"] = state);
        Assert.Equal([code], await new TencentCaller(sandbox).SendAsync([Phone]));
        Assert.Empty(await sandbox.MessagesAsync());
    }

    [Fact]
    public async Task Caps_of_the_account_are_a_day_and_a_month_of_China()
    {
        await using var sandbox = await SandboxServer.StartAsync(setup => (setup["aliyun"]!["dailyCap"], setup["aliyun"]!["monthlyCap"]) = (2, 3));
        var caller = new AliyunCaller(sandbox);
        var now = TimeProvider.System.GetUtcNow().ToOffset(TimeSpan.FromHours(8));
        await sandbox.SkipAsync(new DateTime(now.Year, now.Month, 1).AddMonths(1).AddHours(9) - now.DateTime);

        Assert.Equal("OK", await caller.SendAsync("13800000001,13800000002"));
        Assert.Equal("isv.DAY_LIMIT_CONTROL", await caller.SendAsync(Phone));
        await sandbox.SkipAsync(TimeSpan.FromDays(1));
        Assert.Equal("OK", await caller.SendAsync(Phone));
        Assert.Equal("isv.MONTH_LIMIT_CONTROL", await caller.SendAsync(Phone));
    }

    [Fact]
    public async Task Templates_texts_and_extension_codes_have_their_codes()
    {
        await using var sandbox = await SandboxServer.StartAsync(setup =>
        {
            setup["aliyun"]!["illegalWords"] = new JsonArray("违禁");
            setup["aliyun"]!["templates"]!.AsArray().Add(JsonNode.Parse("""{ "code": "SMS_9", "text": "Hello ${name}.", "type": "notice", "abroad": true }"""));
            setup["aliyun"]!["signatures"]!.AsArray().Add("康宁之家");
        });
        var caller = new AliyunCaller(sandbox);

        Assert.Equal("isv.DOMESTIC_NUMBER_NOT_SUPPORTED", await caller.SendAsync(Phone, template: "SMS_9"));
        Assert.Equal("isv.SMS_CONTENT_ILLEGAL", await caller.SendAsync(Phone, param: """{"name":"违禁"}"""));
        Assert.Equal("OK", await ExtendedAsync("康宁大药房"));
        Assert.Equal("isv.EXTEND_CODE_ERROR", await ExtendedAsync("康宁之家"));

        async Task<string> ExtendedAsync(string sign) => AliyunCaller.CodeOf(await caller.Acs3Async("SendSms", new()
        {
            ["PhoneNumbers"] = Phone, ["SignName"] = sign, ["TemplateCode"] = "SMS_1", ["TemplateParam"] = """{"name":"王"}""", ["SmsUpExtendCode"] = "88",
        }));
    }

    [Theory]
    [InlineData("13800000429", "isv.BUSINESS_LIMIT_CONTROL", "LimitExceeded.PhoneNumberDailyLimit")]
    [InlineData("13800000451", "isv.SMS_CONTENT_ILLEGAL", "FailedOperation.PhoneNumberInBlacklist")]
    [InlineData("13800000500", "isp.SYSTEM_ERROR", "InternalError.Timeout")]
    public async Task A_magic_number_is_refused_where_the_setup_allows_it(string phone, string aliyun, string tencent)
    {
        await using var sandbox = await StartAsync(setup => setup["magicNumbers"] = true);
        Assert.Equal(aliyun, await new AliyunCaller(sandbox).SendAsync(phone));
        Assert.Equal([tencent], await new TencentCaller(sandbox).SendAsync([phone]));

        await using var plain = await StartAsync();
        Assert.Equal("OK", await new AliyunCaller(plain).SendAsync(phone));
        Assert.Equal(["Ok"], await new TencentCaller(plain).SendAsync([phone]));
    }

    [Theory]
    [InlineData("13800000410", "MK:0001")]
    [InlineData("13800000411", "EXPIRED")]
    [InlineData("13800000413", "REJECTD")]
    public async Task A_magic_number_says_what_the_receipt_says(string phone, string code)
    {
        await using var aliyun = await PushListener.StartAsync("""{"code":0,"msg":"ok"}""");
        await using var tencent = await PushListener.StartAsync("""{"result":0,"errmsg":"OK"}""");
        await using var sandbox = await StartAsync(setup =>
        {
            setup["magicNumbers"] = true;
            setup["receipts"] = new JsonObject { ["minDelayMs"] = 0, ["maxDelayMs"] = 1 };
            setup["aliyun"]!["push"] = new JsonObject { ["reportUrl"] = aliyun.Url };
            setup["tencent"]!["push"] = new JsonObject { ["reportUrl"] = tencent.Url };
        });
        await new AliyunCaller(sandbox).SendAsync(phone);
        await new TencentCaller(sandbox).SendAsync([phone]);

        await Eventually.True(() => aliyun.Pushes.Count == 1 && tencent.Pushes.Count == 1);

        Assert.Equal(code, JsonNode.Parse(aliyun.Pushes[0].Body)![0]!["err_code"]!.GetValue<string>());
        Assert.Equal(code, JsonNode.Parse(tencent.Pushes[0].Body)![0]!["errmsg"]!.GetValue<string>());
    }

    private static Task<SandboxServer> StartAsync(Action<JsonObject>? change = null) => SandboxServer.StartAsync(setup =>
    {
        setup["tencent"] = TencentCaller.Account();
        change?.Invoke(setup);
    });
}
