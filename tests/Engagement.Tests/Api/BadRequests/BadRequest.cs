using System.Net.Http.Headers;
using System.Text;

namespace Engagement.Tests.Api.BadRequests;

/// <summary>A request that is being spoilt.</summary>
internal sealed class BadRequest(Operation operation, Caller caller)
{
    public Operation Operation { get; } = operation;

    public Caller Caller { get; } = caller;

    public string Path { get; set; } = operation.Path;

    public Dictionary<string, string> Query { get; } = [];

    public Dictionary<string, string> Headers { get; } = [];

    public byte[]? Body { get; set; }

    public string ContentType { get; set; } = operation.MediaTypes.Count > 0 ? operation.MediaTypes[0] : "application/json";

    /// <summary>What was done to it.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Whether the sign-in is still the caller's own.</summary>
    public bool SignedIn { get; set; } = true;

    public HttpRequestMessage ToMessage()
    {
        var query = string.Join('&', Query.Select(one => $"{one.Key}={one.Value}"));
        var address = new Uri(query.Length == 0 ? Path : $"{Path}?{query}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(Operation.Method), address);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(ContentType, out var type) ? type : null;
        }

        if (Caller.Header.Length > 0) Headers.TryAdd(Caller.Header, Caller.Value);
        foreach (var (name, value) in Headers)
        {
            if (name == "Content-Encoding") message.Content?.Headers.TryAddWithoutValidation(name, value);
            else message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    public override string ToString()
    {
        var body = Body is null ? "" : $" {ContentType} {Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 400)))}";
        return $"{Operation.Method} {Path}?{string.Join('&', Query.Select(one => $"{one.Key}={one.Value}"))} as {Caller.Name} [{string.Join(", ", Faults)}]{body}";
    }
}
