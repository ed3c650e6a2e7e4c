using Engagement.Storage.Cluster;

namespace Engagement.Tests.Storage.Cluster;

/// <summary>A wrong setting stops the start and names its key, without showing its value.</summary>
public sealed class ClusterSettings
{
    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1:6379")]
    [InlineData("redis-1:6379,redis-2:6379,password=geheim,ssl=true")]
    public void A_usable_address_is_taken(string redis) => Assert.Empty(new ClusterOptions { Redis = redis }.Problems());

    [Theory]
    [InlineData("redis:6379,passwort=geheim")]
    [InlineData("password=geheim")]
    [InlineData("redis:6379,connectTimeout=geheim")]
    public void An_unusable_address_is_refused_without_being_shown(string redis)
    {
        var options = new ClusterOptions { Redis = redis };

        var problem = Assert.Single(options.Problems());
        Assert.StartsWith("Cluster:Redis", problem);
        Assert.DoesNotContain("geheim", problem + options);
    }

    [Theory]
    [InlineData("")]
    [InlineData("药房")]
    [InlineData("a{b}")]
    public void A_prefix_that_would_tear_the_keys_apart_is_refused(string prefix) =>
        Assert.StartsWith("Cluster:Prefix", Assert.Single(new ClusterOptions { Prefix = prefix }.Problems()));
}
