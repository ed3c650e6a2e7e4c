using System.Net;
using System.Text.Json;
using Engagement.Sandbox.Aliyun;
using Microsoft.AspNetCore.Http;

namespace Engagement.Tests.Sandbox;

/// <summary>The vectors were made with the providers' own SDKs.</summary>
public sealed class CheckingAliyunSignatures
{
    private const string Query =
        "PhoneNumbers=13800000000&SignName=%E6%B5%8B%E8%AF%95%E8%8D%AF%E6%88%BF&TemplateCode=SMS_100000001&TemplateParam=%7B%22code%22%3A%221%202*~%22%7D";

    [Fact]
    public async Task The_ACS3_vector_is_computed_although_the_wire_leaves_a_star_unencoded()
    {
        var http = new DefaultHttpContext().Request;
        (http.Method, http.QueryString) = ("POST", new QueryString("?" + Query));
        http.Headers.Host = "dysmsapi.aliyuncs.com";
        http.Headers["x-acs-action"] = "SendSms";
        http.Headers["x-acs-version"] = "2017-05-25";
        http.Headers["x-acs-date"] = "2026-01-02T03:04:05Z";
        http.Headers["x-acs-signature-nonce"] = "nonce-0001";
        http.Headers["x-acs-content-sha256"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        const string Signed = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";

        var request = await AliyunRequest.ReadAsync(http, default);

        Assert.Equal("SendSms", request.Action);
        Assert.Equal(
            "3e79d68bda78339ba85589607aa16a3846f3905afae6fd26daba6457299ecc3a",
            Acs3Signature.Compute(Acs3Signature.CanonicalRequest(request, Signed), "SKEXAMPLE"));
        Assert.True(Acs3Signature.CoversBody(request));
        Assert.True(Acs3Signature.CoversEnough(request, Signed));
        Assert.False(Acs3Signature.CoversEnough(request, Signed.Replace("x-acs-date;", "", StringComparison.Ordinal)));
        Assert.False(Acs3Signature.CoversEnough(request, Signed.Replace("host;", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("GET", "w7gfB2Xo9g0LtHvhO6uPZWzTReQ=")]
    [InlineData("POST", "VJ1QlzS7wAGSv2LnTcE0HhLEZZE=")]
    public async Task The_RPC_vectors_are_computed(string method, string signature)
    {
        var http = new DefaultHttpContext().Request;
        (http.Method, http.QueryString) = (method, new QueryString("?" + Query
            + "&Action=SendSms&Version=2017-05-25&Format=JSON&AccessKeyId=AKEXAMPLE&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0"
            + "&SignatureNonce=nonce-0001&Timestamp=2026-01-02T03%3A04%3A05Z&Signature=ignored"));

        var request = await AliyunRequest.ReadAsync(http, default);

        Assert.Equal(signature, RpcSignature.Compute(RpcSignature.TextToSign(method, request.Parameters), "SKEXAMPLE"));
    }

    [Fact]
    public async Task Both_signatures_open_the_door_by_GET_by_POST_and_with_a_chunked_form()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var caller = new AliyunCaller(sandbox);

        Assert.Equal("OK", AliyunCaller.CodeOf(await caller.RpcAsync("SendSms", One("1 2*~!'()"), HttpMethod.Get)));
        Assert.Equal("OK", AliyunCaller.CodeOf(await caller.RpcAsync("SendSms", One("1 2*~!'()+&=%"), HttpMethod.Post)));
        Assert.Equal("OK", AliyunCaller.CodeOf(await caller.Acs3Async("SendSms", One("a+b 王*~"))));
        Assert.Equal("OK", AliyunCaller.CodeOf(await caller.Acs3Async("SendBatchSms", new() { ["TemplateCode"] = "SMS_1", ["OutId"] = "wave-7" }, new()
        {
            ["PhoneNumberJson"] = """["13800000001","+8613800000002"]""",
            ["SignNameJson"] = """["康宁大药房","康宁大药房"]""",
            ["TemplateParamJson"] = """[{"name":"李 强"},{"name":"a&b=c+d"}]""",
        })));

        var texts = (await sandbox.MessagesAsync()).Select(m => m.GetProperty("text").GetString()).ToList();
        Assert.Equal("【康宁大药房】1 2*~!'()您好，您有一条服务提醒。", texts[0]);
        Assert.Equal("【康宁大药房】a&b=c+d您好，您有一条服务提醒。", texts[4]);
    }

    [Fact]
    public async Task A_wrong_secret_a_changed_parameter_and_an_unknown_key_are_turned_away_at_the_gateway()
    {
        await using var sandbox = await SandboxServer.StartAsync();

        var wrongSecret = new AliyunCaller(sandbox) { Secret = "guess" };
        Assert.Equal("SignatureDoesNotMatch", AliyunCaller.CodeOf(await wrongSecret.Acs3Async("SendSms", One())));
        Assert.Equal(HttpStatusCode.BadRequest, wrongSecret.Status);
        Assert.Equal("SignatureDoesNotMatch", AliyunCaller.CodeOf(await wrongSecret.RpcAsync("SendSms", One(), HttpMethod.Post)));

        var caller = new AliyunCaller(sandbox);
        var changed = await caller.Acs3Async("SendSms", One(), tamper: true);
        Assert.Equal("SignatureDoesNotMatch", AliyunCaller.CodeOf(changed));
        Assert.Contains("server string to sign is:POST\n/\nOutId=changed", changed.GetProperty("Message").GetString(), StringComparison.Ordinal);

        Assert.Equal("SignatureDoesNotMatch", AliyunCaller.CodeOf(await caller.Acs3Async("SendSms", [], One(), tamper: true)));

        var stranger = new AliyunCaller(sandbox) { KeyId = "AKOTHER" };
        Assert.Equal("InvalidAccessKeyId.NotFound", AliyunCaller.CodeOf(await stranger.Acs3Async("SendSms", One())));
        Assert.Equal(HttpStatusCode.NotFound, stranger.Status);
        Assert.Empty(await sandbox.MessagesAsync());
    }

    [Fact]
    public async Task A_nonce_works_once()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var caller = new AliyunCaller(sandbox) { Nonce = "nonce-1" };

        Assert.Equal("OK", AliyunCaller.CodeOf(await caller.Acs3Async("SendSms", One())));
        Assert.Equal("SignatureNonceUsed", AliyunCaller.CodeOf(await caller.Acs3Async("SendSms", One())));
        Assert.Equal(HttpStatusCode.BadRequest, caller.Status);
        Assert.Equal("SignatureNonceUsed", AliyunCaller.CodeOf(await caller.RpcAsync("SendSms", One(), HttpMethod.Get)));
        Assert.Single(await sandbox.MessagesAsync());
    }

    [Theory]
    [InlineData(-16, "InvalidTimeStamp.Expired")]
    [InlineData(-14, "OK")]
    [InlineData(14, "OK")]
    [InlineData(16, "InvalidTimeStamp.Expired")]
    public async Task A_timestamp_may_be_fifteen_minutes_off(int minutes, string code)
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var caller = new AliyunCaller(sandbox) { At = TimeProvider.System.GetUtcNow().AddMinutes(minutes) };

        Assert.Equal(code, AliyunCaller.CodeOf(await caller.Acs3Async("SendSms", One())));
        Assert.Equal(code, AliyunCaller.CodeOf(await caller.RpcAsync("SendSms", One(), HttpMethod.Get)));
    }

    [Fact]
    public async Task What_the_gateway_misses_it_names()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var caller = new AliyunCaller(sandbox);

        Assert.Equal("InvalidAction.NotFound", AliyunCaller.CodeOf(await caller.Acs3Async("DeleteEverything", One())));
        var missing = await caller.Acs3Async("SendSms", new() { ["SignName"] = "康宁大药房" });
        Assert.Equal("MissingParameter", AliyunCaller.CodeOf(missing));
        Assert.Contains("PhoneNumbers", missing.GetProperty("Message").GetString(), StringComparison.Ordinal);
        var unsigned = await sandbox.GetAsync("/?Action=SendSms&AccessKeyId=AKEXAMPLE");
        Assert.Equal("MissingParameter", AliyunCaller.CodeOf(unsigned));
        Assert.False(string.IsNullOrEmpty(unsigned.GetProperty("RequestId").GetString()));
    }

    private static Dictionary<string, string> One(string name = "王秀兰") => new()
    {
        ["PhoneNumbers"] = "13800000000",
        ["SignName"] = "康宁大药房",
        ["TemplateCode"] = "SMS_1",
        ["TemplateParam"] = JsonSerializer.Serialize(new { name }),
    };
}
