using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

/// <summary>What any database must promise, whichever keeps the state.</summary>
public abstract class DatabaseContract(TestDatabase test) : IAsyncLifetime
{
    protected static readonly CancellationToken None = CancellationToken.None;

    protected Database Database => test.Database;

    public async Task InitializeAsync()
    {
        await Database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM setting"), None);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [DatabaseFact]
    public async Task A_write_is_seen_by_the_read_that_follows_it()
    {
        var returned = await Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("店名", "康乐药房🌿𠮷");
            return 7;
        }, None);

        Assert.Equal(7, returned);
        Assert.Equal("康乐药房🌿𠮷", await ReadAsync("店名"));
    }

    [DatabaseFact]
    public async Task A_write_that_fails_leaves_nothing_behind()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("first", "1");
            await tx.SetSettingAsync("second", "2");
            throw new InvalidOperationException("changed its mind");
        }, None));

        Assert.Equal(0, await CountAsync());
    }

    [DatabaseFact]
    public async Task A_statement_that_fails_takes_the_whole_write_with_it()
    {
        var failure = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("first", "1");
            await tx.ExecuteAsync("INSERT INTO setting (name, value) VALUES ('first', 'again')");
        }, None));

        Assert.DoesNotContain("16448", failure.Message);
        Assert.Equal(0, await CountAsync());
    }

    [DatabaseFact]
    public async Task Of_many_writes_at_once_only_those_that_fail_are_missing()
    {
        var writes = Enumerable.Range(0, 120).Select(i => Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync($"n{i}", i.ToString());
            if (i % 3 == 0) throw new InvalidOperationException($"no {i}");
            return i;
        }, None)).ToList();
        var ended = await Task.WhenAll(writes.Select(async write =>
        {
            try
            {
                return (await write, "");
            }
            catch (InvalidOperationException failure)
            {
                return (-1, failure.Message);
            }
        }));

        for (var i = 0; i < 120; i++) Assert.Equal(i % 3 == 0 ? (-1, $"no {i}") : (i, ""), ended[i]);
        Assert.Equal(80, await CountAsync());
    }

    [DatabaseFact]
    public async Task A_read_does_not_see_what_is_not_committed()
    {
        await Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("pending", "1");
            Assert.Equal(0, await CountAsync());
            Assert.Equal("1", await tx.SettingAsync("pending"));
        }, None);

        Assert.Equal(1, await CountAsync());
    }

    [DatabaseFact]
    public async Task A_write_that_was_cancelled_before_it_began_never_happens()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Database.WriteAsync(tx => tx.SetSettingAsync("late", "1"), cancelled.Token));

        Assert.Equal(0, await CountAsync());
    }

    [DatabaseFact]
    public async Task A_token_that_fires_in_the_middle_undoes_the_write()
    {
        using var cancelling = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("first", "1");
            cancelling.Cancel();
            await tx.SetSettingAsync("second", "2");
        }, cancelling.Token));

        Assert.Equal(0, await CountAsync());
    }

    [DatabaseFact]
    public async Task A_read_whose_token_has_fired_does_not_start()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Database.ReadAsync(session => session.SettingAsync("any"), cancelled.Token));
    }

    [DatabaseFact]
    public async Task What_follows_a_commit_runs_when_others_can_see_it()
    {
        var seen = -1L;
        await Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("first", "1");
            tx.AfterCommit(() => seen = CountAsync().GetAwaiter().GetResult());
        }, None);

        await Eventually.True(() => Volatile.Read(ref seen) == 1);
    }

    [DatabaseFact]
    public async Task What_should_follow_a_commit_never_runs_when_the_write_fails()
    {
        var ran = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(() => Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("first", "1");
            tx.AfterCommit(() => Interlocked.Increment(ref ran));
            throw new InvalidOperationException("changed its mind");
        }, None));
        await Database.WriteAsync(tx => tx.SetSettingAsync("second", "2"), None);

        Assert.Equal(0, Volatile.Read(ref ran));
    }

    [DatabaseFact]
    public async Task A_failure_after_the_commit_reaches_its_caller_alone_and_undoes_nothing()
    {
        var writes = Enumerable.Range(0, 20).Select(i => Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync($"n{i}", "1");
            if (i == 3) tx.AfterCommit(() => throw new InvalidOperationException("the bell is broken"));
        }, None)).ToList();

        await Task.WhenAll(writes.Where((_, i) => i != 3));
        Assert.Equal("the bell is broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => writes[3])).Message);
        Assert.Equal(20, await CountAsync());
    }

    [DatabaseFact]
    public async Task Counters_raised_from_many_sides_lose_nothing()
    {
        await Database.WriteAsync(tx => tx.SetSettingAsync("counter", "0"), None);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                await Database.WriteAsync(async tx =>
                {
                    var value = await tx.ScalarAsync<string>($"SELECT value FROM setting WHERE name = 'counter' {tx.Dialect.ForUpdate}");
                    await tx.SetSettingAsync("counter", (int.Parse(value) + 1).ToString());
                }, None);
            }
        })));

        Assert.Equal("80", await ReadAsync("counter"));
    }

    [DatabaseFact]
    public async Task Reads_run_beside_each_other_and_beside_writes()
    {
        var rows = Enumerable.Range(0, 50).ToList();
        await Database.WriteAsync(tx => tx.InsertManyAsync("INSERT INTO setting (name, value)", rows, (i, row) => (row[0], row[1]) = ($"n{i}", $"{i}")), None);

        var reads = Enumerable.Range(0, 30).Select(i => Task.Run(() => ReadAsync($"n{i}"))).ToList();
        var writes = Enumerable.Range(0, 30).Select(i => Database.WriteAsync(tx => tx.SetSettingAsync("busy", $"{i}"), None));
        await Task.WhenAll(writes);

        Assert.Equal(rows[..30].Select(i => i.ToString()), await Task.WhenAll(reads));
    }

    [DatabaseFact]
    public async Task A_setting_is_absent_then_set_then_replaced()
    {
        Assert.Null(await ReadAsync("demo"));
        await Database.WriteAsync(tx => tx.SetSettingAsync("demo", "一"), None);
        Assert.Equal("一", await ReadAsync("demo"));
        await Database.WriteAsync(tx => tx.SetSettingAsync("demo", "二"), None);
        Assert.Equal("二", await ReadAsync("demo"));
    }

    [DatabaseFact]
    public async Task Names_that_differ_in_case_alone_are_two()
    {
        await Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("code", "lower");
            await tx.SetSettingAsync("CODE", "upper");
        }, None);

        Assert.Equal(("lower", "upper"), (await ReadAsync("code"), await ReadAsync("CODE")));
    }

    protected Task<long> CountAsync() => Database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM setting"), None);

    private Task<string?> ReadAsync(string name) => Database.ReadAsync(session => session.SettingAsync(name), None);
}

