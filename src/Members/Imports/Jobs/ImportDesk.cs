using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Engagement.Members.Imports.Csv;
using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Imports.Jobs;

/// <summary>Reads uploaded files one after the other, tells how far it is, and keeps the report and the refused rows.</summary>
/// <remarks>A file lies on the machine that took it. Should the process end, the job is shown as cut off; the same file again writes what is missing, since what is there already is left as it is.</remarks>
public sealed class ImportDesk(Database database, ImportFile import, Clocks clocks, IOptions<ImportJobOptions> options, ILogger<ImportDesk> logger) : BackgroundService
{
    private const int MostColumns = 50;

    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(1);

    // Chinese stays readable, and the text short.
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Channel<(ImportJob Job, ImportOptions Options)> _waiting = Channel.CreateUnbounded<(ImportJob, ImportOptions)>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<long, byte> _open = new();
    // The clock of files is coarser than ours: what was written at this moment may look older.
    private readonly DateTime _since = clocks.System.GetUtcNow().UtcDateTime.AddMinutes(-1);

    /// <summary>Whether so many files wait that another one must come later.</summary>
    public bool IsFull => _open.Count >= options.Value.MostWaiting;

    /// <summary>Where the file of a job is to be written before <see cref="Enqueue"/>.</summary>
    public string PathOf(long job)
    {
        Directory.CreateDirectory(options.Value.Folder);
        return Path.Combine(options.Value.Folder, $"{job}.csv");
    }

    /// <summary>Keeps a new job, in the caller's write.</summary>
    public Task AddAsync(Tx tx, ImportJob job) => ImportJobStore.InsertAsync(tx, job, clocks.System.NowMs());

    /// <summary>Lets a job that was committed be read.</summary>
    public void Enqueue(ImportJob job, ImportOptions how)
    {
        _open[job.Id] = 0;
        _waiting.Writer.TryWrite((job, how));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ReadAllAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Log.Stopped(logger, _open.Count);
        }
    }

    private async Task ReadAllAsync(CancellationToken stoppingToken)
    {
        Directory.CreateDirectory(options.Value.Folder);
        // Left by a process that was cut off: nobody will read them any more.
        foreach (var left in Directory.EnumerateFiles(options.Value.Folder, "*.csv").Where(file => File.GetLastWriteTimeUtc(file) < _since)) File.Delete(left);
        await foreach (var (job, how) in _waiting.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await RunAsync(job, how, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Log.JobLost(logger, failure, job.Id);
            }
            finally
            {
                _open.TryRemove(job.Id, out _);
                File.Delete(PathOf(job.Id));
                File.Delete(RejectsOf(job.Id));
            }
        }
    }

    private string RejectsOf(long job) => $"{PathOf(job)}.rejects.csv";

    private async Task RunAsync(ImportJob job, ImportOptions how, CancellationToken stoppingToken)
    {
        await database.WriteAsync(tx => ImportJobStore.BeginAsync(tx, job.Id, clocks.System.NowMs()), stoppingToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var seen = new Seen();
        var running = import.RunAsync(job.Kind, PathOf(job.Id), how, RejectsOf(job.Id), seen, stop.Token);
        while (!running.IsCompleted)
        {
            await Task.WhenAny(running, Task.Delay(s_beat, clocks.System, stop.Token)).ConfigureAwait(false);
            stoppingToken.ThrowIfCancellationRequested();
            if (await database.WriteAsync(tx => ImportJobStore.BeatAsync(tx, [.. _open.Keys], job.Id, seen.Latest, clocks.System.NowMs()), stoppingToken).ConfigureAwait(false)) await stop.CancelAsync().ConfigureAwait(false);
        }

        var ended = await EndAsync(job with { Progress = seen.Latest }, running, stop.Token, stoppingToken).ConfigureAwait(false);
        var rejects = File.Exists(RejectsOf(job.Id)) ? await File.ReadAllBytesAsync(RejectsOf(job.Id), stoppingToken).ConfigureAwait(false) : [];
        await database.WriteAsync(async tx =>
        {
            await ImportJobStore.KeepRejectsAsync(tx, job.Id, rejects).ConfigureAwait(false);
            await ImportJobStore.FinishAsync(tx, ended, clocks.System.NowMs()).ConfigureAwait(false);
        }, stoppingToken).ConfigureAwait(false);
    }

    private async Task<ImportJob> EndAsync(ImportJob job, Task<ImportFileResult> running, CancellationToken stopped, CancellationToken stoppingToken)
    {
        try
        {
            var result = await running.ConfigureAwait(false);
            return result.Report is { } report
                ? job with { State = ImportState.Done, Sha256 = result.Sha256, Report = Told(report, result), Progress = new ImportProgress(report.Rows, report.Rejected.Values.Sum()) }
                : job with { State = ImportState.Unreadable, Error = (result.Error!.Code, NotOurPath(result.Error, job)) };
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            return job with { State = ImportState.Stopped };
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            Log.JobFailed(logger, failure, job.Id);
            return job with { State = ImportState.Failed, Error = ("unexpected", new("系统出错，已记录；可再次上传同一文件。", "Something went wrong on our side and was logged; upload the same file again.")) };
        }
    }

    private Phrase NotOurPath(ImportFileError error, ImportJob job) =>
        new(error.Sentence.Zh.Replace(PathOf(job.Id), job.FileName, StringComparison.Ordinal), error.Sentence.En.Replace(PathOf(job.Id), job.FileName, StringComparison.Ordinal));

    private static string Told(ImportReport report, ImportFileResult result) => JsonSerializer.Serialize(new ImportFigures(
        report.Rows, report.Added, report.Changed, report.Unchanged, report.Merged, report.Parked, report.Unparked, report.ToReview, report.Rejected, report.Corrected, report.Flagged, result.Encoding,
        [.. result.IgnoredColumns.Take(MostColumns).Select(column => column.Length <= 60 ? column : column[..60])]), s_json);

    /// <summary>Reads what a finished job tells.</summary>
    public static ImportFigures? FiguresOf(ImportJob job) => job.Report is null ? null : JsonSerializer.Deserialize<ImportFigures>(job.Report, s_json);

    private sealed class Seen : IProgress<ImportProgress>
    {
        private readonly Lock _lock = new();

        public ImportProgress Latest
        {
            get
            {
                lock (_lock) return field;
            }

            private set;
        }

        public void Report(ImportProgress value)
        {
            lock (_lock) Latest = value;
        }
    }
}

