using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Tests.Sandbox;

/// <summary>One push as it arrived.</summary>
internal sealed record Push(string Method, IQueryCollection Query, string? ContentType, string Body);

/// <summary>A webhook that keeps what it is told and answers as it is told.</summary>
internal sealed class PushListener : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Push> _pushes = new();

    private PushListener(WebApplication app) => _app = app;

    public string Url => _app.Urls.First() + "/hook";

    public IReadOnlyList<Push> Pushes => [.. _pushes];

    /// <summary>What to do with the n-th push, counted from 1.</summary>
    public Func<int, HttpContext, Task> Answer { get; set; } = (_, http) => http.Response.WriteAsync("success");

    public static async Task<PushListener> StartAsync(string answer = "success")
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var listener = new PushListener(app) { Answer = (_, http) => http.Response.WriteAsync(answer) };
        app.Map("/hook", listener.TakeAsync);
        await app.StartAsync();
        return listener;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        _pushes.Enqueue(new Push(http.Request.Method, http.Request.Query, http.Request.ContentType, await reader.ReadToEndAsync()));
        await Answer(_pushes.Count, http);
    }
}
