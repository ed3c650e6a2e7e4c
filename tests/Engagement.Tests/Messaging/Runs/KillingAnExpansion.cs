using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Reports;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Runs;

/// <summary>Expanders die at random points and work on one run at the same time; everybody is accounted for once all the same, on each database.</summary>
public abstract class KilledExpansionContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(test);

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whoever_dies_and_whoever_works_at_the_same_time_everybody_is_written_once(int seed)
    {
        var random = new Random(seed);
        var source = new MadeAudience(4000 + random.Next(3000), seed);
        var id = await BeginAsync(MadeAudience.Plan(_house.Today));
        var kills = 0;
        while (await StateAsync(id) == RunState.Expanding)
        {
            // Two at a time; each dies before or after one of its next commits, if it gets so far.
            var workers = Enumerable.Range(0, 2).Select(_ => DyingAsync(id, source, random.Next(6), random.Next(2) == 0)).ToList();
            kills += (await Task.WhenAll(workers)).Count(died => died);
            Assert.True(kills < 200);
        }

        Assert.True(kills > 0);
        await AssertWholeAsync(id, source);
    }

    [DatabaseFact]
    public async Task A_key_that_another_run_takes_in_between_is_already_said()
    {
        var source = new MadeAudience(3000, 9);
        var (first, second) = (await BeginAsync(MadeAudience.Plan(_house.Today)), await BeginAsync(MadeAudience.Plan(_house.Today)));
        using var another = new Runs(test.OpenAnother(), _house);

        await Task.WhenAll(_house.Get<RunExpander>().ContinueAsync(first, source, None), another.Expander.ContinueAsync(second, source, None));

        var (a, b) = (await FiguresAsync(first), await FiguresAsync(second));
        Assert.Equal((source.Count, source.Count), (a.Audience, b.Audience));
        Assert.Equal(source.Treated, a.Enqueued + b.Enqueued);
        Assert.Equal(await CountAsync("SELECT COUNT(*) FROM message"), a.Enqueued + b.Enqueued);
    }

    [DatabaseFact]
    public async Task A_member_whose_data_cannot_be_used_costs_only_itself()
    {
        List<Candidate> candidates = [.. Enumerable.Range(1, 1500).Select(i => new Candidate(new MemberId(i), null, [$"k:{i}"], "{}", 1, 2))];
        candidates[10] = candidates[10] with { Params = new string('x', 10_000_000) };
        candidates[700] = candidates[700] with { Keys = [new string('k', 121)] };
        candidates[1200] = candidates[1200] with { Keys = [] };

        var run = await _house.Get<RunExpander>().ExpandAsync(MadeAudience.Plan(_house.Today) with { HoldoutBasisPoints = 0 }, candidates, None);

        Assert.Equal((1500, 1497, 3), (run.Audience, run.Enqueued, run.Excluded[Reason.DataError]));
    }

    [DatabaseFact]
    public async Task A_cancel_in_the_middle_ends_the_expansion_and_suppresses_what_was_written()
    {
        var source = new MadeAudience(5000, 3);
        var id = await BeginAsync(MadeAudience.Plan(_house.Today));
        await DyingAsync(id, source, 2, after: true);
        var desk = _house.Get<RunDesk>();

        Assert.Equal(RunAnswer.Done, await desk.CancelAsync(RunTarget.Of(id), None));
        var result = await _house.Get<RunExpander>().ContinueAsync(id, source, None);
        var suppressed = await _house.Get<CancelledRuns>().ClearAsync(None);

        Assert.InRange(result.Audience, 1, 4999);
        var figures = await FiguresAsync(id);
        Assert.Equal((suppressed, suppressed, 0), (figures.Enqueued, figures.Suppressed[Reason.Cancelled], figures.Pending));
        Assert.Equal(figures.Audience, figures.Enqueued + figures.HeldOut + figures.Excluded.Values.Sum());
        Assert.Equal(0, await CountAsync("SELECT COUNT(*) FROM message WHERE ready_at IS NOT NULL"));
        Assert.Equal(0, await _house.Get<CancelledRuns>().ClearAsync(None));
    }

    [DatabaseFact]
    public async Task The_sums_hold_while_the_run_is_still_written_down()
    {
        var source = new MadeAudience(6000, 5);
        var id = await BeginAsync(MadeAudience.Plan(_house.Today));
        var expanding = _house.Get<RunExpander>().ContinueAsync(id, source, None);
        while (!expanding.IsCompleted)
        {
            var now = await FiguresAsync(id);
            Assert.Equal(now.Audience, now.Enqueued + now.HeldOut + now.Excluded.Values.Sum());
            Assert.Equal(now.Enqueued, now.Pending);
        }

        Assert.Equal(source.Count, (await expanding).Audience);
    }

    private async Task AssertWholeAsync(RunId id, MadeAudience source)
    {
        var figures = await FiguresAsync(id);
        Assert.Equal((source.Count, source.Treated, source.HeldOut), (figures.Audience, figures.Enqueued, figures.HeldOut));
        Assert.Equal(source.Count - source.Treated - source.HeldOut, figures.Excluded.Values.Sum());
        Assert.Equal(figures.Enqueued, figures.Pending);
        Assert.Equal(source.Members, await _house.QueryAsync<long>("SELECT member_id FROM run_member ORDER BY member_id"));
        Assert.Equal(source.Count, await CountAsync("SELECT audience FROM run"));
        Assert.Equal(source.Treated, await CountAsync("SELECT COUNT(*) FROM message"));
        Assert.Equal(source.Treated, await CountAsync("SELECT COUNT(*) FROM message m JOIN run_member r ON r.message_id = m.id AND r.member_id = m.member_id"));
        Assert.Equal(source.Keys, await _house.QueryAsync<string>("SELECT dedupe_key FROM message_key ORDER BY dedupe_key"));
    }

    // Another process: a connection and a writer of its own.
    private async Task<bool> DyingAsync(RunId id, MadeAudience source, int commits, bool after)
    {
        using var process = new Runs(new MortalDatabase(test.OpenAnother(), commits, after), _house);
        try
        {
            await process.Expander.ContinueAsync(id, source, None);
            return false;
        }
        catch (Killed)
        {
            return true;
        }
    }

    private Task<RunId> BeginAsync(RunPlan plan) => _house.Database.WriteAsync(tx => _house.Get<RunExpander>().BeginAsync(tx, plan, null), None);

    private Task<RunFigures> FiguresAsync(RunId id) => _house.Database.ReadAsync(session => RunFigureStore.OfAsync(session, id), None);

    private async Task<RunState> StateAsync(RunId id) => (RunState)await _house.ScalarAsync<long>("SELECT state FROM run WHERE id = @id", new { id = id.Value });

    private Task<long> CountAsync(string sql) => _house.ScalarAsync<long>(sql);

    /// <summary>The expander of another process on the same database.</summary>
    private sealed class Runs(Database database, MessagingHouse house) : IDisposable
    {
        public RunExpander Expander { get; } = new(database, house.Get<IdGenerator>(), house.Get<Clocks>(), house.Get<GateTable>(), house.Get<OutboxSignals>());

        public void Dispose() => database.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}

