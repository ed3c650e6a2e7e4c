using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Sandbox.Tencent;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Engagement.Tests.Sandbox;

public sealed class SendingSmsByTencent
{
    private const string Phone = "+8613800000000";

    [Theory]
    [InlineData("sms", "sms.tencentcloudapi.com", "941e73f02affd006e073222ec1604b12023522db455d6d99c11767b4299a3ea4")]
    [InlineData("127", "127.0.0.1", "6924495712ff697c6f356c8dd4059d5efceb4e11e05a1e202f51ec7cfa9819db")]
    public void The_known_signatures_are_computed(string service, string host, string signature)
    {
        var body = Encoding.UTF8.GetBytes("""{"PhoneNumberSet":["+8613800000000"],"SmsSdkAppId":"1400006666","SignName":"测试","TemplateId":"1110","TemplateParamSet":["1234","5"]}""");
        var headers = new HeaderDictionary { ["content-type"] = "application/json" };
        var authorization = new Tc3Authorization("AKIDEXAMPLE", "2025-10-09", service, "content-type;host", "");

        Assert.Equal(signature, Tc3Signature.Compute(
            Tc3Signature.CanonicalRequest(headers, "content-type;host", host, body), authorization, "1760000000", "SECRETEXAMPLE"));
    }

    [Theory]
    [InlineData(false, "127")]
    [InlineData(true, "sms")]
    public async Task A_message_is_taken_with_the_host_signed_either_way_and_any_service_in_the_scope(bool signsPort, string service)
    {
        await using var sandbox = await StartAsync();
        var caller = new TencentCaller(sandbox) { SignsPort = signsPort, Service = service };

        Assert.Equal(["Ok"], await caller.SendAsync([Phone], session: "our-ref"));

        var message = Assert.Single(await sandbox.MessagesAsync("?channel=tencent_sms"));
        Assert.Equal("【康宁大药房】王秀兰您好，您的药已到货。", message.GetProperty("text").GetString());
        Assert.Equal(("13800000000", "our-ref", 1), (message.GetProperty("to").GetString(), message.GetProperty("reference").GetString(), message.GetProperty("parts").GetInt32()));
    }

    [Fact]
    public async Task Wrong_credentials_are_named_and_nothing_is_taken()
    {
        await using var sandbox = await StartAsync();
        var now = TimeProvider.System.GetUtcNow();

        Assert.Equal(["AuthFailure.SecretIdNotFound"], await new TencentCaller(sandbox) { Id = "AKIDOTHER" }.SendAsync([Phone]));
        Assert.Equal(["AuthFailure.SignatureFailure"], await new TencentCaller(sandbox) { Key = "WRONG" }.SendAsync([Phone]));
        Assert.Equal(["AuthFailure.SignatureExpire"], await new TencentCaller(sandbox) { At = now.AddMinutes(-6) }.SendAsync([Phone]));
        Assert.Equal("AuthFailure.SignatureFailure", TencentCaller.ErrorOf(await new TencentCaller(sandbox).CallAsync("SendSms", new { }, tamper: true)));
        Assert.Equal("InvalidAction", TencentCaller.ErrorOf(await new TencentCaller(sandbox).CallAsync("SendFax", new { })));
        Assert.Empty(await sandbox.MessagesAsync());
    }

    [Fact]
    public async Task Each_number_has_its_own_code_and_the_call_can_fail_in_part()
    {
        await using var sandbox = await StartAsync();
        await sandbox.PostAsync("/_sandbox/faults", new { recipients = new Dictionary<string, string> { ["13800000002"] = "InternalError.Timeout" } });

        var codes = await new TencentCaller(sandbox).SendAsync([Phone, "12345", "13800000002", "008613800000003"]);

        Assert.Equal(["Ok", "InvalidParameterValue.IncorrectPhoneNumber", "InternalError.Timeout", "Ok"], codes);
        Assert.Equal(2, (await sandbox.MessagesAsync()).Count);
    }

