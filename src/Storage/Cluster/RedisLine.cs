using StackExchange.Redis;

namespace Engagement.Storage.Cluster;

/// <summary>The line to Redis and its circuit: while Redis is away nobody but one probe asks it. Thread-safe.</summary>
internal sealed class RedisLine : IDisposable
{
    /// <summary>What a question may take; a dead server costs this once, and then nothing until the probe finds it again.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_probe = TimeSpan.FromMilliseconds(400);

    private readonly ConfigurationOptions _options;
    private readonly RedisKey _probeKey;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _clock;
    private readonly Action<bool, Exception?> _say;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _turn = new();
    private volatile ConnectionMultiplexer? _connection;
    private volatile bool _here;
    private bool _said;

    /// <param name="options">Where Redis is.</param>
    /// <param name="probeKey">The key that the probe writes.</param>
    /// <param name="limit">What a question may take: <see cref="Limit"/>; tests on a busy machine give more.</param>
    /// <param name="clock">The system clock.</param>
    /// <param name="say">Told of each change, the first state included.</param>
    /// <param name="subscribe">Run once, when Redis is there for the first time; the client subscribes again by itself.</param>
    public RedisLine(ClusterOptions options, string probeKey, TimeSpan limit, TimeProvider clock, Action<bool, Exception?> say, Func<ISubscriber, Task> subscribe)
    {
        _options = ConfigurationOptions.Parse(options.Redis);
        _options.AbortOnConnectFail = false;
        _options.ConnectTimeout = 1000;
        _options.SyncTimeout = (int)limit.TotalMilliseconds;
        _options.KeepAlive = 5;
        (_probeKey, _limit, _clock, _say) = (probeKey, limit, clock, say);
        _ = Task.Run(() => WatchAsync(subscribe));
    }

    /// <summary>Whether Redis answered when it was last asked.</summary>
    public bool IsHere => _here;

    /// <summary>Asks Redis, or says at once that it is away.</summary>
    public async ValueTask<Answer<T>> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        if (!_here || _connection is not { } connection) return default;
        try
        {
            return new Answer<T>(true, await InTimeAsync(ask(connection.GetDatabase())).ConfigureAwait(false));
        }
        catch (Exception failure)
        {
            // Whatever the client throws (the old one has its own ideas when a connection ends), we cannot use it now.
            Turn(false, failure);
            return default;
        }
    }

    /// <summary>Publishes, if Redis is there.</summary>
    public async Task PublishAsync(RedisChannel channel, RedisValue message) =>
        await AskAsync(redis => redis.Multiplexer.GetSubscriber().PublishAsync(channel, message)).ConfigureAwait(false);

    public void Dispose()
    {
        _stop.Cancel();
        Close();
    }

    // Once only: the old client breaks when two close it. No farewell either, for which a dead server would be waited for.
    private void Close() => Interlocked.Exchange(ref _connection, null)?.Close(allowCommandsToComplete: false);

    private async Task WatchAsync(Func<ISubscriber, Task> subscribe)
    {
        var subscribed = false;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var connection = _connection ??= await ConnectionMultiplexer.ConnectAsync(_options).ConfigureAwait(false);
                // A write: a replica or a full server, which would answer a ping, is of no use.
                await InTimeAsync(connection.GetDatabase().StringSetAsync(_probeKey, "1", TimeSpan.FromSeconds(10), When.Always)).ConfigureAwait(false);
                if (!subscribed) await InTimeAsync(Done(subscribe(connection.GetSubscriber()))).ConfigureAwait(false);
                subscribed = true;
                Turn(true, null);
            }
            catch (Exception failure)
            {
                if (!_stop.IsCancellationRequested) Turn(false, failure);
            }

            await Task.Delay(s_probe, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // It may have been made while we were stopped.
        Close();
    }

    private static async Task<bool> Done(Task work)
    {
        await work.ConfigureAwait(false);
        return true;
    }

    // Each change is said once, the first "away" too: a node that starts without its Redis must not look healthy.
    private void Turn(bool here, Exception? failure)
    {
        lock (_turn)
        {
            if (_said && _here == here) return;
            (_said, _here) = (true, here);
            _say(here, failure);
        }
    }

    private async Task<T> InTimeAsync<T>(Task<T> question)
    {
        try
        {
            return await question.WaitAsync(_limit, _clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // We have stopped listening; how it fails in the end is nobody's business.
            _ = question.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }
}

/// <summary>What Redis said; nothing when it is away.</summary>
internal readonly record struct Answer<T>(bool Came, T? Value);
