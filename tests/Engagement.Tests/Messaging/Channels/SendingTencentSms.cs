using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Tencent;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>What Tencent Cloud's calls look like on the wire, and what each answer means.</summary>
public sealed class SendingTencentSms
{
    private const string Phone = "13800000000";
    private const string Secret = "SECRETEXAMPLE";
    private const string VectorBody =
        """{"PhoneNumberSet":["+8613800000000"],"SmsSdkAppId":"1400006666","SignName":"测试","TemplateId":"1110","TemplateParamSet":["1234","5"]}""";

    [Theory]
    [InlineData("sms.tencentcloudapi.com", "sms", "2025-10-09/sms/tc3_request", "941e73f02affd006e073222ec1604b12023522db455d6d99c11767b4299a3ea4")]
    [InlineData("127.0.0.1", "127", "2025-10-09/127/tc3_request", "6924495712ff697c6f356c8dd4059d5efceb4e11e05a1e202f51ec7cfa9819db")]
    public void The_signature_is_that_of_the_providers_own_client(string host, string service, string scope, string signature)
    {
        var call = new Tc3Call(host, service, DateTimeOffset.FromUnixTimeSeconds(1760000000), "application/json", Tc3Signature.HashOf(Encoding.UTF8.GetBytes(VectorBody)));

        Assert.Equal(
            $"TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders=content-type;host, Signature={signature}",
            Tc3Signature.Authorize(call, "AKIDEXAMPLE", Tc3Signature.Key(Secret, call.Day, service)));
    }

    [Fact]
    public async Task A_call_names_its_numbers_in_E164_and_its_values_in_their_order()
    {
        await using var tencent = await AccountAsync(Statuses((Phone, "Ok")));

        var answer = await tencent.Api.SendAsync([Message(values: [("b", "王*~ '秀兰'🎂"), ("a", "\"5\"")]) with { ExtendCode = "12" }], default);

        Assert.Equal(SendResult.Ok("Ok", "2019:" + Phone), answer[0]);
        var request = Assert.Single(tencent.Provider.Requests);
        Assert.Equal(("POST", "/", ""), (request.Method, request.Path, request.Query));
        Assert.Equal(("SendSms", "2021-01-11", "ap-guangzhou", "application/json"),
            (request.Headers["X-TC-Action"], request.Headers["X-TC-Version"], request.Headers["X-TC-Region"], request.Headers["Content-Type"]));
        Assert.Equal(
            """{"PhoneNumberSet":["+8613800000000"],"SmsSdkAppId":"1400006666","SignName":"测试药房","TemplateId":"1110","TemplateParamSet":["王*~ '秀兰'🎂","\"5\""],"ExtendCode":"12","SessionContext":"m-1"}""",
            request.Body);
        AssertSigned(request, tencent.Provider.Address);
    }

    [Fact]
    public async Task A_template_without_variables_gets_none_and_no_extension_code_that_is_not_there()
    {
        await using var tencent = await AccountAsync(Statuses((Phone, "Ok")));

        await tencent.Api.SendAsync([Message()], default);

        Assert.DoesNotContain("TemplateParamSet", tencent.Provider.Requests[0].Body);
        Assert.DoesNotContain("ExtendCode", tencent.Provider.Requests[0].Body);
    }

    [Fact]
    public async Task Two_hundred_numbers_go_in_one_call_and_each_has_its_own_end()
    {
        string[] phones = [.. Enumerable.Range(0, 200).Select(i => $"13800000{i:000}")];
        string[] codes = [.. phones.Select((_, i) => (i % 4) switch { 0 => "Ok", 1 => "FailedOperation.PhoneNumberInBlacklist", 2 => "LimitExceeded.PhoneNumberDailyLimit", _ => "InternalError.Timeout" })];
        await using var tencent = await AccountAsync(Statuses([.. phones.Zip(codes)]));

        var answer = await tencent.Api.SendAsync([.. phones.Select(phone => Message(phone))], default);

        Assert.False(answer.IsForAll);
        Assert.Equal(phones.Select(phone => "+86" + phone), JsonDocument.Parse(tencent.Provider.Requests[0].Body).RootElement.GetProperty("PhoneNumberSet").EnumerateArray().Select(e => e.GetString()));
        for (var i = 0; i < phones.Length; i++)
        {
            Assert.Equal(codes[i] switch
            {
                "Ok" => SendResult.Ok("Ok", "2019:" + phones[i]),
                "FailedOperation.PhoneNumberInBlacklist" => SendResult.Refused(ErrorClass.PermanentRecipient, codes[i]),
                "LimitExceeded.PhoneNumberDailyLimit" => SendResult.Refused(ErrorClass.Quota, codes[i]),
                _ => new SendResult(Acceptance.Unknown, ErrorClass.Retry, codes[i], null),
            }, answer[i]);
        }
    }

