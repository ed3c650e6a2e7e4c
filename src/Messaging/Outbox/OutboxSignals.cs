using Engagement.Storage;

namespace Engagement.Messaging.Outbox;

/// <summary>The wake-ups between the parts of one process: losing one costs at most a second.</summary>
public sealed class OutboxSignals(Clocks clocks)
{
    /// <summary>Messages have become due.</summary>
    public WakeUp Due { get; } = new(clocks.System);

    /// <summary>Runs were started, paused, resumed or cancelled.</summary>
    public WakeUp Runs { get; } = new(clocks.System);

    /// <summary>A provider has pushed something.</summary>
    public WakeUp Inbound { get; } = new(clocks.System);
}
