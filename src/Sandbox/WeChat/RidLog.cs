using System.Text;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>A request that was refused, as <c>openapi/rid/get</c> tells of it.</summary>
internal sealed record LoggedRequest(DateTimeOffset At, string Url, string Body, string Response, string ClientIp);

/// <summary>The refused requests of the last seven days, the newest two thousand of them. Safe for any thread.</summary>
internal sealed class RidLog(SandboxClock clock)
{
    private const int Kept = 2_000;
    private const string BodyKey = "body";

    private static readonly TimeSpan Life = TimeSpan.FromDays(7);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LoggedRequest> _requests = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Keeps the body at hand, in case that the request is refused.</summary>
    public static void KeepBody(HttpContext http, byte[] body) => http.Items[BodyKey] = body;

    public void Add(string rid, HttpContext http, string response)
    {
        var body = http.Items.TryGetValue(BodyKey, out var kept) && kept is byte[] bytes ? Encoding.UTF8.GetString(bytes) : "";
        var request = new LoggedRequest(
            clock.GetUtcNow(), $"https://{http.Request.Host}{http.Request.Path}{http.Request.QueryString}", body, response,
            http.Connection.RemoteIpAddress?.ToString() ?? "");
        lock (_gate)
        {
            if (!_requests.TryAdd(rid, request)) return;
            _order.Enqueue(rid);
            if (_order.Count > Kept) _requests.Remove(_order.Dequeue());
        }
    }

    /// <summary>The request; <c>null</c> when it is unknown or too old.</summary>
    public LoggedRequest? Find(string rid)
    {
        lock (_gate) return _requests.TryGetValue(rid, out var request) && clock.GetUtcNow() - request.At < Life ? request : null;
    }
}
