using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.Sms.Routing;

/// <summary>Shares the traffic among the providers: by their weights, less for those that err, nothing for those that do not answer.</summary>
/// <remarks>Of this process alone, and on the system's clock: what a provider does to us says little of what it does to another node. Thread-safe.</remarks>
internal sealed class SmsTraffic
{
    private const int Points = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lane> _lanes;
    private readonly TimeProvider _system;
    private readonly ILogger _logger;

    public SmsTraffic(IEnumerable<string> providers, SmsOptions options, TimeProvider system, ILogger<SmsTraffic> logger)
    {
        (_system, _logger) = (system, logger);
        List<string> names = [.. providers];
        var weights = names.ConvertAll(name => options.Weights.Count == 0 ? 1 : options.Weights.GetValueOrDefault(name));
        var now = system.GetUtcNow();
        _lanes = names.Zip(InPoints(weights)).ToDictionary(
            share => share.First, share => new Lane(share.First, new ProviderHealth(share.Second, options, now), new ProviderBreaker(options.BreakAfter, options.BreakFor)));
    }

    /// <summary>The points of a hundred that each provider gets now, were all of them open to a message.</summary>
    public IReadOnlyDictionary<string, double> Shares()
    {
        lock (_lock)
        {
            Judge(_system.GetUtcNow());
            List<Lane> all = [.. _lanes.Values];
            var shares = SharesOf(all);
            var sum = shares.Sum();
            return all.Zip(shares).ToDictionary(s => s.First.Name, s => sum == 0 ? 0 : s.Second * Points / sum);
        }
    }

    /// <summary>Whether nothing may leave for a provider just now: call after call of it went unanswered.</summary>
    public bool Rests(string provider)
    {
        var now = _system.GetUtcNow();
        lock (_lock) return _lanes.TryGetValue(provider, out var lane) && lane.Breaker.Rests(now);
    }

    /// <summary>Gives one message to one of these providers, each in turn as often as its share says.</summary>
    /// <param name="open">The ways that may carry it.</param>
    /// <returns>The way that is chosen; <c>null</c> when all of them rest.</returns>
    public SmsRoute? Choose(IReadOnlyList<SmsRoute> open)
    {
        var now = _system.GetUtcNow();
        lock (_lock)
        {
            Judge(now);
            List<SmsRoute> awake = [.. open.Where(route => _lanes[route.Provider].Breaker.Lets(now))];
            if (awake.Count == 0) return null;
            List<Lane> lanes = awake.ConvertAll(route => _lanes[route.Provider]);
            var chosen = lanes.Count == 1 ? 0 : Turn(lanes);
            lanes[chosen].Breaker.Gave(now);
            return awake[chosen];
        }
    }

    /// <summary>Notes what came of one call.</summary>
    public void Note(string provider, CallAnswer answer, int numbers)
    {
        var errors = 0;
        for (var i = 0; i < numbers; i++) errors += IsProviders(answer[i]) ? 1 : 0;
        var now = _system.GetUtcNow();
        lock (_lock)
        {
            if (!_lanes.TryGetValue(provider, out var lane)) return;
            lane.Health.Note(numbers, errors);
            Say(lane, lane.Breaker.Note(!answer.IsForAll || IsAnswer(answer[0].Code), now));
            Judge(now);
        }
    }

    // Smooth weighted round robin: each adds its share, the richest goes and pays for all.
    private static int Turn(List<Lane> lanes)
    {
        var shares = SharesOf(lanes);
        var chosen = Array.FindIndex(shares, share => share > 0);
        for (var i = 0; i < lanes.Count; i++)
        {
            lanes[i].Credit += shares[i];
            if (shares[i] > 0 && lanes[i].Credit > lanes[chosen].Credit) chosen = i;
        }

        lanes[chosen].Credit -= shares.Sum();
        return chosen;
    }

    // What the ailing have lost goes to the healthy, as their weights are to each other; where nobody is healthy, what is left counts, or the weights.
    private static double[] SharesOf(List<Lane> lanes)
    {
        var shares = lanes.Select(lane => (double)(lane.Health.Full - lane.Health.Lost)).ToArray();
        var healthy = lanes.Where(lane => lane.Health.Lost == 0).Sum(lane => lane.Health.Full);
        double lost = lanes.Sum(lane => lane.Health.Lost);
        if (shares.Sum() <= 0) return [.. lanes.Select(lane => (double)Math.Max(lane.Health.Full, 1))];
        if (lost == 0 || healthy == 0) return shares;
        for (var i = 0; i < lanes.Count; i++)
        {
            if (lanes[i].Health.Lost == 0) shares[i] += lost * lanes[i].Health.Full / healthy;
        }

        return shares;
    }

    private void Judge(DateTimeOffset now)
    {
        foreach (var lane in _lanes.Values)
        {
            var moved = lane.Health.Judge(now);
            if (moved < 0) Log.TrafficMovedAway(_logger, lane.Name, -moved, lane.Health.Full - lane.Health.Lost, lane.Health.Full);
            else if (moved > 0) Log.TrafficCameBack(_logger, lane.Name, moved, lane.Health.Full - lane.Health.Lost, lane.Health.Full);
        }
    }

    private void Say(Lane lane, BreakerChange change)
    {
        if (change == BreakerChange.Opened) Log.ProviderRests(_logger, lane.Name);
        else if (change == BreakerChange.Closed) Log.ProviderAnswers(_logger, lane.Name);
    }

    // What a number, a text or a person's limit is refused for is no fault of the provider's.
    private static bool IsProviders(in SendResult result) =>
        result.Accepted == Acceptance.Unknown || result.Class is ErrorClass.Retry or ErrorClass.RefreshToken or ErrorClass.Config || IsAccountsLimit(result.Code);

    private static bool IsAccountsLimit(string code) =>
        code is "isv.DAY_LIMIT_CONTROL" or "isv.MONTH_LIMIT_CONTROL" or "LimitExceeded.AppDailyLimit" or "LimitExceeded.DailyLimit";

    // A provider's own code has a capital letter; ours have none and say that nothing was read. Without an account nobody was asked.
    private static bool IsAnswer(string code) => code == "not_configured" || code.Any(char.IsAsciiLetterUpper);

    private static List<int> InPoints(List<int> weights)
    {
        var sum = Math.Max(weights.Sum(), 1);
        var points = weights.ConvertAll(weight => weight * Points / sum);
        // What rounding has left over goes to the first that have any.
        for (var i = 0; weights.Sum() > 0 && points.Sum() < Points; i = (i + 1) % points.Count) points[i] += weights[i] > 0 ? 1 : 0;
        return points;
    }

    private sealed class Lane(string name, ProviderHealth health, ProviderBreaker breaker)
    {
        public string Name => name;

        public ProviderHealth Health => health;

        public ProviderBreaker Breaker => breaker;

        /// <summary>What it has saved up towards its next turn.</summary>
        public double Credit { get; set; }
    }
}
