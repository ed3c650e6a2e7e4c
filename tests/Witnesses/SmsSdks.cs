using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Tests.Sandbox;
using Engagement.Tests.Support;

namespace Engagement.Witnesses;

/// <summary>@alicloud/dysmsapi20170525 4.6.0 with both signatures, @alicloud/pop-core 1.8.0 and tencentcloud-sdk-nodejs-sms 4.1.306.</summary>
public sealed class SmsSdks
{
    private const string Sign = "康宁大药房";
    private const string Phone = "13800000000";

    [WitnessTheory]
    [InlineData("v3")]
    [InlineData("v2")]
    public async Task Dysmsapi_sends_one_sends_a_batch_and_asks(string signature)
    {
        await using var sandbox = await StartAsync();
        var one = await Witness.ResultAsync("dysmsapi.cjs", "send", new
        {
            endpoint = Endpoint(sandbox), id = "AKEXAMPLE", secret = "SKEXAMPLE", signature, phones = Phone, sign = Sign, template = "SMS_1",
            param = """{"name":"王 秀*兰~"}""", outId = "out-1",
        });
        var batch = await Witness.ResultAsync("dysmsapi.cjs", "batch", new
        {
            endpoint = Endpoint(sandbox), id = "AKEXAMPLE", secret = "SKEXAMPLE", signature, phones = new[] { "13800000001", "13800000002" }, sign = Sign, template = "SMS_1",
            @params = new[] { new { name = "李" }, new { name = "张" } }, outId = "out-2",
        });

        Assert.Equal(("OK", "OK"), (Text(one, "code"), Text(batch, "code")));
        var messages = await sandbox.MessagesAsync();
        Assert.Equal(["【康宁大药房】王 秀*兰~您好，您有一条服务提醒。", "【康宁大药房】李您好，您有一条服务提醒。", "【康宁大药房】张您好，您有一条服务提醒。"], messages.Select(m => Text(m, "text")));
        Assert.Equal([Text(one, "bizId"), Text(batch, "bizId"), Text(batch, "bizId")], messages.Select(m => Text(m, "providerRef")));
        Assert.Equal(["out-1", "out-2", "out-2"], messages.Select(m => Text(m, "reference")));

        var day = TimeProvider.System.GetUtcNow().ToOffset(TimeSpan.FromHours(8)).ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var details = await Witness.ResultAsync("dysmsapi.cjs", "query", new { endpoint = Endpoint(sandbox), id = "AKEXAMPLE", secret = "SKEXAMPLE", signature, phone = Phone, day, bizId = Text(one, "bizId") });
        Assert.Equal("out-1", Text(Assert.Single(details.GetProperty("smsSendDetailDTOs").GetProperty("smsSendDetailDTO").EnumerateArray()), "outId"));
    }

    [WitnessTheory]
    [InlineData("v3", "AKEXAMPLE", "WRONG", "SignatureDoesNotMatch")]
    [InlineData("v2", "AKEXAMPLE", "WRONG", "SignatureDoesNotMatch")]
    [InlineData("v3", "AKOTHER", "SKEXAMPLE", "InvalidAccessKeyId.NotFound")]
    [InlineData("v2", "AKOTHER", "SKEXAMPLE", "InvalidAccessKeyId.NotFound")]
    public async Task Dysmsapi_throws_on_wrong_credentials(string signature, string id, string secret, string code)
    {
        await using var sandbox = await StartAsync();
        var error = await Witness.ErrorAsync("dysmsapi.cjs", "send", new { endpoint = Endpoint(sandbox), id, secret, signature, phones = Phone, sign = Sign, template = "SMS_1", param = "{}" });
        Assert.Contains(code, Text(error, "code"), StringComparison.Ordinal);
        Assert.Empty(await sandbox.MessagesAsync());
    }

    [WitnessFact]
    public async Task Dysmsapi_does_not_throw_on_a_refusal_of_the_product_and_throws_on_throttling()
    {
        await using var sandbox = await StartAsync();
        var arguments = new { endpoint = Endpoint(sandbox), id = "AKEXAMPLE", secret = "SKEXAMPLE", phones = Phone, sign = "别人", template = "SMS_1", param = """{"name":"a"}""" };
        Assert.Equal("isv.SMS_SIGNATURE_ILLEGAL", Text(await Witness.ResultAsync("dysmsapi.cjs", "send", arguments), "code"));

        await sandbox.PostAsync("/_sandbox/faults", new { channel = "aliyun_sms", errorShare = new Dictionary<string, double> { ["Throttling.User"] = 1 } });
        Assert.Contains("Throttling", Text(await Witness.ErrorAsync("dysmsapi.cjs", "send", arguments), "code"), StringComparison.Ordinal);
    }

