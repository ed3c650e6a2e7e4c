using Engagement.Members;
using Engagement.Members.Coupons;
using Engagement.Members.Imports;
using Engagement.Members.Points;
using Engagement.Members.Tills;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Engagement.Tests.Members.Tills;

/// <summary>What tills told is held against what has arrived; a gap that stays is an alarm, once.</summary>
public abstract class TillDaysContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TillOptions _options = new();
    private Pharmacy _pharmacy = null!;
    private TicketIntake _intake = null!;
    private TillDays _days = null!;
    private TillWatch _watch = null!;
    private StoreId _store;

    public async Task InitializeAsync()
    {
        _pharmacy = await Pharmacy.OpenAsync(test);
        await _pharmacy.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("DELETE FROM till_day");
            await tx.ExecuteAsync("DELETE FROM setting WHERE name LIKE 'tills.%'");
        }, None);
        await _pharmacy.StockAsync();
        _store = new StoreId(await _pharmacy.ScalarAsync<long>("SELECT id FROM store WHERE code = 'S1'"));
        _intake = new TicketIntake(_pharmacy.Database, _pharmacy.Ids, _pharmacy.Cipher, _pharmacy.Index, _pharmacy.Clocks);
        _days = new TillDays(_pharmacy.Database, _pharmacy.Cipher, _pharmacy.Clocks);
        var till = new CouponTill(_pharmacy.Database, _pharmacy.Ids, _pharmacy.Clocks, Options.Create(new CouponOptions()));
        var desk = new CheckoutDesk(
            _pharmacy.Database, _pharmacy.Ids, _pharmacy.Clocks, till, new PointsDesk(_pharmacy.Ids, _pharmacy.Clocks), new PointsBook(_pharmacy.Clock), Options.Create(_options));
        _watch = new TillWatch(_pharmacy.Database, _pharmacy.Clocks, _days, desk, Options.Create(_options), NullLogger<TillWatch>.Instance);
    }

    public async Task DisposeAsync() => await _pharmacy.DisposeAsync();

    [DatabaseFact]
    public async Task What_arrived_is_added_up_with_refunds_taken_off_and_waiting_ones_counted()
    {
        await TakeAsync([_pharmacy.Sale("T1", 1, quantity: 3), _pharmacy.Sale("T1", 1, "CREAM", line: 2)], [_pharmacy.Refund("R1", 1, "T1")], [_pharmacy.Refund("R9", 1, "NOT-COME")], [_pharmacy.Sale("T2", 2)]);

        var days = await _days.ListAsync(_store, "till", Today - 6, Today, None);

        Assert.Equal([new StoreDay(Today - 1, new DayTotal(3, 4, 2000), null, DayState.Untold), new StoreDay(Today - 2, new DayTotal(1, 1, 1000), null, DayState.Untold)], days);
        Assert.Empty(await _days.ListAsync(_store, "other", Today - 6, Today, None));
    }

    [DatabaseFact]
    public async Task Totals_that_agree_are_settled_at_once()
    {
        await TakeAsync([_pharmacy.Sale("T1", 0)]);

        Assert.Equal(DayState.Settled, (await TellAsync(new DayTotal(1, 1, 1000))).State);
        Assert.Equal(0, await _watch.RunOnceAsync(None));
    }

    [DatabaseFact]
    public async Task A_gap_that_stays_is_an_alarm_once_and_settled_when_the_tickets_come()
    {
        await TakeAsync([_pharmacy.Sale("T1", 0)]);
        Assert.Equal(DayState.Open, (await TellAsync(new DayTotal(2, 2, 2000))).State);

        Assert.Equal(0, await _watch.RunOnceAsync(None));
        _pharmacy.Clock.Advance(_options.Grace);
        Assert.Equal(1, await _watch.RunOnceAsync(None));
        Assert.Equal(0, await _watch.RunOnceAsync(None));
        Assert.Equal(DayState.Differs, await StateAsync());

        await TakeAsync([_pharmacy.Sale("T2", 0)]);
        Assert.Equal(0, await _watch.RunOnceAsync(None));
        Assert.Equal(DayState.Settled, await StateAsync());
    }

    [DatabaseFact]
    public async Task Tickets_within_the_grace_raise_no_alarm()
    {
        await TellAsync(new DayTotal(1, 1, 1000));
        await TakeAsync([_pharmacy.Sale("T1", 0)]);
        _pharmacy.Clock.Advance(_options.Grace);

        Assert.Equal(0, await _watch.RunOnceAsync(None));
        Assert.Equal(DayState.Settled, await StateAsync());
    }

    [DatabaseFact]
    public async Task Totals_told_again_open_a_settled_day()
    {
        await TakeAsync([_pharmacy.Sale("T1", 0)]);
        await TellAsync(new DayTotal(1, 1, 1000));

        Assert.Equal(DayState.Open, (await TellAsync(new DayTotal(1, 1, 1001))).State);
    }

    [DatabaseFact]
    public async Task A_store_that_always_tells_and_fell_silent_is_an_alarm_once()
    {
        var quiet = new StoreId(await _pharmacy.ScalarAsync<long>("SELECT id FROM store WHERE code = 'S2'"));
        await TakeAsync([_pharmacy.Sale("T1", 0)]);
        await TellAsync(new DayTotal(1, 1, 1000));
        var day = Today + 1;
        _pharmacy.Clock.Advance(TimeSpan.FromDays(2) - TimeSpan.FromHours(1));
        Assert.Equal(0, await _watch.RunOnceAsync(None));

        _pharmacy.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await _watch.RunOnceAsync(None));
        Assert.Equal(0, await _watch.RunOnceAsync(None));

        Assert.Equal(DayState.Silent, (await _days.ListAsync(_store, "till", day, day, None)).Single().State);
        Assert.Empty(await _days.ListAsync(quiet, "till", day, day, None));
        await TakeAsync([_pharmacy.Sale("T2", 1)]);
        await _watch.RunOnceAsync(None);
        Assert.Equal(DayState.Settled, (await _days.ListAsync(_store, "till", day, day, None)).Single().State);
    }

    private int Today => _pharmacy.Today;

    private Task<StoreDay> TellAsync(DayTotal told) => _days.TellAsync(_store, "till", Today, told, None);

    private async Task<DayState> StateAsync() => (await _days.ListAsync(_store, "till", Today, Today, None)).Single().State;

    private async Task TakeAsync(params PurchaseLineRow[][] tickets)
    {
        var row = 0;
        await _intake.TakeAsync([.. tickets.Select(lines => (IReadOnlyList<PurchaseLineRow>)[.. lines.Select(line => line with { Line = ++row })])], None);
    }
}

public sealed class TillDaysOnSqlite(SqliteTestDatabase database) : TillDaysContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class TillDaysOnMySql(MySqlTestDatabase database) : TillDaysContract(database), IClassFixture<MySqlTestDatabase>;
