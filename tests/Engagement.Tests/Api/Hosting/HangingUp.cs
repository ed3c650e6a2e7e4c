using System.Net;
using System.Net.Sockets;
using System.Text;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Engagement.Tests.Api.Staff;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Engagement.Tests.Api.Hosting;

/// <summary>A client that hangs up while its request is carried out, and asks again with the same Idempotency-Key.</summary>
public sealed class HangingUp : IAsyncLifetime
{
    private const string Path = "/api/once";
    private const string Body = """{"name":"陈洁"}""";

    private readonly TempFolder _folder = new();
    private readonly TaskCompletionSource _underWay = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Installation? _installation;
    private WebApplication? _app;
    private int _carriedOut;

    public async Task InitializeAsync()
    {
        KeyRing.Create(_folder["keys"], demo: true);
        _installation = await Installation.OpenAsync(Settings.Read(_folder.Path, [.. DemoSettings.For(FakeProvider.NobodyThere())]), migrate: true, CancellationToken.None);
        _app = EngagementApp.Build(_installation, "http://127.0.0.1:0", Role.Api, schedule: false, quiet: true);
        _app.MapPost(Path, ChangeAsync).Idempotent().WithMetadata(new RequestSizeLimitAttribute(ApiSurface.BodyLimit));
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_installation is not null) await _installation.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("?steps=2")]
    public async Task The_repeated_request_gets_the_whole_first_answer(string steps)
    {
        using (var hasty = new TcpClient())
        {
            var address = new Uri(EngagementApp.Address(_app!));
            await hasty.ConnectAsync(address.Host, address.Port);
            await hasty.GetStream().WriteAsync(Encoding.UTF8.GetBytes(
                $"POST {Path}{steps} HTTP/1.1\r\nHost: {address.Authority}\r\nIdempotency-Key: gone\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(Body)}\r\n\r\n{Body}"));
            await _underWay.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(EngagementApp.Address(_app!)) };
        using var again = await OnceDoneAsync(client, steps);

        Assert.Equal((HttpStatusCode.Created, Body), (again.StatusCode, await again.Content.ReadAsStringAsync()));
        Assert.Equal(("true", "/made/1"), (string.Concat(again.Headers.GetValues("Idempotency-Replayed")), again.Headers.Location?.OriginalString));
        Assert.Equal(1, _carriedOut);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_all_the_same()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(EngagementApp.Address(_app!)) };

        Assert.Equal((413, "too_large"), await client.SendAsync("POST", Path, $$"""{"name":"{{new string('x', (int)ApiSurface.BodyLimit)}}"}""", ("Idempotency-Key", "large")).SaidAsync());
        Assert.Equal(0, _carriedOut);
    }

    private static async Task<HttpResponseMessage> OnceDoneAsync(HttpClient client, string steps)
    {
        HttpResponseMessage? answer = null;
        await Eventually.True(async () => (answer = await client.SendAsync("POST", Path + steps, Body, ("Idempotency-Key", "gone"))).StatusCode != HttpStatusCode.Conflict);
        return answer!;
    }

    // A change that is made before the caller hangs up and answered, or gone on with, afterwards.
    private async Task<IResult> ChangeAsync(HttpContext http, Named body, int? steps, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _carriedOut) == 1)
        {
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            // The request's own end comes a moment after the connection's, if it comes to the handler at all.
            var seen = ct.CanBeCanceled ? ct : http.Features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed;
            await using var registration = seen.Register(gone.SetResult);
            _underWay.SetResult();
            await gone.Task.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        }

        if (steps == 2) await _installation!.Database.WriteAsync(tx => tx.SetSettingAsync("second step", "done"), ct);
        return TypedResults.Created("/made/1", body);
    }

    private sealed record Named(string Name);
}
