using Engagement.Sandbox.Aliyun;
using Engagement.Sandbox.Tencent;

namespace Engagement.Sandbox.Inbox;

/// <summary>The path <c>/</c>, which the APIs of both SMS providers and the inbox page share.</summary>
internal sealed class RootEndpoint(AliyunEndpoint aliyun, TencentEndpoint tencent)
{
    private static readonly byte[] Page = InboxPage.Load();

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/", http => AliyunRequest.IsAddressed(http.Request) ? aliyun.HandleAsync(http) : PageAsync(http));
        app.MapPost("/", http => TencentRequest.IsAddressed(http.Request) ? tencent.HandleAsync(http) : aliyun.HandleAsync(http));
    }

    private static async Task PageAsync(HttpContext http)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentSecurityPolicy = InboxPage.ContentSecurityPolicy;
        await http.Response.BodyWriter.WriteAsync(Page, http.RequestAborted);
    }
}
