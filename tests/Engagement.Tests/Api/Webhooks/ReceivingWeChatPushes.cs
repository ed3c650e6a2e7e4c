using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Messaging.Channels.WeChat.Push;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;

namespace Engagement.Tests.Api.Webhooks;

/// <summary>The front door for WeChat as in production: two accounts, each with its own token, one of them encrypted, and a watch on old pushes.</summary>
public sealed class ReceivingWeChatPushes : IAsyncLifetime
{
    private const string OfficialToken = "OfficialPushToken";
    private const string OfficialAppId = "wx0000000000000002";
    private const string Key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private Installation _installation = null!;
    private WebApplication _app = null!;
    private int _count;

    private string DatabaseFile => _folder["engagement.db"];

    public async Task InitializeAsync()
    {
        KeyRing.Create(_folder["keys"], demo: true);
        var settings = Settings.Read(_folder.Path,
        [
            .. DemoSettings.For(FakeProvider.NobodyThere()).Where(setting => setting.Key != "WeChat:PushWindow"), new("Database:ConnectionString", $"Data Source={DatabaseFile};Default Timeout=30"), new("WeChat:PushWindow", "00:10:00"),
            new("WeChat:OfficialAccount:AppId", OfficialAppId), new("WeChat:OfficialAccount:AppSecret", "s"), new("WeChat:OfficialAccount:PushToken", OfficialToken),
            new("WeChat:OfficialAccount:EncodingAesKey", Key),
        ]);
        _installation = await Installation.OpenAsync(settings, migrate: true, CancellationToken.None);
        _app = EngagementApp.Build(_installation, "http://127.0.0.1:0", Role.Api, schedule: false, quiet: true);
        await _app.StartAsync();
        _http.BaseAddress = new Uri(EngagementApp.Address(_app));
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        await _installation.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_account_has_its_own_token_and_its_own_pushes()
    {
        Assert.Equal("ok 0", await SayAsync(await PushAsync("main", DemoSettings.PushToken, Event("o1"))));
        Assert.Equal("ok 0", await SayAsync(await PushEncryptedAsync(Event("of1"))));

        Assert.Equal(["wechat", "wechat_official"], await _installation.Database.ReadAsync(s => s.QueryAsync<string>("SELECT source FROM inbound ORDER BY source"), default));
        Assert.Equal("403 webhook.bad_signature", await SayAsync(await PushAsync("main", OfficialToken, Event("o1"))));
        Assert.Equal("403 webhook.bad_signature", await SayAsync(await _http.GetAsync($"/webhooks/wechat/official?{Signed(DemoSettings.PushToken, Now())}&echostr=x")));
        Assert.Equal("x", await _http.GetStringAsync($"/webhooks/wechat/official?{Signed(OfficialToken, Now())}&echostr=x"));
    }

    [Fact]
    public async Task Each_refusal_has_a_code_and_leaves_nothing_behind()
    {
        var other = PushCipher.Encrypt(Key, new byte[16], Encoding.UTF8.GetBytes(Event("of1")), "wx-of-somebody-else");
        var broken = Convert.ToBase64String(new byte[64]);

        Assert.Equal("404 webhook.unknown_account", await SayAsync(await PushAsync("nobody", DemoSettings.PushToken, Event("o1"))));
        Assert.Equal("403 webhook.bad_signature", await SayAsync(await PushAsync("main", "AnotherToken", Event("o1"))));
        Assert.Equal("403 webhook.bad_signature", await SayAsync(await _http.PostAsync("/webhooks/wechat/main", new StringContent(Event("o1")))));
        Assert.Equal("403 webhook.not_encrypted", await SayAsync(await PushAsync("official", OfficialToken, Event("of1"))));
        Assert.Equal("403 webhook.other_account", await SayAsync(await PushCipherAsync(other)));
        Assert.Equal("403 webhook.bad_cipher", await SayAsync(await PushCipherAsync(broken)));
        Assert.Equal("413 webhook.too_large", await SayAsync(await PushAsync("main", DemoSettings.PushToken, new string(' ', 1_100_000))));

        Assert.Equal(0, await KeptAsync());
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(-601)]
    [InlineData(700)]
    public async Task An_old_push_under_a_true_signature_is_a_replay(int seconds)
    {
        Assert.Equal("403 webhook.stale", await SayAsync(await PushAsync("main", DemoSettings.PushToken, Event("o1"), Now() + seconds)));
        Assert.Equal("403 webhook.stale", await SayAsync(await PushAsync("main", DemoSettings.PushToken, Event("o1"), "not-a-time")));

        Assert.Equal(0, await KeptAsync());
    }

    [Fact]
    public async Task WeChats_own_repeats_pass_with_a_new_signature_or_with_the_old_one()
    {
        var body = Event("o1");
        Assert.Equal("ok 0", await SayAsync(await PushAsync("main", DemoSettings.PushToken, body, Now() - 590)));
        Assert.Equal("ok 0", await SayAsync(await PushAsync("main", DemoSettings.PushToken, body)));
        // Kept already, so it costs nothing to say so again, however late.
        Assert.Equal("ok 0", await SayAsync(await PushAsync("main", DemoSettings.PushToken, body, Now() - 3600)));

        Assert.Equal(1, await KeptAsync());
    }

    public static TheoryData<string, string, string> Bodies => new()
    {
        { "cut JSON", "{\"FromUserName\":\"o1\",\"CreateTime\":1", "application/json" },
        { "cut XML", "<xml><FromUserName>o1</FromUserName>", "text/xml" },
        { "HTML", "<html><body>Not here</body></html>", "text/html" },
        { "nothing", "", "application/json" },
        { "entities", "<!DOCTYPE xml [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><xml><FromUserName>&b;</FromUserName></xml>", "text/xml" },
        { "a file", "<!DOCTYPE xml [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><xml><FromUserName>&f;</FromUserName></xml>", "text/xml" },
        { "a picture's type", "{\"FromUserName\":\"o1\",\"CreateTime\":1790000000,\"MsgType\":\"event\",\"Event\":\"x\"}", "image/jpeg" },
        { "no text", "\u0000\u0001\u0002", "application/octet-stream" },
    };

    // What the signature lets in and nobody understands is kept for people; answered, or WeChat would push it again.
    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task What_cannot_be_read_is_kept_and_answered(string name, string body, string type)
    {
        var answer = await _http.PostAsync($"/webhooks/wechat/main?{Signed(DemoSettings.PushToken, Now())}", new StringContent(body, Encoding.UTF8, type));

        Assert.Equal((name, "ok 0"), (name, await SayAsync(answer)));
        Assert.Equal(1, await KeptAsync());
    }

    [Fact]
    public async Task While_nothing_can_be_kept_the_answer_comes_within_five_seconds_and_is_no_success()
    {
        await using var other = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        await other.OpenAsync();
        var body = Event("o1");
        await using (var transaction = other.BeginTransaction())
        {
            var began = TimeProvider.System.GetTimestamp();
            var answer = await PushAsync("main", DemoSettings.PushToken, body);

            Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 5);
            Assert.Equal("503 webhook.not_kept", await SayAsync(answer));
            await transaction.RollbackAsync();
        }

        Assert.Equal("ok 0", await SayAsync(await PushAsync("main", DemoSettings.PushToken, body)));
        Assert.Equal(1, await KeptAsync());
    }

