using System.Collections.Frozen;
using Engagement.Storage;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Dispatch;

/// <summary>Knows which runs were paused or cancelled, so that no send begins two seconds after somebody was told so.</summary>
/// <remarks>
/// Asked before every send; reads again when what it knows is half a second old. While it cannot read, nothing begins: whoever paused a
/// run did so in a database that this process cannot see.
/// </remarks>
internal sealed class RunWatch(Database database, Clocks clocks, ILogger<RunWatch> logger) : IDisposable
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromMilliseconds(250);

    /// <summary>A cancelled run of that age has nothing left that could be on its way.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(40);

    private const string Stopped = "SELECT id FROM run WHERE (state IN (1, 2) AND paused IS NOT NULL) OR (state = 4 AND started_at >= @since)";

    private readonly SemaphoreSlim _reading = new(1);
    private volatile FrozenSet<long> _stopped = [];
    private long _readAt;

    /// <summary>Whether a message of this run may begin to leave now.</summary>
    public ValueTask<bool> MaySendAsync(RunId run) =>
        IsFresh() ? ValueTask.FromResult(!_stopped.Contains(run.Value)) : ReadFirstAsync(run);

    public void Dispose() => _reading.Dispose();

    private bool IsFresh() => Volatile.Read(ref _readAt) is > 0 and var at && clocks.System.GetElapsedTime(at) < s_fresh;

    private async ValueTask<bool> ReadFirstAsync(RunId run)
    {
        await _reading.WaitAsync().ConfigureAwait(false);
        try
        {
            while (!IsFresh()) await ReadAsync().ConfigureAwait(false);
        }
        finally
        {
            _reading.Release();
        }

        return !_stopped.Contains(run.Value);
    }

    private async Task ReadAsync()
    {
        // Taken before the read: what is paused during it may not be in it.
        var at = clocks.System.GetTimestamp();
        try
        {
            var since = (clocks.Business.GetUtcNow() - LongestLife).ToUnixTimeMilliseconds();
            _stopped = (await database.ReadAsync(session => session.QueryAsync<long>(Stopped, new { since }), CancellationToken.None).ConfigureAwait(false)).ToFrozenSet();
            Volatile.Write(ref _readAt, at);
        }
        catch (Exception failure)
        {
            Log.RunsUnreadable(logger, failure);
            await Task.Delay(s_afterFailure, clocks.System).ConfigureAwait(false);
        }
    }
}
