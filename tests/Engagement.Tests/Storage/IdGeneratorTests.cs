using Engagement.Storage;
using Engagement.Tests.Messaging.Runs;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

/// <summary>Ids rise, and no two are ever the same: not over threads, processes, restarts or corrected clocks.</summary>
public abstract class IdGeneratorContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ManualClock _clock = new();

    public async Task InitializeAsync()
    {
        await test.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("DELETE FROM node WHERE id > 0");
            await tx.ExecuteAsync("UPDATE node SET lease_until = 0");
        }, None);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [DatabaseFact]
    public async Task Ids_rise_and_tell_when_they_were_made()
    {
        await using var ids = await LeaseAsync();
        var last = 0L;
        for (var i = 0; i < 2_000; i++)
        {
            var id = ids.Next();
            Assert.True(id > last);
            Assert.Equal(_clock.NowMs(), IdGenerator.TimeOf(id));
            last = id;
            if (i % 7 == 0) _clock.Advance(TimeSpan.FromMilliseconds(i % 3));
        }
    }

    [DatabaseFact]
    public async Task Five_thousand_in_one_millisecond_borrow_from_the_next()
    {
        await using var ids = await LeaseAsync();

        var made = Enumerable.Range(0, 5_000).Select(_ => ids.Next()).ToList();

        Assert.Equal(5_000, made.Distinct().Count());
        Assert.Equal(made.Order(), made);
        Assert.Equal([_clock.NowMs(), _clock.NowMs() + 1], made.Select(IdGenerator.TimeOf).Distinct());
    }

    [DatabaseFact]
    public async Task Eight_threads_never_get_the_same()
    {
        await using var ids = await IdGenerator.LeaseAsync(test.Database, TimeProvider.System, None);

        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 20_000).Select(_ => ids.Next()).ToList())));

        Assert.Equal(160_000, made.SelectMany(id => id).Distinct().Count());
        Assert.All(made, mine => Assert.Equal(mine.Order(), mine));
    }

    [DatabaseFact]
    public async Task Processes_that_start_at_once_get_numbers_of_their_own()
    {
        await using var other = test.OpenAnother();
        var leased = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => IdGenerator.LeaseAsync(i % 2 == 0 ? test.Database : other, _clock, None))));

        Assert.Equal(8, leased.Select(ids => Node(ids.Next())).Distinct().Count());
        foreach (var ids in leased) await ids.DisposeAsync();
    }

    [DatabaseFact]
    public async Task A_clock_that_is_set_back_by_an_hour_repeats_nothing()
    {
        await using var ids = await LeaseAsync();
        var before = Enumerable.Range(0, 6_000).Select(_ => ids.Next()).ToList();

        _clock.Set(_clock.GetUtcNow() - TimeSpan.FromHours(1));
        var after = Enumerable.Range(0, 6_000).Select(_ => ids.Next()).ToList();

        Assert.True(after.Min() > before.Max());
        Assert.Equal(12_000, before.Concat(after).Distinct().Count());
    }

    [DatabaseFact]
    public async Task A_process_that_starts_after_the_clock_was_set_back_repeats_nothing()
    {
        var crashed = await LeaseAsync();
        var before = Enumerable.Range(0, 100).Select(_ => crashed.Next()).ToList();

        _clock.Set(_clock.GetUtcNow() - TimeSpan.FromHours(1));
        await using var restarted = await LeaseAsync();
        _clock.Set(_clock.GetUtcNow() + TimeSpan.FromHours(1));
        await restarted.RenewAsync(None);
        var after = Enumerable.Range(0, 100).Select(_ => restarted.Next()).ToList();

        Assert.Empty(before.Intersect(after));
    }

    [DatabaseFact]
    public async Task Nothing_is_made_once_the_lease_has_run_out_until_it_is_renewed()
    {
        await using var ids = await LeaseAsync();
        _clock.Advance(IdGenerator.Lease - TimeSpan.FromMilliseconds(1));
        ids.Next();

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Throws<InvalidOperationException>(() => ids.Next());

        await ids.RenewAsync(None);
        ids.Next();
    }

    [DatabaseFact]
    public async Task Renewing_writes_only_when_half_of_the_lease_is_over()
    {
        await using var ids = await LeaseAsync();
        var first = await LeaseEndAsync();

        _clock.Advance(IdGenerator.Lease / 2 - TimeSpan.FromMilliseconds(1));
        await ids.RenewAsync(None);
        Assert.Equal(first, await LeaseEndAsync());

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await ids.RenewAsync(None);
        Assert.Equal(_clock.NowMs() + (long)IdGenerator.Lease.TotalMilliseconds, await LeaseEndAsync());
    }

    [DatabaseFact]
    public async Task A_number_whose_lease_ran_out_goes_to_the_next_and_its_former_holder_must_stop()
    {
        var slow = await LeaseAsync();
        var last = slow.Next();
        _clock.Advance(IdGenerator.Lease);
        await using var next = await LeaseAsync();

        var first = next.Next();
        Assert.Equal(Node(last), Node(first));
        Assert.True(first > last);
        Assert.Throws<InvalidOperationException>(() => slow.Next());
        await Assert.ThrowsAsync<NodeTakenException>(() => slow.RenewAsync(None));
        await slow.DisposeAsync();
        await next.RenewAsync(None);
    }

    [DatabaseFact]
    public async Task A_renewal_of_which_nobody_heard_is_found_again()
    {
        // The first write is the lease; the second renews it, and its acknowledgement is lost.
        await using var ids = await IdGenerator.LeaseAsync(new MortalDatabase(test.Database, 1, after: true), _clock, None);
        _clock.Advance(IdGenerator.Lease / 2);
        await Assert.ThrowsAsync<Killed>(() => ids.RenewAsync(None));

        _clock.Advance(TimeSpan.FromMinutes(1));
        await ids.RenewAsync(None);

        _clock.Advance(IdGenerator.Lease / 2);
        ids.Next();
        await ids.RenewAsync(None);
        Assert.Equal(_clock.NowMs() + (long)IdGenerator.Lease.TotalMilliseconds, await LeaseEndAsync());
    }

    [DatabaseFact]
    public async Task A_renewal_of_which_nobody_heard_until_it_ran_out_is_renewed_at_once()
    {
        await using var ids = await IdGenerator.LeaseAsync(new MortalDatabase(test.Database, 1, after: true), _clock, None);
        _clock.Advance(IdGenerator.Lease / 2);
        await Assert.ThrowsAsync<Killed>(() => ids.RenewAsync(None));

        _clock.Advance(IdGenerator.Lease * 2);
        await ids.RenewAsync(None);

        ids.Next();
    }

    [DatabaseFact]
    public async Task A_number_that_was_given_back_is_free_at_once_and_its_ids_stay_taken()
    {
        var made = new List<long>();
        for (var again = 0; again < 5; again++)
        {
            var ids = await LeaseAsync();
            made.AddRange(Enumerable.Range(0, 10).Select(_ => ids.Next()));
            await ids.DisposeAsync();
            await ids.DisposeAsync();
            Assert.Throws<InvalidOperationException>(() => ids.Next());
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Single(made.Select(Node).Distinct());
        Assert.Equal(50, made.Distinct().Count());
    }

    [DatabaseTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_clocks_and_processes_do_no_id_is_made_twice(int seed)
    {
        var random = new Random(seed);
        var made = new HashSet<long>();
        var running = new List<IdGenerator>();
        for (var step = 0; step < 150; step++)
        {
            switch (random.Next(8))
            {
                case 0: running.Add(await LeaseAsync()); break;
                case 1 when running.Count > 0: running.RemoveAt(0); break;    // crashes: gives nothing back
                case 2 when running.Count > 0:
                    await running[^1].DisposeAsync();
                    running.RemoveAt(running.Count - 1);
                    break;
                case 3: _clock.Set(_clock.GetUtcNow() + TimeSpan.FromSeconds(random.Next(-1_000, 1_000))); break;
                case 4: _clock.Advance(TimeSpan.FromMilliseconds(random.Next(3))); break;
                default: await RunAsync(running); break;
            }
        }

        Assert.True(made.Count > 1_000);

        async Task RunAsync(List<IdGenerator> all)
        {
            foreach (var ids in all.ToList())
            {
                try
                {
                    await ids.RenewAsync(None);
                    for (var i = random.Next(5_000); i > 0; i--) Assert.True(made.Add(ids.Next()));
                }
                catch (InvalidOperationException)
                {
                    all.Remove(ids);    // its number was taken, as it should notice
                }
            }
        }
    }

    private static long Node(long id) => (id >> 12) & 1023;

    private Task<IdGenerator> LeaseAsync() => IdGenerator.LeaseAsync(test.Database, _clock, None);

    private Task<long> LeaseEndAsync() => test.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT lease_until FROM node"), None);
}

public sealed class IdGeneratorOnSqlite(SqliteTestDatabase test) : IdGeneratorContract(test), IClassFixture<SqliteTestDatabase>;

public sealed class IdGeneratorOnMySql(MySqlTestDatabase test) : IdGeneratorContract(test), IClassFixture<MySqlTestDatabase>
{
    [DatabaseFact]
    public async Task The_very_first_processes_may_start_at_once()
    {
        // A race: three times, so that it is seen when it is there.
        for (var round = 0; round < 3; round++)
        {
            await using var fresh = new MySqlTestDatabase();
            await fresh.InitializeAsync();

            // All are connected before the first goes on.
            using var connected = new Barrier(4);
            var leased = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                await fresh.Database.ReadAsync(_ => Task.FromResult(connected.SignalAndWait(TimeSpan.FromSeconds(30))), CancellationToken.None);
                return await IdGenerator.LeaseAsync(fresh.Database, TimeProvider.System, CancellationToken.None);
            })));

            Assert.Equal(4, leased.Select(ids => (ids.Next() >> 12) & 1023).Distinct().Count());
            foreach (var ids in leased) await ids.DisposeAsync();
        }
    }
}
