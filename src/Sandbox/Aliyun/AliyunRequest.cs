using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Engagement.Sandbox.Aliyun;

/// <summary>One call: the parameters of query and form, decoded, and what a signature covers besides them.</summary>
internal sealed class AliyunRequest
{
    private AliyunRequest(HttpRequest request, byte[] body)
    {
        Method = request.Method;
        Headers = request.Headers;
        Body = body;
        Decode(request.QueryString.Value, Query);
        foreach (var (name, value) in Query) Parameters[name] = value;
        if (body.Length > 0) Decode(Encoding.UTF8.GetString(body), Parameters);
        Action = Parameters.GetValueOrDefault("Action") ?? request.Headers["x-acs-action"].ToString();
    }

    public string Method { get; }

    public IHeaderDictionary Headers { get; }

    public byte[] Body { get; }

    public string Action { get; }

    /// <summary>The parameters of the query alone.</summary>
    public Dictionary<string, string> Query { get; } = new(StringComparer.Ordinal);

    /// <summary>Query and form together.</summary>
    public Dictionary<string, string> Parameters { get; } = new(StringComparer.Ordinal);

    public string this[string parameter] => Parameters.GetValueOrDefault(parameter, "");

    /// <summary>Whether the request speaks to this API at all, judged without its body.</summary>
    public static bool IsAddressed(HttpRequest request) =>
        request.Headers.ContainsKey("x-acs-action") || request.Query.ContainsKey("Action") || HttpMethods.IsPost(request.Method);

    public static async Task<AliyunRequest> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, ct);
        return new AliyunRequest(request, body.ToArray());
    }

    private static void Decode(string? encoded, Dictionary<string, string> into)
    {
        foreach (var pair in new QueryStringEnumerable(encoded)) into[pair.DecodeName().ToString()] = pair.DecodeValue().ToString();
    }
}
