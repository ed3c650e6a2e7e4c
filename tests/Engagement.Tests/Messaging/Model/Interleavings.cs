using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Engagement.Messaging;
using Engagement.Tests.Support;
using Xunit.Abstractions;

namespace Engagement.Tests.Messaging.Model;

/// <summary>Random interleavings of workers, crashes, receipts, the settler, staff and clocks on the real stores, against the transition table of docs/delivery.md.</summary>
public abstract class InterleavingContract(TestDatabase test, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Length = 60;

    // The first three are rare: an outcome of the past that is written down again, a doubt of a run that was cancelled long ago, and a refusal that is written down again when no channel was left.
    private static readonly int[] s_found = [403181596, 398348050, 2031473481];

    private static readonly int[] s_seeds = [.. s_found, .. Enumerable.Range(1, 12)];

    private static readonly TimeSpan s_budget = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_shrinking = TimeSpan.FromSeconds(20);

    // What happens often in a sequence stands there often.
    private static readonly StepKind[] s_kinds =
    [
        .. Times(6, StepKind.Plan), .. Times(8, StepKind.Intend), .. Times(8, StepKind.Send), .. Times(5, StepKind.Refuse), .. Times(5, StepKind.Lose), StepKind.Withhold,
        .. Times(10, StepKind.Record), .. Times(3, StepKind.RecordAgain), .. Times(3, StepKind.TakeOver), .. Times(2, StepKind.Die), .. Times(6, StepKind.Receipt),
        .. Times(5, StepKind.Look), StepKind.SweepStuck, StepKind.Pause, StepKind.Resume, StepKind.Resume, .. Times(7, StepKind.Clock), StepKind.Tap, StepKind.Tap, StepKind.Release,
    ];

    private static readonly StepKind[] s_rare = [StepKind.Cancel, StepKind.Clear, StepKind.Days, StepKind.Withdraw, StepKind.Erase];

    private MessagingHouse _house = null!;
    private World _world = null!;

    public async Task InitializeAsync()
    {
        _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?> { ["Sms:Aliyun:TakesPromotions"] = "true" });
        _world = await World.MakeAsync(_house);
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task No_interleaving_leaves_the_transition_table_or_breaks_a_promise()
    {
        var (started, ran) = (Stopwatch.GetTimestamp(), 0);
        var random = new Random();
        for (; ran < 4 || Stopwatch.GetElapsedTime(started) < s_budget; ran++)
        {
            var seed = ran < s_seeds.Length ? s_seeds[ran] : random.Next();
            var steps = Sequence(seed);
            if (await FailureAsync(steps) is { } failure) Assert.Fail(await ExplainAsync(seed, steps, failure));
        }

        output.WriteLine($"{ran} sequences of {Length} steps; ended: {string.Join(", ", _ends.Select(e => $"{e.Key} {e.Value}"))}");
        // A generator that never gets anywhere would prove nothing.
        Assert.Contains("Delivered", _ends.Keys);
        Assert.Contains("InDoubt", _ends.Keys);
    }

    private readonly SortedDictionary<string, int> _ends = [];

    // Half of the time what naturally follows, so that messages get far; else anything.
    private static List<Step> Sequence(int seed)
    {
        var random = new Random(seed);
        var steps = new List<Step>(Length);
        while (steps.Count < Length)
        {
            var next = steps.Count > 0 && random.Next(2) == 0 ? Follows(steps[^1].Kind) : [];
            var kinds = random.Next(25) == 0 ? s_rare : next.Length > 0 ? next : s_kinds;
            steps.Add(new Step(kinds[random.Next(kinds.Length)], random.Next(1000), random.Next(1000)));
        }

        return s_found.Contains(seed) ? steps : Broken(steps, random);
    }

    // Some intents are written over a connection that breaks during the commit; whether they stand is looked at in a while.
    private static List<Step> Broken(List<Step> steps, Random random)
    {
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            if (steps[i].Kind != StepKind.Intend || random.Next(6) != 0) continue;
            steps[i] = steps[i] with { Kind = random.Next(2) == 0 ? StepKind.Undo : StepKind.Break };
            // Often enough another worker has come meanwhile, and has begun anew.
            Step[] meanwhile = random.Next(2) == 0 ? [] : [new Step(StepKind.TakeOver, 1, 1), new Step(StepKind.Plan, 1, 0), new Step(StepKind.Intend, 1, 0)];
            steps.InsertRange(i + 1, [.. meanwhile[..random.Next(meanwhile.Length + 1)], new Step(StepKind.TakeBack, 0, 0)]);
        }

        return steps;
    }

    private static StepKind[] Follows(StepKind kind) => kind switch
    {
        StepKind.Plan => [StepKind.Intend],
        StepKind.Intend => [StepKind.Send, StepKind.Refuse, StepKind.Refuse, StepKind.Lose, StepKind.RecordAgain],
        StepKind.Send or StepKind.Refuse or StepKind.Lose => [StepKind.Record],
        StepKind.Record => [StepKind.Clock, StepKind.Receipt],
        StepKind.Clock => [StepKind.Plan, StepKind.Look],
        StepKind.Look => [StepKind.Plan],
        _ => [],
    };

    private async Task<string?> FailureAsync(IReadOnlyList<Step> sequence)
    {
        await _world.ResetAsync();
        var steps = new Steps(_world);
        try
        {
            foreach (var step in sequence) await steps.TakeAsync(step);
            await EndAsync(steps);
            return null;
        }
        catch (BrokenPromise failure)
        {
            return failure.Message;
        }
        catch (DbException refused)
        {
            // A key that was to hold is a promise too; the steps that lead to it are what one needs.
            return refused.ToString();
        }
    }

    // The provider is well again, staff let everything go on, and time passes: then everything has an end, and nothing was lost.
    private async Task EndAsync(Steps steps)
    {
        for (var i = 0; i < _world.Subjects.Count; i++) await steps.TakeAsync(new Step(StepKind.Resume, i, 0));
        await steps.TakeOverAsync(believed: false, dies: true);
        var owner = _world.Current;
        for (var round = 0; round < 6; round++)
        {
            await RoundAsync(steps, owner);
            await steps.MoveAsync(TimeSpan.FromSeconds(617));
            await steps.LookAsync(answers: true);
        }

        await RoundAsync(steps, owner);
        foreach (var row in _world.Now.Values)
        {
            var subject = _world.Of(row.Id);
            if (subject.Class != DeliveryClass.Reminder || _world.Clock > row.NotAfter || _world.Cancelled.Contains(subject.Run)) continue;
            World.Must(row.State is not (MessageState.Pending or MessageState.Sending or MessageState.InDoubt) || row.TwiceNo != 0 || row.ReadyAt > _world.Clock
                || _world.Provider.Ledger.Any(copy => copy.Message == row.Id), $"{subject.Name} was never sent, and stands still as {row.Standing}");
        }

        for (var times = 0; times < 8 && _world.Now.Values.Any(row => row.ReadyAt is not null); times++)
        {
            await steps.MoveAsync(TimeSpan.FromHours(37.01));
            await RoundAsync(steps, owner);
            await steps.TakeAsync(new Step(StepKind.Clear, 0, 0));
            await steps.LookAsync(answers: true);
        }

        foreach (var row in _world.Now.Values)
        {
            var end = $"{row.State} {row.Reason}".TrimEnd();
            _ends[end] = _ends.GetValueOrDefault(end) + 1;
            World.Must(row.ReadyAt is null, $"{_world.Of(row.Id).Name} still is {row.Standing} when everything should have an end");
        }
    }

    private static async Task RoundAsync(Steps steps, Owner owner)
    {
        await steps.PlanAsync(owner, 0);
        await steps.IntendAsync(owner);
        while (owner.Unsent.Count > 0) await steps.TakeAsync(new Step(StepKind.Send, 1, 0));
        await steps.RecordAsync(owner, 1);
    }

    // Leaves out whatever is not needed for the failure, as long as there is time.
    private async Task<string> ExplainAsync(int seed, List<Step> steps, string failure)
    {
        var started = Stopwatch.GetTimestamp();
        for (var size = steps.Count / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= steps.Count && Stopwatch.GetElapsedTime(started) < s_shrinking;)
            {
                List<Step> fewer = [.. steps[..at], .. steps[(at + size)..]];
                if (await FailureAsync(fewer) is { } still) (steps, failure) = (fewer, still);
                else at += size;
            }
        }

        await FailureAsync(steps);
        return string.Create(CultureInfo.InvariantCulture, $"Seed {seed}: {failure}\nafter\n{string.Join('\n', _world.Story.Select((line, i) => $"{i + 1,3}. {line}"))}");
    }

    private static IEnumerable<StepKind> Times(int count, StepKind kind) => Enumerable.Repeat(kind, count);
}

public sealed class InterleavingsOnSqlite(SqliteTestDatabase database, ITestOutputHelper output) : InterleavingContract(database, output), IClassFixture<SqliteTestDatabase>;

public sealed class InterleavingsOnMySql(MySqlTestDatabase database, ITestOutputHelper output) : InterleavingContract(database, output), IClassFixture<MySqlTestDatabase>;
