using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Members.Imports.Jobs;

/// <summary>The SQL of uploaded files and their lists of refused rows.</summary>
public static class ImportJobStore
{
    /// <summary>After this long without a sign of life, a job's process is taken for ended.</summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    // A BLOB of MySQL holds 65,535 bytes.
    private const int PartBytes = 60_000;
    private const int MostParts = 200;

    private const string Columns = """
        id AS Id, kind AS Kind, source AS Source, file_name AS FileName, dry_run AS DryRun, state AS State, staff_id AS StaffId, created_at AS CreatedAt, heartbeat_at AS HeartbeatAt,
        finished_at AS FinishedAt, rows_read AS RowsRead, rejected AS Rejected, expected AS Expected, sha256 AS Sha256, report AS Report, error_code AS ErrorCode, error_zh AS ErrorZh, error_en AS ErrorEn
        """;

    private const string Insert = """
        INSERT INTO import_job (id, kind, source, file_name, dry_run, state, staff_id, created_at, heartbeat_at, rows_read, rejected, stop_asked, sha256, error_code, error_zh, error_en)
        VALUES (@Id, @Kind, @Source, @FileName, @DryRun, 1, @By, @now, @now, 0, 0, 0, '', '', '', '')
        """;

    private const string Finish = """
        UPDATE import_job
        SET    state = @state, finished_at = @now, heartbeat_at = @now, rows_read = @rows, rejected = @rejected, sha256 = @sha256, report = @report, error_code = @code, error_zh = @zh, error_en = @en
        WHERE  id = @id
        """;

    private const string InsertPart = "INSERT INTO import_reject (job_id, seq, part)";

    /// <summary>One job; <c>null</c> when there is none.</summary>
    public static async Task<ImportJob?> FindAsync(Session session, long id, long now) =>
        (await session.SingleOrDefaultAsync<Row>($"SELECT {Columns} FROM import_job WHERE id = @id", new { id }).ConfigureAwait(false))?.ToJob(now);

    /// <summary>Jobs, the newest first.</summary>
    public static async Task<IReadOnlyList<ImportJob>> ListAsync(Session session, long? before, int limit, long now) =>
        [.. (await session.QueryAsync<Row>($"SELECT {Columns} FROM import_job WHERE id < @before ORDER BY id DESC LIMIT @limit", new { before = before ?? long.MaxValue, limit }).ConfigureAwait(false))
            .Select(row => row.ToJob(now))];

    /// <summary>Asks a job that waits or runs to stop; <c>false</c> when there is none.</summary>
    public static async Task<bool> AskToStopAsync(Tx tx, long id) => await tx.ExecuteAsync("UPDATE import_job SET stop_asked = 1 WHERE id = @id AND state IN (1, 2)", new { id }).ConfigureAwait(false) == 1;

    /// <summary>The list of refused rows as a CSV file; empty when there are none.</summary>
    public static async Task<byte[]> RejectsAsync(Session session, long id)
    {
        using var whole = new MemoryStream();
        await session.ReadRowsAsync("SELECT part FROM import_reject WHERE job_id = @p0 ORDER BY seq", row => whole.Write(row.GetFieldValue<byte[]>(0)), id).ConfigureAwait(false);
        return whole.ToArray();
    }

    internal static Task InsertAsync(Tx tx, ImportJob job, long now) =>
        tx.ExecuteAsync(Insert, new { job.Id, Kind = (int)job.Kind, job.Source, job.FileName, DryRun = job.DryRun ? 1 : 0, By = job.By.Value, now });

    internal static Task BeginAsync(Tx tx, long id, long now) => tx.ExecuteAsync("UPDATE import_job SET state = 2, heartbeat_at = @now WHERE id = @id AND state = 1", new { id, now });

    /// <summary>A sign of life of all that this process has, and the progress of the one that it reads; whether that one is to stop.</summary>
    internal static async Task<bool> BeatAsync(Tx tx, IReadOnlyList<long> open, long id, ImportProgress progress, long now)
    {
        if (open.Count > 0) await tx.ExecuteAsync("UPDATE import_job SET heartbeat_at = @now WHERE id IN @open", new { open, now }).ConfigureAwait(false);
        await tx.ExecuteAsync("UPDATE import_job SET rows_read = @Rows, rejected = @Rejected, expected = @Expected WHERE id = @id", new { progress.Rows, progress.Rejected, progress.Expected, id }).ConfigureAwait(false);
        return await tx.ScalarAsync<long>("SELECT stop_asked FROM import_job WHERE id = @id", new { id }).ConfigureAwait(false) != 0;
    }

    internal static Task FinishAsync(Tx tx, ImportJob job, long now) => tx.ExecuteAsync(Finish, new
    {
        id = job.Id, state = (int)job.State, now, rows = job.Progress.Rows, rejected = job.Progress.Rejected, sha256 = job.Sha256, report = job.Report,
        code = job.Error?.Code ?? "", zh = Short(job.Error?.Sentence.Zh ?? ""), en = Short(job.Error?.Sentence.En ?? ""),
    });

    /// <summary>Keeps the list, as far as it is of a length that people read.</summary>
    internal static async Task KeepRejectsAsync(Tx tx, long id, byte[] list)
    {
        await tx.ExecuteAsync("DELETE FROM import_reject WHERE job_id = @id", new { id }).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertPart, [.. list.Chunk(PartBytes).Take(MostParts).Index()], (part, v) => (v[0], v[1], v[2]) = (id, part.Index, part.Item)).ConfigureAwait(false);
    }

    private static string Short(string text) => text.Length <= 300 ? text : text[..300];

    private sealed class Row
    {
        public long Id { get; init; }
        public long Kind { get; init; }
        public string Source { get; init; } = "";
        public string FileName { get; init; } = "";
        public long DryRun { get; init; }
        public long State { get; init; }
        public long StaffId { get; init; }
        public long CreatedAt { get; init; }
        public long HeartbeatAt { get; init; }
        public long? FinishedAt { get; init; }
        public long RowsRead { get; init; }
        public long Rejected { get; init; }
        public long? Expected { get; init; }
        public string Sha256 { get; init; } = "";
        public string? Report { get; init; }
        public string ErrorCode { get; init; } = "";
        public string ErrorZh { get; init; } = "";
        public string ErrorEn { get; init; } = "";

        public ImportJob ToJob(long now) => new()
        {
            Id = Id, Kind = (ImportKind)Kind, Source = Source, FileName = FileName, DryRun = DryRun != 0, By = new StaffId(StaffId), CreatedAt = CreatedAt,
            State = State <= 2 && HeartbeatAt < now - (long)Silence.TotalMilliseconds ? ImportState.CutOff : (ImportState)State, FinishedAt = FinishedAt,
            Progress = new ImportProgress(RowsRead, Rejected, Expected), Sha256 = Sha256, Report = Report, Error = ErrorCode.Length == 0 ? null : (ErrorCode, new Phrase(ErrorZh, ErrorEn)),
        };
    }
}