/// <summary>What an import did, as it is kept and shown; the parts add up to <paramref name="Rows"/>.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="Added">New rows.</param>
/// <param name="Changed">Rows that changed something.</param>
/// <param name="Unchanged">Rows that were there already.</param>
/// <param name="Merged">Rows merged into another member.</param>
/// <param name="Parked">Refunds that wait for their sale.</param>
/// <param name="Unparked">Refunds of earlier files whose sale came.</param>
/// <param name="ToReview">Pairs of members for staff to look at.</param>
/// <param name="Rejected">Rows refused, by reason.</param>
/// <param name="Corrected">Values put right, by rule.</param>
/// <param name="Flagged">Values that deserve a look, by rule.</param>
/// <param name="Encoding">The encoding that was found.</param>
/// <param name="IgnoredColumns">Columns that no field of ours stands behind.</param>
public sealed record ImportFigures(
    long Rows, long Added, long Changed, long Unchanged, long Merged, long Parked, long Unparked, long ToReview, IReadOnlyDictionary<string, long> Rejected,
    IReadOnlyDictionary<string, long> Corrected, IReadOnlyDictionary<string, long> Flagged, string Encoding, IReadOnlyList<string> IgnoredColumns);

/// <summary>What the queue can say. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(5401, LogLevel.Error, "Import {JobId} failed; its uploader was told")]
    public static partial void JobFailed(ILogger logger, Exception failure, long jobId);

    [LoggerMessage(5403, LogLevel.Debug, "The reading of uploaded files stops; {Waiting} will be shown as cut off")]
    public static partial void Stopped(ILogger logger, int waiting);

    [LoggerMessage(5402, LogLevel.Error, "What became of import {JobId} could not be kept; it will be shown as cut off")]
    public static partial void JobLost(ILogger logger, Exception failure, long jobId);
}