    [Fact]
    public async Task Statuses_in_another_order_or_without_one_number_are_joined_by_the_number()
    {
        await using var tencent = await AccountAsync(Statuses(("13800000002", "Ok"), ("13900000000", "Ok"), (Phone, "InvalidParameterValue.IncorrectPhoneNumber")));

        var answer = await tencent.Api.SendAsync([Message(), Message("13800000001"), Message("13800000002")], default);

        Assert.Equal(SendResult.Refused(ErrorClass.PermanentRecipient, "InvalidParameterValue.IncorrectPhoneNumber"), answer[0]);
        Assert.Equal(SendResult.InDoubt("unreadable"), answer[1]);
        Assert.Equal(SendResult.Ok("Ok", "2019:13800000002"), answer[2]);
    }

    [Fact]
    public async Task What_makes_no_call_is_not_sent()
    {
        await using var tencent = await AccountAsync(Statuses((Phone, "Ok")));

        await RefusesAsync([]);
        await RefusesAsync([.. Enumerable.Range(0, 201).Select(i => Message($"13800000{i:000}"))]);
        await RefusesAsync([Message(), Message("13800000001") with { TemplateCode = "2" }]);
        await RefusesAsync([Message(), Message("13800000001") with { OutId = "m-2" }]);
        await RefusesAsync([Message(), Message("13800000001") with { SignName = "别家" }]);
        await RefusesAsync([Message(), Message("13800000001") with { ExtendCode = "1" }]);
        await RefusesAsync([Message(values: ("a", "1")), Message("13800000001", ("a", "2"))]);
        await RefusesAsync([Message(), Message()]);
        Assert.Empty(tencent.Provider.Requests);

        async Task RefusesAsync(IReadOnlyList<SmsMessage> messages)
        {
            var refusal = await Assert.ThrowsAsync<ArgumentException>(async () => await tencent.Api.SendAsync(messages, default));
            Assert.DoesNotContain("138", refusal.Message);
        }
    }

