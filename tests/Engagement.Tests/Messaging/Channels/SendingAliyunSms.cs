using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>What Aliyun's calls look like on the wire, and what each answer means.</summary>
public sealed class SendingAliyunSms
{
    private const string Phone = "13800000000";
    private const string Secret = "SKEXAMPLE";

    private static readonly ProviderScript s_accepted = FakeProvider.Json("""{"RequestId":"r","Code":"OK","Message":"OK","BizId":"900619746936498440^0"}""");

    [Fact]
    public void The_signature_is_that_of_the_providers_own_client()
    {
        var query = Acs3Signature.Query(
            ("PhoneNumbers", Phone), ("SignName", "测试药房"), ("TemplateCode", "SMS_100000001"), ("TemplateParam", """{"code":"1 2*~"}"""));
        var call = new Acs3Call("SendSms", "dysmsapi.aliyuncs.com", "/", query,
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "nonce-0001", Acs3Signature.HashOf([]), null);

        Assert.Equal(
            "ACS3-HMAC-SHA256 Credential=AKEXAMPLE,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version," +
            "Signature=3e79d68bda78339ba85589607aa16a3846f3905afae6fd26daba6457299ecc3a",
            Acs3Signature.Authorize(call, "AKEXAMPLE", Secret));
    }

    [Fact]
    public async Task One_message_goes_in_the_query_with_an_empty_body()
    {
        await using var aliyun = await AccountAsync(s_accepted);

        var result = await aliyun.Api.SendAsync(Message(values: ("name", "王*~ '秀兰'🎂")), default);

        Assert.Equal(SendResult.Ok("OK", "900619746936498440^0"), result);
        var request = Assert.Single(aliyun.Provider.Requests);
        Assert.Equal(("POST", "/", "", "0"), (request.Method, request.Path, request.Body, request.Headers["Content-Length"]));
        Assert.Equal("SendSms", request.Headers["x-acs-action"]);
        Assert.Equal("2017-05-25", request.Headers["x-acs-version"]);
        var query = HttpUtility.ParseQueryString(request.Query);
        Assert.Equal((Phone, "测试药房", "SMS_100000001", "m-1"), (query["PhoneNumbers"], query["SignName"], query["TemplateCode"], query["OutId"]));
        Assert.Equal("""{"name":"王*~ '秀兰'🎂"}""", query["TemplateParam"]);
        AssertSigned(request, aliyun.Provider.Address);
    }

    [Fact]
    public async Task An_answer_is_never_longer_than_what_can_be_written_down()
    {
        await using var aliyun = await AccountAsync(FakeProvider.Json($$"""{"Code":"OK","BizId":"{{new string('9', 65)}}"}"""));

        Assert.Equal(SendResult.Ok("OK", null), await aliyun.Api.SendAsync(Message(), default));
        Assert.Equal(64, SendResult.InDoubt(new string('X', 200)).Code.Length);
    }

    [Fact]
    public async Task A_template_without_variables_gets_none()
    {
        await using var aliyun = await AccountAsync(s_accepted);

        await aliyun.Api.SendAsync(Message(), default);

        Assert.DoesNotContain("TemplateParam", aliyun.Provider.Requests[0].Query);
    }

    [Fact]
    public async Task A_batch_is_one_call_with_its_numbers_in_the_form()
    {
        await using var aliyun = await AccountAsync(s_accepted);
        var messages = Enumerable.Range(0, 100).Select(i => Message($"138000001{i:00}", ("name", $"会员{i}"))).ToList();

        var result = await aliyun.Api.SendBatchAsync(messages, default);

        Assert.Equal(SendResult.Ok("OK", "900619746936498440^0"), result);
        var request = Assert.Single(aliyun.Provider.Requests);
        Assert.Equal("SendBatchSms", request.Headers["x-acs-action"]);
        Assert.DoesNotContain("138", request.Query);
        var query = HttpUtility.ParseQueryString(request.Query);
        Assert.Equal(("SMS_100000001", "m-1"), (query["TemplateCode"], query["OutId"]));
        var form = HttpUtility.ParseQueryString(request.Body);
        Assert.Equal(messages.Select(message => message.PhoneDigits), JsonSerializer.Deserialize<string[]>(form["PhoneNumberJson"]!));
        Assert.Equal(messages.Select(message => message.SignName), JsonSerializer.Deserialize<string[]>(form["SignNameJson"]!));
        Assert.Equal("会员99", JsonSerializer.Deserialize<Dictionary<string, string>[]>(form["TemplateParamJson"]!)![99]["name"]);
        AssertSigned(request, aliyun.Provider.Address);
    }