/// <summary>An audience that is made from a number: some are refused, some share a key with their neighbour, some have several.</summary>
internal sealed class MadeAudience : ICandidateSource
{
    private readonly List<Candidate> _candidates = [];

    public MadeAudience(int count, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var refused = random.Next(5) == 0 ? Reason.NoMarketingConsent : null;
            _candidates.Add(new Candidate(new MemberId(7_000_000_000 + i * 31), refused, [.. Enumerable.Range(0, 1 + random.Next(2)).Select(n => $"k:{i:00000}:{n}")], "{}", 1, 2));
        }

        var treated = _candidates.Where(c => c.Refused is null && !Holdout.Contains("salt", c.Member, 1000)).ToList();
        (Treated, HeldOut) = (treated.Count, _candidates.Count(c => c.Refused is null) - treated.Count);
        Keys = [.. treated.SelectMany(c => c.Keys).Order(StringComparer.Ordinal)];
    }

    public int Count => _candidates.Count;

    public int Treated { get; }

    public int HeldOut { get; }

    public IReadOnlyList<string> Keys { get; }

    public IEnumerable<long> Members => _candidates.Select(c => c.Member.Value);

    public static RunPlan Plan(int today) => new("made", MessageKind.Promotion, 1, today, null, "salt", 1000);

    public bool Makes(RunPlan plan) => plan.Producer == "made";

    public Task<CandidatePage> ReadAsync(Session session, RunPlan plan, long after, int limit)
    {
        var page = _candidates.Where(c => c.Member.Value > after).Take(limit).ToList();
        return Task.FromResult(page.Count == 0 ? CandidatePage.End : new CandidatePage(page, page[^1].Member.Value));
    }
}

/// <summary>The process is gone.</summary>
internal sealed class Killed : Exception;

/// <summary>A database whose process dies at one of its writes: before it is done, or after it without the caller hearing of it.</summary>
internal sealed class MortalDatabase(Database inner, int writes, bool after) : Database(inner.Dialect)
{
    private int _left = writes;

    public override string Driver => inner.Driver;

    public override Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken ct) => inner.ReadAsync(work, ct);

    public override async Task<T> WriteAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct)
    {
        var dies = _left-- == 0;
        if (dies && !after)
        {
            return await inner.WriteAsync<T>(async tx =>
            {
                await work(tx);
                throw new Killed();
            }, ct);
        }

        var value = await inner.WriteAsync(work, ct);
        return dies ? throw new Killed() : value;
    }

    internal override Task<T> MigrateAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct) => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}

public sealed class KilledExpansionsOnSqlite(SqliteTestDatabase database) : KilledExpansionContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class KilledExpansionsOnMySql(MySqlTestDatabase database) : KilledExpansionContract(database), IClassFixture<MySqlTestDatabase>;
