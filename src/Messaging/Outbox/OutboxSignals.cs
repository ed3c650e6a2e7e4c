using Engagement.Storage;
using Engagement.Storage.Cluster;

namespace Engagement.Messaging.Outbox;

/// <summary>The wake-ups between the parts of this process and between nodes: losing one costs at most a second.</summary>
public sealed class OutboxSignals
{
    /// <summary>Makes the wake-ups and listens for those of other nodes.</summary>
    public OutboxSignals(Clocks clocks, ClusterState cluster)
    {
        Due = Shared(Topic.OutboxDue);
        Inbound = Shared(Topic.Inbound);
        Runs = Shared(Topic.RunsChanged);

        WakeUp Shared(Topic topic)
        {
            var wakeUp = new WakeUp(clocks.System, () => cluster.Tell(topic));
            cluster.Listen(topic, wakeUp.Wake);
            return wakeUp;
        }
    }

    /// <summary>Messages have become due.</summary>
    public WakeUp Due { get; }

    /// <summary>A provider has pushed something.</summary>
    public WakeUp Inbound { get; }

    /// <summary>A run was made, paused, let go or cancelled: what a node keeps in memory about runs is old.</summary>
    public WakeUp Runs { get; }
}