    [Fact]
    public async Task An_extension_code_travels_with_one_message_and_with_each_of_a_batch()
    {
        await using var aliyun = await AccountAsync(s_accepted);

        await aliyun.Api.SendAsync(Message() with { ExtendCode = "12" }, default);
        await aliyun.Api.SendBatchAsync([Message() with { ExtendCode = "12" }, Message("13800000001") with { ExtendCode = "12" }], default);
        await aliyun.Api.SendBatchAsync([Message(), Message("13800000001")], default);

        Assert.Equal("12", HttpUtility.ParseQueryString(aliyun.Provider.Requests[0].Query)["SmsUpExtendCode"]);
        Assert.Equal("""["12","12"]""", HttpUtility.ParseQueryString(aliyun.Provider.Requests[1].Body)["SmsUpExtendCodeJson"]);
        Assert.DoesNotContain("SmsUpExtendCode", aliyun.Provider.Requests[2].Body);
    }

    [Fact]
    public async Task What_makes_no_batch_is_not_sent()
    {
        await using var aliyun = await AccountAsync(s_accepted);

        await RefusesAsync([]);
        await RefusesAsync([.. Enumerable.Range(0, 101).Select(i => Message($"13800000{i:000}"))]);
        await RefusesAsync([Message(), Message("13800000001") with { TemplateCode = "SMS_2" }]);
        await RefusesAsync([Message(), Message("13800000001") with { OutId = "m-2" }]);
        await RefusesAsync([Message(), Message()]);
        Assert.Empty(aliyun.Provider.Requests);

        async Task RefusesAsync(IReadOnlyList<SmsMessage> messages)
        {
            var refusal = await Assert.ThrowsAsync<ArgumentException>(async () => await aliyun.Api.SendBatchAsync(messages, default));
            Assert.DoesNotContain("138", refusal.Message);
        }
    }

