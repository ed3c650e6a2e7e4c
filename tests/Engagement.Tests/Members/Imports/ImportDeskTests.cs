using System.Text;
using Engagement.Members.Imports;
using Engagement.Members.Imports.Jobs;
using Engagement.Members.Staff;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Engagement.Tests.Members.Imports;

/// <summary>Uploaded files: read one after the other, with a report, refused rows and an end in every case; on each database.</summary>
public abstract class ImportDeskContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TempFolder _folder = new();
    private Pharmacy _pharmacy = null!;
    private ImportDesk _desk = null!;

    public async Task InitializeAsync()
    {
        _pharmacy = await Pharmacy.OpenAsync(test);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM import_job"), None);
        var import = new ImportFile(_pharmacy.Database, _pharmacy.Ids, _pharmacy.Cipher, _pharmacy.Index, _pharmacy.Clocks);
        _desk = new ImportDesk(_pharmacy.Database, import, _pharmacy.Clocks, Options.Create(new ImportJobOptions { Folder = _folder["imports"] }), NullLogger<ImportDesk>.Instance);
        await _desk.StartAsync(None);
    }

    public async Task DisposeAsync()
    {
        await _desk.StopAsync(None);
        _desk.Dispose();
        await _pharmacy.DisposeAsync();
        _folder.Dispose();
    }

    [DatabaseFact]
    public async Task A_file_is_read_reported_and_deleted_and_its_refused_rows_can_be_fetched()
    {
        var job = await UploadAsync("code,name,city\nS1,人民路店,杭州\n,没有代码,杭州\n");

        Assert.Equal((ImportState.Done, 2, 1), (job.State, job.Progress.Rows, job.Progress.Rejected));
        var figures = ImportDesk.FiguresOf(job)!;
        Assert.Equal((2, 1, 1, "utf-8"), (figures.Rows, figures.Added, figures.Rejected.Values.Sum(), figures.Encoding));
        Assert.Equal(1, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM store"));
        var rejects = Encoding.UTF8.GetString(await _pharmacy.Database.ReadAsync(session => ImportJobStore.RejectsAsync(session, job.Id), None));
        Assert.Contains("3,code,", rejects);
        Assert.DoesNotContain("没有代码", rejects);
        await Eventually.True(() => Directory.GetFiles(_folder["imports"]).Length == 0);
    }

    [DatabaseFact]
    public async Task A_dry_run_counts_and_writes_nothing()
    {
        var job = await UploadAsync("code,name,city\nS1,人民路店,杭州\n", dryRun: true);

        Assert.Equal((ImportState.Done, true, 1), (job.State, job.DryRun, ImportDesk.FiguresOf(job)!.Added));
        Assert.Equal(0, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM store"));
    }

    [DatabaseFact]
    public async Task A_file_that_cannot_be_read_says_why_and_not_where_it_lay()
    {
        var job = await UploadAsync("这是一封信，不是表格\n");

        Assert.Equal((ImportState.Unreadable, "header_unknown"), (job.State, job.Error!.Value.Code));
        Assert.DoesNotContain(_folder.Path, job.Error.Value.Sentence.Zh);
        Assert.Equal(ImportState.Unreadable, (await UploadAsync("")).State);
    }

    [DatabaseFact]
    public async Task A_job_that_gives_no_sign_of_life_is_shown_as_cut_off()
    {
        var job = new ImportJob { Id = _pharmacy.Ids.Next(), Kind = ImportKind.Stores, Source = "till", FileName = "x.csv", DryRun = false, By = new StaffId(7) };
        await _pharmacy.Database.WriteAsync(tx => _desk.AddAsync(tx, job), None);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

        Assert.Equal(ImportState.Waiting, (await FindAsync(job.Id, now))!.State);
        Assert.Equal(ImportState.CutOff, (await FindAsync(job.Id, now + 130_000))!.State);
        Assert.True(await _pharmacy.Database.WriteAsync(tx => ImportJobStore.AskToStopAsync(tx, job.Id), None));
        Assert.False(await _pharmacy.Database.WriteAsync(tx => ImportJobStore.AskToStopAsync(tx, 1), None));
        Assert.Equal([job.Id], (await _pharmacy.Database.ReadAsync(session => ImportJobStore.ListAsync(session, null, 10, now), None)).Select(one => one.Id));
    }

    private async Task<ImportJob> UploadAsync(string text, bool dryRun = false)
    {
        var job = new ImportJob { Id = _pharmacy.Ids.Next(), Kind = ImportKind.Stores, Source = "till", FileName = "stores.csv", DryRun = dryRun, By = new StaffId(7) };
        await File.WriteAllTextAsync(_desk.PathOf(job.Id), text);
        await _pharmacy.Database.WriteAsync(tx => _desk.AddAsync(tx, job), None);
        _desk.Enqueue(job, new ImportOptions(dryRun));
        ImportJob? seen = null;
        await Eventually.True(async () => (seen = await FindAsync(job.Id, 0))!.State is not (ImportState.Waiting or ImportState.Running));
        return seen!;
    }

    private Task<ImportJob?> FindAsync(long id, long now) => _pharmacy.Database.ReadAsync(session => ImportJobStore.FindAsync(session, id, now), None);
}

public sealed class ImportDeskOnSqlite(SqliteTestDatabase database) : ImportDeskContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class ImportDeskOnMySql(MySqlTestDatabase database) : ImportDeskContract(database), IClassFixture<MySqlTestDatabase>;
