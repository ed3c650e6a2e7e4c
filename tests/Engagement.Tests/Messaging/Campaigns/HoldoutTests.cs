using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Engagement.Members;
using Engagement.Messaging.Campaigns;

namespace Engagement.Tests.Messaging.Campaigns;

/// <summary>Who is held out: a share that can be checked, and the same people each time.</summary>
public sealed class HoldoutTests
{
    private const int People = 20_000;

    // Four and a half standard deviations of the binomial distribution: once in 150,000 such tests by chance.
    [Theory]
    [InlineData(1000)]
    [InlineData(500)]
    [InlineData(5000)]
    public void The_share_is_what_was_asked_for(int basisPoints)
    {
        var share = basisPoints / 10_000.0;
        var held = Ids().Count(id => Holdout.Contains("winter", id, basisPoints));

        Assert.InRange(held, People * share - 4.5 * Math.Sqrt(People * share * (1 - share)), People * share + 4.5 * Math.Sqrt(People * share * (1 - share)));
    }

    [Fact]
    public void It_is_the_documented_hash_and_therefore_stable()
    {
        foreach (var id in Ids().Take(2_000))
        {
            var number = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes("冬季🎂" + id.Value)));
            Assert.Equal(number % 10_000 < 1000, Holdout.Contains("冬季🎂", id, 1000));
        }
    }

    [Fact]
    public void Another_campaign_holds_out_other_people()
    {
        var both = Ids().Count(id => Holdout.Contains("winter", id, 1000) && Holdout.Contains("spring", id, 1000));

        Assert.InRange(both, 200 - 64, 200 + 64);
    }

    [Fact]
    public void A_larger_share_holds_out_the_same_people_and_more()
    {
        Assert.All(Ids().Where(id => Holdout.Contains("winter", id, 500)), id => Assert.True(Holdout.Contains("winter", id, 1000)));
    }

    [Fact]
    public void None_and_all()
    {
        Assert.DoesNotContain(Ids(), id => Holdout.Contains("winter", id, 0));
        Assert.All(Ids(), id => Assert.True(Holdout.Contains("winter", id, 10_000)));
    }

    // Ids as the generator makes them: close together.
    private static IEnumerable<MemberId> Ids() => Enumerable.Range(0, People).Select(i => new MemberId(190_000_000_000_000_000 + i * 4096L));
}
