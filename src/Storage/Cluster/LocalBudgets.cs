using System.Threading.RateLimiting;

namespace Engagement.Storage.Cluster;

/// <summary>This node's share of each budget, kept in the process. Thread-safe.</summary>
internal sealed class LocalBudgets(Func<int> liveWorkers) : IDisposable
{
    // Campaigns come and go, and each has a name.
    private const int MaxBuckets = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Bucket> _buckets = [];

    public IReadOnlyList<BudgetGrant> Take(IReadOnlyList<BudgetRequest> wanted)
    {
        var share = Math.Max(1, liveWorkers());
        var grants = new BudgetGrant[wanted.Count];
        lock (_lock)
        {
            if (_buckets.Count > MaxBuckets) ForgetTheIdle();
            for (var i = 0; i < grants.Length; i++) grants[i] = Take(wanted[i], share);
        }

        return grants;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var bucket in _buckets.Values) bucket.Dispose();
            _buckets.Clear();
        }
    }

    private BudgetGrant Take(BudgetRequest request, int share)
    {
        var count = request.Count;
        foreach (var budget in request.Budgets) count = Math.Min(count, Of(budget, share).Free());
        var pause = TimeSpan.Zero;
        foreach (var budget in request.Budgets)
        {
            var bucket = _buckets[budget.Name];
            bucket.Take(count);
            var longer = bucket.PauseFor(request.Count - count);
            if (longer > pause) pause = longer;
        }

        return new BudgetGrant(count, pause);
    }

    // When the number of workers changes, what was left moves over: a new share must not begin with a new burst.
    private Bucket Of(Budget budget, int share)
    {
        if (!_buckets.TryGetValue(budget.Name, out var bucket)) return _buckets[budget.Name] = new Bucket(budget, share, int.MaxValue);
        if (bucket.Is(budget, share)) return bucket;
        var left = bucket.Free();
        bucket.Dispose();
        return _buckets[budget.Name] = new Bucket(budget, share, left);
    }

    private void ForgetTheIdle()
    {
        foreach (var (name, bucket) in _buckets.Where(pair => pair.Value.IsFull).ToList())
        {
            bucket.Dispose();
            _buckets.Remove(name);
        }
    }

    private sealed class Bucket : IDisposable
    {
        private readonly Budget _budget;
        private readonly int _share;
        private readonly int _burst;
        private readonly double _perSecond;
        private readonly TokenBucketRateLimiter _limiter;

        public Bucket(Budget budget, int share, int left)
        {
            (_budget, _share) = (budget, share);
            _perSecond = budget.PerSecond / share;
            _burst = Math.Max(1, budget.Burst / share);
            var tokens = Math.Clamp((int)(_perSecond / 100), 1, _burst);
            _limiter = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
            {
                TokenLimit = _burst, TokensPerPeriod = tokens, ReplenishmentPeriod = TimeSpan.FromSeconds(tokens / _perSecond),
                AutoReplenishment = false, QueueLimit = 0,
            });
            Take(_burst - Math.Min(_burst, left));
        }

        public bool IsFull => Free() == _burst;

        public bool Is(Budget budget, int share) => _budget == budget && _share == share;

        public int Free()
        {
            _limiter.TryReplenish();
            return (int)_limiter.GetStatistics()!.CurrentAvailablePermits;
        }

        public void Take(int count)
        {
            using var lease = _limiter.AttemptAcquire(count);
        }

        public TimeSpan PauseFor(int missing) =>
            missing == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Max(0, Math.Min(missing, _burst) - _limiter.GetStatistics()!.CurrentAvailablePermits) / _perSecond);

        public void Dispose() => _limiter.Dispose();
    }
}
