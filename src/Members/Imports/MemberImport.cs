using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>Brings members in: cleaned, matched with those who are known, merged or put up for review (domain 7.2).</summary>
public sealed class MemberImport(Database database, IdGenerator ids, FieldCipher cipher, BlindIndex index, Clocks clocks)
{
    /// <inheritdoc cref="StoreImport.RunAsync(IAsyncEnumerable{StoreRow}, ImportOptions, IProgress{ImportProgress}, Action{Rejection}, CancellationToken)"/>
    public Task<ImportReport> RunAsync(
        IAsyncEnumerable<MemberRow> rows, ImportOptions options, IProgress<ImportProgress>? progress, Action<Rejection>? rejected, CancellationToken ct) =>
        RunAsync(Delivered<MemberRow>.All(rows, ct), options, progress, rejected, ct);

    internal Task<ImportReport> RunAsync(
        IAsyncEnumerable<Delivered<MemberRow>> rows, ImportOptions options, IProgress<ImportProgress>? progress, Action<Rejection>? rejected, CancellationToken ct)
    {
        var cleaning = new MemberCleaning(index, clocks.Business);
        var run = new ImportRun<MemberRow, CleanMember>(database, ids, options)
        {
            Check = cleaning.Clean,
            Write = (tx, members, tally) => new MemberBatch(tx, ids, cipher, index, clocks.Business, options.WeChatAccount, tally).WriteAsync(members),
        };
        return run.RunAsync(rows, progress, rejected, ct);
    }
}