    // sms.md 7.1, whole.
    [Theory]
    [InlineData(200, "isp.SYSTEM_ERROR", ErrorClass.Retry)]
    [InlineData(400, "Throttling", ErrorClass.Retry)]
    [InlineData(400, "Throttling.User", ErrorClass.Retry)]
    [InlineData(200, "isp.RAM_PERMISSION_DENY", ErrorClass.Config)]
    [InlineData(200, "isv.OUT_OF_SERVICE", ErrorClass.Config)]
    [InlineData(200, "isv.AMOUNT_NOT_ENOUGH", ErrorClass.Config)]
    [InlineData(200, "isv.PRODUCT_UN_SUBSCRIPT", ErrorClass.Config)]
    [InlineData(200, "isv.PRODUCT_UNSUBSCRIBE", ErrorClass.Config)]
    [InlineData(200, "isv.ACCOUNT_NOT_EXISTS", ErrorClass.Config)]
    [InlineData(200, "isv.ACCOUNT_ABNORMAL", ErrorClass.Config)]
    [InlineData(200, "isv.DENY_IP_RANGE", ErrorClass.Config)]
    [InlineData(200, "isv.SMS_SIGNATURE_ILLEGAL", ErrorClass.Config)]
    [InlineData(200, "isv.SIGN_STATE_ILLEGAL", ErrorClass.Config)]
    [InlineData(200, "isv.SMS_SIGN_ILLEGAL", ErrorClass.Config)]
    [InlineData(200, "isv.SIGN_NAME_ILLEGAL", ErrorClass.Config)]
    [InlineData(200, "isv.SMS_SIGNATURE_SCENE_ILLEGAL", ErrorClass.Config)]
    [InlineData(200, "isv.EXTEND_CODE_ERROR", ErrorClass.Config)]
    [InlineData(200, "isv.INVALID_JSON_PARAM", ErrorClass.Config)]
    [InlineData(200, "isv.INVALID_PARAMETERS", ErrorClass.Config)]
    [InlineData(200, "isv.MOBILE_COUNT_OVER_LIMIT", ErrorClass.Config)]
    [InlineData(400, "SignatureDoesNotMatch", ErrorClass.Config)]
    [InlineData(400, "InvalidAccessKeyId.NotFound", ErrorClass.Config)]
    [InlineData(400, "InvalidTimeStamp.Expired", ErrorClass.Config)]
    [InlineData(400, "SignatureNonceUsed", ErrorClass.Config)]
    [InlineData(400, "MissingParameter", ErrorClass.Config)]
    [InlineData(200, "isv.SMS_TEMPLATE_ILLEGAL", ErrorClass.PermanentTemplate)]
    [InlineData(200, "isv.TEMPLATE_MISSING_PARAMETERS", ErrorClass.PermanentTemplate)]
    [InlineData(200, "isv.TEMPLATE_PARAMS_ILLEGAL", ErrorClass.PermanentTemplate)]
    [InlineData(200, "isv.PARAM_LENGTH_LIMIT", ErrorClass.PermanentTemplate)]
    [InlineData(200, "isv.PARAM_NOT_SUPPORT_URL", ErrorClass.PermanentTemplate)]
    [InlineData(200, "isv.BLACK_KEY_CONTROL_LIMIT", ErrorClass.PermanentTemplate)]
    [InlineData(200, "isv.SMS_CONTENT_ILLEGAL", ErrorClass.PermanentTemplate)]
    [InlineData(200, "isv.DOMESTIC_NUMBER_NOT_SUPPORTED", ErrorClass.PermanentTemplate)]
    [InlineData(200, "isv.MOBILE_NUMBER_ILLEGAL", ErrorClass.PermanentRecipient)]
    [InlineData(200, "isv.BUSINESS_LIMIT_CONTROL", ErrorClass.Quota)]
    [InlineData(200, "isv.DAY_LIMIT_CONTROL", ErrorClass.Quota)]
    [InlineData(200, "isv.MONTH_LIMIT_CONTROL", ErrorClass.Quota)]
    public async Task A_code_of_the_table_is_a_refusal_of_its_class(int status, string code, ErrorClass expected)
    {
        await using var aliyun = await AccountAsync(FakeProvider.Json($$"""{"RequestId":"r","Code":"{{code}}","Message":"no"}""", status));

        Assert.Equal(SendResult.Refused(expected, code), await aliyun.Api.SendAsync(Message(), default));
    }

    [Fact]
    public void The_table_has_no_code_that_the_test_above_does_not_try()
    {
        var tried = typeof(SendingAliyunSms).GetMethod(nameof(A_code_of_the_table_is_a_refusal_of_its_class))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).SelectMany(data => ((InlineDataAttribute)data).GetData(null!)).Select(row => (string)row[1]);