public sealed class DatabaseOnSqlite(SqliteTestDatabase test) : DatabaseContract(test), IClassFixture<SqliteTestDatabase>
{
    [Fact]
    public async Task Writes_that_wait_together_share_a_commit()
    {
        using var gate = new ManualResetEventSlim();
        var first = Database.WriteAsync(tx =>
        {
            gate.Wait();
            return tx.SetSettingAsync("first", "1");
        }, None);
        var writes = Enumerable.Range(0, 400).Select(i => Database.WriteAsync(tx => tx.SetSettingAsync($"n{i}", "1"), None)).ToList();
        var before = WalCommits();
        gate.Set();
        await Task.WhenAll([first, .. writes]);

        Assert.Equal(401, await CountAsync());
        Assert.InRange(WalCommits() - before, 2, 40);
    }

    [Fact]
    public async Task A_write_that_awaits_something_else_is_refused_and_undone()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("first", "1");
            await Task.Yield();
            await tx.SetSettingAsync("second", "2");
        }, None));

        Assert.Contains("awaited something other than a statement", failure.Message);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_write_inside_a_write_is_refused_instead_of_waiting_for_itself()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("outer", "1");
            await Database.WriteAsync(inner => inner.SetSettingAsync("inner", "1"), None);
        }, None));

        Assert.Contains("inside a write", failure.Message);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_read_cannot_write()
    {
        var failure = await Assert.ThrowsAsync<StorageException>(() => Database.ReadAsync(session => session.ScalarAsync<long>("DELETE FROM setting"), None));

        Assert.Equal("database_read_only", failure.Code);
    }

    [Fact]
    public async Task A_commit_is_on_disk_before_its_caller_goes_on()
    {
        Assert.Equal("wal", await Database.ReadAsync(session => session.ScalarAsync<string>("PRAGMA journal_mode"), None));
        Assert.Equal(2, await Database.WriteAsync(tx => tx.ScalarAsync<long>("PRAGMA synchronous"), None));
    }

    // A commit is a frame of the write-ahead log that carries the size of the database (sqlite.org/fileformat.html, 4.1).
    private int WalCommits()
    {
        using var wal = new FileStream(test.File + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> header = stackalloc byte[32];
        wal.ReadExactly(header);
        var page = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header[8..]);
        var commits = 0;
        for (var at = 32L; at + 24 + page <= wal.Length; at += 24 + page)
        {
            wal.Position = at;
            wal.ReadExactly(header[..24]);
            if (System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header[4..]) != 0) commits++;
        }

        return commits;
    }
}

public sealed class DatabaseOnMySql(MySqlTestDatabase test) : DatabaseContract(test), IClassFixture<MySqlTestDatabase>
{
    [DatabaseFact]
    public async Task Two_writes_that_lock_each_other_out_both_succeed_in_the_end()
    {
        await Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("a", "0");
            await tx.SetSettingAsync("b", "0");
        }, None);
        using var both = new Barrier(2);
        var attempts = 0;

        Task CrossAsync(string first, string second) => Task.Run(() => Database.WriteAsync(async tx =>
        {
            var attempt = Interlocked.Increment(ref attempts);
            await tx.ExecuteAsync("UPDATE setting SET value = value + 1 WHERE name = @first", new { first });
            if (attempt <= 2) both.SignalAndWait();
            await tx.ExecuteAsync("UPDATE setting SET value = value + 1 WHERE name = @second", new { second });
        }, None));
        await Task.WhenAll(CrossAsync("a", "b"), CrossAsync("b", "a"));

        Assert.Equal(3, attempts);
        Assert.Equal(["2", "2"], await Database.ReadAsync(session => session.QueryAsync<string>("SELECT value FROM setting ORDER BY name"), None));
    }

    [DatabaseFact]
    public async Task The_driver_lives_with_the_names_that_newer_servers_use()
    {
        // MySql.Data 8.0.16 does not know utf8mb3 by itself: both statements used to end in a KeyNotFoundException.
        Assert.NotEmpty(await Database.ReadAsync(session => session.ScalarAsync<string>("SELECT @@version"), None));
        await Database.WriteAsync(async tx =>
        {
            await tx.SetSettingAsync("a", "1");
            Assert.Equal(0, await tx.ExecuteAsync("INSERT IGNORE INTO setting (name, value) VALUES ('a', '2')"));
        }, None);
    }

    [DatabaseFact]
    public async Task More_work_than_connections_waits_its_turn()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => Database.WriteAsync(tx => tx.SetSettingAsync($"n{i}", "1"), None))));

        Assert.Equal(100, await CountAsync());
    }
}
