using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Engagement.Tests.Support;

/// <summary>One request as the provider got it.</summary>
public sealed record ReceivedRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>What the provider does with a request that it has read to its end.</summary>
public delegate Task ProviderScript(HttpContext http);

/// <summary>A provider on a real socket that keeps what it was asked and behaves as it is told.</summary>
/// <remarks>Scripts of a path are used up in order; the last one stays.</remarks>
public sealed class FakeProvider : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<ProviderScript>> _scripts = new();
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();

    private FakeProvider(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>Everything that arrived, in order.</summary>
    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    public static async Task<FakeProvider> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        var app = builder.Build();
        var provider = new FakeProvider(app);
        app.Run(provider.ServeAsync);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        provider.Address = new Uri(address);
        return provider;
    }

    /// <summary>What happens to the next requests for <paramref name="path"/>.</summary>
    public FakeProvider On(string path, params ProviderScript[] scripts)
    {
        _scripts[path] = new ConcurrentQueue<ProviderScript>(scripts);
        return this;
    }

    public int Count(string path) => _requests.Count(request => request.Path == path);

    /// <summary>Waits until <paramref name="count"/> requests for <paramref name="path"/> have arrived.</summary>
    public Task ArrivedAsync(string path, int count) => Eventually.True(() => Count(path) >= count);

    public async ValueTask DisposeAsync()
    {
        // Stop without waiting for the connections that a script keeps hanging.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    public static ProviderScript Json(string body, int status = 200) => Answer(body, "application/json", status);

    public static ProviderScript Answer(string body, string contentType, int status = 200) => async http =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = Encoding.UTF8.GetByteCount(body);
        await http.Response.WriteAsync(body);
    };

    /// <summary>Reads the request and cuts the line.</summary>
    public static readonly ProviderScript Reset = http =>
    {
        http.Abort();
        return Task.CompletedTask;
    };

    /// <summary>Promises a long answer, sends its beginning and cuts the line.</summary>
    public static ProviderScript CutShort(string beginning) => async http =>
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = 1000;
        await http.Response.WriteAsync(beginning);
        await http.Response.Body.FlushAsync();
        http.Abort();
    };

    /// <summary>Never answers; ends when the client gives up.</summary>
    public static readonly ProviderScript Silence = async http =>
        await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Answers only when <paramref name="gate"/> opens.</summary>
    public static ProviderScript After(Task gate, ProviderScript then) => async http =>
    {
        await gate;
        await then(http);
    };

    /// <summary>An address of this machine on which nobody listens.</summary>
    public static Uri NobodyThere()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)socket.LocalEndpoint).Port}");
    }

    private async Task ServeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        var path = http.Request.Path.Value!;
        _requests.Enqueue(new ReceivedRequest(
            http.Request.Method, path, http.Request.QueryString.Value ?? "",
            http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));

        // The body is read; a script that answers by it finds it here.
        http.Items["body"] = body;
        if (!_scripts.TryGetValue(path, out var scripts) || !scripts.TryPeek(out var script))
        {
            http.Response.StatusCode = 404;
            return;
        }

        if (scripts.Count > 1) scripts.TryDequeue(out script);
        await script!(http);
    }
}
