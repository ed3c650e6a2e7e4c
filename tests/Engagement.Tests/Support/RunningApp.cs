using System.Security.Cryptography;
using System.Text;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Microsoft.AspNetCore.Builder;

namespace Engagement.Tests.Support;

/// <summary>The real application on a free port over a folder of its own; tests speak to it as the world does.</summary>
public sealed class RunningApp : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private Installation? _installation;
    private WebApplication? _app;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    /// <summary>The SQLite file under it.</summary>
    public string File => _folder["engagement.db"];

    public async Task InitializeAsync()
    {
        KeyRing.Create(_folder["keys"], demo: true);
        // Nobody listens there: what the worker might send goes nowhere.
        var settings = Settings.Read(_folder.Path,
            [.. DemoSettings.For(FakeProvider.NobodyThere()), new("Database:ConnectionString", $"Data Source={File};Default Timeout=1")]);
        _installation = await Installation.OpenAsync(settings, migrate: true, CancellationToken.None);
        _app = EngagementApp.Build(_installation, "http://127.0.0.1:0", Role.All, schedule: false, quiet: true);
        await _app.StartAsync();
        Http.BaseAddress = new Uri(EngagementApp.Address(_app));
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        if (_app is not null) await _app.DisposeAsync();
        if (_installation is not null) await _installation.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A push as WeChat signs it; <paramref name="token"/> wrong makes the signature wrong.</summary>
    public Task<HttpResponseMessage> WeChatPushesAsync(string body, string account = "main", string token = DemoSettings.PushToken) =>
        Http.PostAsync($"/webhooks/wechat/{account}?{Signed(token)}", new StringContent(body, Encoding.UTF8, "text/xml"));

    /// <summary>WeChat asks whether the address is ours.</summary>
    public Task<HttpResponseMessage> WeChatAsksAsync(string echo, string account = "main", string token = DemoSettings.PushToken) =>
        Http.GetAsync($"/webhooks/wechat/{account}?{Signed(token)}&echostr={echo}");

    /// <summary>Aliyun pushes a <c>report</c> or a <c>reply</c>.</summary>
    public Task<HttpResponseMessage> AliyunPushesAsync(string what, string body, string secret = DemoSettings.WebhookSecret) =>
        Http.PostAsync($"/webhooks/sms/aliyun/{secret}/{what}", new StringContent(body, Encoding.UTF8, "application/json"));

    /// <summary>Any SMS provider pushes anything.</summary>
    public Task<HttpResponseMessage> SmsPushesAsync(string provider, string body, string what = "", string secret = DemoSettings.WebhookSecret, string contentType = "application/json") =>
        Http.PostAsync($"/webhooks/sms/{provider}/{secret}{what}", new StringContent(body, Encoding.UTF8, contentType));

    /// <summary>The sources of what was kept, the oldest first.</summary>
    public Task<List<string>> SourcesAsync() => _installation!.Database.ReadAsync(session => session.QueryAsync<string>("SELECT source FROM inbound ORDER BY id"), CancellationToken.None);

    /// <summary>How many pushes were kept.</summary>
    public Task<long> KeptAsync() => _installation!.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM inbound"), CancellationToken.None);

    /// <summary>The bodies that were kept, decrypted or not: what stands in the table.</summary>
    public Task<List<byte[]>> BodiesAsync() => _installation!.Database.ReadAsync(session => session.QueryAsync<byte[]>("SELECT body_cipher FROM inbound"), CancellationToken.None);

    private static string Signed(string token)
    {
        const string timestamp = "1770000000";
        const string nonce = "4711";
        string[] parts = [token, timestamp, nonce];
        Array.Sort(parts, StringComparer.Ordinal);
        return $"signature={Convert.ToHexStringLower(Sha1(string.Concat(parts)))}&timestamp={timestamp}&nonce={nonce}";
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "WeChat signs its pushes so.")]
    private static byte[] Sha1(string text) => SHA1.HashData(Encoding.UTF8.GetBytes(text));
}
