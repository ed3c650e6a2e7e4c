using Engagement.Members.CarePlans;
using Engagement.Members.Imports;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engagement.Tests.Members.Imports;

/// <summary>Therapy lines follow a changed dose, also when whoever changed it was cut off before they did.</summary>
public abstract class ChangingDosesContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private Pharmacy _pharmacy = null!;

    public async Task InitializeAsync()
    {
        _pharmacy = await Pharmacy.OpenAsync(test);
        await _pharmacy.StockAsync();
        await _pharmacy.ImportAsync(Pharmacy.Member("M1"));
        await _pharmacy.ImportAsync(_pharmacy.Sale("T1", daysAgo: 10));
    }

    public async Task DisposeAsync() => await _pharmacy.DisposeAsync();

    [DatabaseFact]
    public async Task An_import_of_a_changed_dose_moves_the_end_of_the_supply()
    {
        Assert.Equal(17, await DaysLeftAsync(_pharmacy));

        await _pharmacy.ImportAsync(Doubled);

        Assert.Equal(3, await DaysLeftAsync(_pharmacy));
    }

    [DatabaseFact]
    public async Task The_next_import_finishes_what_one_that_was_cut_off_began()
    {
        await CutOffAsync(_pharmacy);
        Assert.Equal(17, await DaysLeftAsync(_pharmacy));

        var report = await _pharmacy.ImportAsync(Doubled);

        Assert.Equal((0, 1), (report.Changed, report.Unchanged));
        Assert.Equal(3, await DaysLeftAsync(_pharmacy));
    }

    [DatabaseFact]
    public async Task Else_the_sweep_does_once_it_is_nobody_elses()
    {
        var sweep = new RedoseSweep(_pharmacy.Therapies, _pharmacy.Clocks, NullLogger<RedoseSweep>.Instance);
        await CutOffAsync(_pharmacy);

        Assert.Equal(0, await sweep.RunOnceAsync(None));
        Assert.Equal(17, await DaysLeftAsync(_pharmacy));
        // As if it had been long ago: marks are ids, and begin with their time.
        await _pharmacy.Database.WriteAsync(tx => tx.ExecuteAsync("UPDATE product_redosed SET mark = 1"), None);
        Assert.Equal(1, await sweep.RunOnceAsync(None));

        Assert.Equal((3, 0), (await DaysLeftAsync(_pharmacy), await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM product_redosed")));
    }

    [DatabaseFact]
    public async Task A_dose_that_changes_while_the_lines_are_added_up_stays_to_be_done()
    {
        await CutOffAsync(_pharmacy);
        var seen = await _pharmacy.Database.ReadAsync(session => RedosedProducts.BeforeAsync(session, long.MaxValue), None);
        var again = Assert.Single(seen) with { Mark = _pharmacy.Ids.Next() };

        await _pharmacy.Database.WriteAsync(tx => RedosedProducts.AddAsync(tx, [again]), None);
        await _pharmacy.Database.WriteAsync(tx => RedosedProducts.RemoveAsync(tx, seen), None);

        Assert.Equal([again], await _pharmacy.Database.ReadAsync(session => RedosedProducts.BeforeAsync(session, long.MaxValue), None));
    }

    [DatabaseFact]
    public async Task A_dry_run_leaves_nothing_to_be_done()
    {
        _pharmacy.Options = new ImportOptions(DryRun: true);
        await _pharmacy.ImportAsync(Doubled);

        Assert.Equal((17, 0), (await DaysLeftAsync(_pharmacy), await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM product_redosed")));
    }

    private static ProductRow Doubled => Pharmacy.Medicine("AML28", "苯磺酸氨氯地平片", "氨氯地平", "5mg", 28, 2000);

    // Stopped when the rows are there and the lines do not follow yet.
    private static async Task CutOffAsync(Pharmacy pharmacy)
    {
        using var stop = new CancellationTokenSource();
        var import = new ProductImport(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => import.RunAsync(Pharmacy.Rows([Doubled]), new ImportOptions(), new StopsWhenWritten(stop), _ => { }, stop.Token));
        Assert.Equal(2000, await pharmacy.ScalarAsync<long>("SELECT units_per_day_milli FROM product WHERE sku = 'AML28'"));
    }

    private static async Task<long> DaysLeftAsync(Pharmacy pharmacy) => await pharmacy.ScalarAsync<long>("SELECT coverage_end FROM therapy_line") - pharmacy.Today;

    private sealed class StopsWhenWritten(CancellationTokenSource stop) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => stop.Cancel();
    }
}

public sealed class ChangingDosesOnSqlite(SqliteTestDatabase database) : ChangingDosesContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class ChangingDosesOnMySql(MySqlTestDatabase database) : ChangingDosesContract(database), IClassFixture<MySqlTestDatabase>;