    private string Event(string openId) =>
        $"<xml><ToUserName>gh_1</ToUserName><FromUserName><![CDATA[{openId}]]></FromUserName><CreateTime>{1_790_000_000 + ++_count}</CreateTime><MsgType>event</MsgType><Event>VIEW</Event><EventKey>x</EventKey></xml>";

    private Task<HttpResponseMessage> PushAsync(string account, string token, string body, object? timestamp = null) =>
        _http.PostAsync($"/webhooks/wechat/{account}?{Signed(token, timestamp ?? Now())}", new StringContent(body, Encoding.UTF8, "text/xml"));

    private Task<HttpResponseMessage> PushEncryptedAsync(string body) => PushCipherAsync(PushCipher.Encrypt(Key, RandomNumberGenerator.GetBytes(16), Encoding.UTF8.GetBytes(body), OfficialAppId));

    private Task<HttpResponseMessage> PushCipherAsync(string encrypt)
    {
        var at = $"{Now()}";
        var query = $"{Signed(OfficialToken, at)}&encrypt_type=aes&msg_signature={Sign(OfficialToken, at, "4711", encrypt)}";
        return _http.PostAsync($"/webhooks/wechat/official?{query}", new StringContent($"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>", Encoding.UTF8, "text/xml"));
    }

    private static async Task<string> SayAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.IsSuccessStatusCode) return text == "success" ? "ok 0" : text;
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(text);
        return $"{(int)answer.StatusCode} {problem.RootElement.GetProperty("code").GetString()}";
    }

    private Task<long> KeptAsync() => _installation.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM inbound"), CancellationToken.None);

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private static string Signed(string token, object timestamp) => $"signature={Sign(token, $"{timestamp}", "4711")}&timestamp={timestamp}&nonce=4711";

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "WeChat signs its pushes so.")]
    private static string Sign(params string[] parts)
    {
        Array.Sort(parts, StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(string.Concat(parts))));
    }
}