    // sms.md 7.2, whole: the code, its class, whether Tencent may have the message.
    [Theory]
    [InlineData("InternalError.Timeout", ErrorClass.Retry, Acceptance.Unknown)]
    [InlineData("InternalError.SendAndRecvFail", ErrorClass.Retry, Acceptance.Unknown)]
    [InlineData("InternalError.OtherError", ErrorClass.Retry, Acceptance.Unknown)]
    [InlineData("InternalError.UnknownError", ErrorClass.Retry, Acceptance.Unknown)]
    [InlineData("InternalError.JsonParseFail", ErrorClass.Retry, Acceptance.Unknown)]
    [InlineData("InternalError.RequestTimeException", ErrorClass.Config)]
    [InlineData("InternalError.SigFieldMissing", ErrorClass.Config)]
    [InlineData("InternalError.SigVerificationFail", ErrorClass.Config)]
    [InlineData("InternalError.RestApiInterfaceNotExist", ErrorClass.Config)]
    [InlineData("AuthFailure", ErrorClass.Config)]
    [InlineData("AuthFailure.SignatureFailure", ErrorClass.Config)]
    [InlineData("AuthFailure.SecretIdNotFound", ErrorClass.Config)]
    [InlineData("FailedOperation.ContainSensitiveWord", ErrorClass.PermanentTemplate)]
    [InlineData("InvalidParameter.DirtyWordFound", ErrorClass.PermanentTemplate)]
    [InlineData("InvalidParameterValue.TemplateWithDirtyWords", ErrorClass.PermanentTemplate)]
    [InlineData("FailedOperation.FailResolvePacket", ErrorClass.Config)]
    [InlineData("FailedOperation.JsonParseFail", ErrorClass.Config)]
    [InlineData("FailedOperation.OtherError", ErrorClass.Config)]
    [InlineData("FailedOperation.ParametersOtherError", ErrorClass.Config)]
    [InlineData("FailedOperation.InsufficientBalanceInSmsPackage", ErrorClass.Config)]
    [InlineData("UnauthorizedOperation.SerivceSuspendDueToArrears", ErrorClass.Config)]
    [InlineData("FailedOperation.MarketingSendTimeConstraint", ErrorClass.Quota)]
    [InlineData("FailedOperation.PhoneNumberInBlacklist", ErrorClass.PermanentRecipient)]
    [InlineData("FailedOperation.SignatureIncorrectOrUnapproved", ErrorClass.Config)]
    [InlineData("FailedOperation.MissingSignature", ErrorClass.Config)]
    [InlineData("FailedOperation.MissingSignatureList", ErrorClass.Config)]
    [InlineData("FailedOperation.TemplateIncorrectOrUnapproved", ErrorClass.PermanentTemplate)]
    [InlineData("FailedOperation.MissingTemplateList", ErrorClass.PermanentTemplate)]
    [InlineData("InvalidParameterValue.InvalidTemplateFormat", ErrorClass.PermanentTemplate)]
    [InlineData("FailedOperation.NotEnterpriseCertification", ErrorClass.Config)]
    [InlineData("FailedOperation.ForbidAddMarketingTemplates", ErrorClass.Config)]
    [InlineData("UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny", ErrorClass.Config)]
    [InlineData("InvalidParameterValue.IncorrectPhoneNumber", ErrorClass.PermanentRecipient)]
    [InlineData("InvalidParameterValue.ContentLengthLimit", ErrorClass.PermanentTemplate)]
    [InlineData("InvalidParameterValue.TemplateParameterFormatError", ErrorClass.PermanentTemplate)]
    [InlineData("InvalidParameterValue.TemplateParameterLengthLimit", ErrorClass.PermanentTemplate)]
    [InlineData("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", ErrorClass.PermanentTemplate)]
    [InlineData("InvalidParameterValue.SdkAppIdNotExist", ErrorClass.Config)]
    [InlineData("InvalidParameter.AppidAndBizId", ErrorClass.Config)]
    [InlineData("InvalidParameter", ErrorClass.Config)]
    [InlineData("InvalidParameter.InvalidParameters", ErrorClass.Config)]
    [InlineData("MissingParameter", ErrorClass.Config)]
    [InlineData("MissingParameter.EmptyPhoneNumberSet", ErrorClass.Config)]
    [InlineData("LimitExceeded.PhoneNumberThirtySecondLimit", ErrorClass.Quota)]
    [InlineData("LimitExceeded.PhoneNumberOneHourLimit", ErrorClass.Quota)]
    [InlineData("LimitExceeded.PhoneNumberDailyLimit", ErrorClass.Quota)]
    [InlineData("LimitExceeded.PhoneNumberSameContentDailyLimit", ErrorClass.Quota)]
    [InlineData("LimitExceeded.DeliveryFrequencyLimit", ErrorClass.Quota)]
    [InlineData("LimitExceeded.AppDailyLimit", ErrorClass.Quota)]
    [InlineData("LimitExceeded.DailyLimit", ErrorClass.Quota)]
    [InlineData("LimitExceeded.PhoneNumberCountLimit", ErrorClass.Config)]
    [InlineData("UnauthorizedOperation.RequestIpNotInWhitelist", ErrorClass.Config)]
    [InlineData("UnauthorizedOperation.RequestPermissionDeny", ErrorClass.Config)]
    [InlineData("UnauthorizedOperation.SdkAppIdIsDisabled", ErrorClass.Config)]
    [InlineData("UnauthorizedOperation.SmsSdkAppIdVerifyFail", ErrorClass.Config)]
    [InlineData("UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber", ErrorClass.Config)]
    [InlineData("UnsupportedOperation.UnsuportedRegion", ErrorClass.PermanentRecipient)]
    [InlineData("RequestLimitExceeded", ErrorClass.Retry)]
    public async Task A_code_of_the_table_means_what_it_says_of_a_call_and_of_a_number(string code, ErrorClass errorClass, Acceptance accepted = Acceptance.No)
    {
        await using var tencent = await AccountAsync(Refusal(code), Statuses((Phone, code)));
        var expected = new SendResult(accepted, errorClass, code, null);

        var call = await tencent.Api.SendAsync([Message()], default);
        var number = await tencent.Api.SendAsync([Message()], default);

        Assert.Equal((true, expected), (call.IsForAll, call[0]));
        Assert.Equal((false, expected), (number.IsForAll, number[0]));
        Assert.Empty(tencent.Logged.Lines);
    }

