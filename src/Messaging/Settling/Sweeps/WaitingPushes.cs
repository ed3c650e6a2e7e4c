using Engagement.Messaging.Outbox;
using Engagement.Storage;

namespace Engagement.Messaging.Settling.Sweeps;

/// <summary>Stored pushes that should have been looked at minutes ago: whoever applies them is called again.</summary>
internal sealed class WaitingPushes(Database database, Clocks clocks, OutboxSignals signals) : ISweep
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private const string Waiting = "SELECT COUNT(*) FROM inbound WHERE next_at < @before";

    public string Name => "sweep_pushes";

    public async Task<long> MendAsync(CancellationToken ct)
    {
        var before = (clocks.System.GetUtcNow() - s_patience).ToUnixTimeMilliseconds();
        var waiting = await database.ReadAsync(session => session.ScalarAsync<long>(Waiting, new { before }), ct).ConfigureAwait(false);
        if (waiting > 0) signals.Inbound.Set();
        return waiting;
    }
}