    [Theory]
    [InlineData("1113", "康宁大药房", "a", "FailedOperation.TemplateIncorrectOrUnapproved")]
    [InlineData("9999", "康宁大药房", "a", "FailedOperation.TemplateIncorrectOrUnapproved")]
    [InlineData("1110", "康宁大药房", "a", "FailedOperation.TemplateIncorrectOrUnapproved")]
    [InlineData("1112", "审核中", "1234", "FailedOperation.SignatureIncorrectOrUnapproved")]
    [InlineData("1112", "别人", "1234", "FailedOperation.SignatureIncorrectOrUnapproved")]
    [InlineData("1111", "康宁验证", "a", "FailedOperation.SignatureIncorrectOrUnapproved")]
    [InlineData("1112", "", "1234", "FailedOperation.MissingSignature")]
    [InlineData("1112", "康宁大药房", "12ab", "InvalidParameterValue.TemplateParameterFormatError")]
    [InlineData("1111", "康宁大药房", "见a.example.com", "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter")]
    [InlineData("1111", "康宁大药房", "赌博", "FailedOperation.ContainSensitiveWord")]
    public async Task Content_that_does_not_fit_is_refused_by_its_own_code(string template, string sign, string value, string code)
    {
        await using var sandbox = await StartAsync(tencent => tencent["limits"] = new JsonObject { ["marketingFrom"] = 0, ["marketingUntil"] = 24 });

        Assert.Equal([code], await new TencentCaller(sandbox).SendAsync([Phone], template, [value], sign));
    }

    [Fact]
    public async Task Calls_of_the_wrong_shape_are_refused_whole()
    {
        await using var sandbox = await StartAsync();
        var caller = new TencentCaller(sandbox);

        Assert.Equal(["MissingParameter.EmptyPhoneNumberSet"], await caller.SendAsync([]));
        Assert.Equal(["LimitExceeded.PhoneNumberCountLimit"], await caller.SendAsync([.. Enumerable.Range(0, 201).Select(i => $"+86138000{i:D5}")]));
        Assert.Equal(["UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber"], await caller.SendAsync([Phone, "+85251234567"]));
        Assert.Equal(["InvalidParameterValue.SdkAppIdNotExist"], await caller.SendAsync([Phone], app: "1400000000"));
    }

    [Fact]
    public async Task Limits_are_per_number_and_marketing_has_its_hours()
    {
        await using var sandbox = await StartAsync();
        var caller = new TencentCaller(sandbox);
        var now = TimeProvider.System.GetUtcNow().ToOffset(TimeSpan.FromHours(8));
        await sandbox.SkipAsync(now.Date.AddDays(1).AddHours(9) - now.DateTime);

        Assert.Equal(["Ok"], await caller.SendAsync([Phone]));
        Assert.Equal(["LimitExceeded.PhoneNumberThirtySecondLimit"], await caller.SendAsync([Phone]));
        for (var i = 0; i < 4; i++) Assert.Equal(["Ok"], await caller.SendAsync([Phone], values: [$"{i}", "药"]));
        Assert.Equal(["LimitExceeded.PhoneNumberOneHourLimit"], await caller.SendAsync([Phone], values: ["5", "药"]));
        await sandbox.SkipAsync(TimeSpan.FromHours(2));
        for (var i = 0; i < 5; i++) Assert.Equal(["Ok"], await caller.SendAsync([Phone], values: [$"{i}", "药"]));
        await sandbox.SkipAsync(TimeSpan.FromHours(2));
        Assert.Equal(["LimitExceeded.PhoneNumberDailyLimit"], await caller.SendAsync([Phone], values: ["9", "药"]));

        Assert.Equal(["Ok"], await caller.SendAsync(["+8613800000001"], "1111", ["王秀兰"]));
        await sandbox.SkipAsync(TimeSpan.FromHours(10));
        Assert.Equal(["FailedOperation.MarketingSendTimeConstraint"], await caller.SendAsync(["+8613800000002"], "1111", ["王秀兰"]));
    }