    [Fact]
    public void The_table_has_no_code_that_the_test_above_does_not_try()
    {
        var tried = typeof(SendingTencentSms).GetMethod(nameof(A_code_of_the_table_means_what_it_says_of_a_call_and_of_a_number))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).SelectMany(data => ((InlineDataAttribute)data).GetData(null!)).Select(row => (string)row[0]);

        Assert.Empty(TencentErrors.All.Except(tried));
    }

    [Fact]
    public async Task A_code_of_no_table_proves_nothing_and_is_reported_once()
    {
        await using var tencent = await AccountAsync(Refusal("FailedOperation.SomethingNew"), Statuses((Phone, "FailedOperation.SomethingNew")));

        Assert.Equal(new SendResult(Acceptance.Unknown, ErrorClass.Unknown, "FailedOperation.SomethingNew", null), (await tencent.Api.SendAsync([Message()], default))[0]);
        await tencent.Api.SendAsync([Message()], default);

        Assert.Single(tencent.Logged.Lines);
        Assert.DoesNotContain(Phone, tencent.Logged.Lines[0]);
    }

    [Theory]
    [InlineData("", 200, "unreadable")]
    [InlineData("<html>", 200, "unreadable")]
    [InlineData("[]", 200, "unreadable")]
    [InlineData("{}", 200, "unreadable")]
    [InlineData("{\"Response\":{}}", 200, "unreadable")]
    [InlineData("{\"Response\":{\"SendStatusSet\":[]}}", 200, "unreadable")]
    [InlineData("{\"Response\":{\"SendStatusSet\":[{\"SerialNo\":\"1\",\"PhoneNumber\":\"+8613800000000\",\"Code\":\"Ok\"", 200, "unreadable")]
    [InlineData("{\"Response\":{\"SendStatusSet\":[{\"SerialNo\":\"1\",\"PhoneNumber\":\"+8613800000000\"}]}}", 200, "unreadable")]
    [InlineData("{\"Response\":{\"SendStatusSet\":[{\"SerialNo\":\"1\",\"Code\":\"Ok\"}]}}", 200, "unreadable")]
    [InlineData("{\"Response\":{\"Error\":{\"Message\":\"x\"}}}", 200, "unreadable")]
    [InlineData("{\"Response\":{\"Error\":{\"Code\":\"two\\nlines\"}}}", 200, "unreadable")]
    [InlineData("{\"Response\":{\"Error\":{\"Code\":\"\\ud800\"}}}", 200, "unreadable")]
    [InlineData("{\"Response\":{\"Error\":{\"Code\":\"MissingParameter\"}}}{}", 200, "unreadable")]
    [InlineData("<html>", 404, "http_404")]
    [InlineData("{\"Response\":{\"SendStatusSet\":[{\"SerialNo\":\"1\",\"PhoneNumber\":\"+8613800000000\",\"Code\":\"Ok\"}]}}", 404, "http_404")]
    [InlineData("{\"Response\":{\"Error\":{\"Code\":\"MissingParameter\"}}}", 502, "http_502")]
    public async Task An_answer_that_cannot_be_understood_leaves_doubt(string body, int status, string code)
    {
        await using var tencent = await AccountAsync(FakeProvider.Answer(body, "text/html", status));

        Assert.Equal(SendResult.InDoubt(code), (await tencent.Api.SendAsync([Message()], default))[0]);
        Assert.Single(tencent.Provider.Requests);
    }

    [Fact]
    public async Task A_gigantic_answer_is_not_read_to_its_end()
    {
        await using var tencent = await AccountAsync(FakeProvider.Json("{\"Response\":{\"RequestId\":\"" + new string('r', 300_000) + "\"}}"));

        Assert.Equal(SendResult.InDoubt("too_large"), (await tencent.Api.SendAsync([Message()], default))[0]);
    }

    [Fact]
    public async Task A_reset_of_a_reused_connection_leaves_doubt_and_no_second_request()
    {
        await using var tencent = await AccountAsync(Statuses((Phone, "Ok")), FakeProvider.Reset, Statuses((Phone, "Ok")));
        await tencent.Api.SendAsync([Message()], default);

        Assert.Equal(SendResult.InDoubt("reset"), (await tencent.Api.SendAsync([Message()], default))[0]);
        Assert.Equal(2, tencent.Provider.Requests.Count);
    }

    [Fact]
    public async Task An_answer_that_is_cut_short_and_one_that_never_comes_leave_doubt()
    {
        await using var tencent = await AccountAsync(FakeProvider.CutShort("""{"Response":"""), FakeProvider.Silence);

        Assert.Equal(SendResult.InDoubt("reset"), (await tencent.Api.SendAsync([Message()], default))[0]);
        Assert.Equal(SendResult.InDoubt("timeout"), (await tencent.Api.SendAsync([Message()], default))[0]);
    }

    [Fact]
    public async Task Where_nobody_listens_nothing_has_left()
    {
        using var api = new TencentSmsApi(Options(FakeProvider.NobodyThere()), TimeProvider.System, new RecordingLogger<TencentSmsApi>());

        Assert.Equal(SendResult.Refused(ErrorClass.Retry, "connect_failed"), (await api.SendAsync([Message()], default))[0]);
    }

    [Fact]
    public async Task Without_an_account_nothing_is_sent_and_cancelled_before_it_begins_it_throws()
    {
        await using var tencent = await AccountAsync(Statuses((Phone, "Ok")));
        using var nobody = new TencentSmsApi(new TencentSmsOptions { BaseUrl = tencent.Provider.Address }, TimeProvider.System, tencent.Logged);

        Assert.Equal(SendResult.Refused(ErrorClass.Config, "not_configured"), (await nobody.SendAsync([Message()], default))[0]);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await tencent.Api.SendAsync([Message()], new CancellationToken(true)));

        Assert.Empty(tencent.Provider.Requests);
    }

    [Fact]
    public void Neither_message_nor_options_show_a_number_or_a_secret()
    {
        var shown = $"{Message(values: ("name", "王秀兰"))} {new TencentSmsOptions { SecretKey = Secret, WebhookSecret = "webhook-secret-01" }}";

        foreach (var secret in (string[])[Phone, "王秀兰", Secret, "webhook-secret-01"]) Assert.DoesNotContain(secret, shown);
    }

    // Signs again what arrived, the way the provider does.
    private static void AssertSigned(ReceivedRequest request, Uri address)
    {
        var timestamp = request.Headers["X-TC-Timestamp"];
        var day = DateTimeOffset.FromUnixTimeSeconds(long.Parse(timestamp)).ToString("yyyy-MM-dd");
        var canonical = $"POST\n/\n\ncontent-type:application/json\nhost:{address.Authority}\n\ncontent-type;host\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(request.Body)))}";
        var text = $"TC3-HMAC-SHA256\n{timestamp}\n{day}/sms/tc3_request\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("TC3" + Secret);
        foreach (var part in (string[])[day, "sms", "tc3_request"]) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));

        Assert.Equal(address.Authority, request.Headers["Host"]);
        Assert.Equal(
            $"TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/{day}/sms/tc3_request, SignedHeaders=content-type;host, Signature={Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)))}",
            request.Headers["Authorization"]);

        static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
    }

    private static ProviderScript Refusal(string code) =>
        FakeProvider.Json($$$"""{"Response":{"Error":{"Code":"{{{code}}}","Message":"no"},"RequestId":"r"}}""");

    private static ProviderScript Statuses(params (string Phone, string Code)[] statuses) => FakeProvider.Json(JsonSerializer.Serialize(new
    {
        Response = new
        {
            SendStatusSet = statuses.Select(s => new
            {
                SerialNo = s.Code == "Ok" ? "2019:" + s.Phone : "", PhoneNumber = "+86" + s.Phone, Fee = s.Code == "Ok" ? 1 : 0, SessionContext = "m-1", s.Code, Message = "send success", IsoCode = "CN",
            }),
            RequestId = "r",
        },
    }));

    private static SmsMessage Message(string phone = Phone, params (string Name, string Value)[] values) =>
        new(phone, "测试药房", "1110", [.. values.Select(value => KeyValuePair.Create(value.Name, value.Value))], "m-1");

    private static TencentSmsOptions Options(Uri address) => new()
    {
        BaseUrl = address, SecretId = "AKIDEXAMPLE", SecretKey = Secret, SdkAppId = "1400006666", MaxConnections = 1, SendTimeout = TimeSpan.FromSeconds(2),
    };

    private static async Task<Account> AccountAsync(params ProviderScript[] answers)
    {
        var provider = (await FakeProvider.StartAsync()).On("/", answers);
        var logged = new RecordingLogger<TencentSmsApi>();
        return new Account(provider, new TencentSmsApi(Options(provider.Address), TimeProvider.System, logged), logged);
    }

    private sealed record Account(FakeProvider Provider, TencentSmsApi Api, RecordingLogger<TencentSmsApi> Logged) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Api.Dispose();
            await Provider.DisposeAsync();
        }
    }
}
