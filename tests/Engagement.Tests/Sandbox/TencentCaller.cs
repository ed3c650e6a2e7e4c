using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Engagement.Tests.Sandbox;

/// <summary>A client of the Tencent account that signs by itself, and may do it wrongly on purpose.</summary>
internal sealed class TencentCaller(SandboxServer sandbox)
{
    public const string App = "1400006666";

    private static readonly JsonSerializerOptions s_raw = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Id { get; set; } = "AKIDEXAMPLE";

    public string Key { get; set; } = "SECRETEXAMPLE";

    public DateTimeOffset? At { get; set; }

    /// <summary>Whether the signed host carries its port, as a plain client would do it; SDKs leave it out.</summary>
    public bool SignsPort { get; set; }

    public string Service { get; set; } = "sms";

    /// <summary>The account as the sandbox is set up with it.</summary>
    public static JsonObject Account() => JsonNode.Parse("""
        {
          "secretId": "AKIDEXAMPLE", "secretKey": "SECRETEXAMPLE", "forbiddenWords": ["赌博"],
          "signatures": ["康宁大药房", { "name": "审核中", "state": "review" }, { "name": "康宁验证", "verificationOnly": true }],
          "templates": [
            { "id": "1110", "text": "{1}您好，您的{2}已到货。", "type": "notice" },
            { "id": "1111", "text": "{1}，会员日到店有礼。拒收请回复R", "type": "marketing" },
            { "id": "1112", "text": "您的验证码是{1}。", "type": "verification" },
            { "id": "1113", "text": "等待审核的{1}。", "type": "notice", "state": "review" }
          ]
        }
        """)!.AsObject();

    /// <summary>SendSms; the code of each number, or the code of the whole refusal.</summary>
    public async Task<string[]> SendAsync(
        string[] phones, string template = "1110", string[]? values = null, string sign = "康宁大药房", string session = "", string app = App)
    {
        var answer = await CallAsync("SendSms", new
        {
            PhoneNumberSet = phones, SmsSdkAppId = app, TemplateId = template, SignName = sign, TemplateParamSet = values ?? ["王秀兰", "药"], SessionContext = session,
        });
        return answer.TryGetProperty("Error", out var error)
            ? [error.GetProperty("Code").GetString()!]
            : [.. answer.GetProperty("SendStatusSet").EnumerateArray().Select(status => status.GetProperty("Code").GetString()!)];
    }

    /// <summary>Any action; what stands inside <c>Response</c>.</summary>
    public async Task<JsonElement> CallAsync(string action, object body, bool tamper = false)
    {
        var json = JsonSerializer.Serialize(body, s_raw);
        var timestamp = (At ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds();
        var host = SignsPort ? sandbox.Http.BaseAddress!.Authority : sandbox.Http.BaseAddress!.Host;
        var (scope, signature) = Sign(json, timestamp, host);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(tamper ? json + " " : json)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Authorization", $"TC3-HMAC-SHA256 Credential={Id}/{scope}, SignedHeaders=content-type;host, Signature={signature}");
        foreach (var (name, value) in new[] { ("Action", action), ("Version", "2021-01-11"), ("Region", "ap-guangzhou"), ("Timestamp", $"{timestamp}") })
            request.Headers.Add("X-TC-" + name, value);
        using var response = await sandbox.Http.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("Response");
    }

    /// <summary>The code of a refusal of the whole call.</summary>
    public static string ErrorOf(JsonElement response) => response.GetProperty("Error").GetProperty("Code").GetString()!;

    /// <summary>The scope and the signature of a body.</summary>
    public (string Scope, string Signature) Sign(string json, long timestamp, string host)
    {
        var date = DateTimeOffset.FromUnixTimeSeconds(timestamp).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var scope = $"{date}/{Service}/tc3_request";
        var canonical = $"POST\n/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(json)))}";
        var text = $"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Mac(Mac(Mac(Encoding.UTF8.GetBytes("TC3" + Key), date), Service), "tc3_request");
        return (scope, Hex(Mac(key, text)));
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
