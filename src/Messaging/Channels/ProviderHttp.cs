using System.Buffers;
using System.Net;

namespace Engagement.Messaging.Channels;

/// <summary>The connections to one provider, and the one place that says what a failed exchange proves.</summary>
/// <remarks>
/// Nothing here repeats a request: no retry handler, no redirects (a 307 would post again), no authentication hand-shake.
/// An <see cref="HttpMessageInvoker"/> and not an <see cref="HttpClient"/>: the latter's own time-out, default headers and
/// buffering would all be switched off. Thread-safe.
/// </remarks>
internal sealed class ProviderHttp : IDisposable
{
    private const int AnswerLimit = 64 * 1024;
    private const int FirstRead = 4 * 1024;

    private readonly HttpMessageInvoker _http;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;

    public ProviderHttp(Uri baseUrl, int maxConnections, TimeSpan timeout, TimeProvider clock)
    {
        _timeout = timeout;
        _clock = clock;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = maxConnections,
            ConnectTimeout = timeout,
            // Long enough to reuse, short enough to follow the provider's DNS.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            // A sandbox on this machine is never behind the company's proxy.
            UseProxy = !baseUrl.IsLoopback,
            // Our trace ids are nobody else's business.
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = 64,
            MaxResponseDrainSize = AnswerLimit,
        });
    }

    /// <summary>Sends <paramref name="request"/> with <paramref name="content"/> once, and waits for the whole answer until the time-out.</summary>
    /// <remarks>Takes no cancellation token on purpose: what has begun to leave is waited for, because giving up early only makes doubt.</remarks>
    /// <param name="request">What is asked; its content is set here.</param>
    /// <param name="content">What leaves, once.</param>
    /// <param name="limit">The longest answer that is read, in bytes; a longer one is no answer.</param>
    public async ValueTask<ProviderAnswer> ExchangeAsync(HttpRequestMessage request, WriteOnceContent content, int limit = AnswerLimit)
    {
        request.Content = content;
        using var deadline = new CancellationTokenSource(_timeout, _clock);
        try
        {
            using var response = await _http.SendAsync(request, deadline.Token).ConfigureAwait(false);
            return await ReadAsync(response, limit, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ProviderAnswer.None(content.Left ? SendResult.InDoubt("timeout") : NotSent("connect_timeout"));
        }
        catch (HttpRequestException failure)
        {
            return ProviderAnswer.None(content.Left ? SendResult.InDoubt(CodeOf(failure.HttpRequestError)) : NotSent("connect_failed"));
        }
        catch (IOException)
        {
            // The answer broke off.
            return ProviderAnswer.None(SendResult.InDoubt("reset"));
        }
    }

    public void Dispose() => _http.Dispose();

    private static SendResult NotSent(string code) => SendResult.Refused(ErrorClass.Retry, code);

    private static string CodeOf(HttpRequestError error) => error switch
    {
        HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => "unreadable",
        _ => "reset",
    };

    private static async ValueTask<ProviderAnswer> ReadAsync(HttpResponseMessage response, int limit, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        // Whatever a failing server wrote, it does not tell whether the message went on.
        if (status >= 500) return ProviderAnswer.None(SendResult.InDoubt($"http_{status}"));

        using var stream = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        var bytes = ArrayPool<byte>.Shared.Rent(FirstRead);
        var length = 0;
        try
        {
            while (true)
            {
                var read = await stream.ReadAsync(bytes.AsMemory(length), ct).ConfigureAwait(false);
                if (read == 0) break;
                length += read;
                if (length > limit) return ProviderAnswer.None(SendResult.InDoubt("too_large"));
                if (length == bytes.Length) bytes = Grow(bytes);
            }

            var answer = ProviderAnswer.Of(bytes, length, status);
            bytes = null;
            return answer;
        }
        finally
        {
            if (bytes is not null) ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static byte[] Grow(byte[] bytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent(bytes.Length * 2);
        bytes.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(bytes);
        return larger;
    }
}
