namespace Engagement.Messaging.Dispatch;

/// <summary>A loop's share of the shards, which it works through wave by wave, and the order in which runs get their turn there.</summary>
/// <remarks>
/// A shard never changes its lane and a lane has one wave at a time: so no member ever has two messages under way.
/// A wave is cut by class, then into equal parts by run, then by shard: Service takes what it wants; of the rest Promotional keeps a
/// tenth while Reminders wait, and all of it else. Within a run the oldest goes first. A run that had less than it was asked for rests
/// until the next wake-up.
/// </remarks>
/// <param name="number">Which of the lanes.</param>
/// <param name="lanes">How many there are.</param>
internal sealed class Lane(int number, int lanes)
{
    private const int MostRuns = 8;

    private readonly Dictionary<RunId, int> _full = [];
    private readonly HashSet<RunId> _resting = [];
    private int _turn;

    public int Number => number;

    /// <summary>Held while a wave is under way: who has taken it once knows that no wave of before is.</summary>
    public SemaphoreSlim Wave { get; } = new(1);

    /// <summary>What of the wave under way may be on the wire, or answered and not recorded.</summary>
    public volatile IReadOnlyList<SendDecision> OnTheWire = [];

    /// <summary>How long to wait before the next wave, when a rate budget ran out in the last one.</summary>
    public TimeSpan? Pause { get; set; }

    /// <summary>When the wave that is under way was decided on (business time); <c>null</c> between waves.</summary>
    public long? Since { get; set; }

    /// <summary>Its part of what this process owns.</summary>
    public IReadOnlyList<OwnedShard> ShareOf(IReadOnlyList<OwnedShard> owned) => [.. owned.Where(shard => shard.Id % lanes == number)];

    /// <summary>Every run may have work again.</summary>
    public void Wake() => _resting.Clear();

    /// <summary>What the next wave asks for.</summary>
    /// <param name="runs">The runs that are open.</param>
    /// <param name="shards">The lane's shards.</param>
    /// <param name="size">The size of a wave.</param>
    public IReadOnlyList<DueAsk> Ask(IReadOnlyList<DueRun> runs, IReadOnlyList<int> shards, int size)
    {
        var awake = runs.Where(run => !_resting.Contains(run.Id)).ToLookup(run => run.Class);
        var promotional = !awake[DeliveryClass.Promotional].Any() ? 0 : awake[DeliveryClass.Reminder].Any() ? PromotionalPart(size) : size;
        var asks = new List<DueAsk>();
        Add(DeliveryClass.Service, size);
        Add(DeliveryClass.Reminder, size - promotional);
        Add(DeliveryClass.Promotional, promotional);
        _turn++;
        return asks;

        void Add(DeliveryClass c, int share)
        {
            var waiting = awake[c].ToList();
            if (waiting.Count == 0 || share == 0) return;
            // Many runs take turns: asking all of them for a handful each would cost more than the messages.
            var count = Math.Min(waiting.Count, Math.Clamp(share / shards.Count, 1, MostRuns));
            for (var i = 0; i < count; i++)
            {
                var run = waiting[(_turn * count + i) % waiting.Count];
                var limit = Quota(run.Id, Math.Max(1, share / count), shards.Count);
                foreach (var shard in shards) asks.Add(new DueAsk(run, shard, limit));
            }
        }
    }

    /// <summary>Cuts what was found to the size of a wave: the runs of a class in turn, the oldest of each first, one message a member.</summary>
    public static IReadOnlyList<DueMessage> Cut(IEnumerable<(long ReadyAt, DueMessage Message)> found, IReadOnlyDictionary<RunId, DueRun> runs, int size)
    {
        var classes = found.OrderBy(f => (f.ReadyAt, f.Message.Id.Value)).Select(f => f.Message).DistinctBy(message => message.Member)
            .ToLookup(message => runs[message.Run].Class);
        var service = InTurn(classes[DeliveryClass.Service], size);
        var promotional = InTurn(classes[DeliveryClass.Promotional], Math.Max(
            Math.Min(PromotionalPart(size), size - service.Count), size - service.Count - classes[DeliveryClass.Reminder].Count()));
        return [.. service, .. InTurn(classes[DeliveryClass.Reminder], size - service.Count - promotional.Count), .. promotional];
    }

    /// <summary>Learns from what was found.</summary>
    public void Learn(IReadOnlyList<DueAsk> asks, IEnumerable<DueMessage> found)
    {
        var counts = found.CountBy(message => (message.Run, message.Shard)).ToDictionary();
        foreach (var run in asks.GroupBy(ask => ask.Run.Id))
        {
            var full = run.Count(ask => counts.GetValueOrDefault((run.Key, ask.Shard)) >= ask.Limit);
            if (full > 0) _full[run.Key] = full;
            else Rest(run.Key);
        }
    }

    private static int PromotionalPart(int size) => size - size * 9 / 10;

    private static List<DueMessage> InTurn(IEnumerable<DueMessage> oldestFirst, int size) =>
        [.. oldestFirst.GroupBy(message => message.Run).SelectMany(run => run.Index()).OrderBy(turn => turn.Index).Take(size).Select(turn => turn.Item)];

    private void Rest(RunId run)
    {
        _full.Remove(run);
        _resting.Add(run);
    }

    // Shards that had more than they were asked for share the quota, so that it follows where the work is.
    private int Quota(RunId run, int share, int shards) =>
        PerShard(share, _full.TryGetValue(run, out var full) ? Math.Min(full, shards) : shards);

    // Rounded up: a little too much is cut, too little would be somebody's part.
    private static int PerShard(int share, int shards) => (share + shards - 1) / shards;
}
