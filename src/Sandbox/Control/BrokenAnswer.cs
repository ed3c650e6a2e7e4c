using System.Globalization;
using System.Text;

namespace Engagement.Sandbox.Control;

/// <summary>Answers that no client can read, named where an error code may stand: what proxies and dying servers give.</summary>
internal static class BrokenAnswer
{
    private const string Html = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";
    private const int HugeBlocks = 1_024;

    public static bool IsNamed(string code) =>
        code is "html" or "empty" or "truncated" or "huge" or "reset" || (code.StartsWith("http:", StringComparison.Ordinal) && Status(code) is >= 300 and <= 599);

    /// <summary>Writes the broken answer of this name.</summary>
    public static async Task WriteAsync(HttpContext http, string name)
    {
        http.Response.ContentType = name is "truncated" or "huge" or "empty" ? "application/json" : "text/html; charset=utf-8";
        switch (name)
        {
            case "reset":
                http.Abort();
                break;
            case "empty":
                http.Response.ContentLength = 0;
                break;
            case "truncated":
                await http.Response.WriteAsync("""{"errcode":0,"errmsg":"o""", http.RequestAborted);
                break;
            case "huge":
                await WriteHugeAsync(http);
                break;
            case "html":
                await http.Response.WriteAsync(Html, http.RequestAborted);
                break;
            default:
                http.Response.StatusCode = Status(name);
                await http.Response.WriteAsync(Html, http.RequestAborted);
                break;
        }
    }

    // 64 MB that would be JSON if anybody read to its end; a client that hangs up is right.
    private static async Task WriteHugeAsync(HttpContext http)
    {
        var block = Encoding.ASCII.GetBytes(new string(' ', 64 * 1024));
        for (var i = 0; i < HugeBlocks && !http.RequestAborted.IsCancellationRequested; i++) await http.Response.BodyWriter.WriteAsync(block, CancellationToken.None);
        if (!http.RequestAborted.IsCancellationRequested) await http.Response.WriteAsync("{}", CancellationToken.None);
    }

    private static int Status(string name) =>
        int.TryParse(name.AsSpan("http:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0;
}
