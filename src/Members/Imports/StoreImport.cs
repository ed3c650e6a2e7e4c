using Engagement.Members.Stores;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>Brings branches in: new ones are added, known codes take the new name and city.</summary>
public sealed class StoreImport(Database database, IdGenerator ids)
{
    /// <summary>Imports the rows.</summary>
    /// <param name="rows">The branches.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Hears after each batch; may be <c>null</c>.</param>
    /// <param name="rejected">Takes each refused row, in order; may be <c>null</c>.</param>
    /// <param name="ct">Stops between batches; what was written stays.</param>
    public Task<ImportReport> RunAsync(
        IAsyncEnumerable<StoreRow> rows, ImportOptions options, IProgress<ImportProgress>? progress, Action<Rejection>? rejected, CancellationToken ct) =>
        RunAsync(Delivered<StoreRow>.All(rows, ct), options, progress, rejected, ct);

    internal Task<ImportReport> RunAsync(
        IAsyncEnumerable<Delivered<StoreRow>> rows, ImportOptions options, IProgress<ImportProgress>? progress, Action<Rejection>? rejected, CancellationToken ct)
    {
        var seen = new Dictionary<string, StoreRow>();
        var run = new ImportRun<StoreRow, StoreRow>(database, ids, options) { Check = (row, tally) => Check(row, seen, tally), Write = WriteAsync };
        return run.RunAsync(rows, progress, rejected, ct);
    }

    private static StoreRow? Check(StoreRow row, Dictionary<string, StoreRow> seen, ImportTally tally)
    {
        var clean = new StoreRow(row.Code.Trim(), row.Name.Trim(), row.City.Trim(), row.Line);
        if (Checks.Length(clean.Code, 1, 32) is { } code) tally.Reject(row.Line, "code", code);
        else if (Checks.Length(clean.Name, 1, 100) is { } name) tally.Reject(row.Line, "name", name);
        else if (Checks.Length(clean.City, 0, 50) is { } city) tally.Reject(row.Line, "city", city);
        else if (seen.TryAdd(clean.Code, clean)) return clean;
        else if (seen[clean.Code] == clean with { Line = seen[clean.Code].Line }) tally.Unchanged++;
        else tally.Reject(row.Line, "code", Reasons.RepeatedKey);
        return null;
    }

    private async Task WriteAsync(Tx tx, IReadOnlyList<StoreRow> rows, ImportTally tally)
    {
        var known = await tx.StoresAsync().ConfigureAwait(false);
        var added = new List<(long, StoreRow)>();
        var changed = new List<(long, StoreRow)>();
        foreach (var row in rows)
        {
            if (!known.TryGetValue(row.Code, out var store)) added.Add((ids.Next(), row));
            else if (store.Name != row.Name || store.City != row.City) changed.Add((store.Id, row));
            else tally.Unchanged++;
        }

        await tx.InsertStoresAsync(added).ConfigureAwait(false);
        await tx.UpdateStoresAsync(changed).ConfigureAwait(false);
        tally.Added += added.Count;
        tally.Changed += changed.Count;
    }
}
