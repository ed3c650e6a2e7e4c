using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Engagement.Storage.Cluster;

/// <summary>The form over Redis. Whatever it is asked while Redis is away it answers as <see cref="LocalCluster"/> would.</summary>
internal sealed class RedisCluster : ClusterState
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private const string Release = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

    private readonly string _prefix;
    private readonly string _nodeId;
    private readonly FieldCipher _cipher;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly LocalBudgets _share;
    private readonly RedisLine _line;
    private readonly RedisChannel _channel;
    private readonly Teller[] _tellers;
    private readonly Action?[] _heard = new Action?[Enum.GetValues<Topic>().Length];

    public RedisCluster(ClusterOptions options, string nodeId, Func<int> liveWorkers, FieldCipher cipher, TimeProvider clock, TimeSpan limit, ILogger<ClusterState> logger)
    {
        (_prefix, _nodeId, _cipher, _clock, _logger) = (options.Prefix, nodeId, cipher, clock, logger);
        _share = new LocalBudgets(liveWorkers);
        _channel = new RedisChannel($"{_prefix}:told", RedisChannel.PatternMode.Literal);
        _tellers = [.. Enum.GetValues<Topic>().Select(topic => new Teller(() => _line!.PublishAsync(_channel, $"{(int)topic}:{_nodeId}")))];
        _line = new RedisLine(options, $"{_prefix}:probe:{nodeId}", limit, clock,
            (here, failure) => Say(here, liveWorkers(), failure), subscriber => subscriber.SubscribeAsync(_channel, (_, message) => Hear(message!)));
    }

    public override ClusterCondition Condition => _line.IsHere ? ClusterCondition.Shared : ClusterCondition.Degraded;

    public override async ValueTask<IReadOnlyList<BudgetGrant>> TakeAsync(IReadOnlyList<BudgetRequest> wanted)
    {
        var answer = await _line.AskAsync(redis => RedisBudgets.TakeAsync(redis, _prefix, wanted)).ConfigureAwait(false);
        return answer.Came ? answer.Value! : _share.Take(wanted);
    }

    public override async Task<SharedToken?> TokenAsync(string name, string? seen, TimeSpan patience, Func<Task<SharedToken?>> fetch)
    {
        RedisKey key = $"{_prefix}:token:{name}";
        RedisKey lockKey = $"{_prefix}:token:{name}:lock";
        RedisValue holder = RandomNumberGenerator.GetHexString(32);
        var started = _clock.GetTimestamp();
        do
        {
            if (await SharedAsync(name, key, seen).ConfigureAwait(false) is { } shared) return shared;
            var locked = await _line.AskAsync(redis => redis.StringSetAsync(lockKey, holder, patience, When.NotExists)).ConfigureAwait(false);
            if (!locked.Came) break;
            if (locked.Value)
            {
                try
                {
                    // Whoever had the lock before us may have brought it between our two questions.
                    return await SharedAsync(name, key, seen).ConfigureAwait(false) ?? await FetchAsync(name, key, fetch).ConfigureAwait(false);
                }
                finally
                {
                    await _line.AskAsync(redis => RedisBudgets.RunAsync(redis, Release, [lockKey], [holder])).ConfigureAwait(false);
                }
            }

            await Task.Delay(s_look, _clock, CancellationToken.None).ConfigureAwait(false);
        }
        while (_clock.GetElapsedTime(started) < patience);
        return await FetchAsync(name, key, fetch).ConfigureAwait(false);
    }

    public override void Tell(Topic topic)
    {
        if (_line.IsHere) _tellers[(int)topic].Tell();
    }

    public override void Listen(Topic topic, Action heard)
    {
        lock (_heard) _heard[(int)topic] += heard;
    }

    protected override void Dispose(bool disposing)
    {
        _line.Dispose();
        _share.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<SharedToken?> SharedAsync(string name, RedisKey key, string? seen)
    {
        var kept = await _line.AskAsync(redis => redis.StringGetAsync(key)).ConfigureAwait(false);
        return kept.Came && Open(name, kept.Value) is { } token && token.Stamp != seen && token.ExpiresAt > _clock.GetUtcNow() ? token : null;
    }

    private async Task<SharedToken?> FetchAsync(string name, RedisKey key, Func<Task<SharedToken?>> fetch)
    {
        if (await fetch().ConfigureAwait(false) is not { } token) return null;
        var life = token.ExpiresAt - _clock.GetUtcNow();
        if (life > TimeSpan.Zero) await _line.AskAsync(redis => redis.StringSetAsync(key, Seal(name, token), life, When.Always)).ConfigureAwait(false);
        return token;
    }

    // Whoever can read Redis must not be able to speak as the pharmacy.
    private byte[] Seal(string name, SharedToken token) =>
        _cipher.Encrypt(new CipherColumn("cluster", name), 0, $"{token.Stamp}\n{token.ExpiresAt.UtcTicks}\n{token.Value}");

    private SharedToken? Open(string name, RedisValue value)
    {
        if (value.IsNull) return null;
        try
        {
            var parts = _cipher.Decrypt(new CipherColumn("cluster", name), 0, (byte[])value!).Split('\n', 3);
            return new SharedToken(parts[0], parts[2], new DateTimeOffset(long.Parse(parts[1]), TimeSpan.Zero));
        }
        catch (Exception failure) when (failure is CryptographicException or StorageException)
        {
            Log.TokenUnreadable(_logger, name, failure);
            return null;
        }
    }

    private void Say(bool here, int workers, Exception? failure)
    {
        if (here) Log.RedisHere(_logger);
        else Log.RedisAway(_logger, workers, failure);
    }

    private void Hear(string message)
    {
        var end = message.IndexOf(':', StringComparison.Ordinal);
        if (end < 1 || message.AsSpan(end + 1).SequenceEqual(_nodeId)) return;
        if (int.TryParse(message.AsSpan(0, end), out var topic) && topic >= 0 && topic < _heard.Length) _heard[topic]?.Invoke();
    }

    /// <summary>Says one thing at a time: however often there is something to tell, one word is under way and at most one follows.</summary>
    private sealed class Teller(Func<Task> say)
    {
        private int _state;   // 0 silent, 1 speaking, 2 speaking and asked again

        public void Tell()
        {
            while (true)
            {
                var state = Volatile.Read(ref _state);
                if (state == 2) return;
                if (Interlocked.CompareExchange(ref _state, state + 1, state) != state) continue;
                if (state == 0) _ = SpeakAsync();
                return;
            }
        }

        private async Task SpeakAsync()
        {
            do
            {
                // What is told from here on is told once more.
                Interlocked.Exchange(ref _state, 1);
                await say().ConfigureAwait(false);
            }
            while (Interlocked.CompareExchange(ref _state, 0, 1) != 1);
        }
    }
}