    [WitnessTheory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task PopCore_sends_by_either_method_and_throws_on_any_code_but_OK(string method)
    {
        await using var sandbox = await StartAsync();
        object Arguments(string secret, string sign) => new { endpoint = Endpoint(sandbox), id = "AKEXAMPLE", secret, method, phones = Phone, sign, template = "SMS_1", param = """{"name":"王秀兰"}""" };

        Assert.Equal("OK", Text(await Witness.ResultAsync("pop-core.cjs", "send", Arguments("SKEXAMPLE", Sign)), "Code"));

        Assert.Equal("isv.SMS_SIGNATURE_ILLEGAL", Text(await Witness.ErrorAsync("pop-core.cjs", "send", Arguments("SKEXAMPLE", "别人")), "code"));
        Assert.Equal("SignatureDoesNotMatch", Text(await Witness.ErrorAsync("pop-core.cjs", "send", Arguments("WRONG", Sign)), "code"));
        Assert.Single(await sandbox.MessagesAsync());
    }

    [WitnessFact]
    public async Task Tencent_sends_to_several_numbers_pulls_their_fate_and_reads_replies()
    {
        await using var sandbox = await StartAsync(receipts: true);
        var account = new { endpoint = Endpoint(sandbox), id = "AKIDEXAMPLE", key = "SECRETEXAMPLE", app = TencentCaller.App };

        var sent = await Witness.ResultAsync("tencent.cjs", "send", new
        {
            account.endpoint, account.id, account.key, account.app,
            phones = new[] { "+86" + Phone, "12345" }, template = "1110", sign = Sign, values = new[] { "王秀兰", "药" }, session = "s-1",
        });
        Assert.Equal(["Ok", "InvalidParameterValue.IncorrectPhoneNumber"], sent.GetProperty("SendStatusSet").EnumerateArray().Select(status => Text(status, "Code")));
        var message = Assert.Single(await sandbox.MessagesAsync());
        Assert.Equal((Text(message, "providerRef"), "s-1"), (Text(sent.GetProperty("SendStatusSet")[0], "SerialNo"), Text(message, "reference")));

        await Eventually.True(async () => Text((await sandbox.MessagesAsync())[0], "status") == "delivered");
        var begin = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeSeconds();
        var statuses = await Witness.ResultAsync("tencent.cjs", "statuses", new { account.endpoint, account.id, account.key, account.app, begin, phone = "+86" + Phone });
        Assert.Equal("SUCCESS", Text(statuses.GetProperty("PullSmsSendStatusSet")[0], "ReportStatus"));
        Assert.Equal(1, (await Witness.ResultAsync("tencent.cjs", "pull", account)).GetProperty("PullSmsSendStatusSet").GetArrayLength());

        await sandbox.PostAsync("/_sandbox/replies", new { phone = Phone, content = "R" });
        var replies = await Witness.ResultAsync("tencent.cjs", "replies", account);
        Assert.Equal("R", Text(replies.GetProperty("PullSmsReplyStatusSet")[0], "ReplyContent"));
    }

    [WitnessTheory]
    [InlineData("AKIDEXAMPLE", "WRONG", TencentCaller.App, "AuthFailure.SignatureFailure")]
    [InlineData("AKIDOTHER", "SECRETEXAMPLE", TencentCaller.App, "AuthFailure.SecretIdNotFound")]
    [InlineData("AKIDEXAMPLE", "SECRETEXAMPLE", "1400000000", "InvalidParameterValue.SdkAppIdNotExist")]
    public async Task Tencent_throws_on_wrong_credentials_and_on_a_refusal_of_the_whole_call(string id, string key, string app, string code)
    {
        await using var sandbox = await StartAsync();
        var error = await Witness.ErrorAsync("tencent.cjs", "send", new
        {
            endpoint = Endpoint(sandbox), id, key, app, phones = new[] { "+86" + Phone }, template = "1110", sign = Sign, values = new[] { "王秀兰", "药" }, session = "",
        });
        Assert.Equal(code, Text(error, "code"));
        Assert.Empty(await sandbox.MessagesAsync());
    }

    private static string Endpoint(SandboxServer sandbox) => sandbox.Http.BaseAddress!.Authority;

    private static string? Text(JsonElement from, string name) => from.GetProperty(name).GetString();

    private static Task<SandboxServer> StartAsync(bool receipts = false) => SandboxServer.StartAsync(setup =>
    {
        setup["tencent"] = TencentCaller.Account();
        if (receipts) setup["receipts"] = new JsonObject { ["minDelayMs"] = 0, ["maxDelayMs"] = 1 };
    });
}
