using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.WeChat;

/// <summary>Answers as WeChat writes them: status 200, one line of JSON, the verdict in <c>errcode</c>.</summary>
internal sealed class WeChatAnswer(Counters counters, RidLog rids, TimeProvider clock)
{
    private static readonly byte[] AcceptedHead = Encoding.ASCII.GetBytes("""{"errcode":0,"errmsg":"ok","msgid":""");

    public Task RefuseAsync(HttpContext http, WeChatError error)
    {
        counters.CountRefused(error.Code.ToString(CultureInfo.InvariantCulture));
        var rid = NewRid();
        var text = JsonEncodedText.Encode($"{error.Text} rid: {rid}", JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        var json = $$"""{"errcode":{{error.Code}},"errmsg":"{{text}}"}""";
        rids.Add(rid, http, json);
        return JsonAsync(http, json);
    }

    /// <summary>What a fault setting asks for: a code, or an answer that nobody can read.</summary>
    public Task RefuseForcedAsync(HttpContext http, string code)
    {
        if (!BrokenAnswer.IsNamed(code)) return RefuseAsync(http, WeChatError.Forced(code));
        counters.CountRefused(code);
        return BrokenAnswer.WriteAsync(http, code);
    }

    public Task WriteAsync(HttpContext http, WeChatReply reply)
    {
        if (reply.Error is { } error) return RefuseAsync(http, error);
        if (reply.Picture is not { } picture) return JsonAsync(http, reply.Json!);
        http.Response.ContentType = "image/png";
        http.Response.ContentLength = picture.Length;
        return http.Response.BodyWriter.WriteAsync(picture, http.RequestAborted).AsTask();
    }

    /// <summary>Any other answer, ready-made.</summary>
    public static Task JsonAsync(HttpContext http, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        Describe(http.Response, bytes.Length);
        // The sign-in paths have been seen to call their JSON plain text.
        if (http.Request.Path.StartsWithSegments("/sns")) http.Response.ContentType = "text/plain";
        return http.Response.BodyWriter.WriteAsync(bytes, http.RequestAborted).AsTask();
    }

    /// <summary>The message number goes out bare, beyond 2^53 as the real one, so that a client that reads it as a double shows it.</summary>
    public static Task AcceptedAsync(HttpContext http, long msgId)
    {
        var writer = http.Response.BodyWriter;
        var span = writer.GetSpan(64);
        AcceptedHead.CopyTo(span);
        Utf8Formatter.TryFormat(msgId, span[AcceptedHead.Length..], out var digits);
        var length = AcceptedHead.Length + digits;
        span[length++] = (byte)'}';
        Describe(http.Response, length);
        writer.Advance(length);
        return writer.FlushAsync(http.RequestAborted).AsTask();
    }

    private static void Describe(HttpResponse response, int length)
    {
        response.ContentType = "application/json; encoding=utf-8";
        response.ContentLength = length;
    }

    // Three groups of eight lower-case hex digits, the first of them the Unix time.
    private string NewRid()
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        var hex = Convert.ToHexStringLower(random);
        return $"{clock.GetUtcNow().ToUnixTimeSeconds():x8}-{hex[..8]}-{hex[8..]}";
    }
}
