using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage.Cluster;
using Engagement.Tests.Storage.Cluster;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using static Engagement.Tests.Messaging.Channels.WeChatAccount;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>Several processes of one account: one token, fetched once for all of them.</summary>
public sealed class WeChatTokensOverNodes : SharedRedis
{
    [RedisFact]
    public async Task Sends_of_two_nodes_at_once_fetch_one_token()
    {
        await using var provider = await ProviderAsync(Accepted);
        var nodes = new[] { await ApiAsync(provider), await ApiAsync(provider) };

        var results = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => nodes[i % 2].SendSubscribeAsync(Message(), default).AsTask())));

        Assert.All(results, result => Assert.Equal(Acceptance.Yes, result.Accepted));
        Assert.Equal(1, provider.Count(TokenPath));
    }

    [RedisFact]
    public async Task A_token_that_is_refused_on_two_nodes_is_replaced_once()
    {
        await using var provider = await ProviderAsync(http => http.Request.QueryString.Value!.EndsWith("token-1", StringComparison.Ordinal) ? Error(42001)(http) : Accepted(http));
        var nodes = new[] { await ApiAsync(provider), await ApiAsync(provider) };

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => nodes[i % 2].SendSubscribeAsync(Message(), default).AsTask())));

        Assert.All(results, result => Assert.Equal(Acceptance.Yes, result.Accepted));
        Assert.Equal(2, provider.Count(TokenPath));
    }

    [RedisFact]
    public async Task Redis_killed_between_two_sends_stops_neither_node()
    {
        await using var provider = await ProviderAsync(Accepted);
        var nodes = new[] { await ApiAsync(provider), await ApiAsync(provider) };
        await nodes[0].SendSubscribeAsync(Message(), default);

        Redis.Kill();

        foreach (var node in nodes) Assert.Equal(Acceptance.Yes, (await node.SendSubscribeAsync(Message(), default)).Accepted);
        Assert.Equal(2, provider.Count(TokenPath));
    }

    private static async Task<FakeProvider> ProviderAsync(ProviderScript send) =>
        (await FakeProvider.StartAsync()).On(TokenPath, Token("token-1"), Token("token-2"), Token("token-3")).On(SendPath, send);

    private async Task<WeChatApi> ApiAsync(FakeProvider provider)
    {
        ClusterState node = await NodeAsync();
        var options = new WeChatOptions { BaseUrl = provider.Address, AppId = "wx0000000000000001", AppSecret = Secret };
        return new WeChatApi(options, TimeProvider.System, node, new ProviderTokens(), NullLogger<WeChatApi>.Instance);
    }
}
