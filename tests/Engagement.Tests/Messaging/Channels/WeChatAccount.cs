using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage.Cluster;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>A mini-program account at a fake WeChat, and our client of it.</summary>
internal sealed class WeChatAccount : IAsyncDisposable
{
    public const string TokenPath = "/cgi-bin/stable_token";
    public const string SendPath = "/cgi-bin/message/subscribe/send";
    public const string Secret = "0123456789abcdef0123456789abcdef";

    public static readonly ProviderScript Accepted = FakeProvider.Json("""{"errcode":0,"errmsg":"ok","msgid":1988810812324364291}""");

    private WeChatAccount(FakeProvider provider) => Provider = provider;

    public FakeProvider Provider { get; }

    public WeChatApi Api { get; private set; } = null!;

    public RecordingLogger<WeChatApi> Logged { get; } = new();

    public int TokenFetches => Provider.Count(TokenPath);

    public int Sends => Provider.Count(SendPath);

    /// <summary>An account whose token endpoint works and whose sends do as told.</summary>
    public static async Task<WeChatAccount> OpenAsync(params ProviderScript[] sends) => await OpenAsync(null, sends);

    public static async Task<WeChatAccount> OpenAsync(Action<WeChatOptions>? change, ProviderScript[] sends, TimeProvider? clock = null, ClusterState? cluster = null)
    {
        var account = new WeChatAccount(await FakeProvider.StartAsync());
        account.Provider.On(TokenPath, Token("token-1"), Token("token-2"), Token("token-3")).On(SendPath, sends);
        var options = new WeChatOptions { BaseUrl = account.Provider.Address, AppId = "wx0000000000000001", AppSecret = Secret };
        change?.Invoke(options);
        account.Api = new WeChatApi(options, clock ?? TimeProvider.System, cluster ?? new LocalCluster(() => 1), new ProviderTokens(), account.Logged);
        return account;
    }

    public static ProviderScript Token(string value, int expiresIn = 7200) =>
        FakeProvider.Json($$"""{"access_token":"{{value}}","expires_in":{{expiresIn}}}""");

    public static ProviderScript Error(long code) => FakeProvider.Json($$"""{"errcode":{{code}},"errmsg":"no rid: 00000000-00000000-00000000"}""");

    public static SubscribeMessage Message(string openId = "oOpenIdOfWangXiulan0000000000", params (string Name, string Value)[] keywords) => new(
        openId, "TemplateIdOfForty3Characters000000000000000", "pages/refill/index?ref=abc",
        [.. (keywords.Length == 0 ? [("thing1", "用药提醒"), ("time2", "2026年3月1日 10:00")] : keywords).Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2))]);

    public ValueTask<SendResult> SendAsync() => Api.SendSubscribeAsync(Message(), default);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Provider.DisposeAsync();
    }
}

/// <summary>Keeps what was logged, as text.</summary>
internal sealed class RecordingLogger<T> : ILogger<T>
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    /// <summary>Waits until so many lines were logged.</summary>
    public Task SaidAsync(int lines) => Eventually.True(() => Lines.Count >= lines);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines) _lines.Add($"{eventId.Id} {formatter(state, exception)} {exception}");
    }
}
