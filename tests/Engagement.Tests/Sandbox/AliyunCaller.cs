using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Engagement.Tests.Sandbox;

/// <summary>A client of the SMS account that signs by itself, in either way, and may do it wrongly on purpose.</summary>
internal sealed class AliyunCaller(SandboxServer sandbox)
{
    public string KeyId { get; set; } = "AKEXAMPLE";

    public string Secret { get; set; } = "SKEXAMPLE";

    public string Nonce { get; set; } = "";

    public DateTimeOffset? At { get; set; }

    /// <summary>The last answer's HTTP status.</summary>
    public HttpStatusCode Status { get; private set; }

    private string NonceOfCall => Nonce.Length > 0 ? Nonce : Guid.NewGuid().ToString("N");

    private string Time => (At ?? TimeProvider.System.GetUtcNow()).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>SendSms to one or several numbers; the answer's code.</summary>
    public async Task<string> SendAsync(
        string phones, string signName = "康宁大药房", string template = "SMS_1", string? param = """{"name":"王秀兰"}""", string outId = "") =>
        CodeOf(await Acs3Async("SendSms", new()
        {
            ["PhoneNumbers"] = phones, ["SignName"] = signName, ["TemplateCode"] = template, ["TemplateParam"] = param ?? "", ["OutId"] = outId,
        }));

    /// <summary>ACS3 with everything in the query and an empty body; a form, when given, travels chunked.</summary>
    public async Task<JsonElement> Acs3Async(string action, Dictionary<string, string> query, Dictionary<string, string>? form = null, bool tamper = false)
    {
        var body = form is null ? [] : Encoding.UTF8.GetBytes(Join(form));
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = sandbox.Http.BaseAddress!.Authority,
            ["x-acs-action"] = action,
            ["x-acs-content-sha256"] = Convert.ToHexStringLower(SHA256.HashData(body)),
            ["x-acs-date"] = Time,
            ["x-acs-signature-nonce"] = NonceOfCall,
            ["x-acs-version"] = "2017-05-25",
        };
        if (form is not null) headers["content-type"] = "application/x-www-form-urlencoded";
        var signed = string.Join(';', headers.Keys);
        var canonical = $"POST\n/\n{Join(query)}\n{string.Concat(headers.Select(h => $"{h.Key}:{h.Value}\n"))}\n{signed}\n{headers["x-acs-content-sha256"]}";
        var text = "ACS3-HMAC-SHA256\n" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(text)));

        if (tamper && form is not null) body = Encoding.UTF8.GetBytes(Join(form) + "&OutId=changed");
        else if (tamper) query["OutId"] = "changed";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/?" + Join(query)) { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = form is not null;
        foreach (var (name, value) in headers)
        {
            if (name == "content-type") request.Content.Headers.TryAddWithoutValidation(name, value);
            else if (name != "host") request.Headers.TryAddWithoutValidation(name, value);
        }
        request.Headers.TryAddWithoutValidation("Authorization", $"ACS3-HMAC-SHA256 Credential={KeyId},SignedHeaders={signed},Signature={signature}");
        return await SendAsync(request);
    }

    /// <summary>The older signature; GET carries all in the query, POST the business parameters in a form.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The provider prescribes HMAC-SHA1 for this kind of signature.")]
    public async Task<JsonElement> RpcAsync(string action, Dictionary<string, string> business, HttpMethod method)
    {
        var all = new Dictionary<string, string>(business)
        {
            ["Action"] = action, ["Version"] = "2017-05-25", ["Format"] = "JSON", ["AccessKeyId"] = KeyId, ["SignatureMethod"] = "HMAC-SHA1",
            ["SignatureVersion"] = "1.0", ["SignatureNonce"] = NonceOfCall, ["Timestamp"] = Time,
        };
        var text = $"{method}&%2F&{Uri.EscapeDataString(Join(all))}";
        all["Signature"] = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Secret + "&"), Encoding.UTF8.GetBytes(text)));

        var inQuery = method == HttpMethod.Get ? all : all.Where(p => !business.ContainsKey(p.Key)).ToDictionary();
        using var request = new HttpRequestMessage(method, "/?" + Join(inQuery));
        if (method == HttpMethod.Post) request.Content = new FormUrlEncodedContent(business);
        return await SendAsync(request);
    }

    public static string CodeOf(JsonElement answer) => answer.GetProperty("Code").GetString()!;

    private async Task<JsonElement> SendAsync(HttpRequestMessage request)
    {
        using var response = await sandbox.Http.SendAsync(request);
        Status = response.StatusCode;
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    // Uri.EscapeDataString is RFC 3986 on this runtime, the marks ! ' ( ) * included.
    private static string Join(Dictionary<string, string> parameters) => string.Join('&', parameters
        .OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));
}
