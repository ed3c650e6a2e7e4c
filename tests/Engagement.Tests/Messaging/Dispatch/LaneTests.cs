using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Dispatch;

namespace Engagement.Tests.Messaging.Dispatch;

public sealed class LaneTests
{
    private static readonly IReadOnlyList<OwnedShard> s_owned = [.. Enumerable.Range(0, 64).Select(id => new OwnedShard(id, 1))];

    [Fact]
    public void Every_shard_is_in_one_lane_whatever_else_is_owned()
    {
        var lanes = Enumerable.Range(0, 5).Select(number => new Lane(number, 5)).ToList();

        Assert.Equal(s_owned, lanes.SelectMany(lane => lane.ShareOf(s_owned)).OrderBy(shard => shard.Id));
        Assert.Equal(lanes[3].ShareOf(s_owned).Skip(1), lanes[3].ShareOf([.. s_owned.Skip(4)]));
    }

    [Fact]
    public void Work_that_is_spread_is_taken_from_all_shards_alike()
    {
        var lane = new Lane(0, 4);

        Assert.Equal(16, lane.Quota(256, 16));
        lane.Learn([.. Enumerable.Range(0, 16).SelectMany(shard => Decisions(shard, 16))], 16);
        Assert.Equal(16, lane.Quota(256, 16));
    }

    [Fact]
    public void A_shard_that_alone_has_work_gets_the_whole_wave_until_others_have_some()
    {
        var lane = new Lane(0, 4);

        lane.Learn([.. Decisions(4, 16), .. Decisions(8, 3)], 16);
        Assert.Equal(256, lane.Quota(256, 16));
        lane.Learn([.. Decisions(4, 256), .. Decisions(8, 256)], 256);
        Assert.Equal(128, lane.Quota(256, 16));
        lane.Learn([], 128);
        Assert.Equal(16, lane.Quota(256, 16));
    }

    private static IEnumerable<Decision> Decisions(int shard, int count) =>
        Enumerable.Range(0, count).Select(i => new StopDecision(
            new DueMessage(new MessageId(i), shard, MessageKind.Tip, new RunId(1), new MemberId(i), 1, "{}", 0, 0, 0), 0, MessageState.Suppressed, "test"));
}
