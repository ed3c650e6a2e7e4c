using Engagement.Members.Imports.Csv;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>The kinds of files that can be imported.</summary>
public enum ImportKind
{
    /// <summary>Branches.</summary>
    Stores = 1,

    /// <summary>The product master.</summary>
    Products = 2,

    /// <summary>Members.</summary>
    Members = 3,

    /// <summary>Purchase lines.</summary>
    Purchases = 4,
}

/// <summary>What became of a file: a report, or the reason why it could not be read.</summary>
public sealed record ImportFileResult
{
    /// <summary>What was done; <c>null</c> when the file could not be read.</summary>
    public ImportReport? Report { get; init; }

    /// <summary>Why the file could not be read; <c>null</c> when it could.</summary>
    public ImportFileError? Error { get; init; }

    /// <summary>The SHA-256 of the file, in hex; empty when it was not read to its end.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The encoding that was found: <c>utf-8</c> or <c>gb18030</c>.</summary>
    public string Encoding { get; init; } = "";

    /// <summary>Columns of the file that no field of ours stands behind.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; init; } = [];

    /// <summary>Where the refused rows are listed; <c>null</c> when there are none or nobody asked.</summary>
    public string? RejectsPath { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }
}

/// <summary>Imports a CSV file. The front door for the command line and the console.</summary>
/// <remarks>The file is read twice: once to see that it can be read to its end, so that a file that cannot leaves nothing behind.</remarks>
public sealed class ImportFile(Database database, IdGenerator ids, FieldCipher cipher, BlindIndex index, Clocks clocks)
{
    /// <summary>Imports one file.</summary>
    /// <param name="kind">What is in it.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How.</param>
    /// <param name="rejectsPath">Where to list refused rows, or <c>null</c>; a file of an earlier run is replaced.</param>
    /// <param name="progress">Hears after each batch; may be <c>null</c>.</param>
    /// <param name="ct">Stops between batches; what was written stays, and a second run goes on from there.</param>
    public async Task<ImportFileResult> RunAsync(
        ImportKind kind, string path, ImportOptions options, string? rejectsPath, IProgress<ImportProgress>? progress, CancellationToken ct)
    {
        var started = clocks.System.GetTimestamp();
        if (rejectsPath is not null && Path.GetFullPath(rejectsPath) == Path.GetFullPath(path)) return new ImportFileResult { Error = FileErrors.SameFile(path) };
        var (file, error) = await CsvFile.InspectAsync(path, ct).ConfigureAwait(false);
        if (file is null) return new ImportFileResult { Error = error, Elapsed = clocks.System.GetElapsedTime(started) };
        await using var rejects = new RejectsFile(rejectsPath);
        var watched = progress is null ? null : new Expecting(progress, Math.Max(0, file.Lines - 1));
        var result = kind switch
        {
            ImportKind.Stores => await RunAsync(Tables.Stores, rows => new StoreImport(database, ids).RunAsync(rows, options, watched, rejects.Add, ct)).ConfigureAwait(false),
            ImportKind.Products => await RunAsync(Tables.Products, rows =>
                new ProductImport(database, ids, clocks).RunAsync(rows, options, watched, rejects.Add, ct)).ConfigureAwait(false),
            ImportKind.Members => await RunAsync(Tables.Members(options.Source), rows =>
                new MemberImport(database, ids, cipher, index, clocks).RunAsync(rows, options, watched, rejects.Add, ct)).ConfigureAwait(false),
            ImportKind.Purchases => await RunAsync(Tables.Purchases(options.Source), rows =>
                new PurchaseImport(database, ids, cipher, index, clocks).RunAsync(rows, options, watched, rejects.Add, ct)).ConfigureAwait(false),
        };
        return result with
        {
            Sha256 = file.Sha256, Encoding = file.Encoding.WebName, RejectsPath = rejects.Any ? rejectsPath : null, Elapsed = clocks.System.GetElapsedTime(started),
        };

        async Task<ImportFileResult> RunAsync<TRow>(CsvTable<TRow> table, Func<IAsyncEnumerable<Delivered<TRow>>, Task<ImportReport>> import) where TRow : class
        {
            var (positions, ignored, wrong) = await table.ReadHeaderAsync(file, ct).ConfigureAwait(false);
            if (wrong is not null) return new ImportFileResult { Error = wrong, IgnoredColumns = ignored };
            return new ImportFileResult { Report = await import(table.RowsAsync(file, positions, ct)).ConfigureAwait(false), IgnoredColumns = ignored };
        }
    }

    private sealed class Expecting(IProgress<ImportProgress> progress, long expected) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => progress.Report(value with { Expected = expected });
    }
}
