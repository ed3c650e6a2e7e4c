using Engagement.Storage;

namespace Engagement.Messaging.Settling.Sweeps;

/// <summary>Messages that are Sending long after their intent, although this process has them not on the wire: in doubt from here on.</summary>
/// <remarks>
/// The time of an intent stands in <c>ready_at</c>. What has been looked at is not looked at again: a row whose intent is older than the last
/// look was Sending then, or is never again under that intent.
/// </remarks>
internal sealed class StuckSends(Database database, Clocks clocks, IHeldWork held) : ISweep
{
    private long _lookedUntil;

    public string Name => "sweep_sending";

    public async Task<long> MendAsync(CancellationToken ct)
    {
        var until = clocks.Business.NowMs() - (long)DoubtPolicy.Wait.TotalMilliseconds;
        var (mended, left) = (0L, 0);
        foreach (var run in await database.ReadAsync(SettlingStore.RunsAsync, ct).ConfigureAwait(false))
        foreach (var shard in held.Shards)
        {
            var sending = await database.ReadAsync(session => SettlingStore.SendingAsync(
                session, run, shard, DoubtPolicy.ReceiptDueAt(_lookedUntil), DoubtPolicy.ReceiptDueAt(until)), ct).ConfigureAwait(false);
            var stuck = sending.Where(message => !held.Contains(message.Id)).ToList();
            left += sending.Count - stuck.Count;
            if (stuck.Count == 0) continue;
            var now = clocks.Business.NowMs();
            mended += await database.WriteAsync(tx => SettlingStore.ApplyAsync(tx, stuck.ConvertAll(m => (m, new Settlement(SettlingStep.Doubt))), now), ct).ConfigureAwait(false);
        }

        if (left == 0) _lookedUntil = until;
        return mended;
    }
}
