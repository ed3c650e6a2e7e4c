using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Dispatch;

namespace Engagement.Tests.Messaging.Dispatch;

public sealed class LaneTests
{
    private const int Wave = 256;

    private static readonly IReadOnlyList<OwnedShard> s_owned = [.. Enumerable.Range(0, 64).Select(id => new OwnedShard(id, 1))];
    private static readonly IReadOnlyList<int> s_shards = [.. Enumerable.Range(0, 16).Select(i => i * 4)];

    [Fact]
    public void Every_shard_is_in_one_lane_whatever_else_is_owned()
    {
        var lanes = Enumerable.Range(0, 5).Select(number => new Lane(number, 5)).ToList();

        Assert.Equal(s_owned, lanes.SelectMany(lane => lane.ShareOf(s_owned)).OrderBy(shard => shard.Id));
        Assert.Equal(lanes[3].ShareOf(s_owned).Skip(1), lanes[3].ShareOf([.. s_owned.Skip(4)]));
    }

    [Fact]
    public void A_run_alone_gets_the_whole_wave_from_all_shards_alike()
    {
        var lane = new Lane(0, 4);

        for (var wave = 0; wave < 3; wave++)
        {
            var asks = lane.Ask([Run(1)], s_shards, Wave);
            Assert.Equal(s_shards, asks.Select(ask => ask.Shard));
            Assert.All(asks, ask => Assert.Equal(16, ask.Limit));
            lane.Learn(asks, asks.SelectMany(ask => Found(ask, ask.Limit)));
        }
    }

    [Fact]
    public void A_shard_that_alone_has_work_gets_the_whole_wave_until_others_have_some()
    {
        var lane = new Lane(0, 4);

        lane.Learn(lane.Ask([Run(1)], s_shards, Wave), [.. Found(new DueAsk(Run(1), 4, 0), 16), .. Found(new DueAsk(Run(1), 8, 0), 3)]);
        var asks = lane.Ask([Run(1)], s_shards, Wave);
        Assert.All(asks, ask => Assert.Equal(256, ask.Limit));
        lane.Learn(asks, [.. Found(new DueAsk(Run(1), 4, 0), 256), .. Found(new DueAsk(Run(1), 8, 0), 256)]);
        Assert.All(lane.Ask([Run(1)], s_shards, Wave), ask => Assert.Equal(128, ask.Limit));
    }

    [Fact]
    public void A_run_that_had_less_than_it_was_asked_for_rests_until_the_next_wake_up()
    {
        var lane = new Lane(0, 4);
        lane.Learn(lane.Ask([Run(1)], s_shards, Wave), Found(new DueAsk(Run(1), 4, 0), 15));

        Assert.Empty(lane.Ask([Run(1)], s_shards, Wave));
        lane.Wake();
        Assert.NotEmpty(lane.Ask([Run(1)], s_shards, Wave));
    }

    [Fact]
    public void Equal_campaigns_get_equal_parts_of_every_wave()
    {
        var lane = new Lane(0, 4);

        var asks = lane.Ask([Run(1), Run(2)], s_shards, Wave);

        Assert.Equal(128, asks.Where(ask => ask.Run.Id.Value == 1).Sum(ask => ask.Limit));
        Assert.Equal(128, asks.Where(ask => ask.Run.Id.Value == 2).Sum(ask => ask.Limit));
    }

    [Fact]
    public void Promotions_keep_a_tenth_while_reminders_wait_and_all_of_it_else()
    {
        var lane = new Lane(0, 4);
        DueRun[] runs = [Run(1), Run(2, DeliveryClass.Reminder)];

        var asks = lane.Ask(runs, s_shards, Wave);
        var wave = Cut(runs, asks);
        Assert.Equal(26, wave.Count(message => message.Run.Value == 1));
        Assert.Equal(230, wave.Count(message => message.Run.Value == 2));
        Assert.Equal(Wave, wave.Count);

        lane.Learn(asks, asks.Where(ask => ask.Run.Class == DeliveryClass.Promotional).SelectMany(ask => Found(ask, ask.Limit)));
        Assert.Equal(256, lane.Ask(runs, s_shards, Wave).Sum(ask => ask.Limit));
    }

    [Fact]
    public void Of_many_runs_each_gets_its_turn()
    {
        var lane = new Lane(0, 4);
        DueRun[] runs = [.. Enumerable.Range(1, 50).Select(id => Run(id))];
        var asked = new HashSet<RunId>();

        for (var wave = 0; wave < 7; wave++)
        {
            var asks = lane.Ask(runs, s_shards, Wave);
            Assert.InRange(asks.Sum(ask => ask.Limit), 128, Wave);
            asked.UnionWith(asks.Select(ask => ask.Run.Id));
        }

        Assert.Equal(50, asked.Count);
    }

    [Theory]
    [InlineData(2, 128)]
    [InlineData(3, 85)]
    public void What_is_too_much_is_cut_from_all_runs_alike(int count, int least)
    {
        DueRun[] runs = [.. Enumerable.Range(1, count).Select(id => Run(id))];

        var wave = Cut(runs, new Lane(0, 4).Ask(runs, s_shards, Wave));

        Assert.Equal(Wave, wave.Count);
        Assert.All(runs, run => Assert.InRange(wave.Count(message => message.Run == run.Id), least, least + 1));
    }

    [Fact]
    public void A_member_is_in_a_wave_once_and_what_was_due_first_goes_first()
    {
        DueRun[] runs = [Run(1), Run(2, DeliveryClass.Service)];
        var twice = Found(new DueAsk(Run(1), 4, 0), 2).ToList();
        var service = new DueMessage(new MessageId(9), 4, MessageKind.Verification, new RunId(2), new MemberId(9), 1, "{}", 0, 0, 0, false);

        var wave = Lane.Cut([(30, twice[0]), (10, twice[1]), (20, twice[1] with { Id = new MessageId(7) }), (99, service)], runs.ToDictionary(run => run.Id), Wave);

        Assert.Equal([service, twice[1], twice[0]], wave);
    }

    private static IReadOnlyList<DueMessage> Cut(DueRun[] runs, IReadOnlyList<DueAsk> asks)
    {
        var member = 0;
        return Lane.Cut(
            asks.SelectMany(ask => Found(ask, ask.Limit)).Select(message => ((long)member, message with { Id = new MessageId(member), Member = new MemberId(member++) })),
            runs.ToDictionary(run => run.Id), Wave);
    }

    private static DueRun Run(int id, DeliveryClass c = DeliveryClass.Promotional) => new(new RunId(id), c, false, null, false);

    private static IEnumerable<DueMessage> Found(DueAsk ask, int count) => Enumerable.Range(0, count).Select(i =>
        new DueMessage(new MessageId(i), ask.Shard, MessageKind.Tip, ask.Run.Id, new MemberId(i), 1, "{}", 0, 0, 0, false));
}
