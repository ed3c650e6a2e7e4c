using System.Runtime.CompilerServices;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>What a reader hands over: a row, or why a line is none.</summary>
/// <param name="Row">The row.</param>
/// <param name="Rejection">Why there is none.</param>
internal readonly record struct Delivered<TRow>(TRow? Row, Rejection? Rejection) where TRow : class
{
    /// <summary>Rows that come from code, where every line is one.</summary>
    public static async IAsyncEnumerable<Delivered<TRow>> All(IAsyncEnumerable<TRow> rows, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var row in rows.WithCancellation(ct).ConfigureAwait(false)) yield return new Delivered<TRow>(row, null);
    }
}

/// <summary>The loop that all imports share: while one batch is being written, the next one is read and checked.</summary>
/// <typeparam name="TRow">What the source delivers.</typeparam>
/// <typeparam name="TItem">A row that passed its checks, ready to be written.</typeparam>
internal sealed class ImportRun<TRow, TItem>(Database database, IdGenerator ids, ImportOptions options) where TRow : class where TItem : class
{
    /// <summary>Checks a row without the database; a row that is refused is put into the tally and gives <c>null</c>.</summary>
    public required Func<TRow, ImportTally, TItem?> Check { get; init; }

    /// <summary>Writes the rows of a batch in one transaction. It may run twice (deadlock), so it changes nothing but its tally.</summary>
    public required Func<Tx, IReadOnlyList<TItem>, ImportTally, Task> Write { get; init; }

    /// <summary>Runs to the end of <paramref name="rows"/>.</summary>
    public async Task<ImportReport> RunAsync(
        IAsyncEnumerable<Delivered<TRow>> rows, IProgress<ImportProgress>? progress, Action<Rejection>? rejected, CancellationToken ct)
    {
        var total = new ImportTally();
        var writing = Task.FromResult(new ImportTally());
        var reading = new ImportTally();
        var batch = new List<TItem>(options.BatchRows);
        try
        {
            await foreach (var (row, rejection) in rows.WithCancellation(ct).ConfigureAwait(false))
            {
                reading.Rows++;
                if (rejection is not null) reading.Rejections.Add(rejection);
                else if (Check(row!, reading) is { } item) batch.Add(item);
                if (reading.Rows < options.BatchRows) continue;
                await NextAsync().ConfigureAwait(false);
            }

            await NextAsync().ConfigureAwait(false);
        }
        finally
        {
            // Also when reading fails: what is being written is waited for, so that the caller knows that nothing goes on.
            await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await FinishAsync().ConfigureAwait(false);
        return total.ToReport();

        async Task NextAsync()
        {
            await FinishAsync().ConfigureAwait(false);
            await ids.RenewAsync(ct).ConfigureAwait(false);
            writing = WriteAsync(batch, reading, ct);
            reading = new ImportTally();
            batch = new List<TItem>(options.BatchRows);
        }

        async Task FinishAsync()
        {
            var done = await writing.ConfigureAwait(false);
            writing = Task.FromResult(new ImportTally());
            total.Take(done, rejected);
            if (done.Rows > 0) progress?.Report(new ImportProgress(total.Rows, total.RejectedRows));
        }
    }

    private async Task<ImportTally> WriteAsync(List<TItem> batch, ImportTally reading, CancellationToken ct)
    {
        var written = new ImportTally();
        if (batch.Count > 0)
        {
            try
            {
                await database.WriteAsync(async tx =>
                {
                    written = new ImportTally();
                    await Write(tx, batch, written).ConfigureAwait(false);
                    if (options.DryRun) throw new DryRunException();
                }, ct).ConfigureAwait(false);
            }
            catch (DryRunException)
            {
                // Everything was done and undone: the counts are true, up to what one batch cannot know of another.
            }
        }

        reading.Take(written, reading.Rejections.Add);
        return reading;
    }

    private sealed class DryRunException : Exception;
}