        Assert.Equal(AliyunErrors.All.Order(StringComparer.Ordinal), tried.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_code_of_no_table_proves_nothing_and_is_reported_once()
    {
        await using var aliyun = await AccountAsync(FakeProvider.Json("""{"Code":"isv.SOMETHING_NEW"}"""));

        Assert.Equal(new SendResult(Acceptance.Unknown, ErrorClass.Unknown, "isv.SOMETHING_NEW", null), await aliyun.Api.SendAsync(Message(), default));
        await aliyun.Api.SendAsync(Message(), default);

        Assert.Single(aliyun.Logged.Lines);
        Assert.DoesNotContain(Phone, aliyun.Logged.Lines[0]);
    }

    [Theory]
    [InlineData("", 200, "unreadable")]
    [InlineData("<html>", 200, "unreadable")]
    [InlineData("{\"Code\":\"OK\",\"BizId\":\"1^", 200, "unreadable")]
    [InlineData("{\"Code\":\"OK\"}{}", 200, "unreadable")]
    [InlineData("{\"Code\":\"\\ud800\"}", 200, "unreadable")]
    [InlineData("{\"Code\":\"two\\nlines\"}", 200, "unreadable")]
    [InlineData("{\"Message\":\"OK\"}", 200, "unreadable")]
    [InlineData("[]", 200, "unreadable")]
    [InlineData("<html>", 404, "http_404")]
    [InlineData("{\"Code\":\"OK\"}", 404, "http_404")]
    [InlineData("{\"Code\":\"isv.AMOUNT_NOT_ENOUGH\"}", 503, "http_503")]
    public async Task An_answer_that_cannot_be_understood_leaves_doubt(string body, int status, string code)
    {
        await using var aliyun = await AccountAsync(FakeProvider.Answer(body, "text/html", status));

        Assert.Equal(SendResult.InDoubt(code), await aliyun.Api.SendAsync(Message(), default));
        Assert.Single(aliyun.Provider.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reset_of_a_reused_connection_leaves_doubt_and_no_second_request(bool batch)
    {
        await using var aliyun = await AccountAsync(s_accepted, s_accepted, FakeProvider.Reset, s_accepted);
        await aliyun.Api.SendAsync(Message(), default);
        await aliyun.Api.SendAsync(Message(), default);

        var result = batch ? await aliyun.Api.SendBatchAsync([Message()], default) : await aliyun.Api.SendAsync(Message(), default);

        Assert.Equal(SendResult.InDoubt("reset"), result);
        Assert.Equal(3, aliyun.Provider.Requests.Count);
    }

    [Fact]
    public async Task Cancelled_before_it_begins_a_send_throws_and_nothing_leaves()
    {
        await using var aliyun = await AccountAsync(s_accepted);

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await aliyun.Api.SendAsync(Message(), new CancellationToken(true)));
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await aliyun.Api.SendBatchAsync([Message()], new CancellationToken(true)));

        Assert.Empty(aliyun.Provider.Requests);
    }

    [Fact]
    public void Neither_message_nor_options_show_a_number_or_a_secret()
    {
        var shown = $"{Message(values: ("name", "王秀兰"))} {new AliyunSmsOptions { AccessKeySecret = Secret, WebhookSecret = "webhook-secret-01" }}";

        foreach (var secret in (string[])[Phone, "王秀兰", Secret, "webhook-secret-01"]) Assert.DoesNotContain(secret, shown);
    }

    // Signs again what arrived, the way the provider does: decode, encode anew, compare.
    private static void AssertSigned(ReceivedRequest request, Uri address)
    {
        var pairs = request.Query.TrimStart('?').Split('&').Select(pair => pair.Split('=').Select(Uri.UnescapeDataString).ToArray());
        var query = string.Join('&', pairs.OrderBy(pair => pair[0], StringComparer.Ordinal).Select(pair => $"{pair[0]}={Uri.EscapeDataString(pair[1])}"));
        var hash = Hex(SHA256.HashData(Encoding.UTF8.GetBytes(request.Body)));
        string[] names = [.. request.Headers.Keys.Select(name => name.ToLowerInvariant()).Where(name => name.StartsWith("x-acs-", StringComparison.Ordinal) || name == "host" || (name == "content-type" && request.Body.Length > 0)).Order(StringComparer.Ordinal)];
        var headers = string.Concat(names.Select(name => $"{name}:{request.Headers[name]}\n"));
        var canonical = $"POST\n/\n{query}\n{headers}\n{string.Join(';', names)}\n{hash}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"ACS3-HMAC-SHA256\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}"));

        Assert.Equal(address.Authority, request.Headers["Host"]);
        Assert.Equal(hash, request.Headers["x-acs-content-sha256"]);
        Assert.Equal($"ACS3-HMAC-SHA256 Credential=AKEXAMPLE,SignedHeaders={string.Join(';', names)},Signature={Hex(signature)}", request.Headers["Authorization"]);

        static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
    }

    private static SmsMessage Message(string phone = Phone, params (string Name, string Value)[] values) =>
        new(phone, "测试药房", "SMS_100000001", [.. values.Select(value => KeyValuePair.Create(value.Name, value.Value))], "m-1");

    private static async Task<Account> AccountAsync(params ProviderScript[] answers)
    {
        var provider = (await FakeProvider.StartAsync()).On("/", answers);
        var logged = new RecordingLogger<AliyunSmsApi>();
        var options = new AliyunSmsOptions { BaseUrl = provider.Address, AccessKeyId = "AKEXAMPLE", AccessKeySecret = Secret, SignName = "测试药房", MaxConnections = 1 };
        return new Account(provider, new AliyunSmsApi(options, TimeProvider.System, logged), logged);
    }

    private sealed record Account(FakeProvider Provider, AliyunSmsApi Api, RecordingLogger<AliyunSmsApi> Logged) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Api.Dispose();
            await Provider.DisposeAsync();
        }
    }
}
