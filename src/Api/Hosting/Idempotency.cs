using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Engagement.Api.Hosting;

/// <summary>Says of an endpoint that a repeated request with the same Idempotency-Key gets the first answer.</summary>
internal sealed record IdempotentEndpoint;

/// <summary>A write request that carries an Idempotency-Key, while it is carried out.</summary>
/// <remarks>
/// A handler whose change must not happen twice takes one as a parameter and calls <see cref="IdempotencyStore.CommitAsync"/> inside its own write: then a crash between
/// the change and its answer leaves the truth, and the repeated request is told that it was done.
/// </remarks>
internal sealed record IdempotentRequest(string Principal, string Key, long Id, int Attempt)
{
    public static ValueTask<IdempotentRequest?> BindAsync(HttpContext http) => ValueTask.FromResult(http.Features.Get<IdempotentRequest>());
}

/// <summary>What <c>Idempotency-Key</c> promises, for endpoints marked <see cref="IdempotentEndpoint"/>.</summary>
internal sealed partial class Idempotency(RequestDelegate next, IdempotencyStore store)
{
    private const string Header = "Idempotency-Key";
    private const int BufferThreshold = 64 * 1024;

    private static readonly string[] s_kept = ["Content-Type", "ETag", "Location"];

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<IdempotentEndpoint>() is null)
        {
            await next(http);
            return;
        }

        var key = http.Request.Headers[Header].ToString();
        if (!KeyForm().IsMatch(key))
        {
            await Problems.KeyMissing.Answer().ExecuteAsync(http);
            return;
        }

        var principal = $"{http.User.Identity?.AuthenticationType}:{http.User.FindFirstValue(ClaimTypes.NameIdentifier)}";
        var claim = await store.ClaimAsync(principal, key, await HashAsync(http), http.RequestAborted);
        if (claim.Refused is { } refused) await refused.Answer().ExecuteAsync(http);
        else if (claim.Answer is { } answer) await ReplayAsync(http, answer);
        else await CarryOutAsync(http, claim.Request!);
    }

    private async Task CarryOutAsync(HttpContext http, IdempotentRequest request)
    {
        http.Features.Set(request);
        var (wire, aborted) = (http.Response.Body, http.RequestAborted);
        using var buffer = new MemoryStream();
        http.Response.Body = buffer;
        // A caller who hangs up stops neither the change half-way nor its answer; the body has been read, so nothing else is waited for.
        http.RequestAborted = CancellationToken.None;
        try
        {
            await next(http);
        }
        catch
        {
            await store.ReleaseAsync(request);
            throw;
        }
        finally
        {
            (http.Response.Body, http.RequestAborted) = (wire, aborted);
        }

        // From here on the client may be gone; what is done is remembered all the same.
        if (http.Response.StatusCode is >= 200 and < 300)
        {
            var headers = s_kept.Where(http.Response.Headers.ContainsKey).ToDictionary(name => name, name => http.Response.Headers[name].ToString());
            await store.RememberAsync(request, new KeptAnswer(http.Response.StatusCode, headers, Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length))));
        }
        else
        {
            await store.ReleaseAsync(request);
        }

        // An empty write would start the answer, and a bare status could not become a problem document any more.
        if (buffer.Length > 0) await wire.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), aborted);
    }

    private static Task ReplayAsync(HttpContext http, KeptAnswer answer)
    {
        http.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers) http.Response.Headers[name] = value;
        http.Response.Headers["Idempotency-Replayed"] = "true";
        return answer.Body.Length == 0 ? Task.CompletedTask : http.Response.WriteAsync(answer.Body, http.RequestAborted);
    }

    private static async Task<string> HashAsync(HttpContext http)
    {
        http.Request.EnableBuffering(BufferThreshold);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Method}\n{http.Request.Path}{http.Request.QueryString}\n"));
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(chunk, http.RequestAborted)) > 0) hash.AppendData(chunk, 0, read);
        http.Request.Body.Position = 0;
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,80}$")]
    private static partial Regex KeyForm();
}