    [Fact]
    public async Task Reports_are_an_array_and_can_be_pulled_by_number()
    {
        await using var listener = await PushListener.StartAsync("""{"result":0,"errmsg":"OK"}""");
        await using var sandbox = await StartAsync(tencent => tencent["push"] = new JsonObject { ["reportUrl"] = listener.Url }, receipts: true);
        var caller = new TencentCaller(sandbox);
        await caller.SendAsync([Phone], session: "one");
        await caller.SendAsync(["+8613800000404"], session: "two");

        await Eventually.True(() => listener.Pushes.Sum(push => JsonNode.Parse(push.Body)!.AsArray().Count) == 2);

        var reports = listener.Pushes.SelectMany(push => JsonNode.Parse(push.Body)!.AsArray()).ToDictionary(report => report!["mobile"]!.GetValue<string>());
        Assert.Equal(("SUCCESS", "DELIVRD"), Verdict(reports["13800000000"]!));
        Assert.Equal(("FAIL", "UNDELIV"), Verdict(reports["13800000404"]!));
        var sids = (await sandbox.MessagesAsync()).Select(message => message.GetProperty("providerRef").GetString());
        Assert.Equal(sids.Order(), reports.Values.Select(report => report!["sid"]!.GetValue<string>()).Order());

        var pulled = await PullAsync(caller, "+8613800000404");
        Assert.Equal(("FAIL", "two"), (pulled[0].GetProperty("ReportStatus").GetString(), pulled[0].GetProperty("SessionContext").GetString()));
        Assert.Empty(await PullAsync(caller, "+8613800000009"));
        var all = (await caller.CallAsync("PullSmsSendStatus", new { Limit = 100, SmsSdkAppId = TencentCaller.App })).GetProperty("PullSmsSendStatusSet");
        Assert.Equal(2, all.GetArrayLength());
        Assert.Equal(0, (await caller.CallAsync("PullSmsSendStatus", new { Limit = 100, SmsSdkAppId = TencentCaller.App })).GetProperty("PullSmsSendStatusSet").GetArrayLength());
    }

    [Fact]
    public async Task A_reply_is_an_object_and_R_blacklists_the_number_for_marketing_alone()
    {
        await using var listener = await PushListener.StartAsync("""{"result":0,"errmsg":"OK"}""");
        await using var sandbox = await StartAsync(tencent =>
        {
            tencent["push"] = new JsonObject { ["replyUrl"] = listener.Url };
            tencent["limits"] = new JsonObject { ["enabled"] = false };
        });
        var caller = new TencentCaller(sandbox);
        await caller.SendAsync([Phone]);
        await sandbox.PostAsync("/_sandbox/replies", new { phone = "13800000000", content = "R" });
        await Eventually.True(() => listener.Pushes.Count == 1);

        var reply = JsonDocument.Parse(listener.Pushes[0].Body).RootElement;
        Assert.Equal(("13800000000", "86", "康宁大药房", "R"),
            (reply.GetProperty("mobile").GetString(), reply.GetProperty("nationcode").GetString(), reply.GetProperty("sign").GetString(), reply.GetProperty("text").GetString()));
        Assert.Equal(JsonValueKind.Number, reply.GetProperty("time").ValueKind);
        Assert.Equal(["FailedOperation.PhoneNumberInBlacklist"], await caller.SendAsync([Phone], "1111", ["王秀兰"]));
        Assert.Equal(["Ok"], await caller.SendAsync([Phone]));
    }

    private static (string, string) Verdict(JsonNode report) => (report["report_status"]!.GetValue<string>(), report["errmsg"]!.GetValue<string>());

    private static async Task<IReadOnlyList<JsonElement>> PullAsync(TencentCaller caller, string phone)
    {
        var begin = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeSeconds();
        var answer = await caller.CallAsync("PullSmsSendStatusByPhoneNumber", new { BeginTime = begin, Offset = 0, Limit = 10, PhoneNumber = phone, SmsSdkAppId = TencentCaller.App });
        return [.. answer.GetProperty("PullSmsSendStatusSet").EnumerateArray()];
    }

    private static Task<SandboxServer> StartAsync(Action<JsonObject>? change = null, bool receipts = false) => SandboxServer.StartAsync(setup =>
    {
        var account = TencentCaller.Account();
        change?.Invoke(account);
        setup["tencent"] = account;
        if (receipts) setup["receipts"] = new JsonObject { ["minDelayMs"] = 0, ["maxDelayMs"] = 5 };
    });
}
