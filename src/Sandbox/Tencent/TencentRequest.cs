using System.Text.Json;

namespace Engagement.Sandbox.Tencent;

/// <summary>One call: the headers, the body's bytes as they were signed, and its fields.</summary>
internal sealed class TencentRequest
{
    private readonly JsonElement? _fields;

    private TencentRequest(HttpRequest request, byte[] bytes)
    {
        Headers = request.Headers;
        Host = request.Host;
        Bytes = bytes;
        _fields = Parse(bytes);
    }

    public IHeaderDictionary Headers { get; }

    public HostString Host { get; }

    public byte[] Bytes { get; }

    public bool IsJson => _fields is not null;

    public string Action => Headers["X-TC-Action"].ToString();

    /// <summary>The text of a field; <c>null</c> when it is missing or no text.</summary>
    public string? Text(string field) =>
        _fields?.TryGetProperty(field, out var value) == true && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The whole number of a field, or <c>null</c>.</summary>
    public long? Number(string field) =>
        _fields?.TryGetProperty(field, out var value) == true && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    /// <summary>The texts of an array; empty when it is missing, <c>null</c> when it is anything else.</summary>
    public List<string>? Texts(string field)
    {
        if (_fields?.TryGetProperty(field, out var value) != true || value.ValueKind == JsonValueKind.Null) return [];
        if (value.ValueKind != JsonValueKind.Array) return null;
        var texts = new List<string>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String) return null;
            texts.Add(item.GetString()!);
        }
        return texts;
    }

    /// <summary>Whether the request speaks to this API, judged without its body.</summary>
    public static bool IsAddressed(HttpRequest request) =>
        request.Headers.ContainsKey("X-TC-Action") || request.Headers.Authorization.ToString().StartsWith("TC3-", StringComparison.Ordinal);

    public static async Task<TencentRequest> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, ct);
        return new TencentRequest(request, body.ToArray());
    }

    private static JsonElement? Parse(byte[] bytes)
    {
        try
        {
            var root = JsonSerializer.Deserialize<JsonElement>(bytes);
            return root.ValueKind == JsonValueKind.Object ? root : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
