using Engagement.Messaging;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Runs;
using Engagement.Messaging.Settling;
using Engagement.Messaging.Settling.Sweeps;
using Engagement.Storage;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Settling;

/// <summary>What is mended without anybody asking: found, counted, and found once.</summary>
public abstract class SweepContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;

    public async Task InitializeAsync()
    {
        _house = await MessagingHouse.OpenAsync(test);
        await _house.ReceiptsAsync(false);
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task A_send_that_nobody_has_on_the_wire_is_in_doubt_after_ten_minutes()
    {
        var message = await SendingAsync();
        var sweep = new StuckSends(_house.Database, Clocks, new NothingHeld());

        _house.Clock.Advance(DoubtPolicy.Wait - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await sweep.MendAsync(None));
        _house.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await sweep.MendAsync(None));
        Assert.Equal(0, await sweep.MendAsync(None));

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.InDoubt, "stuck", _house.Clock.NowMs() + 600_000), (row.State, row.Code, row.ReadyAt));
    }

    [DatabaseFact]
    public async Task What_this_process_has_on_the_wire_is_left_alone_and_looked_at_again()
    {
        var message = await SendingAsync();
        var held = new Held { Holds = true };
        var sweep = new StuckSends(_house.Database, Clocks, held);
        _house.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(0, await sweep.MendAsync(None));
        Assert.Equal(MessageState.Sending, (await _house.MessageAsync(message)).State);
        held.Holds = false;
        Assert.Equal(1, await sweep.MendAsync(None));
    }

    [DatabaseFact]
    public async Task A_cancelled_run_is_looked_at_until_what_had_left_has_its_end()
    {
        var message = await SendingAsync();
        await _house.ExecuteAsync("UPDATE message SET state = 8, ready_at = " + (_house.Clock.NowMs() + TimeSpan.FromDays(20).TotalMilliseconds));
        await _house.ExecuteAsync("UPDATE run SET state = 4, closing = 1");
        await _house.Get<CancelledRuns>().ClearAsync(None);
        var sweep = new EndedRuns(_house.Database, NullLogger<EndedRuns>.Instance);
        _house.Clock.Advance(TimeSpan.FromDays(30));

        await sweep.MendAsync(None);
        Assert.Equal(2, await _house.ScalarAsync<long>("SELECT closing FROM run"));
        Assert.Equal(1, await _house.Get<Settler>().RoundAsync(None));
        _house.Clock.Advance(DoubtPolicy.Wait);
        Assert.Equal(1, await _house.Get<Settler>().RoundAsync(None));
        Assert.Null((await _house.MessageAsync(message)).ReadyAt);
        await sweep.MendAsync(None);
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT closing FROM run"));
    }

    [DatabaseFact]
    public async Task A_run_with_nothing_left_to_do_is_done()
    {
        await SendingAsync();
        var sweep = new EndedRuns(_house.Database, NullLogger<EndedRuns>.Instance);

        Assert.Equal(0, await sweep.MendAsync(None));
        Assert.Equal(2, await _house.ScalarAsync<long>("SELECT state FROM run"));
        await _house.ExecuteAsync("UPDATE message SET state = 4, ready_at = NULL");
        Assert.Equal(0, await sweep.MendAsync(None));

        Assert.Equal(5, await _house.ScalarAsync<long>("SELECT state FROM run"));
    }

    [DatabaseTheory]
    [InlineData("DELETE FROM message")]
    [InlineData("DELETE FROM run_member")]
    [InlineData("UPDATE run_member SET message_id = NULL")]
    public async Task An_ended_run_with_rows_missing_is_an_error_that_is_told_once(string breaking)
    {
        await SendingAsync();
        await _house.ExecuteAsync("UPDATE message SET state = 4, ready_at = NULL");
        await _house.ExecuteAsync(breaking);
        var sweep = new EndedRuns(_house.Database, NullLogger<EndedRuns>.Instance);

        Assert.Equal(1, await sweep.MendAsync(None));
        Assert.Equal(0, await sweep.MendAsync(None));
        Assert.Equal(5, await _house.ScalarAsync<long>("SELECT state FROM run"));
    }

    [DatabaseFact]
    public async Task A_push_that_waits_for_minutes_calls_its_applier()
    {
        await _house.SmsReceiptAsync("19900000001", "biz", delivered: true);
        var signals = _house.Get<OutboxSignals>();
        var sweep = new WaitingPushes(_house.Database, Clocks, signals);
        Assert.Equal(0, await sweep.MendAsync(None));
        await _house.ExecuteAsync("UPDATE inbound SET next_at = next_at - 400000");
        var called = signals.Inbound.Next;

        Assert.Equal(1, await sweep.MendAsync(None));

        Assert.True(called.IsCompleted);
    }

    [DatabaseFact]
    public async Task The_book_of_grants_follows_what_WeChat_answered()
    {
        var (refused, fresh, negative) = (await _house.JoinAsync("王秀兰", openId: "oWang"), await _house.JoinAsync("李强", openId: "oLi"), await _house.JoinAsync("陈敏", openId: "oChen"));
        foreach (var member in (Engagement.Members.MemberId[])[refused, fresh, negative]) await _house.GrantAsync(member, Recall, 2);
        await _house.ExecuteAsync("UPDATE wechat_grant SET remaining = -1 WHERE member_id = @id", new { id = negative.Value });
        foreach (var member in (Engagement.Members.MemberId[])[refused, fresh])
        {
            var message = await _house.EnqueueAsync(member, Recall);
            await _house.ExecuteAsync("UPDATE message SET state = 7, channel = 1, outcome_code = '43101', outcome_at = @at WHERE id = @id", new { at = _house.Clock.NowMs() + 1, id = message.Value });
        }

        // A tap after the refusal counts.
        _house.Clock.Advance(TimeSpan.FromMinutes(1));
        await _house.GrantAsync(fresh, Recall, 1);
        var sweep = _house.Get<IEnumerable<ISweep>>().OfType<GrantLedger>().Single();

        Assert.Equal(2, await sweep.MendAsync(None));
        Assert.Equal(0, await sweep.MendAsync(None));
        Assert.Equal((0, 3, 0), (await _house.GrantsLeftAsync(refused, Recall), await _house.GrantsLeftAsync(fresh, Recall), await _house.GrantsLeftAsync(negative, Recall)));
    }

    [DatabaseFact]
    public async Task Each_sweep_is_counted_and_one_that_fails_stops_nobody()
    {
        var worker = _house.Get<SweepWorker>();
        await worker.RunAsync(new Broken(), None);
        foreach (var sweep in _house.Get<IEnumerable<ISweep>>()) await worker.RunAsync(sweep, None);
        await _house.Database.WriteAsync(tx => SweepStore.CountAsync(tx, "sweep_runs", 3, 7), None);
        await _house.Database.WriteAsync(tx => SweepStore.CountAsync(tx, "sweep_runs", 4, 8), None);

        var counts = await _house.Database.ReadAsync(SweepStore.AllAsync, None);

        Assert.Equal(["sweep_grants", "sweep_orphans", "sweep_pushes", "sweep_runs", "sweep_sending"], counts.Select(count => count.Name));
        Assert.Equal(new SweepCount("sweep_runs", 8, 4, 7), counts[3]);
    }

    private Clocks Clocks => _house.Get<Clocks>();

    private async Task<MessageId> SendingAsync()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", "19900000001"), Recall);
        await _house.RoundAsync();
        await _house.ExecuteAsync("UPDATE message SET state = 2, provider_ref = NULL, ready_at = @at WHERE id = @id", new { at = DoubtPolicy.ReceiptDueAt(_house.Clock.NowMs()), id = message.Value });
        return message;
    }

    private sealed class Held : IHeldWork
    {
        public bool Holds { get; set; }

        public IReadOnlyList<int> Shards { get; } = new NothingHeld().Shards;

        public bool Contains(MessageId message) => Holds;
    }

    private sealed class Broken : ISweep
    {
        public string Name => "broken";

        public Task<long> MendAsync(CancellationToken ct) => throw new InvalidOperationException("broken");
    }
}

public sealed class SweepsOnSqlite(SqliteTestDatabase database) : SweepContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class SweepsOnMySql(MySqlTestDatabase database) : SweepContract(database), IClassFixture<MySqlTestDatabase>;
